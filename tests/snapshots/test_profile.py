"""The profile: figures of each column against a plain count."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ladle.snapshots import profile as asking
from ladle.snapshots import profile_sql as profiling
from ladle.snapshots.bounds import Bounds
from ladle.snapshots.profile_sql import PART
from tests.snapshots.kit import field, from_records


def test_figures_of_text_numbers_dates_times_and_truth_values(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"t": "b", "i": 1, "n": 0.5, "d": "2014-12-20", "u": 0, "y": True},
        {"t": " ", "i": 3, "n": None, "d": "2014-12-22", "u": 90, "y": None},
        {"t": "", "i": 3, "n": 1.5, "d": None, "u": 90, "y": True},
        {"t": None, "i": -2, "n": 1.0, "d": "2014-12-20", "u": None, "y": False},
    ]
    columns = [field("t"), field("i"), field("n"), field("d", type="date"), field("u", unix="s"), field("y")]
    profile = from_records(tmp_path, records, *columns).profile()
    text, whole, number, day, moment, truth = profile["columns"]
    assert (profile["rows"], profile["distinct_exact"]) == (4, True)
    assert text == {
        "name": "t",
        "type": "text",
        "missing": 1,
        "distinct": 3,
        "top": [{"value": "b", "count": 1}, {"value": " ", "count": 1}, {"value": "", "count": 1}],
        "blank": 2,
        "length": {"min": 0, "max": 1, "mean": pytest.approx(2 / 3)},
    }
    assert (whole["min"], whole["max"], whole["mean"], whole["distinct"]) == (-2, 3, 1.25, 3)
    assert whole["top"][0] == {"value": 3, "count": 2}
    assert [each["count"] for each in whole["histogram"]] == [1, 0, 0, 1, 0, 2]
    assert (number["missing"], number["mean"], len(number["histogram"])) == (1, 1.0, 20)
    assert sum(each["count"] for each in number["histogram"]) == 3
    assert (day["min"], day["max"], day["top"][0]) == ("2014-12-20", "2014-12-22", {"value": "2014-12-20", "count": 2})
    assert [each["count"] for each in day["histogram"]] == [2, 0, 1]
    assert (moment["min"], moment["max"], moment["distinct"]) == ("1970-01-01T00:00:00Z", "1970-01-01T00:01:30Z", 2)
    assert (whole["quantiles"], number["quantiles"]["0.5"]) == (
        {"0.05": -2, "0.25": -2, "0.5": 1, "0.75": 3, "0.95": 3},
        1.0,
    )
    assert (day["quantiles"]["0.5"], day["quantiles"]["0.95"]) == ("2014-12-20", "2014-12-22")
    assert moment["quantiles"]["0.25"] == "1970-01-01T00:00:00Z"
    assert truth == {
        "name": "y",
        "type": "boolean",
        "missing": 1,
        "distinct": 2,
        "top": [{"value": True, "count": 2}, {"value": False, "count": 1}],
    }


@pytest.mark.parametrize(
    "values",
    [
        [7],
        [0.1] * 3,
        [-(2**63), 2**63 - 1, 0],
        [1.7e308, -1.7e308, 0.0],
        [5e-324, 0.0],
        [0.1, 0.1 + 2**-50],
        list(range(-50, 50)),
        [number / 7 for number in range(100)],
    ],
)
def test_a_histogram_counts_every_value_once(tmp_path: Path, values: list[float]) -> None:
    column = from_records(tmp_path, [{"v": value} for value in values]).profile()["columns"][0]
    bins = column["histogram"]
    assert sum(each["count"] for each in bins) == len(values)
    assert (bins[0]["from"], bins[-1]["to"]) == (min(values), max(values))
    assert all(one["to"] == other["from"] for one, other in itertools.pairwise(bins))
    assert len(bins) <= 20


def test_ten_top_values_by_count_then_first_appearance_and_long_ones_cut(tmp_path: Path) -> None:
    words = ["x" * 500, *[f"w{number}" for number in range(20)], "w7", "w5", "w7"]
    top = from_records(tmp_path, [{"w": word} for word in words]).profile()["columns"][0]["top"]
    assert [(each["value"], each["count"]) for each in top[:3]] == [("w7", 3), ("w5", 2), ("x" * 200, 1)]
    assert [each["value"] for each in top[3:]] == [f"w{number}" for number in (0, 1, 2, 3, 4, 6, 8)]


def test_a_large_table_estimates_distinct_values_and_says_so(tmp_path: Path) -> None:
    records = [{"few": number % 3, "many": number} for number in range(1000)]
    snapshot = from_records(tmp_path, records, bounds=Bounds(exact_rows=100, few=50))
    few, many = snapshot.profile()["columns"]
    assert snapshot.profile()["distinct_exact"] is False
    assert few["top"] == [{"value": 0, "count": 334}, {"value": 1, "count": 333}, {"value": 2, "count": 333}]
    assert many["top"] == []
    assert many["distinct"] == pytest.approx(1000, rel=0.2)


QUANTILES = ("0.05", "0.25", "0.5", "0.75", "0.95")
MASSES = ["77", "1,358", "unknown", "78.2", None, "1000km", " 8e1\u00a0", "  ", "unknown", "", "140", "-5"]


def plain_quantiles(values: list[float]) -> dict[str, float]:
    """The least values that such shares of all do not exceed."""
    there = sorted(values)
    return {share: there[math.ceil(Fraction(share) * len(there)) - 1] for share in QUANTILES}


@pytest.mark.parametrize("count", [1, 2, 7, 20, 99, 100, 101])
def test_quantiles_are_values_that_such_a_share_does_not_exceed(tmp_path: Path, count: int) -> None:
    values = [number * 7919 % 1009 for number in range(count)]
    document = from_records(tmp_path, [{"i": value, "n": value / 7} for value in values]).profile()
    whole, broken = document["columns"]
    assert document["quantiles_exact"] is True
    assert whole["quantiles"] == plain_quantiles(list(map(float, values)))
    assert broken["quantiles"] == plain_quantiles([value / 7 for value in values])


def test_numbers_written_as_text_are_recognised_with_what_is_none(tmp_path: Path) -> None:
    records = [{"mass": mass, "name": f"n{place}"} for place, mass in enumerate(MASSES)]
    mass, name = from_records(tmp_path, records, field("mass", type="text"), field("name")).profile()["columns"]
    numbers = mass["numbers"]
    values = [77.0, 1358.0, 78.2, 80.0, 140.0, -5.0]
    assert (numbers["count"], numbers["min"], numbers["max"]) == (6, -5.0, 1358.0)
    assert numbers["mean"] == pytest.approx(sum(values) / 6)
    assert numbers["quantiles"] == plain_quantiles(values)
    assert (len(numbers["histogram"]), sum(each["count"] for each in numbers["histogram"])) == (20, 6)
    assert numbers["others"] == [{"value": "unknown", "count": 2}, {"value": "1000km", "count": 1}]
    assert numbers["other_count"] == 3
    assert (mass["type"], mass["missing"], mass["blank"], mass["top"][0]) == (
        "text",
        1,
        2,
        {"value": "unknown", "count": 2},
    )
    assert mass["length"] == {"min": 0, "max": 7, "mean": pytest.approx(43 / 11)}
    assert "numbers" not in name


@pytest.mark.parametrize(
    ("texts", "recognised"),
    [
        (["1,1", "x", "1"], False),
        (["1", "x", "2", "y"], True),
        (["1", "x", "y"], False),
        ([None, "", " "], False),
        ([" x", "1\u2003", "\u30007"], True),
        ([None, "1e999"], False),
    ],
)
def test_half_of_the_texts_must_be_numbers_and_at_least_one(
    tmp_path: Path, texts: list[str | None], recognised: bool
) -> None:
    column = from_records(tmp_path, [{"t": text} for text in texts], field("t", type="text")).profile()["columns"][0]
    assert ("numbers" in column) is recognised


def test_a_column_without_a_value_has_no_quantiles(tmp_path: Path) -> None:
    column = from_records(tmp_path, [{"n": None}], field("n", type="integer")).profile()["columns"][0]
    assert (column["min"], column["mean"], column["histogram"], column["quantiles"]) == (None, None, [], {})


def test_quantiles_of_a_large_table_are_those_of_rows_drawn_evenly(tmp_path: Path) -> None:
    records = [{"n": number, "week": number % 7, "t": f"{number:,}" if number % 4 else "?"} for number in range(4000)]
    bounds = Bounds(exact_rows=1000, few=50)
    one = from_records(tmp_path / "a", records, bounds=bounds, size=1000)
    number, week, text = one.profile()["columns"]
    assert one.profile()["quantiles_exact"] is False
    for share in QUANTILES:
        assert number["quantiles"][share] == pytest.approx(4000 * float(share), abs=20)
        assert text["numbers"]["quantiles"][share] == pytest.approx(4000 * float(share), abs=20)
    assert week["quantiles"] == {"0.05": 0, "0.25": 1, "0.5": 3, "0.75": 5, "0.95": 6}
    assert (text["numbers"]["count"], text["numbers"]["others"]) == (3000, [{"value": "?", "count": 1000}])
    other = from_records(tmp_path / "b", records, bounds=bounds, size=1000)
    assert one.path("profile").read_bytes() == other.path("profile").read_bytes()


def test_a_wide_table_is_asked_in_parts(tmp_path: Path) -> None:
    records = [{f"k{number}": f"{row * number:,}" for number in range(120)} for row in range(40)]
    columns = [field(f"k{number}", type="text") for number in range(120)]
    found = from_records(tmp_path, records, *columns).profile()["columns"]
    assert [column["numbers"]["max"] for column in found] == [39.0 * number for number in range(120)]
    assert all(sum(each["count"] for each in column["numbers"]["histogram"]) == 40 for column in found)


@pytest.mark.parametrize("copied", [0, 100_000])
def test_hundreds_of_columns_are_told_as_each_alone_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: int
) -> None:
    kinds: list[Callable[[int], Any]] = [
        lambda row: row * 7 % 11,
        lambda row: row / 7 if row % 5 else None,
        lambda row: f" w{row % 4}",
        lambda row: row % 3 == 0,
    ]
    narrow = [{f"c{number}": kind(row) for number, kind in enumerate(kinds)} for row in range(60)]
    alone = from_records(tmp_path / "narrow", narrow).profile()["columns"]
    wide = [{f"c{number}": kinds[number % 4](row) for number in range(3 * PART + 1)} for row in range(60)]
    monkeypatch.setattr(profiling, "COPIED", copied)
    found = from_records(tmp_path / "wide", wide).profile()["columns"]
    assert found == [{**alone[number % 4], "name": f"c{number}"} for number in range(3 * PART + 1)]


def test_what_two_threads_find_is_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"t": "b", "i": 3, "n": 0.5, "y": True, "m": "1,358", "e": None, "l": [1, "a"], "o": {"a": 1}, "z": " "}
    records = [{**row, "i": number, "n": number / 7, "m": f"{number},358"} for number in range(1, 300)]
    found = [from_records(tmp_path / "two", records)]
    monkeypatch.setattr(asking, "APART", len(row) + 1)
    found.append(from_records(tmp_path / "one", records))
    two, one = (each.path("profile").read_bytes() for each in found)
    assert two == one
    assert [column["name"] for column in found[0].profile()["columns"]] == list(row)


@pytest.mark.parametrize("questions", [0, 1, 5])
def test_a_profile_that_is_not_wanted_any_more_leaves_nothing(tmp_path: Path, questions: int) -> None:
    table = from_records(tmp_path, [{f"c{number}": number for number in range(12)}])
    before = sorted(table.folder.iterdir())
    asked = itertools.count()

    def wanted() -> None:
        if next(asked) == questions:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        asking.profile(table.path("parquet"), columns=table.columns, rows=1, wanted=wanted)
    assert sorted(table.folder.iterdir()) == before
