"""A journal's lines while it grows: takes entries of several drivers, tears and repeats, compares with a replay."""

from __future__ import annotations

from pathlib import Path

import pytest

from ladle.collect.journal import Entry, Journal, replay
from ladle.collect.lines import EVERY, Lines


def entry(number: int, *, kind: str = "answer", took: float = 0.1) -> Entry:
    return Entry(
        kind=kind,  # type: ignore[arg-type]
        key=f"people?page={number}",
        resource="people",
        role="page",
        position=number,
        body=b"x" * number,
        took=took,
    )


def whole(folder: Path) -> list[tuple[int, Entry]]:
    return list(enumerate(replay(folder), start=1))


def test_lines_grow_with_the_journal_over_drivers_tears_and_repeats(tmp_path: Path) -> None:
    lines = Lines(tmp_path)
    assert list(lines.after(0)) == []
    for fence in (1, 2, 3):
        with Journal(tmp_path, fence=fence) as journal:
            for number in range(EVERY):
                # Every driver repeats some answers of the one before, and has failures and slow ones of its own.
                kind = "trouble" if number % 7 == 0 else "answer"
                journal.append(entry(fence * (EVERY - 20) + number, kind=kind, took=2.0 if number % 9 == 0 else 0.1))
                if number % 30 == 0:
                    assert list(lines.after(0)) == whole(tmp_path)
        with journal.path.open("ab") as torn:
            torn.write(b"\x10\0\0\0torn")
        everything = whole(tmp_path)
        for after in (0, 1, EVERY - 1, EVERY, EVERY + 1, len(everything) - 3, len(everything), len(everything) + 5):
            assert list(lines.after(after)) == everything[after:]
        assert list(lines.after(5, only="failed")) == [each for each in everything[5:] if each[1].kind != "answer"]
        assert list(lines.after(5, only="slow")) == [each for each in everything[5:] if each[1].took >= 1]
    assert len(everything) < 3 * EVERY


@pytest.mark.parametrize("listed", [False, True], ids=["it is gone", "it goes when its folder was just listed"])
def test_a_segment_that_is_removed_while_it_is_read_has_no_lines(tmp_path: Path, listed: bool) -> None:
    lines = Lines(tmp_path)
    with Journal(tmp_path, fence=1) as journal:
        journal.append(entry(1))
        journal.append(entry(2, kind="trouble"))
    assert [number for number, _ in lines.after(0)] == [1, 2]
    journal.path.unlink()
    if listed:
        journal.path.symlink_to("gone")
    assert list(lines.after(0)) == list(lines.after(0, only="failed")) == []


def test_a_frame_that_is_written_in_two_pieces_is_read_when_it_is_whole(tmp_path: Path) -> None:
    with Journal(tmp_path, fence=1) as journal:
        journal.append(entry(1))
        first = journal.path.stat().st_size
        journal.append(entry(2))
    whole_file = journal.path.read_bytes()
    lines = Lines(tmp_path)
    for size in range(first, len(whole_file)):
        journal.path.write_bytes(whole_file[:size])
        assert [number for number, _ in lines.after(0)] == [1]
    journal.path.write_bytes(whole_file)
    assert [number for number, _ in lines.after(0)] == [1, 2]
