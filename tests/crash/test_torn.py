"""A journal that ends anywhere, as a kill or a loss of power leaves it, is taken up again and ends as if whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import ladle
from ladle.collect.journal import FRAME, segments
from ladle.testing import Numbered, ScriptedApi, paged
from tests.apis import drive, start, taken

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


def test_a_journal_cut_at_any_byte_of_its_tail_is_resumed_to_the_same_snapshot(tmp_path: Path) -> None:
    with script() as api:
        run = start(api, tmp_path)
        whole = taken(drive(run), tmp_path).path("csv").read_bytes()
        (written,) = segments(run.folder)
        journal = written.read_bytes()
        ends = frames(journal)
        assert len(ends) == PAGES
        for cut in range(ends[-2], len(journal)):
            _rewind(run, tmp_path)
            written.write_bytes(journal[:cut])
            before = len(api.requests)
            progress = drive(run)
            kept = sum(end <= cut for end in ends)
            assert (progress.state, len(api.requests) - before) == ("complete", PAGES - kept), f"cut at byte {cut}"
            assert taken(progress, tmp_path).path("csv").read_bytes() == whole


def _rewind(run: ladle.Run, home: Path) -> None:
    """Back to where nothing is built and only the first segment is there."""
    shutil.rmtree(home / "snapshots" / "swapi")
    for name in ("progress.json", *(path.name for path in segments(run.folder)[1:])):
        (run.folder / name).unlink()
