"""The journal: takes answers of all kinds and damage of all kinds, gives back whole answers and never a wrong one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladle.collect.journal import Entry, Journal, places, read_place, replay, segments

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
times = st.floats(0, 2e9)
entries = st.builds(
    Entry,
    kind=st.sampled_from(["trouble", "gap", "answer"]),
    key=texts,
    resource=texts,
    role=st.sampled_from(["page", "item", "lookup"]),
    position=st.integers(0, 2**53),
    status=st.none() | st.integers(100, 599),
    headers=st.dictionaries(texts, texts, max_size=3),
    body=st.binary(max_size=3000),
    started=times,
    took=times,
    attempt=st.integers(1, 100),
    records=st.integers(0, 10**6),
    reason=texts,
    again_at=st.none() | times,
)


def entry(number: int, *, key: str | None = None, body: bytes | None = None) -> Entry:
    return Entry(
        kind="answer",
        key=key or f"people?page={number}",
        resource="people",
        role="page",
        position=number,
        status=200,
        body=body if body is not None else b'{"results": [%d]}' % number,
    )


def write(folder: Path, *written: Entry, fence: int = 1) -> Path:
    """A segment with these entries."""
    with Journal(folder, fence=fence) as journal:
        for each in written:
            journal.append(each)
    return journal.path


@settings(deadline=None)
@given(st.lists(entries, max_size=8, unique_by=lambda entry: entry.key))
def test_what_was_written_comes_back_as_it_was(written: list[Entry]) -> None:
    with TemporaryDirectory() as name:
        write(Path(name), *written)
        assert list(replay(Path(name))) == written
        assert [read_place(place) for _, place in places(Path(name))] == written


def test_a_journal_without_segments_is_empty(tmp_path: Path) -> None:
    assert list(replay(tmp_path)) == []
    write(tmp_path)
    assert list(replay(tmp_path)) == []


def test_a_tear_at_any_byte_of_the_last_frame_costs_that_frame_alone(tmp_path: Path) -> None:
    path = write(tmp_path, entry(1), entry(2))
    start = path.stat().st_size
    path.unlink()
    whole = write(tmp_path, entry(1), entry(2), entry(3)).read_bytes()
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        assert list(replay(tmp_path)) == [entry(1), entry(2)], f"cut at byte {end}"
    path.write_bytes(whole)
    assert list(replay(tmp_path)) == [entry(1), entry(2), entry(3)]


def test_a_flipped_bit_in_any_byte_never_gives_a_wrong_entry(tmp_path: Path) -> None:
    path = write(tmp_path, entry(1), entry(2), entry(3))
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in (1, 128):
            damaged = bytearray(whole)
            damaged[place] ^= bit
            path.write_bytes(damaged)
            read = list(replay(tmp_path))
            assert read == [entry(1), entry(2), entry(3)][: len(read)], f"byte {place}"
            assert len(read) < 3


@pytest.mark.parametrize(
    "tail", [b"\0" * 4096, b"\xff" * 4096, b"\0" * 12, os.urandom(64)], ids=["zeros", "ones", "12", "noise"]
)
def test_what_a_loss_of_power_leaves_behind_the_last_frame_is_cut_off(tmp_path: Path, tail: bytes) -> None:
    path = write(tmp_path, entry(1))
    path.write_bytes(path.read_bytes() + tail)
    assert list(replay(tmp_path)) == [entry(1)]


def test_segments_follow_each_other_and_a_tear_in_one_leaves_the_next(tmp_path: Path) -> None:
    torn = write(tmp_path, entry(1), entry(2), fence=1)
    os.truncate(torn, torn.stat().st_size - 1)
    write(tmp_path, entry(3), fence=2)
    write(tmp_path, entry(4), fence=10)
    write(tmp_path, entry(5), fence=10)
    assert [each.position for each in replay(tmp_path)] == [1, 3, 4, 5]
    assert [path.name for path in segments(tmp_path)] == [
        "000001-0000.seg",
        "000002-0000.seg",
        "000010-0000.seg",
        "000010-0001.seg",
    ]


def test_a_segment_is_never_opened_twice(tmp_path: Path) -> None:
    first = write(tmp_path, entry(1))
    before = first.read_bytes()
    write(tmp_path, entry(2))
    assert first.read_bytes() == before


def test_the_same_answer_twice_counts_once_and_the_first_time(tmp_path: Path) -> None:
    write(tmp_path, entry(1, body=b"first"), entry(1, body=b"second"), fence=1)
    write(tmp_path, entry(2), entry(1, body=b"third"), fence=2)
    assert [(each.position, each.body) for each in replay(tmp_path)] == [(1, b"first"), (2, entry(2).body)]


def test_troubles_and_gaps_are_all_kept_and_an_answer_after_them_counts(tmp_path: Path) -> None:
    trouble = replace(entry(1, body=b""), kind="trouble", reason="The connection broke.", status=None, again_at=5.5)
    gap = replace(entry(1, body=b""), kind="gap", reason="The API answered 500.", status=500)
    write(tmp_path, trouble, trouble, gap, entry(1))
    assert list(replay(tmp_path)) == [trouble, trouble, gap, entry(1)]


def test_a_large_body_is_kept_whole_and_small(tmp_path: Path) -> None:
    body = b'{"name": "Luke Skywalker"}\n' * 100_000
    path = write(tmp_path, entry(1, body=body))
    assert next(replay(tmp_path)).body == body
    assert path.stat().st_size < len(body) / 100


CHILD = """
import sys
from pathlib import Path
from ladle.collect.journal import Entry, Journal
journal = Journal(Path(sys.argv[1]), fence=1)
for n in range(1_000_000):
    journal.append(Entry(kind="answer", key=str(n), resource="r", role="page", position=n, body=b"x" * (n % 5000)))
    print(n, flush=True)
"""


def test_what_was_appended_before_a_kill_is_there(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, tmp_path], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(200)]
    child.send_signal(signal.SIGKILL)
    told += [int(line) for line in child.stdout if line.endswith("\n")]
    child.wait()
    child.stdout.close()
    positions = [each.position for each in replay(tmp_path)]
    assert positions == list(range(len(positions)))
    assert len(told) <= len(positions) <= len(told) + 1
