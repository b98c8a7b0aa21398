"""What a definition says of columns and records: constants, times, lists, found fields, rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ladle.errors import UpstreamError
from ladle.explore.snapshot import Snapshot
from ladle.snapshots.bounds import Bounds
from ladle.snapshots.reading import rows_so_far
from ladle.sources.source import Column, Reference, Rule, Source
from tests.snapshots.kit import BASE_URL, RUN, built, field, from_records, page, person, source

EACH_ALONE = Bounds(chunk_rows=1, chunk_bytes=1)


def column_of(path: Path, values: list[Any], column: Column) -> tuple[str, list[Any]]:
    """The type and the values of a column over records whose field `v` has these values."""
    snapshot = from_records(path, [{"v": value} for value in values], column)
    return snapshot.manifest.columns[0].type, [row[column.name] for row in snapshot.rows(limit=100)]


def with_dataset(of: Source, **changes: Any) -> Source:
    return replace(of, datasets={"people": replace(of.datasets["people"], **changes)})


def with_rules(of: Source, *rules: Rule) -> Source:
    return replace(of, resources={**of.resources, "people": replace(of.resources["people"], where=rules)})


@pytest.mark.parametrize(
    ("constant", "declared", "kept", "shown"),
    [
        ("metric", None, "text", "metric"),
        (7, None, "integer", 7),
        (1.5, None, "number", 1.5),
        (False, None, "boolean", False),
        ("2026-11-22", "date", "date", date(2026, 11, 22)),
    ],
)
def test_a_constant_is_in_every_row(tmp_path: Path, constant: Any, declared: Any, kept: str, shown: Any) -> None:
    column = Column(name="c", path=None, constant=constant, type=declared)
    assert column_of(tmp_path, [1, None], column) == (kept, [shown, shown])


@pytest.mark.parametrize(
    ("values", "said", "kept", "shown"),
    [
        ([0, "1624758900", None], {"unix": "s"}, "timestamp", ["1970-01-01T00:00:00", "2021-06-27T01:55:00", None]),
        ([1624758900.0, -1], {"unix": "s"}, "timestamp", ["2021-06-27T01:55:00", "1969-12-31T23:59:59"]),
        ([1624758900000, "0"], {"unix": "ms"}, "timestamp", ["2021-06-27T01:55:00", "1970-01-01T00:00:00"]),
        ([1624758900123, 0], {"unix": "ms"}, "text", ["2021-06-27T01:55:00.123Z", "1970-01-01T00:00:00.000Z"]),
        ([1624758900123, "soon"], {"unix": "ms"}, "text", ["2021-06-27T01:55:00.123Z", "soon"]),
        ([10**18, None], {"unix": "ms"}, "integer", [10**18, None]),
        ([1624758900123], {"unix": "ms", "date": "%Y-%m-%d"}, "date", [date(2021, 6, 27)]),
        ([1624758900123], {"unix": "ms", "date": "%B %Y"}, "text", ["June 2021"]),
        ([1624758900], {"unix": "s", "type": "date"}, "date", [date(2021, 6, 27)]),
        (["21.11.2026", None], {"written": "%d.%m.%Y"}, "date", [date(2026, 11, 21), None]),
        (["21.11.2026", "soon"], {"written": "%d.%m.%Y"}, "text", ["21.11.2026", "soon"]),
        ([20261121], {"written": "%Y%m%d"}, "date", [date(2026, 11, 21)]),
        (["21.11.2026"], {"written": "%d.%m.%Y", "date": "%Y"}, "text", ["2026"]),
        (["21.11.2026"], {"written": "%d.%m.%Y", "type": "timestamp"}, "timestamp", ["2026-11-21T00:00:00"]),
        (["21.11.2026 09:30"], {"written": "%d.%m.%Y %H:%M"}, "timestamp", ["2026-11-21T09:30:00"]),
        (["21.11.2026 09:30 +0200"], {"written": "%d.%m.%Y %H:%M %z"}, "timestamp", ["2026-11-21T07:30:00"]),
        (["21.11.2026 09:30"], {"written": "%d.%m.%Y %H:%M", "type": "date"}, "date", [date(2026, 11, 21)]),
        (["1.1.0001 00:00 +0200"], {"written": "%d.%m.%Y %H:%M %z"}, "text", ["1.1.0001 00:00 +0200"]),
        (["09:30:00.5"], {"written": "%H:%M:%S.%f"}, "text", ["09:30:00.5"]),
        (["0001-01-01T00:00:00+05:00"], {"type": "timestamp"}, "text", ["0001-01-01T00:00:00+05:00"]),
        ([["a", 1, None, {"b": 2}], [], None, "x", 5], {"join": ", "}, "text", ['a, 1, {"b":2}', "", None, "x", "5"]),
    ],
)
def test_a_value_is_read_as_the_column_says(
    tmp_path: Path, values: list[Any], said: dict[str, Any], kept: str, shown: list[Any]
) -> None:
    times = [datetime.fromisoformat(s).replace(tzinfo=UTC) if kept == "timestamp" and s else s for s in shown]
    assert column_of(tmp_path, values, field("v", **said)) == (kept, times)


def test_a_list_of_references_becomes_one_text_of_names(tmp_path: Path) -> None:
    planets = [{"url": f"{BASE_URL}planets/{number}/", "name": f"Planet {number}"} for number in (1, 2)]
    homes = field("homes", reference=Reference(resource="planets", value="name"), join=" and ")
    entries = [
        page(1, [person(1, homes=[each["url"] for each in planets])]),
        page(1, planets, resource="planets"),
    ]
    assert built(tmp_path, entries, of=source(homes)).rows() == [{"homes": "Planet 1 and Planet 2"}]


def test_values_at_all_places_of_a_list_are_one_text(tmp_path: Path) -> None:
    records = [{"labels": [{"name": "bug"}, {"name": "ui"}]}]
    listed, joined = field("listed", path="labels.*.name"), field("joined", path="labels.*.name", join="+")
    assert from_records(tmp_path, records, listed, joined).rows() == [{"listed": '["bug","ui"]', "joined": "bug+ui"}]


def found(path: Path, records: list[dict[str, Any]], *columns: Column, **changes: Any) -> Snapshot:
    """The snapshot of records, each in a chunk of its own, for a dataset with these changes."""
    of = with_dataset(source(*columns, key=None), **changes)
    return built(path, [page(1 + at, [record]) for at, record in enumerate(records)], of=of, bounds=EACH_ALONE)


def test_a_star_stands_for_all_fields_that_no_other_column_takes(tmp_path: Path) -> None:
    records = [{"id": 1, "name": "a", "x": 1}, {"id": 2, "name": "b", "y": 2, "label": 3}]
    columns = (field("id"), field("*"), field("label", path="name"))
    assert found(tmp_path, records, *columns, drop=("x",)).rows() == [
        {"id": 1, "y": None, "label": "a"},
        {"id": 2, "y": 2, "label": "b"},
    ]


def test_dropped_fields_are_left_out_of_a_table_without_columns(tmp_path: Path) -> None:
    assert found(tmp_path, [{"a": 1, "b": 2}, {"a": 3, "c": 4}], drop=("b",)).rows() == [
        {"a": 1, "c": None},
        {"a": 3, "c": 4},
    ]


def test_objects_are_taken_apart_where_the_dataset_says_flatten(tmp_path: Path) -> None:
    records = [
        {"id": 1, "owner": None, "tags": [1]},
        {"id": 2, "owner": {"login": "ada", "site": {"url": "a", "age": 3}}, "tags": []},
        {"id": 3, "owner": {}, "tags": None},
    ]
    snapshot = found(tmp_path, records, flatten=True, drop=("owner.site.age",))
    assert [(each.name, each.type) for each in snapshot.manifest.columns] == [
        ("id", "integer"),
        ("tags", "text"),
        ("owner.login", "text"),
        ("owner.site.url", "text"),
    ]
    assert [row["owner.login"] for row in snapshot.rows()] == [None, "ada", None]
    assert [row["tags"] for row in snapshot.rows()] == ["[1]", "[]", None]


def test_a_field_that_is_now_an_object_now_a_text_keeps_both(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [{"owner": "ada"}, {"owner": {"login": "bob"}}]
    assert found(tmp_path, records, flatten=True).rows() == [
        {"owner": "ada", "owner.login": None},
        {"owner": None, "owner.login": "bob"},
    ]


def test_fields_whose_paths_read_alike_are_both_kept(tmp_path: Path) -> None:
    assert found(tmp_path, [{"a.b": 1, "a": {"b": 2}}], flatten=True).rows() == [{"a.b": 1, "a.b_2": 2}]


def test_objects_beyond_the_deepest_level_are_one_text(tmp_path: Path) -> None:
    record: dict[str, Any] = {"leaf": 1}
    for _ in range(30):
        record = {"a": record}
    (row,) = found(tmp_path, [record], flatten=True).rows()
    (name,) = row
    assert name == ".".join("a" * 20)
    assert row[name] == '{"a":' * 10 + '{"leaf":1}' + "}" * 10


def test_the_way_the_chunks_fall_does_not_change_what_is_found(tmp_path: Path) -> None:
    records = [
        {"id": n, **({"o": {"p": n}} if n % 3 else {"o": None}), **({"q": n} if n > 3 else {})} for n in range(9)
    ]
    alone = found(tmp_path / "alone", records, flatten=True).rows()
    of = with_dataset(source(key=None), flatten=True)
    assert built(tmp_path / "whole", [page(1, records)], of=of).rows() == alone


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (Rule(path="n", values=(1, 2)), [1, 2]),
        (Rule(path="n", values=("1",)), [1]),
        (Rule(path="n", values=(1,), other=True), [2, 3, 4]),
        (Rule(path="n", least=2, most=3), [2, 3]),
        (Rule(path="t", least=10), [2, 3]),
        (Rule(path="d", least="2026-01-01"), [3, 4]),
        (Rule(path="d", most="2025-12-31T23:59:59Z"), [1, 2]),
        (Rule(path="flag", values=(True,)), [2]),
        (Rule(path="pull", missing=True), [1, 2]),
        (Rule(path="pull", missing=False), [3, 4]),
        (Rule(path="labels.*.name", values=("bug",)), [1, 2]),
        (Rule(path="labels.*.name", values=("bug",), other=True), [3, 4]),
    ],
)
def test_only_records_that_keep_every_rule_are_rows(tmp_path: Path, rule: Rule, kept: list[int]) -> None:
    records: list[dict[str, Any]] = [
        {"n": 1, "t": "9", "d": "2025-01-01", "flag": 1, "labels": [{"name": "ui"}, {"name": "bug"}]},
        {"n": 2, "t": "10", "d": "2025-12-31", "flag": True, "pull": None, "labels": [{"name": "bug"}]},
        {"n": 3, "t": 11.5, "d": "2026-01-01", "flag": "true", "pull": {}, "labels": []},
        {"n": 4, "t": "many", "d": "2026-06-01", "flag": None, "pull": 0},
    ]
    of = with_rules(source(field("n"), key=None), rule)
    snapshot = built(tmp_path, [page(1, records)], of=of)
    assert [row["n"] for row in snapshot.rows()] == kept


def test_records_left_out_are_counted_and_count_towards_what_the_api_claims(tmp_path: Path) -> None:
    people = [person(number % 8, odd=number % 2) for number in range(10)]
    of = with_rules(source(), Rule(path="odd", values=(1,)))
    snapshot = built(tmp_path, [page(1, people[:5], count=8), page(2, people[5:], count=8)], of=of)
    told = snapshot.manifest
    assert (told.rows, told.filtered, told.duplicates, told.found, told.claimed) == (4, 4, 2, 8, 8)
    assert told.complete
    assert "4 records are left out, as the definition says." in told.notes


def test_records_left_out_do_not_widen_a_type(tmp_path: Path) -> None:
    of = with_rules(source(field("n"), key=None), Rule(path="ok", values=(True,)))
    snapshot = built(tmp_path, [page(1, [{"n": "none", "ok": False}, {"n": 2, "ok": True}])], of=of)
    assert snapshot.manifest.columns[0].type == "integer"


def test_rows_of_a_run_that_goes_on_are_filtered_too(tmp_path: Path) -> None:
    of = with_rules(source(field("n"), key=None), Rule(path="n", least=2))
    snapshot = built(tmp_path, [page(1, [{"n": number} for number in range(4)])], of=of)
    assert snapshot.manifest.rows == 2
    journal = tmp_path / "home" / "runs" / RUN
    rows = rows_so_far(journal, source=of, dataset=of.datasets["people"], base_url=BASE_URL)
    assert list(rows) == [{"n": 2}, {"n": 3}]


def test_the_manifest_keeps_the_parameters_and_the_definition_s_version(tmp_path: Path) -> None:
    of = replace(source(), values={"units": "metric", "cities": "mine.csv"}, version=3)
    told = built(tmp_path, [page(1, [person(1)])], of=of).manifest
    assert told.parameters == {"units": "metric", "cities": "mine.csv"}
    assert told.definition_version == 3
    assert type(told).from_json(told.to_json()) == told


def test_manifests_of_before_have_no_parameters(tmp_path: Path) -> None:
    told = built(tmp_path, [page(1, [person(1)])], of=source()).manifest
    document = told.to_json()
    for key in ("parameters", "definition_version", "filtered"):
        del document[key]
    assert type(told).from_json(document) == told


def test_rules_that_leave_out_all_are_told_where_no_column_is_named(tmp_path: Path) -> None:
    of = with_rules(source(), Rule(path="name", values=("nobody",)))
    with pytest.raises(UpstreamError, match=r"people: 2 records came, and where leaves all of them out\. Look at"):
        built(tmp_path, [page(1, [{"name": "a"}, {"name": "b"}])], of=of)
