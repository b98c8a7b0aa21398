"""What charts show: every count is that of the rows behind it, and all together are the rows of the view."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ladle
from ladle.explore.charting.steps import round_steps
from ladle.explore.charting.times import SECONDS, floor, following, spans, unit_for
from ladle.explore.values import at_second
from tests.snapshots.kit import field, from_records

COLUMNS = (
    *(field(name) for name in ("n", "k", "kind", "mass")),
    field("when", type="timestamp"),
    field("day", type="date"),
    *(field(name) for name in ("lat", "lon", "big")),
)
VIEWS = ["", "kind=a", "kind=a&_search=1", "n__gte=100", "kind=nobody", "when__isnull=1", "_number=mass&mass__gt=3"]


def record(i: int) -> dict[str, object]:
    """Rows with every kind of lack, edges of bins among them."""
    return {
        "n": None if i % 7 == 0 else i * 1.1,
        "k": i % 5,
        "kind": ["a", "b", None, "", "c&d=e"][i % 5],
        "mass": ["1,358", "unknown", "78.2", " 5 ", "3"][i % 5] if i % 3 else str(i),
        "when": None if i % 11 == 0 else f"20{10 + i % 9}-{1 + i % 12:02}-03T1{i % 10}:30:00Z",
        "day": f"20{10 + i % 9}-{1 + i % 12:02}-28",
        "lat": None if i % 13 == 0 else round((i * 7.3) % 190 - 95, 2),
        "lon": round((i * 13.7) % 360 - 180, 2),
        "big": 9_007_199_254_740_993 + i,
    }


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    return from_records(tmp_path_factory.mktemp("charts"), [record(i) for i in range(150)], *COLUMNS)


def view_of(table: ladle.Snapshot, query: str) -> ladle.View:
    return table.view(tuple(part.split("=", 1)) for part in query.split("&") if part)  # type: ignore[misc]


def rows_of(table: ladle.Snapshot, view: ladle.View, filters: tuple[ladle.Filter, ...]) -> int:
    return table.look(replace(view, filters=(*view.filters, *filters)), limit=1).total


def held(
    table: ladle.Snapshot, view: ladle.View, marks: Iterable[tuple[int, tuple[ladle.Filter, ...]]], *, others: int
) -> None:
    """Each mark has the rows that its filters find; together with the others they are the view's."""
    marks = list(marks)
    assert sum(count for count, _ in marks) + others == table.look(view, limit=1).total
    # One question a mark is slow: the first, the last and those between that are most likely wrong, at edges.
    for count, filters in [*marks[:4], *marks[4:-2:5], *marks[-2:]]:
        assert rows_of(table, view, filters) == count


@pytest.mark.parametrize("query", VIEWS)
@pytest.mark.parametrize("column", ["n", "k", "mass", "big"])
def test_a_histogram_counts_the_rows_of_its_bins(table: ladle.Snapshot, query: str, column: str) -> None:
    view = view_of(table, query)
    view = replace(view, numbers=("mass",)) if column == "mass" else view
    found = table.histogram(column, view=view, bins=12)
    assert len(found.bins) <= 12
    if column != "big":  # its numbers are beyond what a double tells apart
        held(table, view, ((each.count, each.slot.filters) for each in found.bins), others=found.missing)
    assert sum(each.count for each in found.bins) + found.missing == found.total


@pytest.mark.parametrize("query", VIEWS)
@pytest.mark.parametrize("column", ["kind", "k", "when", "day", "n"])
def test_bars_count_the_rows_of_their_values(table: ladle.Snapshot, query: str, column: str) -> None:
    view = view_of(table, query)
    found = table.bars(column, view=view, most=4)
    held(table, view, ((each.count, each.slot.filters) for each in found.bars), others=found.rest)
    assert [each.count for each in found.bars] == sorted((each.count for each in found.bars), reverse=True)


