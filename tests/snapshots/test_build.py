"""From journal to snapshot: order, repeated keys, references, completeness, and the same bytes every time."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ladle.collect.journal import Entry
from ladle.errors import UpstreamError
from ladle.home import Home
from ladle.snapshots.build import build
from ladle.snapshots.files import publish, unfinished
from ladle.snapshots.manifest import Gap, read_manifest
from ladle.sources.source import Each, Reference
from tests.snapshots.kit import BASE_URL, RUN, built, facts, field, from_records, lookup, page, person, source

HOMEWORLD = field("homeworld", reference=Reference(resource="planets", value="name"))
PLANETS = [{"url": f"{BASE_URL}planets/{number}/", "name": name} for number, name in [(1, "Tatooine"), (28, "unknown")]]


def test_pages_that_came_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    pages = [page(number, [person(number * 10), person(number * 10 + 1)]) for number in (3, 1, 10, 2)]
    snapshot = built(tmp_path, pages, of=source(field("name")))
    numbers = [10, 11, 20, 21, 30, 31, 100, 101]
    assert [row["name"] for row in snapshot.rows()] == [f"Person {number}" for number in numbers]


def test_troubles_gaps_and_other_resources_are_no_rows(tmp_path: Path) -> None:
    trouble = Entry(kind="trouble", key="people?page=1", resource="people", role="page", position=1, reason="HTTP 500")
    pages = [
        trouble,
        page(1, PLANETS, resource="planets"),
        page(1, [person(1)]),
        lookup("people/9", person(9), resource="people"),
    ]
    assert [row["name"] for row in built(tmp_path, pages, of=source(field("name"))).rows()] == ["Person 1"]


def test_a_record_that_came_twice_is_kept_once_and_counted(tmp_path: Path) -> None:
    pages = [
        page(1, [person(1), person(2)], count=3),
        page(2, [person(2, name="again"), person(3), person(1)], count=3),
    ]
    snapshot = built(tmp_path, pages, of=source(field("name")))
    assert [row["name"] for row in snapshot.rows()] == ["Person 1", "Person 2", "Person 3"]
    assert (snapshot.manifest.rows, snapshot.manifest.found, snapshot.manifest.duplicates) == (3, 3, 2)
    assert snapshot.manifest.complete


def test_records_without_a_key_are_all_kept(tmp_path: Path) -> None:
    snapshot = built(
        tmp_path, [page(1, [{"name": "a"}, {"name": "a"}, person(1), person(1)])], of=source(field("name"))
    )
    assert (snapshot.manifest.rows, snapshot.manifest.duplicates) == (3, 1)


def test_keys_may_be_numbers_or_lists(tmp_path: Path) -> None:
    records = [{"id": key} for key in (1, 2, 1, [1], [1], "1", -1, -2)]
    snapshot = built(tmp_path, [page(1, records)], of=source(field("id", type="text"), key="id"))
    assert [row["id"] for row in snapshot.rows()] == ["1", "2", "[1]", "1", "-1", "-2"]


def test_references_are_resolved_from_pages_of_their_resource(tmp_path: Path) -> None:
    worlds = ["http://stars.example/api/planets/1", f"{BASE_URL}planets/28/", None, "/api/planets/1/"]
    people = [person(number, homeworld=world) for number, world in enumerate(worlds)]
    snapshot = built(tmp_path, [page(1, people), page(1, PLANETS, resource="planets")], of=source(HOMEWORLD))
    assert [row["homeworld"] for row in snapshot.rows()] == ["Tatooine", "unknown", None, "Tatooine"]
    assert snapshot.manifest.complete


def test_references_are_resolved_from_lookups(tmp_path: Path) -> None:
    entries = [page(1, [person(1, homeworld=f"{BASE_URL}planets/1/")]), lookup("planets/1", {"name": "Tatooine"})]
    of = source(HOMEWORLD)
    single = replace(of.resources["planets"], records="")
    of = replace(of, resources={**of.resources, "planets": single})
    assert built(tmp_path, entries, of=of).rows() == [{"homeworld": "Tatooine"}]


def test_a_list_of_references_becomes_a_list_of_names(tmp_path: Path) -> None:
    people = [person(1, homeworld=[f"{BASE_URL}planets/1/", f"{BASE_URL}planets/28/"]), person(2, homeworld=[])]
    snapshot = built(tmp_path, [page(1, people), page(1, PLANETS, resource="planets")], of=source(HOMEWORLD))
    assert [row["homeworld"] for row in snapshot.rows()] == ['["Tatooine","unknown"]', "[]"]


def weather(number: int, item: str) -> Entry:
    """The answer for one item of a list."""
    body = b'{"id": %d, "name": "as the API has it", "main": {"temp": 9.87}}' % number
    return Entry(
        kind="answer", key=f"people?id={item}", resource="people", role="item", position=number, status=200, body=body
    )


def test_items_of_a_list_give_their_own_columns_before_the_records(tmp_path: Path) -> None:
    items = ({"city_id": "11", "name": "Genève"}, {"city_id": "12", "name": ""}, {"city_id": "13", "name": "Ō"})
    each = Each(csv="cities.csv", key="city_id", env=None, items=items)
    columns = [
        field("city_id", path=None, item="city_id", type="integer"),
        field("name", item="name"),
        field("t", path="main.temp"),
    ]
    snapshot = built(
        tmp_path, [weather(2, "13"), weather(0, "11"), weather(1, "12")], of=source(*columns, each=each, key=None)
    )
    assert snapshot.rows() == [
        {"city_id": 11, "name": "Genève", "t": 9.87},
        {"city_id": 12, "name": "as the API has it", "t": 9.87},
        {"city_id": 13, "name": "Ō", "t": 9.87},
    ]
    assert snapshot.manifest.complete
    part = built(tmp_path / "part", [weather(0, "11")], of=source(*columns, each=each, key=None)).manifest
    assert part.reasons == ("The list has 3 items; 1 were asked for.",)


def test_without_columns_every_top_level_field_is_one_as_found(tmp_path: Path) -> None:
    pages = [page(2, [{"c": 3, "a": "x"}]), page(1, [{"b": 1}, {"a": 2, "b": None}])]
    snapshot = built(tmp_path, pages, of=source(key=None))
    assert [(column.name, column.type) for column in snapshot.columns] == [
        ("b", "integer"),
        ("a", "text"),
        ("c", "integer"),
    ]
    assert snapshot.rows()[-1] == {"b": None, "a": "x", "c": 3}


def test_no_records_give_an_empty_table_of_the_named_columns(tmp_path: Path) -> None:
    snapshot = built(tmp_path, [page(1, [], count=0)], of=source(field("name"), field("mass")))
    assert (snapshot.rows(), len(snapshot), snapshot.manifest.complete) == ([], 0, True)
    assert snapshot.count("mass").rows == []
    assert snapshot.count("mass", offset=5).combinations == 0
    assert [column["distinct"] for column in snapshot.profile()["columns"]] == [0, 0]
    assert snapshot.path("csv").read_bytes() == b'"name","mass"\n'
    assert list(snapshot.export("ndjson")) == []


def test_no_records_and_no_columns_are_told_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="stars/people: no record came"):
        built(tmp_path, [page(1, [])], of=source())
    assert list((tmp_path / "home/snapshots").rglob("*.*")) == []


def test_no_records_for_gaps_alone_are_told_with_their_reason(tmp_path: Path) -> None:
    gaps = [Gap("people/?page=1", "It doesn't say where."), Gap("people/?page=2", "Nor this.")]
    words = r"stars/people: no record came. people/\?page=1: It doesn't say where, and 1 request more got none\."
    with pytest.raises(UpstreamError, match=words):
        built(tmp_path, [], of=source(), gaps=gaps)


def test_building_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    records = [person(number, mass=number / 7, hair=["blond", None, "n/a"][number % 3]) for number in range(500)]
    pages = [page(1 + at // 10, records[at : at + 10], count=500) for at in range(0, 500, 10)]
    one = built(tmp_path / "one", pages, of=source())
    other = built(tmp_path / "other", reversed(pages), of=source())
    for name, kept in one.manifest.files.items():
        raw = (one.folder / name).read_bytes()
        assert raw == (other.folder / name).read_bytes(), name
        assert (kept.size, kept.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert (one.folder / "manifest.json").read_bytes() == (other.folder / "manifest.json").read_bytes()


def test_publishing_the_same_run_twice_leaves_the_first(tmp_path: Path) -> None:
    first = built(tmp_path, [page(1, [person(1)])], of=source(field("name")))
    of = source(field("name"), title="another")
    home = Home.open(tmp_path / "home")
    again = build(
        home.runs / RUN,
        source=of,
        dataset=of.datasets["people"],
        home=home,
        run_id=RUN,
        facts=replace(facts(), requests=99),
    )
    assert again == first.manifest
    assert [path.name for path in first.folder.parent.iterdir()] == [RUN]


def test_leftovers_older_than_a_day_are_removed(tmp_path: Path) -> None:
    parent = tmp_path / "home/snapshots/stars/people"
    for name in (".tmp-old", ".tmp-new"):
        (parent / name).mkdir(parents=True)
    os.utime(parent / ".tmp-old", (0, 0))
    built(tmp_path, [page(1, [person(1)])], of=source(field("name")))
    assert sorted(path.name for path in parent.iterdir()) == [".tmp-new", RUN]


def test_a_home_may_lie_under_a_path_with_any_signs(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path / "it's [a] *home* ?", [{"a": 1}, {"a": 1}])
    assert snapshot.count("a").rows[0].count == 2
    assert snapshot.profile()["columns"][0]["top"] == [{"value": 1, "count": 2}]


def test_of_two_answers_to_one_request_the_first_counts(tmp_path: Path) -> None:
    twice = [page(1, [person(1)]), page(1, [person(2)])]
    assert built(tmp_path, twice, of=source(field("name"))).rows() == [{"name": "Person 1"}]


def test_a_resource_that_references_point_at_may_give_an_unreadable_answer(tmp_path: Path) -> None:
    broken = replace(page(2, [], resource="planets"), body=b"<html>")
    entries = [page(1, [person(1, homeworld="/api/planets/1")]), page(1, PLANETS, resource="planets"), broken]
    assert built(tmp_path, entries, of=source(HOMEWORLD)).rows() == [{"homeworld": "Tatooine"}]


def test_a_snapshot_that_another_process_published_first_is_kept(tmp_path: Path) -> None:
    first = built(tmp_path, [page(1, [person(1)])], of=source(field("name")))
    with unfinished(first.folder) as folder:
        (folder / "manifest.json").write_bytes(b"later")
        assert not publish(folder, first.folder)
    assert read_manifest(first.folder) == first.manifest
    assert [path.name for path in first.folder.parent.iterdir()] == [RUN]


def test_a_folder_that_cannot_be_published_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/file").touch()
    with unfinished(tmp_path / "taken") as folder, pytest.raises(OSError, match="not empty"):
        publish(folder, tmp_path / "taken")
