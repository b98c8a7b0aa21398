"""What has changed between two snapshots, against plain Python over the same rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ladle.errors import BadInput, Damaged, NotFound
from ladle.explore.diff import RowDiff
from ladle.explore.finding import find
from ladle.explore.snapshot import Snapshot
from ladle.home import Home
from ladle.snapshots.bounds import Bounds
from tests.snapshots.kit import ODD_NAMES, built, field, page, person, source

RUNS = ["20261121-120103-7f3a9c", "20261122-080000-000001", "20261123-080000-000002", "20261124-080000-000003"]
KEYS = [st.integers(-3, 12), st.sampled_from([*"abcdefgh", "", "é", "a b", None]), st.sampled_from([-1, 0, 2**62, 5])]
TIMES = st.sampled_from(["2014-12-20", "2014-12-21", None])
CELLS = [
    st.sampled_from([None, "", " ", "x", "77", "78.20", "1,358", "true", "-0"]),
    st.sampled_from([None, 0, 77, 2**53 + 1, -(2**63)]),
    st.sampled_from([None, 0.5, 78.2, 77.0, -0.0, 1e300]),
    st.sampled_from([None, True, False]),
]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Two tables whose rows have a key of one or two columns, and columns that come, go and change their type."""
    names = draw(st.lists(st.sampled_from(ODD_NAMES), min_size=1, max_size=5, unique=True))
    key = names[: draw(st.integers(1, min(2, len(names))))]
    of_key = [draw(st.sampled_from(KEYS)) for _ in key]
    return _table(draw, names, key, of_key), _table(draw, names, key, of_key), key


def _table(
    draw: st.DrawFn, names: list[str], key: list[str], of_key: list[st.SearchStrategy[Any]]
) -> list[dict[str, Any]]:
    kept = [name for name in names if name in key or draw(st.booleans())]
    cells = {name: draw(st.sampled_from(CELLS)) for name in kept if name not in key}
    rows = st.fixed_dictionaries({**dict(zip(key, of_key, strict=True)), **cells})
    return draw(st.lists(rows, max_size=25, unique_by=lambda row: tuple(row[name] for name in key)))


def taken(path: Path, *tables: Sequence[dict[str, Any]], key: str | None = None, **more: Any) -> list[Snapshot]:
    """Snapshots of one dataset, one after another."""
    runs = zip(RUNS, tables, strict=False)
    return [built(path, [page(1, table)], of=source(key=key), run=run, **more) for run, table in runs]


def all_rows(snapshot: Snapshot) -> list[dict[str, Any]]:
    return snapshot.rows(limit=1000)


def same(one: Any, other: Any) -> bool:
    """As a person would say it: a value that was a number or a truth value and is now text is what JSON says it is."""
    if isinstance(one, str) and not isinstance(other, str):
        one, other = other, one
    if isinstance(other, str) and not isinstance(one, (str, type(None))):
        if isinstance(one, float):
            try:
                return not isinstance(json.loads(other), bool) and float(json.loads(other)) == one
            except (ValueError, TypeError):
                return False
        return json.dumps(one) == other
    return (isinstance(one, bool) == isinstance(other, bool) or None in (one, other)) and one == other


def plain(before: Snapshot, after: Snapshot, key: list[str]) -> list[RowDiff]:
    """Rows that differ, found with dictionaries."""
    old, new = ({tuple(map(token, (r[k] for k in key))): r for r in all_rows(side)} for side in (before, after))
    shared = [c.name for c in after.columns if c.name in {each.name for each in before.columns} and c.name not in key]
    added = [RowDiff(kind="added", before=None, after=row) for id, row in new.items() if id not in old]
    removed = [RowDiff(kind="removed", before=row, after=None) for id, row in old.items() if id not in new]
    changed = []
    for id, row in new.items():
        if id in old and (cells := tuple(name for name in shared if not same(old[id][name], row[name]))):
            changed.append(RowDiff(kind="changed", before=old[id], after=row, changed=cells))
    return [*added, *removed, *changed]


def token(value: Any) -> Any:
    """A key's value, the same whether its column is of numbers or of text."""
    return value if isinstance(value, (str, type(None))) else json.dumps(value)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables=pairs(), data=st.data())
