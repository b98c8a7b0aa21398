"""More hands in this process: takes a run, gives a driver's way to helpers and theirs to shares, to be meddled with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ladle
from ladle.runs import queue
from ladle.sources.definition import parse

OWN = """
ladle = 1
name = "own"
title = "My API"
base_url = "{url}"
concurrency = 4
workers = {workers}
retry = {{ attempts = 2 }}
[resources.people]
path = "api/people"
records = "results"
count = "count"
next = "next"
key = "id"
paging = "page"
[datasets.people]
resource = "people"
"""
FILES = ("data.csv", "data.index", "data.parquet", "profile.json")


def begun(url: str, home: Path, *, workers: int = 3, text: str = OWN, quota: str = "") -> ladle.Run:
    """A run of `own/people` against a scripted API, queued."""
    told = text.format(url=url, workers=workers).replace("[resources", f"{quota}\n[resources", 1)
    source = parse(told, where="own.toml", lists=lambda *_: ("", ""))
    return queue(ladle.Home.open(home), source, source.datasets["people"])


@dataclass
class Row:
    """One share, as whoever gives them out knows it."""

    share: ladle.Share
    worker: str = ""
    over: bool = False
    called_back: bool = False


@dataclass
class Office:
    """Gives out the shares of one run."""

    rows: dict[int, Row] = field(default_factory=dict)
    most_waiting: int = 0
    given: int = 0
    """Requests, in all."""
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    ended: set[str] = field(default_factory=set)
    """Helpers that are dead: what they hold is over, and nothing they say is heard."""

    async def clear(self) -> None:
        """Nobody works for an earlier driver: tests end their helpers themselves."""
        self.rows.clear()

    async def give(self, share: ladle.Share) -> None:
        """Also through the text that a database would keep."""
        text = share.to_json()
        self.rows[share.number] = Row(ladle.Share.from_json(text, fence=share.fence, number=share.number))
        assert list(self.rows[share.number].share.requests) == list(share.requests)
        self.given += len(share.requests)
        self.most_waiting = max(self.most_waiting, sum(not row.worker for row in self.rows.values()))

    async def look(self) -> Mapping[int, ladle.Standing]:
        """How they stand."""
        return {
            number: ladle.Standing(worker=row.worker, over=row.over or row.worker in self.ended)
            for number, row in self.rows.items()
        }

    async def take_back(self, numbers: Sequence[int]) -> None:
        """What waits is over at once."""
        for row in (self.rows[number] for number in numbers):
            row.called_back = True
            row.over = row.over or not row.worker

    async def forget(self, numbers: Sequence[int]) -> None:
        """They are gone."""
        for number in numbers:
            del self.rows[number]


@dataclass
class Helper:
    """One helper's way to them."""

    office: Office
    name: str

    @property
    def _mine(self) -> list[Row]:
        return [row for row in self.office.rows.values() if row.worker == self.name and not row.over]

    async def take(self) -> ladle.Share | None:
        """The next that waits."""
        for row in self.office.rows.values():
            if not row.worker and not row.over and self.name not in self.office.ended:
                row.worker = self.name
                self.office.taken.set()
                return row.share
        return None

    async def hold(self) -> bool:
        """Whether none was called back."""
        return self.name not in self.office.ended and not any(row.called_back for row in self._mine)

    async def done(self, numbers: Sequence[int]) -> None:
        """They are over."""
        for number in numbers:
            if number in self.office.rows and self.name not in self.office.ended:
                self.office.rows[number].over = True


async def helping(run: ladle.Run, helper: Helper, *, stop: asyncio.Event, env: Mapping[str, str]) -> int:
    """Help for as long as the run goes on; the number of requests."""
    made = 0
    while not stop.is_set():
        made += await ladle.work_shares(run, helper, stop=stop, env=env, chance=lambda: 0.0)
        await asyncio.sleep(0.01)  # as a queue would bring the next offer
    return made


async def together(
    run: ladle.Run, *, helpers: int = 2, office: Office | None = None, env: Mapping[str, str] | None = None, **how: Any
) -> tuple[ladle.Progress, list[int]]:
    """Drive a run with helpers beside it: what it came to, and how many requests each helper made."""
    office, stop, env = office or Office(), asyncio.Event(), env or {}
    tasks = [
        asyncio.create_task(helping(run, Helper(office, f"helper {number}"), stop=stop, env=env))
        for number in range(helpers)
    ]
    try:
        progress = await ladle.drive(run, hands=office, env=env, chance=lambda: 0.0, **how)
    finally:
        stop.set()
        made = await asyncio.gather(*tasks)
    return progress, made


def files(home: Path, progress: ladle.Progress) -> dict[str, bytes]:
    """The files of the snapshot that came of a run, but for the manifest with its times."""
    assert progress.snapshot, progress.reason
    snapshot = ladle.snapshot(progress.snapshot, home=home)
    return {name: (snapshot.folder / name).read_bytes() for name in FILES}
