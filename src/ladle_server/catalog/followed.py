"""What runs are now: takes ids, gives each as JSON, for all who follow them (`catalog.following`)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import orjson

import ladle
from ladle.errors import LadleError
from ladle_server.catalog import discover, runs
from ladle_server.catalog.following import Told
from ladle_server.catalog.models import Run
from ladle_server.catalog.telling_runs import told_run

FOREIGN = 4
"""Every so many looks what command lines did is taken up."""


def told(row: Run, opened: ladle.Run | None = None) -> Told:
    """The run as it is; `opened` is the same run of the library, where it is at hand."""
    data = orjson.dumps(told_run(row, opened), option=orjson.OPT_UTC_Z)
    return Told(hashlib.sha256(data).hexdigest()[:16], data, row.ended)


class Looker:
    """Looks again and again; what does not change of a run is read once, as long as it is asked for."""

    def __init__(self) -> None:
        self._opened: dict[str, ladle.Run] = {}
        self._looks = 0

    def look(self, run_ids: Collection[str]) -> dict[str, Told | None]:
        """Each run; None of one that is gone, or that can't be read."""
        self._looks += 1
        self._opened = {run_id: run for run_id, run in self._opened.items() if run_id in run_ids}
        rows = Run.objects.in_bulk(list(run_ids))
        return {run_id: self._told(rows[run_id]) if run_id in rows else None for run_id in run_ids}

    def _told(self, row: Run) -> Told | None:
        try:
            if not row.ours and not row.ended and self._looks % FOREIGN == 0:
                discover.follow(row)
            opened = self._opened.get(row.pk) or ladle.open_run(runs.home(), row.pk)
            self._opened[row.pk] = opened
            return told(row, opened)
        except LadleError:
            return None


look = Looker().look
"""Of this process."""
