"""Counts by bins against plain Python: numbers at both ends, dates before 1970, texts that are numbers, any view."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ladle.errors import BadInput
from ladle.explore.bins import Bin, Broken, auto_broken, auto_whole, broken_of, whole_of
from ladle.explore.grouping import ORDERS
from ladle.explore.query import ask, table
from ladle.explore.snapshot import Snapshot
from ladle.explore.texts import number_in
from ladle.explore.times import UNITS
from ladle.explore.view import Filter, View
from ladle.snapshots.numeric import sql_of
from tests.snapshots.kit import field, from_records

QUICK = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WIDTHS = st.sampled_from(["0.1", "50", "7", "0.25", "1e3", "2.5e-2", "3", "0.3"])
DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
TIMES = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(  # noqa: DTZ001 - in UTC below
    lambda at: at.replace(microsecond=0)
)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)


def held(snapshot: Snapshot, name: str, bin_: Any, **more: Any) -> int:
    """How many rows the filters of a bin leave."""
    if bin_ is None:
        return snapshot.look(View(filters=(Filter(name, "isnull", "1"),), **more)).total
    edges = (("gte", bin_.low), ("lt", bin_.high))
    filters = tuple(Filter(name, op, told(edge)) for op, edge in edges if edge is not None)
    return snapshot.look(View(filters=filters, **more)).total


def told(edge: Any) -> str:
    """An edge as an address has it."""
    return edge.isoformat() if isinstance(edge, date) else repr(edge)


def check(snapshot: Snapshot, term: str, expected: Counter[Any], **more: Any) -> None:
    """The counts are those, in all orders, and each row's filters give as many rows as it says."""
    name = term.partition(":")[0]
    counts = snapshot.count(term, view=View(**more))
    assert {row.values[0]: row.count for row in counts.rows} == expected
    assert counts.total_rows == sum(expected.values())
    by_value = [row.values[0] for row in snapshot.count(term, view=View(**more), order="value").rows]
    lows = [each.low for each in by_value if each is not None]
    assert lows[1:] == sorted(lows[1:])
    assert len(lows) < 2 or lows[0] is None or lows[0] < lows[1]
    assert None not in by_value[:-1]
    assert list(snapshot.count_every(term, view=View(**more))) == counts.rows
    for row in counts.rows[:3]:
        assert held(snapshot, name, row.values[0], **more) == row.count


@QUICK
@given(
    values=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=40), width=st.integers(1, 2**62)
)
@example(values=[-(2**63), 2**63 - 1, 2**53 + 1, 2**53, None, -1, 0], width=1)
@example(values=[-(2**63), 2**63 - 1, 0], width=2**62 + 1)
@example(values=[0, 49, 50, -1, -50, -51], width=50)
def test_integers_are_binned_exactly(tmp_path_factory: pytest.TempPathFactory, values: list[Any], width: int) -> None:
    snapshot = from_records(tmp_path_factory.mktemp("home"), [{"n": value, "x": 1} for value in values])
    if snapshot.columns[0].type != "integer":
        return
    low = [None if value is None else (value // width) * width for value in values]
    bins = [None if each is None else Bin(each, each + width, f"{each} to {each + width}") for each in low]
    check(snapshot, f"n:{width}", Counter(bins))


@QUICK
@given(values=st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1, max_size=40), width=WIDTHS)
@example(values=[0.1 * number for number in range(-30, 30)] + [number / 10 for number in range(-30, 30)], width="0.1")
@example(values=[-0.0, 0.0, 5e-324, -5e-324, None], width="0.3")
def test_doubles_are_binned_where_the_decimal_edges_lie(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], width: str
) -> None:
    snapshot = from_records(tmp_path_factory.mktemp("home"), [{"n": value} for value in [0.5, *values]], field("n"))
    wanted = broken_of(width, name="n")
    counted: Counter[Any] = Counter(None if value is None else wanted.bin_of(value) for value in [0.5, *values])
    check(snapshot, f"n:{width}", counted)
    for each in filter(None, counted):
        place = round(Fraction(each.low) / Fraction(width))
        assert (each.low, each.high) == (float(place * Fraction(width)), float((place + 1) * Fraction(width)))
    for value in values:
        if value is not None:
            assert wanted.bin_of(value).low <= value < wanted.bin_of(value).high


