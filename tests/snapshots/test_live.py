"""A table that is begun while its answers come has the same bytes as one that is woven from the journal alone."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladle.collect.journal import Entry
from ladle.collect.request import PAST_END
from ladle.home import Home
from ladle.snapshots.bounds import Bounds
from ladle.sources.paging import Page
from ladle.sources.source import Each
from tests.snapshots.kit import built, field, page, person, source
from tests.snapshots.live import built_live, fed, feed_for, files

LATE: list[Callable[[int], dict[str, Any]]] = [
    lambda n: {"mass": n},
    lambda n: {"mass": n + 0.5},
    lambda n: {"mass": "unknown"},
    lambda n: {"mass": None},
    lambda n: {"mass": 2**60 + n},
    lambda n: {f"new{n % 3}": n, "mass": n},
    lambda n: {"mass": n, "note": "one\ntwo" if n % 7 else '"é'},
]
"""Records that widen a column, bring a field, or hold line ends."""


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Entry], Bounds]:
    """Pages of any sizes that change their ways at any record, with repeats, gaps and later readings, in any order."""
    sizes = draw(st.lists(st.integers(0, 12), min_size=1, max_size=14))
    turns = draw(st.lists(st.tuples(st.integers(0, 150), st.sampled_from(LATE)), max_size=4))
    repeats = draw(st.sets(st.integers(1, 150), max_size=3))
    entries, last = [], 0
    for position, size in enumerate(sizes, 1):
        records = []
        for number in range(last + 1, last + size + 1):
            kind = ([turn for at, turn in sorted(turns, key=lambda each: each[0]) if at <= number] or [LATE[0]])[-1]
            records.append(person(max(1, number - 5) if number in repeats else number, **kind(number)))
        last += size
        entries.append(page(position, records, count=last, started=draw(st.floats(0, 9))))
    gaps = draw(st.sets(st.integers(1, len(entries)), max_size=2))
    entries = [entry for entry in entries if entry.position not in gaps] or entries
    for at in draw(st.lists(st.integers(0, len(entries) - 1), max_size=1)):
        entries.append(page(entries[at].position, [person(900, mass=1)], reading=2))
    reach = draw(st.integers(0, 20))
    arrival = sorted(enumerate(entries), key=lambda each: each[0] + draw(st.integers(0, reach)))
    wait = draw(st.sampled_from([0, 10, 1000]))
    return [entry for _, entry in arrival], Bounds(chunk_rows=7, group_rows=30, wait_rows=wait)


@settings(max_examples=40, deadline=None)
@given(world=worlds(), named=st.booleans())
def test_live_or_from_the_journal_in_any_order_the_bytes_are_the_same(
    world: tuple[list[Entry], Bounds], named: bool
) -> None:
    entries, bounds = world
    of = source(*([field("name"), field("mass"), field("new1")] if named else []))
    if not named and not any(b'"url"' in entry.body for entry in entries):
        return
    with tempfile.TemporaryDirectory() as name:
        live, _ = built_live(Path(name) / "live", entries, of=of, bounds=bounds)
        ordered = built(Path(name) / "journal", sorted(entries, key=lambda each: each.position), of=of, bounds=bounds)
        assert files(live) == files(ordered)


def test_answers_in_nearly_the_order_of_the_table_are_woven_as_they_come(tmp_path: Path) -> None:
    of = source(field("name"))
    entries = [page(number, [person(number)]) for number in (2, 3, 1, 5, 4, 6)]
    live, feed = built_live(tmp_path, entries, of=of, bounds=Bounds(chunk_rows=2))
    assert (feed.next, feed.is_behind) == (7, False)
    assert [row["name"] for row in live.rows()] == [f"Person {number}" for number in range(1, 7)]


def test_too_many_that_wait_for_the_first_page_are_let_go_and_read_from_the_journal(tmp_path: Path) -> None:
    of = source(field("name"))
    entries = [page(number, [person(number)]) for number in (1, *range(3, 60), 2)]
    live, feed = built_live(tmp_path, entries, of=of, bounds=Bounds(chunk_rows=4, wait_rows=10))
    assert (feed.next, feed.is_behind) == (2, True)
    assert [row["name"] for row in live.rows(limit=100)] == [f"Person {number}" for number in range(1, 60)]
    assert live.manifest.complete


def test_a_later_reading_of_a_page_counts_wherever_the_first_one_is(tmp_path: Path) -> None:
    of = source(field("name"), field("mass"))
    first = [page(number, [person(number, mass="unknown")]) for number in range(1, 9)]
    again = [page(number, [person(number, mass=number)], reading=2, started=99.0) for number in range(1, 9)]
    plain = files(built(tmp_path / "plain", [replace(each, reading=1) for each in again], of=of))
    bounds = Bounds(chunk_rows=2)
    for name, entries in {
        "woven": [*first, *again],
        "waiting": [*first[1:], *again[1:], first[0], again[0]],
        "before": [*again, *first],
        "waiting before": [*again[1:], *first[1:], again[0]],
    }.items():
        journal = built(tmp_path / name / "journal", entries, of=of)
        live, _ = built_live(tmp_path / name / "live", entries, of=of)
        assert files(journal) == files(live) == plain, name
        assert [row["mass"] for row in live.rows()] == list(range(1, 9)), "no text of the first reading is left"
        chunked, _ = built_live(tmp_path / name / "chunked", entries, of=of, bounds=bounds)
        assert (chunked.path("csv").read_bytes(), chunked.columns) == (live.path("csv").read_bytes(), live.columns)


def test_a_page_past_the_end_is_empty_in_its_later_reading(tmp_path: Path) -> None:
    of = source(field("name"))
    entries = [page(1, [person(1)], count=2), page(2, [person(2)], count=2), page(1, [person(1)], count=1, reading=2)]
    past = page(2, [], reading=2, status=404, body=b"", reason=PAST_END)
    live, _ = built_live(tmp_path / "live", [*entries, past], of=of)
    journal = built(tmp_path / "journal", [*entries, past], of=of)
    assert files(live) == files(journal)
    assert live.rows() == [{"name": "Person 1"}]


def test_items_of_a_list_are_woven_as_they_come_from_the_first_on(tmp_path: Path) -> None:
    items = tuple({"id": str(number)} for number in range(9))
    of = source(
        field("id", path=None, item="id", type="integer"),
        field("name"),
        each=Each(csv="c.csv", key="id", env=None, items=items),
        key=None,
    )
    entries = [
        Entry(
            kind="answer", key=f"people?id={n}", resource="people", role="item", position=n, body=b'{"name": "n%d"}' % n
        )
        for n in (0, 2, 1, 3, 4, 6, 5, 7, 8)
    ]
    live, feed = built_live(tmp_path / "live", entries, of=of, bounds=Bounds(chunk_rows=2))
    assert (feed.next, files(live)) == (9, files(built(tmp_path / "j", entries, of=of, bounds=Bounds(chunk_rows=2))))
    assert [(row["id"], row["name"]) for row in live.rows()] == [(n, f"n{n}") for n in range(9)]


class Counted(dict[str, Any]):
    """A record that knows how many of its kind are alive."""

    alive = most = 0

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        Counted.alive += 1
        Counted.most = max(Counted.most, Counted.alive)

    def __del__(self) -> None:
        Counted.alive -= 1


@pytest.mark.parametrize("reach", [0, 8])
def test_no_more_than_two_chunks_of_records_and_those_that_wait_are_in_memory(tmp_path: Path, reach: int) -> None:
    of, numbers = source(field("name")), random.Random(1)
    bounds = Bounds(chunk_rows=200, group_rows=1000, wait_rows=100)
    Counted.alive = Counted.most = 0
    order = sorted(range(1, 2001), key=lambda number: number + numbers.randrange(reach + 1))
    with feed_for(Home.open(tmp_path), of=of, bounds=bounds) as feed:
        for number in order:
            entry = page(number, [])
            feed.kept(entry, Page([Counted(person(number * 10 + n)) for n in range(10)], None, None))
        assert not feed.is_behind
        assert Counted.most <= 2 * bounds.chunk_rows + bounds.wait_rows + 10
    assert Counted.alive <= 10, "the last page alone is held by this test"


def test_what_is_begun_and_not_built_leaves_nothing(tmp_path: Path) -> None:
    of, home = source(field("name")), Home.open(tmp_path)
    with feed_for(home, of=of, bounds=Bounds(chunk_rows=2)) as feed:
        fed(feed, [page(number, [person(number)]) for number in range(1, 9)], of=of, into=home.runs / "x")
        begun = [path.name[:5] for path in (home.snapshots / "stars/people").iterdir()]
        assert begun == [".tmp-"], "it is written to a folder that nobody takes for a snapshot"
    assert list((home.snapshots / "stars/people").iterdir()) == []


def test_a_folder_that_was_taken_for_a_leftover_is_woven_again(tmp_path: Path) -> None:
    of, home = source(field("name")), Home.open(tmp_path)
    entries = [page(number, [person(number)]) for number in range(1, 9)]
    with feed_for(home, of=of, bounds=Bounds(chunk_rows=2)) as feed:
        fed(feed, entries, of=of, into=home.runs / "x")
        assert feed.loom is not None
        feed.loom.wait()
        for file in feed.loom.folder.iterdir():
            file.unlink()
        feed.loom.folder.rmdir()
        assert feed.loom is None
