"""Is the whole site down? Takes what came of requests, one after another, gives the error that ends a run for it.

One request that fails for ever is a gap. When nothing but such failures comes, going on would turn an hour's outage
into thousands of gaps; the run ends instead, can be resumed, and none of them is a gap.
"""

from __future__ import annotations

from ladle.collect.retry import Verdict
from ladle.errors import UpstreamError

IN_A_ROW = 20
"""So many different requests given up, with nothing good between, are an outage."""
RESUME = "What has come is kept; resume the run later."


class Outage:
    """Counts the requests in a row that used up their attempts for what may be the site's doing."""

    def __init__(self, title: str) -> None:
        self.keys: list[str] = []
        """The requests given up since the last usable answer."""
        self._title = title
        self._excused: set[str] = set()
        self._new = 0
        self._lived = False
        self._reason = ""

    def excuse(self, key: str) -> None:
        """A request that an earlier driver gave up already: a row of such must not end every resumed run again."""
        self._excused.add(key)

    def lives(self) -> None:
        """The site gave a usable answer, or a definite no."""
        self._lived = True
        # An answer that was still on its way when the run ended takes nothing back.
        if self._new < IN_A_ROW:
            self._new = 0
            self.keys.clear()

    def given_up(self, key: str, verdict: Verdict) -> UpstreamError | None:
        """Count a request that was given up; the error once there were too many in a row."""
        if not verdict.exhausted:
            self.lives()
            return None
        self.keys.append(key)
        self._reason = verdict.reason
        self._new += key not in self._excused
        if self._new < IN_A_ROW:
            return None
        number = f"{len(self.keys):,} requests in a row"
        message = f"{self._title} seems to be down: {number} got no usable answer. The last: {self._reason}"
        return UpstreamError(message, hint=RESUME)

    def at_the_end(self) -> UpstreamError | None:
        """The error when the run is over and the site never gave a usable answer at all."""
        if self._lived or not self.keys:
            return None
        return UpstreamError(f"Nothing usable has come from {self._title}. {self._reason}", hint=RESUME)
