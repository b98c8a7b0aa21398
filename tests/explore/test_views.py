"""Views of a table: filters, search, sort and columns against plain Python, in every way of asking."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ladle.errors import BadInput
from ladle.explore.address import read_where, write_view
from ladle.explore.filters import OPERATORS, fitting
from ladle.explore.saying import WORDS, view_words
from ladle.explore.snapshot import Snapshot
from ladle.explore.view import Filter, Sort, View
from ladle.sources.source import Column
from tests.explore.plain import Row, seen
from tests.snapshots.kit import ODD_NAMES, field, from_records

NAMES = [*ODD_NAMES, "a", "a__gt", "_sort", "_col", "-a", "a,b", "x=y", "a__exact", "__", "a_"]
TEXTS = st.one_of(
    st.none(), st.sampled_from(["", " ", "é", "É", "Ab", "aB", "a%b", "a_b", "a\nb", "a,b", '"', "-x", "10", "9"])
)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "integer": st.one_of(st.none(), st.sampled_from([-(2**62), -1, 0, 1, 2, 2**53 + 1, 2**62])),
    "number": st.one_of(st.none(), st.sampled_from([-1.5, 0.0, 0.5, 2.0, 1e300])),
    "boolean": st.one_of(st.none(), st.booleans()),
    "date": st.one_of(st.none(), st.sampled_from(["2014-12-20", "1969-07-20", "9999-12-31"])),
    "timestamp": st.one_of(st.none(), st.sampled_from([0, -1, 86_399, 86_400, 1_795_300_000])),
}
PATTERNS = ["%", "a_b", "A%", "%b", "", "a*", "?b", "[aA]?", "[^a]*", "[", "%%%", "*é", "a.b", "[b-a]"]


def column(name: str, kind: str) -> Column:
    """The definition of a column whose values are to have that type."""
    return field(name, type=kind, **({"unix": "s"} if kind == "timestamp" else {}))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Row], list[Column]]:
    """Records of a random table and its columns, odd names among them."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    kinds = {name: draw(st.sampled_from(list(KINDS))) for name in names}
    rows = draw(
        st.lists(st.fixed_dictionaries({name: KINDS[kind] for name, kind in kinds.items()}), min_size=1, max_size=40)
    )
    return rows * draw(st.sampled_from([1, 4])), [column(name, kind) for name, kind in kinds.items()]


TYPED: dict[str, list[Any]] = {
    "text": ["", "é", "ab", "AB", "a", "9", "a\nb", '"', "-x", "%"],
    "integer": ["1", "-1", " 2 ", "+0", "0.5", str(2**53 + 1), str(2**62), "9" * 30, "1e3", 2, 0.5],
    "number": ["0.5", "-1.5", ".5", "2", "1e300", "1e-400", 2.0, 0],
    "boolean": ["true", "FALSE", "1", "0", True],
    "date": ["2014-12-20", "9999-12-31", "2000-01-01", date(1969, 7, 20)],
    "timestamp": [
        "1970-01-01",
        "1970-01-01T23:59:59Z",
        "1970-01-02 01:00:00+01:00",
        "1970-01-01T23:59:58.5",
        datetime(2026, 11, 21, tzinfo=UTC),
    ],
}


@st.composite
def filters(draw: st.DrawFn, name: str, kind: str) -> Filter:
    """A filter that fits a column."""
    op = draw(st.sampled_from(fitting(kind)))  # type: ignore[arg-type]
    if OPERATORS[op].takes == "nothing":
        return Filter(name, op, draw(st.sampled_from(["", "1"])))
    if op in ("like", "notlike", "glob"):
        return Filter(name, op, draw(st.sampled_from(PATTERNS)))
    if op == "date":
        return Filter(name, op, draw(st.sampled_from(["2014-12-20", "9999-12-31", "1970-01-01"])))
    values = st.sampled_from(TYPED[kind])
    return Filter(name, op, draw(st.lists(values, max_size=3)) if op in ("in", "notin") else draw(values))