@pytest.mark.parametrize("query", VIEWS[:4])
@pytest.mark.parametrize("pair", [("kind", "k"), ("n", "kind"), ("when", "mass"), ("day", "n")])
def test_a_heatmap_counts_the_rows_of_its_pairs(table: ladle.Snapshot, query: str, pair: tuple[str, str]) -> None:
    view = view_of(table, query)
    found = table.heat(*pair, view=view)
    assert len(found.down) <= 20
    assert len(found.across) <= 20
    marks = [
        (count, down.filters + across.filters)
        for down, row in zip(found.down, found.cells, strict=True)
        for across, count in zip(found.across, row, strict=True)
        if count
    ]
    held(
        table,
        view,
        marks[:: max(1, len(marks) // 12)],
        others=found.total - sum(c for c, _ in marks[:: max(1, len(marks) // 12)]),
    )
    assert sum(count for count, _ in marks) + found.rest == found.total


@pytest.mark.parametrize("query", VIEWS)
@pytest.mark.parametrize(("column", "unit"), [("when", ""), ("when", "year"), ("day", "quarter"), ("day", "decade")])
def test_a_line_counts_the_rows_of_its_bins(table: ladle.Snapshot, query: str, column: str, unit: str) -> None:
    view = view_of(table, query)
    found = table.line(column, view=view, unit=unit)
    held(table, view, ((each.count, each.slot.filters) for each in found.points), others=found.missing)
    assert all(first.slot.high == second.slot.low for first, second in pairwise(found.points))


def test_a_line_tells_a_number_of_each_bin(table: ladle.Snapshot) -> None:
    rows = [row for row in table.rows(limit=1000) if row["day"].year == 2012 and row["n"] is not None]
    wanted = {
        "mean": sum(r["n"] for r in rows) / len(rows),
        "max": max(r["n"] for r in rows),
        "sum": math.fsum(r["n"] for r in rows),
    }
    for how, value in wanted.items():
        points = table.line("day", value="n", how=how, unit="year").points
        assert next(p.value for p in points if p.slot.text == "2012") == pytest.approx(value)


@pytest.mark.parametrize("most", [5000, 20])
@pytest.mark.parametrize("query", VIEWS[:4])
def test_a_map_counts_the_rows_of_its_places(table: ladle.Snapshot, query: str, most: int) -> None:
    view = view_of(table, query)
    found = table.points("lat", "lon", view=view, colour="n", label="kind", most=most)
    held(table, view, ((each.count, each.filters) for each in found.places), others=found.missing)
    assert (found.cell is None) == (found.distinct <= most)
    assert all(-90 <= place.lat <= 90 for place in found.places)
    outside = sum(row["lat"] is None or abs(row["lat"]) > 90 for row in table.look(view, limit=1000).rows)
    assert found.missing == outside


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda t: t.histogram("kind"), '"kind" can\'t be drawn as a histogram: its type is text'),
        (lambda t: t.histogram("knd"), 'no column "knd"'),
        (lambda t: t.histogram("n", bins=1), "bins is 1"),
        (lambda t: t.bars("kind", most=0), "most is 0"),
        (lambda t: t.heat("kind", "kind"), 'The column "kind" is named twice'),
        (lambda t: t.line("n"), '"n" is no time'),
        (lambda t: t.line("when", unit="fortnight"), 'no unit of time "fortnight"'),
        (lambda t: t.line("when", unit="minute"), 'By "minute" there are about'),
        (lambda t: t.line("day", unit="hour"), 'no unit of time "hour"'),
        (lambda t: t.line("when", value="n", how="count"), '"count" takes no column'),
        (lambda t: t.line("when", how="mean"), '"mean" is of no column'),
        (lambda t: t.points("kind", "lon"), '"kind" can\'t be a place on a map'),
    ],
)
def test_what_can_t_be_drawn_is_said(table: ladle.Snapshot, ask: object, says: str) -> None:
    with pytest.raises(ladle.BadInput, match=re.escape(says)):
        ask(table)  # type: ignore[operator]


finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e290, max_value=1e290)


@given(finite, finite, st.integers(2, 60), st.booleans())
def test_round_steps_cover_all_and_each_number_is_in_one(a: float, b: float, most: int, whole: bool) -> None:
    low, high = min(a, b), max(a, b)
    steps = round_steps(low, high, most=most, whole=whole)
    assert 1 <= steps.count <= most
    assert steps.edge(0) <= low
    assert high < steps.edge(steps.count) or steps.width < abs(high) * 1e-12
    assert steps.width >= (1 if whole else 0)
    for x in (low, high, (low / 2 + high / 2)):
        place = steps.place(x)
        assert 0 <= place < steps.count
        assert steps.edge(place) <= x < steps.edge(place + 1)


@given(
    st.integers(-62_000_000_000, 250_000_000_000).map(at_second),
    st.sampled_from(list(SECONDS)),
)
def test_every_moment_is_in_one_bin_of_each_unit(then: datetime, unit: str) -> None:
    begin = floor(then, unit=unit)
    assert begin <= then < following(begin, unit=unit)
    assert floor(begin, unit=unit) == begin


@given(st.integers(-60_000_000_000, 250_000_000_000), st.integers(0, 4_000_000_000), st.integers(2, 100))
def test_a_unit_gives_no_more_bins_than_wanted(low: int, length: int, most: int) -> None:
    unit = unit_for(low, low + length, most=most, days=False)
    if unit != "decade":
        assert len(list(spans(low, low + length, unit=unit))) <= most + 1


def test_an_empty_table_has_nothing_to_draw(tmp_path: Path) -> None:
    empty = from_records(tmp_path, [], *COLUMNS[:2], field("when", type="timestamp"))
    assert empty.bars("n").bars == ()
    assert empty.line("when").points == ()


def test_numbers_at_the_ends_of_what_a_double_holds_are_refused_by_name_or_left_out(tmp_path: Path) -> None:
    rows = [
        {"m": number, "n": float(place), "when": "2020-01-01T00:00:00Z", "lat": 1.5, "lon": 2.5}
        for place, number in enumerate([1.7e308, -1.7e308, 1.7e308, 0.5, 1.5] * 9)
    ]
    found = from_records(tmp_path, rows, *map(field, ("m", "n", "lat", "lon")), field("when", type="timestamp"))
    with pytest.raises(ladle.BadInput, match='"m" can\'t be drawn as a histogram: it goes as far as') as raised:
        found.histogram("m")
    filters = found.view([tuple(re.search(r"(m__\w+)=(\S+)\.$", str(raised.value)).groups())])  # type: ignore[union-attr]
    assert isinstance(filters, ladle.View)
    narrow = found.view([("m__lt", "1e300"), ("m__gt", "-1e300")])
    assert found.histogram("m", view=narrow).total == 18
    assert [point.value for point in found.line("when", value="m", how="sum").points] == [None]
    assert [place.value for place in found.points("lat", "lon", colour="m").places] == [None]
    assert found.heat("m", "n").total == 45
