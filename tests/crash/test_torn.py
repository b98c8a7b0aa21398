"""A journal that ends anywhere, as a kill or a loss of power leaves it, is taken up again and ends as if whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import ladle
from ladle.collect.journal import FRAME, segments
from ladle.testing import Numbered, ScriptedApi, paged
from tests.apis import drive, entries, start, taken

PAGES = 2


def person(number: int) -> dict[str, object]:
    return {"name": f"p{number}", "url": f"/api/people/{number}/"}


def script() -> ScriptedApi:
    return ScriptedApi({"/api/people/": paged(Numbered(PAGES * 2, person), page_size=2)})


def frames(segment: bytes) -> list[int]:
    """Where each frame ends."""
    ends = [0]
    while ends[-1] < len(segment):
        ends.append(ends[-1] + FRAME.size + FRAME.unpack_from(segment, ends[-1])[0])
    return ends[1:]


@dataclass(frozen=True, slots=True)
class Torn:
    """A run that has ended, with its journal's one segment, to be torn; and the file that it should always give."""

    api: ScriptedApi
    run: ladle.Run
    home: Path
    written: Path
    journal: bytes
    ends: list[int]
    whole: bytes

    def tail(self) -> range:
        """Every byte at which the last frame can be cut."""
        return range(self.ends[-2], len(self.journal))

    def kept(self, cut: int) -> int:
        """Frames that are whole then."""
        return sum(end <= cut for end in self.ends)

    def is_resumed(self, *, asking: int) -> None:
        """Drive it: it asks for so many pages and gives the same file."""
        before = len(self.api.requests)
        progress = drive(self.run)
        assert (progress.state, len(self.api.requests) - before) == ("complete", asking)
        assert taken(progress, self.home).path("csv").read_bytes() == self.whole

    def rewind(self) -> None:
        """Back to where nothing is built and only the first segment is there."""
        shutil.rmtree(self.home / "snapshots" / "swapi")
        for name in ("progress.json", *(path.name for path in segments(self.run.folder)[1:])):
            (self.run.folder / name).unlink()


@pytest.fixture
def torn(tmp_path: Path) -> Iterator[Torn]:
    with script() as api:
        run = start(api, tmp_path)
        whole = taken(drive(run), tmp_path).path("csv").read_bytes()
        (written,) = segments(run.folder)
        journal = written.read_bytes()
        assert len(frames(journal)) == PAGES
        yield Torn(api, run, tmp_path, written, journal, frames(journal), whole)


def test_a_journal_cut_at_any_byte_of_its_tail_is_read_to_its_last_whole_frame(torn: Torn) -> None:
    keys = [entry.key for entry in entries(torn.run)]
    for cut in torn.tail():
        torn.written.write_bytes(torn.journal[:cut])
        assert [entry.key for entry in entries(torn.run)] == keys[: torn.kept(cut)], f"cut at byte {cut}"


def test_a_run_cut_in_its_tail_is_resumed_to_the_same_snapshot(torn: Torn) -> None:
    first, *_, last = torn.tail()
    for cut in (*range(first, first + FRAME.size + 2), *range(first + FRAME.size + 2, last, 29), last):
        torn.rewind()
        torn.written.write_bytes(torn.journal[:cut])
        torn.is_resumed(asking=PAGES - torn.kept(cut))


def test_a_run_cut_at_every_byte_of_its_tail_one_after_the_other_is_resumed_to_the_same_snapshot(torn: Torn) -> None:
    torn.rewind()
    torn.written.write_bytes(torn.journal[: torn.ends[-2]])
    for number, cut in enumerate(torn.tail(), start=1):
        # As if each time the process had been killed while it wrote its first answer.
        torn.written.with_name(f"000001-{number:04}.seg").write_bytes(torn.journal[torn.ends[-2] : cut])
    torn.is_resumed(asking=1)