def test_what_differs_is_what_dictionaries_tell(
    tmp_path_factory: pytest.TempPathFactory,
    tables: tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]],
    data: st.DataObject,
) -> None:
    old, new, key = tables
    columns = [field(name) for name in dict.fromkeys(name for row in [*old, *new] for name in row)] or [field(key[0])]
    home = tmp_path_factory.mktemp("home")
    before, after = (
        built(
            home,
            [page(1, table)],
            of=source(*(c for c in columns if not table or c.name in table[0]), key=None),
            run=run,
        )
        for table, run in zip((old, new), RUNS, strict=False)
    )
    if not all(name in {column.name for column in side.columns} for side in (before, after) for name in key):
        return
    expected = plain(before, after, key)
    told = before.diff(after, key=key)
    assert told.rows(limit=1000) == expected
    of_kind = {kind: [row for row in expected if row.kind == kind] for kind in ("added", "removed", "changed")}
    assert (told.added, told.removed, told.changed) == tuple(map(len, of_kind.values()))
    assert told.same == len(new) - told.added - told.changed
    offset, limit = data.draw(st.integers(0, 30)), data.draw(st.integers(1, 10))
    assert told.rows(offset=offset, limit=limit) == expected[offset : offset + limit]
    for kind, rows in of_kind.items():
        assert told.rows(only=kind, offset=offset, limit=limit) == rows[offset : offset + limit]
    for column in told.columns:
        if column.before and column.after:
            having = [row for row in expected if column.name in row.changed]
            assert told.rows(column=column.name, offset=offset, limit=limit) == having[offset : offset + limit]
            assert told.total(column=column.name) == column.cells == len(having)


def test_null_is_not_the_empty_text_and_a_wider_type_changes_no_cell(tmp_path: Path) -> None:
    before, after = taken(
        tmp_path,
        [person(1, mass=77, eye=None, gone=1), person(2, mass=78, eye="")],
        [person(1, mass="77", eye="", new=1), person(2, mass="1,358", eye=""), person(3, mass="unknown", eye=None)],
        key="url",
    )
    told = before.diff(after)
    assert (told.key, told.key_from) == (("url",), "resource")
    assert [(row.kind, row.row["name"], row.changed) for row in told.rows()] == [
        ("added", "Person 3", ()),
        ("changed", "Person 1", ("eye",)),
        ("changed", "Person 2", ("mass",)),
    ]
    assert {column.name: column.fate for column in told.columns if column.fate != "kept"} == {
        "mass": "retyped",
        "new": "added",
        "gone": "removed",
    }


def test_without_a_key_in_the_table_the_first_unique_column_is_taken(tmp_path: Path) -> None:
    before, after = taken(
        tmp_path,
        [{"t": 0.5, "world": "a", "name": "x"}, {"t": 0.75, "world": "a", "name": "y"}],
        [{"t": 0.5, "world": "a", "name": "x"}, {"t": 1.5, "world": "b", "name": "y"}],
    )
    told = before.diff(after)
    assert (told.key, told.key_from, told.unique) == (("name",), "unique", ("name",))
    assert [row.changed for row in told.rows()] == [("t", "world")]


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(exact_rows=1)])
def test_a_key_that_repeats_is_refused_with_one_that_does_not(tmp_path: Path, bounds: Bounds) -> None:
    table = [{"world": "Naboo", "name": f"n{n}", "nr": n % 2} for n in range(3)]
    before, after = taken(tmp_path, table, table[:1], bounds=bounds)
    with pytest.raises(BadInput) as refused:
        before.diff(after, key="world")
    assert str(refused.value) == (
        f'The key world is not unique in {RUNS[0]}: "Naboo" is there 3 times. Choose another key, unique in both: name.'
    )
    with pytest.raises(BadInput, match='"Naboo", "0" is there 2 times'):
        before.diff(after, key=["world", "nr"])


def test_where_nothing_is_unique_several_columns_can_be(tmp_path: Path) -> None:
    table = [{"world": world, "day": day} for world in "ab" for day in (1, 2)]
    before, after = taken(tmp_path, table, [*table[1:], {"world": "c", "day": 1}])
    with pytest.raises(BadInput, match="Choose columns that do so together as the key, of: world, day"):
        before.diff(after)
    told = before.diff(after, key=("world", "day"))
    assert (told.added, told.removed, told.same) == (1, 1, 3)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"key": "nme"}, 'Did you mean "name"'),
        ({"key": ["name", "name"]}, "named twice"),
        ({"key": "new"}, f'{RUNS[0]} has no column "new"'),
    ],
)
def test_a_key_that_cannot_be_is_refused_by_name(tmp_path: Path, asked: dict[str, Any], words: str) -> None:
    before, after = taken(tmp_path, [{"name": "x"}], [{"name": "x", "new": 1}])
    with pytest.raises(BadInput, match=words):
        before.diff(after, **asked)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"only": "new"}, 'no kind of difference "new"'),
        ({"column": "new"}, 'no column in both snapshots "new"'),
        ({"column": "name", "only": "added"}, "in no added row"),
        ({"offset": -1}, "offset is -1"),
        ({"limit": 1001}, "limit is 1001"),
    ],
)
def test_a_part_that_cannot_be_is_refused_by_name(tmp_path: Path, asked: dict[str, Any], words: str) -> None:
    before, after = taken(tmp_path, [{"name": "x"}], [{"name": "x", "new": 1}])
    with pytest.raises(BadInput, match=words):
        before.diff(after).rows(**asked)