@QUICK
@given(values=st.lists(st.none() | DOUBLES, min_size=1, max_size=40))
@example(values=[1.7976931348623157e308, -1.7976931348623157e308, 0.0, 1.0, -1e300])
@example(values=[1e17, 1e17 + 16, 1e17 + 32])
@example(values=[5e-324, -5e-324])
@example(values=[1.7976931348623157e308])
def test_bins_of_their_own_choice_hold_any_doubles(tmp_path_factory: pytest.TempPathFactory, values: list[Any]) -> None:
    snapshot = from_records(tmp_path_factory.mktemp("home"), [{"n": value} for value in [0.5, *values]], field("n"))
    there = [value for value in [0.5, *values] if value is not None]
    wanted = auto_broken(min(there), max(there))
    check(snapshot, "n:auto", Counter(None if value is None else wanted.bin_of(value) for value in [0.5, *values]))
    assert len(snapshot.count("n:auto").rows) <= 42


@QUICK
@given(values=st.lists(st.none() | DAYS, min_size=1, max_size=30), unit=st.sampled_from([*UNITS[:-1], "auto"]))
@example(values=[date(9999, 12, 31), date(1, 1, 1), date(1969, 12, 31), date(1970, 1, 1)], unit="month")
def test_dates_are_binned_by_the_calendar(
    tmp_path_factory: pytest.TempPathFactory, values: list[date | None], unit: str
) -> None:
    records = [{"n": value and value.isoformat()} for value in [date(2014, 12, 9), *values]]
    snapshot = from_records(tmp_path_factory.mktemp("home"), records, field("n", type="date"))
    bins = [row.values[0] for row in snapshot.count(f"n:{unit}").rows for _ in range(row.count)]
    there = sorted(value for value in [date(2014, 12, 9), *values] if value is not None)
    for value in there:
        (mine,) = {each for each in bins if each and each.low <= value and (each.high is None or value < each.high)}
        count = sum(mine.low <= each and (mine.high is None or each < mine.high) for each in there)
        assert bins.count(mine) == count
    check(snapshot, f"n:{unit}", Counter(bins))
    if unit == "month":
        assert {each.text for each in bins if each} == {f"{each.year:04}-{each.month:02}" for each in there}


@QUICK
@given(values=st.lists(st.none() | TIMES, min_size=1, max_size=30), unit=st.sampled_from(UNITS))
@example(values=[datetime(1969, 12, 31, 23, 59, 59), datetime(1970, 1, 1), datetime(1, 1, 2)], unit="hour")  # noqa: DTZ001
def test_times_are_binned_in_utc(tmp_path_factory: pytest.TempPathFactory, values: list[Any], unit: str) -> None:
    all_ = [datetime(2014, 12, 9, 13, 50, 51), *values]  # noqa: DTZ001
    records = [{"n": value and f"{value.isoformat()}Z"} for value in all_]
    snapshot = from_records(tmp_path_factory.mktemp("home"), records, field("n", type="timestamp"))
    cut = {"year": 4, "month": 7, "day": 10, "hour": 13}
    bins = [row.values[0] for row in snapshot.count(f"n:{unit}").rows for _ in range(row.count)]
    check(snapshot, f"n:{unit}", Counter(bins))
    there = [value.replace(tzinfo=UTC) for value in all_ if value]
    for value in there:
        assert (
            sum(each is not None and each.low <= value and (not each.high or value < each.high) for each in set(bins))
            == 1
        )
    if unit in cut:
        assert Counter(each.low.isoformat()[: cut[unit]] for each in bins if each) == Counter(
            value.isoformat()[: cut[unit]] for value in there
        )
    assert all(each.high - each.low >= timedelta(hours=1) for each in bins if each and each.high)


TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["1,358", "78.2", " 5 ", "-3e4", "1km", "x", "1,35", "nan", "inf", "", "1_0", "+-5", "5.", ".5"]),
    st.text("0123456789.,eE+- \t_", max_size=8),
    st.sampled_from(["5\x85", "\x855", "5\xa0", "5\xa0\f", "5\f\xa0", "\u2003 7", "\t\u20037", "1,358 \u3000\t"]),
    st.sampled_from([f"1{',234' * more}" for more in (74, 75)]),
)  # fmt: skip