@st.composite
def views(draw: st.DrawFn, kinds: dict[str, str]) -> View:
    """Anything that can be asked of such a table."""
    names = st.sampled_from(list(kinds))
    return View(
        columns=tuple(draw(st.lists(names, max_size=3, unique=True))),
        filters=tuple(draw(filters(name, kinds[name])) for name in draw(st.lists(names, max_size=2))),
        search=draw(st.sampled_from(["", "", " ", "a", "É", "b a", "%"])),
        sort=tuple(Sort(name, draw(st.booleans())) for name in draw(st.lists(names, max_size=3, unique=True))),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(table=tables(), data=st.data())
def test_any_view_of_any_table_is_that_of_plain_python(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[Row], list[Column]], data: st.DataObject
) -> None:
    records, columns = table
    snapshot = from_records(tmp_path_factory.mktemp("home"), records, *columns)
    kinds: dict[str, str] = {column.name: column.type for column in snapshot.columns}
    rows = snapshot.rows(limit=1000)
    for _ in range(6):
        view = data.draw(views(kinds))
        expected = seen(rows, view, kinds)
        look = snapshot.look(view, limit=1000)
        assert (look.rows, look.total) == (expected, len(expected))
        offset, limit = data.draw(st.integers(0, 50)), data.draw(st.integers(1, 20))
        assert snapshot.look(view, offset=offset, limit=limit).rows == expected[offset : offset + limit]
        assert snapshot.rows(view=snapshot.view(write_view(view)), limit=1000) == expected
        assert snapshot.prepare(view).result() == len(expected)
        assert isinstance(view_words(view, snapshot.columns), str)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Columns that are called like keys and operators: each has its own number in it."""
    records = [{name: place + 10 * number for place, name in enumerate(NAMES)} for number in range(2)]
    return from_records(tmp_path_factory.mktemp("home"), records)


@pytest.mark.parametrize("name", NAMES)
def test_a_column_is_asked_for_by_its_name_whatever_that_is(odd: Snapshot, name: str) -> None:
    number = NAMES.index(name)
    view = odd.view([(f"{name}__gte", str(number + 1)), ("_col", name), ("_col", NAMES[0] if number else NAMES[1])])
    assert [row[name] for row in odd.rows(view=view)] == [number + 10]
    down = View(
        sort=(Sort(name, descending=True),), filters=(Filter(name, "exact", number + 10), Filter(name, "notnull"))
    )
    assert odd.view(write_view(down)).sort == down.sort
    assert odd.look(odd.view(write_view(down))).total == 1
    assert odd.view([read_where(f"{name}__exact=5", odd.columns)]).filters == (Filter(name, "exact", "5"),)


def test_what_stands_behind_the_last_underscores_is_the_operator_of_a_column_before_them(odd: Snapshot) -> None:
    asked = {
        "a__gt": ("a", "gt"),
        "a__gt__exact": ("a__gt", "exact"),
        "a__gt__gt": ("a__gt", "gt"),
        "a___lt": ("a_", "lt"),
    }
    for key, (column, op) in asked.items():
        assert odd.view([(key, "1")]).filters == (Filter(column, op, "1"),)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("hieght", "1", r'no query key "hieght". Did you mean "height"'),
        ("height__gtt", "1", r'no operator "gtt". Did you mean "gt"'),
        ("height__gt", "tall", r'"tall" is no value for "height", whose type is integer'),
        ("height__gt", "NaN", r'"NaN" is no value'),
        ("height__gt", "", r'"" is no value'),
        ("height__gte", "0e9999999999999999999", r'"0e9999999999999999999" is no value for "height"'),
        ("height__in", "1,x", r'"x" is no value'),
        ("height__contains", "1", r'"contains" can\'t be asked of "height": its type is integer. Take one of: exact'),
        ("born__date", "soon", r'"soon" is no value for "born".* such as 2026-11-21'),
        ("born", "2014-13-01", r'"2014-13-01" is no value'),
        ("at__gte", "noon", r'"noon" is no value for "at", whose type is timestamp'),
        ("able", "maybe", r"true or false"),
        ("able__gt", "true", r'"gt" can\'t be asked of "able"'),
        ("name__isnull", "0", r"It takes no value"),
        ("name", "\udcff", r"no Unicode"),
        ("name", "x" * 10_001, r"10,001 characters"),
        ("name__like", "_" * 1_001, r"1,001 characters"),
        ("name__in", '"a', r"quotes"),
        ("_sort", "nam", r'no column "nam". Did you mean "name"'),
        ("_sort", "name,-name", r'"name" is named twice'),
        ("_sort", "", r""),
        ("_col", "nam", r'no column "nam"'),
        ("_search", " ".join("a" * 21), r"21 words"),
        ("_order", "name", r'no query key "_order"'),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(typical: Snapshot, key: str, value: str, told: str) -> None:
    if not told:
        assert typical.view([(key, value)]).whole
        return
    with pytest.raises(BadInput, match=told):
        typical.look(typical.view([(key, value)]))


@pytest.fixture(scope="module")
def typical(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A column of each type."""
    kinds = {
        "name": "text",
        "height": "integer",
        "mass": "number",
        "able": "boolean",
        "born": "date",
        "at": "timestamp",
    }
    values = {"name": "Luke", "height": 172, "mass": 77.5, "able": True, "born": "2014-12-20", "at": 1_795_300_000}
    records = [values, {**values, "height": 96, "mass": None}, {**values, "height": 202, "mass": 136.0}]
    return from_records(tmp_path_factory.mktemp("home"), records, *(column(*each) for each in kinds.items()))


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_has_a_word_and_fits_some_type(name: str) -> None:
    assert WORDS[name]
    assert OPERATORS[name].types


@pytest.mark.parametrize("name", ["height", "mass", "able"])
def test_a_day_is_no_value_of_what_is_none(typical: Snapshot, name: str) -> None:
    for value in (date(2026, 11, 21), datetime(2026, 11, 21, tzinfo=UTC)):
        with pytest.raises(BadInput, match=f'"2026-11-21.*" is no value for "{name}"'):
            typical.look(View(filters=(Filter(name, "exact", value),)))


def test_a_view_is_said_in_words(typical: Snapshot) -> None:
    asked = [("height__gte", "150"), ("born__lt", "2026-01-01"), ("_search", "luke "), ("_sort", "-mass,name")]
    said = 'with "luke" where height at least 150 and born before 2026-01-01, sorted by mass, descending, then by name'
    assert view_words(typical.view(asked), typical.columns) == said
    assert view_words(View(), typical.columns) == ""


def test_long_patterns_and_lists_are_answered(typical: Snapshot) -> None:
    for op, value in (("like", "%_" * 500), ("glob", "[^é]" * 250), ("like", "é" * 1000), ("contains", "x" * 10_000)):
        assert typical.look(View(filters=(Filter("name", op, value),))).total == 0
    assert typical.look(View(filters=(Filter("height", "in", list(range(1000))),))).total == 3


def test_a_table_without_a_row_or_without_a_text_has_views_too(tmp_path: Path) -> None:
    empty = from_records(tmp_path / "a", [], field("name"), field("n", type="integer"))
    assert empty.look(View(search="x", sort=(Sort("n"),), filters=(Filter("n", "gt", 1),))).total == 0
    numbers = from_records(tmp_path / "b", [{"n": 1}])
    assert numbers.look(View(search="1")).total == 0
