"""Combinations that are kept: any page of many, made again when damaged, in memory where nothing can be written."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ladle.errors import Damaged
from ladle.explore import cache, counts, tally
from ladle.explore.counts import Order
from ladle.explore.recent import Recent
from ladle.explore.snapshot import Snapshot
from ladle.snapshots.bounds import Bounds
from tests.snapshots.kit import from_records

ROWS = 6000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Two columns, one with a value for each row, one with a rare value at the end."""
    records = [
        {"n": (number * 7919) % ROWS, "m": number % 3 if number < ROWS - 1 else "rare"} for number in range(ROWS)
    ]
    return from_records(tmp_path_factory.mktemp("made"), records, size=1000, bounds=Bounds(group_rows=2000))


@pytest.fixture
def snapshot(made: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """The same in a home of the test's own, where any count is taken for a long one."""
    monkeypatch.setattr(tally, "_FEW", 0)
    monkeypatch.setattr(tally, "_AT_ONCE", 0)
    home = shutil.copytree(made.folder.parents[3], tmp_path / "home", ignore=shutil.ignore_patterns(cache.FOLDER))
    return replace(made, folder=home / made.folder.relative_to(made.folder.parents[3]))


def kept(snapshot: Snapshot) -> list[Path]:
    """The files in the cache."""
    return sorted((snapshot.folder.parents[3] / cache.FOLDER).rglob("*.order"))


def part(snapshot: Snapshot, offset: int) -> list[tuple[object, int]]:
    return [(row.values[0], row.count) for row in snapshot.count("n", offset=offset, limit=3).rows]


def wanted(offset: int) -> list[tuple[object, int]]:
    return [((number * 7919) % ROWS, 1) for number in range(offset, min(offset + 3, ROWS))]


def test_any_page_of_many_combinations_comes_from_what_was_kept(snapshot: Snapshot) -> None:
    assert snapshot.prepare_count("n").result(60) == ROWS
    (file,) = kept(snapshot)
    before = file.stat().st_ino
    for offset in (0, 2047, 4095, ROWS - 2, ROWS):
        assert part(snapshot, offset) == wanted(offset)
    assert snapshot.count("n", offset=4095, limit=5).rest.count == ROWS - 4100
    assert file.stat().st_ino == before


@pytest.mark.parametrize("at", [0, 4096 * 4 + 3, ROWS * 8 - 1, -1, -20])
def test_what_was_damaged_is_counted_again(snapshot: Snapshot, at: int) -> None:
    part(snapshot, 0)
    (file,) = kept(snapshot)
    raw = bytearray(file.read_bytes())
    raw[at] ^= 0x10
    file.write_bytes(raw)
    for offset in (0, 2047, ROWS - 2):
        assert part(snapshot, offset) == wanted(offset)


@pytest.mark.parametrize("at", [0, -1])
def test_all_combinations_are_counted_again_where_what_was_kept_is_damaged(snapshot: Snapshot, at: int) -> None:
    part(snapshot, 0)
    (file,) = kept(snapshot)
    raw = bytearray(file.read_bytes())
    raw[at] ^= 0x10
    file.write_bytes(raw)
    assert [row.values[0] for row in snapshot.count_every("n")] == [number * 7919 % ROWS for number in range(ROWS)]


@pytest.mark.parametrize("at_once", [0, ROWS])
@pytest.mark.parametrize("order", ["count", "first", "value"])
def test_many_combinations_at_once_are_those_of_their_pages(
    made: Snapshot, at_once: int, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "_LISTED", at_once)
    terms = ("n", "m", "n:7")
    pages = [made.count(*terms, order=order, offset=offset, limit=1000) for offset in range(0, ROWS, 1000)]
    rows = [row for page in pages for row in page.rows]
    assert made.count(*terms, order=order).rows == rows
    assert made.count(*terms, order=order, offset=10, limit=2500).rows == rows[10:2510]
    assert list(made.count_every(*terms, order=order)) == rows


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file can grow beyond that, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_where_the_disk_is_full_the_answer_is_the_same(snapshot: Snapshot) -> None:
    with room_for(9000):
        found = part(snapshot, 2047)
    assert found == wanted(2047)
    assert kept(snapshot) == []
    assert part(snapshot, 2047) == wanted(2047)
    assert len(kept(snapshot)) == 1


def test_where_nothing_can_be_written_the_answer_is_the_same(snapshot: Snapshot, tmp_path: Path) -> None:
    (snapshot.folder.parents[3] / cache.FOLDER).write_text("in the way")
    assert part(snapshot, 4095) == wanted(4095)
    alone = replace(snapshot, folder=shutil.copytree(snapshot.folder, tmp_path / "alone"))
    assert part(alone, 4095) == wanted(4095)


def test_few_combinations_leave_no_file(made: Snapshot) -> None:
    assert made.count("m").combinations == 4
    assert made.count("m").combinations == 4
    assert kept(made) == []


def test_a_damaged_table_fails_for_all_and_is_asked_anew(snapshot: Snapshot) -> None:
    parquet = snapshot.path("parquet")
    raw = parquet.read_bytes()
    parquet.write_bytes(b"x" * len(raw))
    os.utime(parquet, (1, 1))
    with ThreadPoolExecutor(4) as people:
        asked = [people.submit(part, snapshot, 0) for _ in range(4)]
        assert all(isinstance(each.exception(60), Damaged) for each in asked)
    parquet.write_bytes(raw)
    assert part(snapshot, 0) == wanted(0)


def test_small_answers_of_late_take_no_more_room_than_they_may() -> None:
    recent = Recent(most=10)
    for name in "abc":
        recent.put(name, b"four")
        recent.get("a")
    assert [recent.get(name) for name in "abc"] == [b"four", None, b"four"]
    recent.put("a", b"x" * 11)
    assert recent.get("a") is None
