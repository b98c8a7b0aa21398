"""A run on a server: takes its id, gives how far it is and its requests, by asking the server for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ladle.collect.progress import GapLine, Progress, QuotaLine, State, TroubleLine
from ladle.errors import BadInput
from ladle.remote.door import get, place
from ladle.remote.refusal import known
from ladle.remote.server import Server
from ladle.remote.values import moment_of
from ladle.run import RequestLine

_PLAIN = ("done", "total", "exact", "records", "claimed", "unchanged", "next_call_in", "seconds_left", "workers")
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRun:
    """One collection of one dataset, which the server's workers drive. What can be looked at is called as a home's."""

    server: Server
    id: str
    dataset: str
    """`swapi/people`."""
    created: datetime
    definition_version: int | None
    """Of a source of the server's own."""
    parameters: Mapping[str, str]
    """The source's, as they are set for the run."""
    journal_removed: datetime | None
    """When its journal was removed; None while it is kept."""
    last: Progress = field(repr=False)
    """How far it was when this was told."""

    def progress(self) -> Progress:
        """How far it is, as the server has it now; how many attempts were made and refused is not told."""
        return read_progress(get(self.server, place("runs", self.id)))

    @property
    def state(self) -> State:
        """Its state."""
        return self.progress().state

    @property
    def snapshot_id(self) -> str | None:
        """The id of the snapshot that came of it; None while there is none."""
        return self.progress().snapshot

    @property
    def was_left(self) -> bool:
        """Never: a server takes up by itself what was left."""
        return False

    def requests(
        self, *, after: int = 0, limit: int = 100, only: Literal["failed", "slow"] | None = None
    ) -> list[RequestLine]:
        """As of a home's run."""
        found: list[RequestLine] = []
        while len(found) < limit:
            asked = [("after", str(after)), ("limit", str(min(limit - len(found), _MOST)))]
            told = get(self.server, place("runs", self.id, "requests"), [*asked, *([("only", only)] if only else [])])
            found += [_line(each) for each in told["results"]]
            if told["next"] is None:
                break
            after = found[-1].number
        return found

    def so_far(self) -> Iterator[dict[str, Any]]:
        """Refused with BadInput: a server has no route for it."""
        raise BadInput("A server has no route for what a run has collected so far.", hint="See the run's page there.")


@known
def read_run(server: Server, told: Mapping[str, Any]) -> RemoteRun:
    """A run, of its shape."""
    removed = told["journal_removed_at"]
    return RemoteRun(
        server=server,
        id=told["id"],
        dataset=told["dataset"],
        created=datetime.fromisoformat(told["created_at"]),
        definition_version=told["definition_version"],
        parameters=told["parameters"],
        journal_removed=None if removed is None else datetime.fromisoformat(removed),
        last=read_progress(told),
    )


@known
def read_progress(told: Mapping[str, Any]) -> Progress:
    """How far a run is, of its shape."""
    counted = told["progress"]
    troubles = ({**each, "again_at": moment_of(each["again_at"])} for each in counted["troubles"])
    return Progress(
        run=told["id"],
        dataset=told["dataset"],
        state=told["state"],
        **{name: counted[name] for name in _PLAIN},
        gaps=tuple(GapLine(**each) for each in counted["gaps"]),
        troubles=tuple(TroubleLine(**each) for each in troubles),
        quota=tuple(QuotaLine(**each) for each in counted["quota"]),
        created=moment_of(told["created_at"]) or 0.0,
        started=moment_of(told["started_at"]),
        ended=moment_of(told["ended_at"]),
        wake_at=moment_of(told["wake_at"]),
        reason=told["reason"],
        snapshot=told["snapshot"],
    )


@known
def _line(told: Mapping[str, Any]) -> RequestLine:
    plain = {name: value for name, value in told.items() if name != "started_at"}
    return RequestLine(**plain, started=moment_of(told["started_at"]) or 0.0)
