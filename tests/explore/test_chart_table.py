"""A chart's table: its marks add up to the view and lead to their rows, whatever the kind; what can't be is said."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ladle
from tests.snapshots.kit import ODD_NAMES, RUN, built, field, from_records, page, source

COLUMNS = (
    *(field(name) for name in ("name", "height", "gender")),
    field("mass", type="text"),
    field("day", type="date"),
    *(field(name) for name in ("lat", "lon")),
)


def record(i: int) -> dict[str, object]:
    return {
        "name": f"P{i}",
        "height": None if i % 9 == 0 else 150 + i * 7 % 60,
        "gender": ["male", "female", None][i % 3],
        "mass": ["77", "1,358", "unknown", "78.2"][i % 4],
        "day": None if i % 7 == 0 else f"20{10 + i % 5}-0{1 + i % 9}-11",
        "lat": None if i % 8 == 0 else 40 + i % 5,
        "lon": 10 + i % 2,
    }


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    return from_records(tmp_path_factory.mktemp("chart"), [record(i) for i in range(60)], *COLUMNS)


ASKED = [
    ("histogram", ("height",), {}),
    ("histogram", ("mass",), {"bins": 5}),
    ("bars", ("gender",), {}),
    ("bars", ("name",), {}),
    ("heatmap", ("gender", "height"), {}),
    ("line", ("day",), {}),
    ("line", ("day",), {"value": "mass", "how": "max", "unit": "year"}),
    ("map", ("lat", "lon"), {"colour": "height"}),
]


@pytest.mark.parametrize(("kind", "columns", "said"), ASKED)
@pytest.mark.parametrize("narrowed", [(), (ladle.Filter("gender", "exact", "male"),), (ladle.Filter("name", "exact"),)])
def test_marks_lead_to_their_rows_and_add_up_to_the_view(
    table: ladle.Snapshot,
    kind: str,
    columns: tuple[str, ...],
    said: dict[str, object],
    narrowed: tuple[ladle.Filter, ...],
) -> None:
    view = ladle.View(filters=narrowed, numbers=("mass",))
    chart = table.chart(kind, *columns, view=view, **said)  # type: ignore[arg-type]
    assert chart.total == table.look(view).total
    assert sum(row.count for row in chart.rows) + chart.missing + chart.rest == chart.total
    for row in chart.rows:
        assert row.share == row.count / chart.total
        found = table.look(replace(view, filters=(*narrowed, *row.filters)), limit=1).total
        assert found == row.count
    heads, lines = chart.table()
    assert {len(line) for line in lines} <= {len(heads)}
    assert [line[heads.index("count")] for line in lines] == [row.count for row in chart.rows]


def test_values_are_typed_and_bins_have_their_edges(table: ladle.Snapshot) -> None:
    first = table.chart("histogram", "height", bins=4).rows[0]
    assert first.values == (ladle.Bin(140, 160, "140 to 160"),)
    year = table.chart("line", "day", value="height", unit="year").rows[0]
    assert year.values == (ladle.Bin(datetime(2010, 1, 1, tzinfo=UTC), datetime(2011, 1, 1, tzinfo=UTC), "2010"),)
    assert year.value == pytest.approx(sum(_heights(2010)) / len(_heights(2010)))
    place = table.chart("map", "lat", "lon", colour="height").rows[0]
    assert (place.values, place.count, place.label) == ((41.0, 11.0), 6, "P1")
    assert [row.values[0] for row in table.chart("bars", "gender").rows] == ["male", "female", None]


def _heights(year: int) -> list[int]:
    rows = [record(i) for i in range(60)]
    return [row["height"] for row in rows if str(row["day"])[:4] == str(year) and row["height"]]  # type: ignore[misc]


def test_heads_tell_edges_labels_and_what_is_told(table: ladle.Snapshot) -> None:
    view = ladle.View(numbers=("mass",))
    assert table.chart("histogram", "mass", view=view).table()[0] == ["mass from", "mass to", "count"]
    assert table.chart("line", "day", value="height").table()[0] == ["day from", "day to", "count", "mean of height"]
    assert table.chart("map", "lat", "lon").table()[0] == ["name", "lat", "lon", "count"]
    empty = ladle.View(filters=(ladle.Filter("name", "exact", "nobody"),))
    assert table.chart("histogram", "height", view=empty).table() == (["height", "count"], [])


@pytest.mark.parametrize(
    ("kind", "columns", "said", "told"),
    [
        ("", (), {}, "No kind of chart is named. Take one of: histogram, bars, heatmap, line, map."),
        ("pie", ("name",), {}, 'no kind of chart "pie"'),
        ("bars", (), {}, "Bars are of one column, not of none. Name one column."),
        ("heatmap", ("name",), {}, "A heatmap is of two columns, not of 1: name."),
        ("map", ("lat", "lat"), {}, 'The column "lat" is named twice.'),
        ("bars", ("nam",), {}, 'no column "nam"'),
        ("bars", ("name",), {"bins": 4}, 'Bars take no number of bins: "4". Leave it out, or draw a histogram.'),
        ("map", ("lat", "lon"), {"unit": "year"}, 'A map takes no unit of time: "year".'),
        ("histogram", ("mass",), {}, "_number=mass (--number mass)"),
        ("histogram", ("height",), {"bins": 1}, "bins is 1. Take 2 to 200."),
        ("line", ("day",), {"unit": "hour"}, 'no unit of time "hour"'),
        ("line", ("day",), {"how": "median"}, 'no way to sum up "median"'),
    ],
)
def test_what_can_t_be_drawn_is_said_with_the_remedy(
    table: ladle.Snapshot, kind: str, columns: tuple[str, ...], said: dict[str, object], told: str
) -> None:
    with pytest.raises(ladle.BadInput) as refused:
        table.chart(kind, *columns, **said)  # type: ignore[arg-type]
    assert told in str(refused.value)


def test_columns_may_be_called_anything(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [dict.fromkeys(ODD_NAMES, number % 3) for number in range(9)])
    for name in ODD_NAMES:
        assert [row.count for row in snapshot.chart("bars", name).rows] == [3, 3, 3], name


def test_a_series_tells_each_snapshot_of_a_dataset(tmp_path: Path) -> None:
    of = source(field("n"), field("m", type="text"), key=None)
    for number in (1, 2, 3):
        rows = [{"n": each * number, "m": ["5", "x", "7"][each % 3]} for each in range(number * 2)]
        built(tmp_path, [page(1, rows)], of=of, run=f"{RUN[:-1]}{number}")
    home = tmp_path / "home"
    told = ladle.series("stars/people", of="n", home=home)
    assert [(row.rows, row.mean, row.distinct, row.missing) for row in told] == [
        (2, 0.5, 2, 0),
        (4, 3, 4, 0),
        (6, 7.5, 6, 0),
    ]
    assert [row.mean for row in ladle.series("stars/people", of="m", home=home)][-1] == 6.0
    assert [row.mean for row in ladle.series("stars/people", home=home)] == [None] * 3
    with pytest.raises(ladle.BadInput, match=r'no column "x"\. There are: n, m'):
        ladle.series("stars/people", of="x", home=home)
    with pytest.raises(ladle.NotFound, match=r'no snapshot of "stars/nobody"\. There are: stars/people'):
        ladle.series("stars/nobody", home=home)


def test_a_snapshot_that_goes_while_a_series_is_told_leaves_a_gap(tmp_path: Path) -> None:
    for number in (1, 2):
        built(tmp_path, [page(1, [{"n": number}])], of=source(field("n"), key=None), run=f"{RUN[:-1]}{number}")
    home = tmp_path / "home"
    old, new = (ladle.snapshot(f"stars/people{which}", home=home).folder for which in ("~1", ""))
    text = (old / "manifest.json").read_bytes()
    (old / "manifest.json").unlink()
    os.mkfifo(old / "manifest.json")  # who reads it waits until it is written: the new one was read before

    def write() -> None:
        with (old / "manifest.json").open("wb") as pipe:  # opens when it is read
            shutil.rmtree(new)
            (old / "whole").write_bytes(text)
            (old / "whole").rename(old / "manifest.json")
            pipe.write(text)

    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        told = ladle.series("stars/people", of="n", home=home)
        written.result()
    assert [(row.rows, row.mean) for row in told] == [(1, 1.0), (1, None)]