@QUICK
@given(values=st.lists(TEXTS, min_size=1, max_size=40))
def test_texts_are_read_as_numbers_alike_in_python_and_sql(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any]
) -> None:
    snapshot = from_records(tmp_path_factory.mktemp("home"), [{"n": value} for value in ["x", *values]], field("n"))
    found = [row[0] for row in ask(snapshot.path("parquet"), f"SELECT {sql_of('c0')} FROM {table(1)}")]
    numbers = [None if value is None else number_in(value) for value in ["x", *values]]
    assert found == numbers
    wanted = broken_of("50", name="n")
    if all(number is None or abs(number) < 1e12 for number in numbers):
        expected = Counter(None if number is None else wanted.bin_of(number) for number in numbers)
        check(snapshot, "n:50", expected, numbers=("n",))
        counts = snapshot.count("n", view=View(numbers=("n",)))
        assert Counter({row.values[0]: row.count for row in counts.rows}) == Counter(numbers)


def test_a_megabyte_of_spaces_is_gone_through_once() -> None:
    assert number_in(" " * 1_000_000 + "x") is None
    assert number_in(" " * 1_000_000 + "7" + " " * 1_000_000) == 7


@pytest.mark.parametrize(
    ("term", "hint"),
    [
        ("whole:0", 'is no bin'),
        ("whole:-5", 'is no bin'),
        ("whole:x", 'is no bin'),
        ("whole:", 'is no bin'),
        ("whole:0.5", 'no bin for whole numbers'),
        ("whole:month", 'is no bin'),
        ("broken:1e-400", 'is no bin'),
        ("broken:1.2345678901234567", '15 digits'),
        ("broken:0.000001", 'too many bins.*as far as 1e[+]300.*at least 1e[+]285'),
        ("day:hour", 'Take one of: year, quarter, month, day, auto'),
        ("text:50", 'the type of "text" is text'),
        ("flag:auto", 'the type of "flag" is boolean'),
        ("txt:50", 'There is no column "txt:50"'),
    ],
)  # fmt: skip
def test_a_bin_that_does_not_fit_is_refused_by_name(table_of_all: Snapshot, term: str, hint: str) -> None:
    with pytest.raises(BadInput, match=hint):
        table_of_all.count(term)


@pytest.fixture(scope="module")
def table_of_all(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A column of each type, and one whose name looks like a term."""
    record = {"whole": 5, "broken": 1e300, "day": "2014-12-09", "text": "x", "flag": True, "day:month": "own"}
    columns = [field(name, type="date" if name == "day" else None) for name in record]
    return from_records(tmp_path_factory.mktemp("home"), [record, dict.fromkeys(record)], *columns)


def test_a_column_that_is_called_like_a_term_is_that_column(table_of_all: Snapshot) -> None:
    assert [row.values for row in table_of_all.count("day:month").rows] == [("own",), (None,)]
    assert [str(row.values[0]) for row in table_of_all.count("day:year").rows] == ["2014", "None"]


def test_widths_of_their_own_choice_are_round() -> None:
    assert [auto_whole(0, high).width for high in (0, 19, 100, 999, 2**63)] == [1, 1, 5, 50, 5 * 10**17]
    assert [auto_broken(0.0, high).width for high in (1.0, 20.0, 0.013)] == [Decimal("0.05"), 1, Decimal("0.001")]
    assert whole_of("1e3", name="n").width == 1000
    assert Broken(25, -2).bin_of(0.3).text == "0.25 to 0.5"


def test_what_is_beyond_the_part_shown_is_summed_up(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"n": number % 7, "t": "x" * (number % 2)} for number in range(100)])
    counts = snapshot.count("n", offset=1, limit=2)
    assert (counts.rest.combinations, counts.rest.count, counts.rest.share) == (4, 100 - 15 - 15 - 14, 0.56)
    assert (counts.largest, counts.total_rows) == (15, 100)
    beyond = snapshot.count("n", offset=9)
    assert (beyond.rows, beyond.rest.count, beyond.combinations) == ([], 0, 7)


def test_counts_are_of_the_rows_of_a_view(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"n": number % 7, "t": f"x{number % 2}"} for number in range(100)])
    view = View(filters=(Filter("n", "lt", 3),), search="x1")
    rows = [row for row in snapshot.rows(limit=1000) if row["n"] < 3 and row["t"] == "x1"]
    for order in ORDERS:
        counts = snapshot.count("n", view=view, order=order)  # type: ignore[arg-type]
        assert {row.values[0]: row.count for row in counts.rows} == Counter(row["n"] for row in rows)
        assert sum(row.share for row in counts.rows) == pytest.approx(1)
    assert snapshot.count("n", view=View(filters=(Filter("n", "gt", 9),))).combinations == 0