def test_other_datasets_are_refused_in_words(tmp_path: Path) -> None:
    (stars,) = taken(tmp_path, [{"name": "x"}])
    moons = built(tmp_path, [page(1, [{"name": "x"}])], of=source(key=None, name="moons"), run=RUNS[1])
    with pytest.raises(BadInput, match=r"stars/people and .* of moons/people\. Only snapshots of the same dataset"):
        stars.diff(moons)


def test_what_was_found_is_kept_until_it_is_damaged_or_thrown_away(tmp_path: Path) -> None:
    before, after = taken(tmp_path, [{"name": "x"}], [{"name": "y"}])
    rows = before.diff(after).rows()
    (kept,) = (after.folder.parent / ".diffs").iterdir()
    made = kept.stat().st_ino
    assert before.diff(after).rows() == rows
    assert kept.stat().st_ino == made
    kept.write_bytes(b"PAR1")
    assert before.diff(after).rows() == rows
    kept.unlink()
    assert before.diff(after).rows() == rows
    assert find(Home.open(tmp_path / "home"), "stars/people").id == after.id


def test_a_changed_table_is_refused(tmp_path: Path) -> None:
    before, after = taken(tmp_path, [{"name": "x"}], [{"name": "y"}])
    after.path("parquet").write_bytes(b"x")
    with pytest.raises(Damaged, match=r"data\.parquet"):
        before.diff(after)


def test_a_record_has_a_history_over_all_snapshots(tmp_path: Path) -> None:
    first, second, third, last = taken(
        tmp_path,
        [person(1, mass=77)],
        [person(1, mass="77"), person(2, mass="1,358")],
        [person(1, mass=78)],
        [person(1, mass=78), person(2, mass=1358)],
        key="url",
    )
    one = last.history(person(1)["url"])
    assert [(each.snapshot.id, each.fate, each.changed) for each in one] == [
        (first.id, "first", ()),
        (second.id, "same", ()),
        (third.id, "changed", ("mass",)),
        (last.id, "same", ()),
    ]
    assert [each.fate for each in first.history("Person 2", key="name")] == ["absent", "added", "removed", "added"]
    assert (one[2].before or {})["mass"] == "77"
    assert [each.fate for each in third.history(78, key="mass")] == ["absent", "absent", "added", "same"]
    assert [each.fate for each in last.history("nobody")] == ["absent"] * 4
    with pytest.raises(BadInput, match="2 values are given for the key url"):
        last.history("a", "b")


def test_a_snapshot_that_cannot_tell_of_a_record_says_why(tmp_path: Path) -> None:
    *_, last = taken(tmp_path, [{"a": 1}], [{"a": 1, "name": "x"}, {"a": 2, "name": "x"}], [{"a": 1, "name": "x"}])
    assert [(each.fate, each.note) for each in last.history("x", key="name")] == [
        ("unknown", 'It has no column "name".'),
        ("unknown", "Several rows of it have this key."),
        ("first", ""),
    ]


def test_the_one_before_the_latest_goes_by_its_dataset(tmp_path: Path) -> None:
    first, second = taken(tmp_path, [{"a": 1}], [{"a": 2}])
    home = Home.open(tmp_path / "home")
    assert [find(home, f"stars/people~{back}").id for back in (0, 1)] == [second.id, first.id]
    earlier = second.previous()
    assert earlier is not None
    assert (earlier.id, first.previous()) == (first.id, None)
    with pytest.raises(NotFound, match="there are 2 snapshots"):
        find(home, "stars/people~2")
    with pytest.raises(BadInput, match="how many before the latest"):
        find(home, "stars/people~x")
    with pytest.raises(NotFound):
        find(home, f"{first.id}~1")
