"""From the first page of each replica to its whole dataset, without an edit: takes an address, holds every value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.errors import BadInput
from ladle.snapshots.types import as_text
from ladle.sources.infer import Inferred, auth_given
from ladle.sources.paths import dig
from tests.replicas import NAMES, replica
from tests.replicas.kit import Replica

WANTS_A_POST = "notion"
ENOUGH = (10_000, 60.0)
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    name: {"limit": ENOUGH} for name in ("github", "stripe", "slack", "swapi_tech", "open_meteo")
}
REQUESTS = {"swapi_info": 4, "swapi_tech": 4, "pokeapi": 3, "open_meteo": 1, "hacker_news": 3}
"""What an inference costs, where that is not two requests."""


def told_of(api: Replica, home: Path, *, address: str = "", **more: Any) -> Inferred:
    return ladle.infer(address or api.first, home=home, name="inferred", **more)


def collected(told: Inferred, home: Path, dataset: str = "") -> ladle.Snapshot:
    """What comes of the definition as it is; only the quota is left away, for the replicas are in a hurry."""
    ladle.add_source(told.definition, home=home)
    return ladle.collect(f"inferred/{dataset or told.datasets[0]}", home=home, quota="none")


def is_same(shown: object, given: object) -> bool:
    """Whether a table shows a value: 11.0 in a column of numbers is 11; what is nested is JSON text."""
    return shown == given or as_text(shown) == as_text(given)


@pytest.mark.parametrize("name", [name for name in NAMES if name != WANTS_A_POST])
def test_a_definition_inferred_from_the_first_page_collects_every_record_once(name: str, tmp_path: Path) -> None:
    with replica(name, **OPTIONS.get(name, {})) as api:
        told = told_of(api, tmp_path)
        assert told.requests == len(api.requests) == REQUESTS.get(name, 2)
        snapshot = collected(told, tmp_path)
        assert snapshot.manifest.complete, snapshot.manifest.reasons
        truth = [record.get("properties", record) if name == "swapi_tech" else record for record in api.records]
        rows = snapshot.rows(limit=1000)
        assert len(rows) == len(truth)
        source = next(each for each in ladle.all_sources(home=tmp_path) if each.name == "inferred")
        dataset = source.datasets[told.datasets[0]]
        for column in dataset.columns:
            if column.path is None or column.path == "*" or column.reference or column.unix or column.type:
                continue
            given = [dig(record, column.path) for record in truth]
            assert [
                row[column.name] for row, value in zip(rows, given, strict=True) if not is_same(row[column.name], value)
            ] == []


@pytest.mark.parametrize("name", ["swapi_info", "swapi_tech"])
def test_planets_are_shown_by_their_names(name: str, tmp_path: Path) -> None:
    with replica(name, **OPTIONS.get(name, {})) as api:
        rows = collected(told_of(api, tmp_path), tmp_path).rows(limit=100)
    assert {row["name"]: row["homeworld"] for row in rows}["Leia Organa"] == "Alderaan"


def test_a_collection_that_is_asked_by_post_gets_a_draft_and_words(tmp_path: Path) -> None:
    with replica(WANTS_A_POST) as api:
        told = told_of(api, tmp_path)
        assert [request.method for request in api.requests] == ["GET"], "nothing is sent that nobody wrote"
    assert not told.ready
    assert "seems to be asked by POST" in told.missing[0]
    assert "Notion-Version" in told.missing[0]
    assert ladle.check(told.definition).mistakes == ()


@pytest.mark.parametrize(
    ("name", "option", "way"), [("stripe", "key", "bearer"), ("slack", "token", "bearer"), ("slack", "token", "header")]
)
def test_an_api_that_wants_a_key_says_so_and_is_inferred_with_it(
    name: str, option: str, way: str, tmp_path: Path
) -> None:
    env = {"API_TOKEN": "s3cr3t" if way == "bearer" else "Bearer s3cr3t"}
    auth = auth_given(way, "API_TOKEN" if way == "bearer" else "Authorization=API_TOKEN")
    with replica(name, **{option: "s3cr3t", "limit": ENOUGH}) as api:
        without = told_of(api, tmp_path)
        assert not without.ready
        assert "--bearer INFERRED_TOKEN" in without.missing[0]
        told = told_of(api, tmp_path, auth=auth, env=env)
    assert told.ready
    assert "s3cr3t" not in json.dumps([told.definition, *map(str, told.findings)])
    assert 'env = "API_TOKEN"' in told.definition


@pytest.mark.parametrize(
    "address", ["http://127.1/", "http://2130706433/", "http://[::ffff:127.0.0.1]/", "http://localhost/"]
)
def test_an_address_from_a_browser_reaches_nothing_on_this_machine(address: str, tmp_path: Path) -> None:
    with replica("swapi_info") as api:
        port = api.origin.rpartition(":")[2]
        with pytest.raises(BadInput):
            ladle.infer(f"{address.rstrip('/')}:{port}/api/people", home=tmp_path, trusted=False, env={})
        assert api.requests == []


def test_the_operator_can_let_a_browser_reach_this_machine(tmp_path: Path) -> None:
    with replica("swapi_info") as api:
        told = ladle.infer(api.first, home=tmp_path, trusted=False, env={"LADLE_ALLOW_ADDRESSES": "127.0.0.0/8"})
    assert told.ready


def test_what_was_inferred_has_its_price_before_anything_is_asked_again(tmp_path: Path) -> None:
    with replica("rick_and_morty") as api:
        told = told_of(api, tmp_path)
        ladle.add_source(told.definition, home=tmp_path)
        plan = ladle.plan(f"{told.name}/{told.datasets[0]}", home=tmp_path)
        assert (plan.told, plan.total) == (True, -(-len(api.records) // 20))


def test_two_sites_get_two_names_and_one_site_a_new_version(tmp_path: Path) -> None:
    with replica("swapi_info") as one, replica("rick_and_morty") as other:
        first = ladle.infer(one.first, home=tmp_path)
        ladle.add_source(first.definition, home=tmp_path)
        assert ladle.infer(other.first, home=tmp_path).name != first.name
        assert ladle.infer(one.first, home=tmp_path).name == first.name


@pytest.mark.parametrize("name", ["swapi_info", "swapi_tech", "pokeapi", "rick_and_morty", "odata"])
def test_a_root_gives_every_collection(name: str, tmp_path: Path) -> None:
    with replica(name, **OPTIONS.get(name, {})) as api:
        told = told_of(api, tmp_path, address=api.url)
        truth = {each: len(records) for each, records in api.collections.items()}
        rows = {}
        for dataset in told.datasets:
            snapshot = collected(told, tmp_path, dataset)
            assert snapshot.manifest.complete, (dataset, snapshot.manifest.reasons)
            rows[dataset] = snapshot.manifest.rows
    assert sorted(rows.values()) == sorted(truth.values()), (rows, truth, told.missing)
