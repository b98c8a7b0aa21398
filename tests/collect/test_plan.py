"""The planner, by search: takes whole and odd APIs in any order of answers, gives each request once and no more."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladle.collect.price import price
from ladle.collect.request import Request
from ladle.demo.records import load_collections
from ladle.shapes_of_sources import source_shape
from ladle.sources.library import load_source
from ladle.sources.source import Auth, Source
from tests.collect.world import BASE, Journey, World, paged, records, set_out, source_of

OWNER = '"url", { name = "owner", reference = "owners.name" }'
FILMS = load_collections()
orders = st.integers(0, 2**32).map(Random)


def star_wars(**more: set[str]) -> Journey:
    world = World(FILMS, base="https://swapi.dev/api/", **more)
    return set_out(load_source("swapi", env={}), world, dataset="people")


def owned(things: int, owners: int, *, each: int = 1, style: str = "page", more: str = "") -> tuple[Source, World]:
    """Things of which so many different owners are named by `each` things in a row."""
    told = 'count = "count"\nnext = "next"' if style == "page" else 'next = "next"'
    source = source_of(paged("things") + paged("owners", style=style, told=told, more=more), columns=OWNER)
    world = World(
        {
            "things": records("things", things, owner=lambda n: f"{BASE}owners/{(n - 1) // each % owners + 1}/"),
            "owners": records("owners", owners, name=lambda n: f"owner {n}"),
        }
    )
    return source, world


@settings(deadline=None)
@given(orders)
def test_the_characters_cost_15_requests_in_any_order_of_answers(random: Random) -> None:
    journey = star_wars().go(random.randrange)
    pages = [f"people?page={n}" for n in range(1, 10)] + [f"planets?page={n}" for n in range(1, 7)]
    assert sorted(journey.made) == pages
    assert journey.planner.records == journey.planner.claimed == 82
    assert journey.told == 15
    assert all(part.exact for part in journey.planner.parts())


@settings(deadline=None)
@given(orders, st.integers(0, 15))
def test_a_resumed_run_asks_for_exactly_what_is_left_after_any_prefix(random: Random, kept: int) -> None:
    whole = star_wars().go(random.randrange)
    rest = star_wars().resume(whole.answered[:kept]).go(random.randrange)
    assert sorted(rest.made) == sorted(request.key for request, _ in whole.answered[kept:])


@settings(deadline=None)
@given(orders, st.integers(0, 20), st.sets(st.integers(1, 9), max_size=3))
def test_a_run_that_had_gaps_is_whole_once_they_are_answered(random: Random, kept: int, gone: set[int]) -> None:
    first = star_wars(refused={f"people?page={n}" for n in gone}).go(random.randrange)
    rest = star_wars().resume(first.answered[:kept]).go(random.randrange)
    made = {request.key for request, _ in first.answered[:kept]} | set(rest.made)
    assert {f"people?page={n}" for n in range(1, 10)} <= made
    assert rest.planner.records == 82
    assert names_unresolved(rest) == []
    assert rest.gaps == []
    assert rest.told == len(made)


def names_unresolved(journey: Journey) -> list[str]:
    """References that neither a page nor a lookup brought."""
    return [name for target in journey.planner._targets.values() for name in target.unresolved()]


@settings(deadline=None)
@given(orders)
def test_asking_for_each_reference_wins_where_there_are_fewer_than_pages(random: Random) -> None:
    source, world = owned(60, 300, each=20, more="expected = 300\npage_size = 10")
    journey = set_out(source, world).go(random.randrange)
    assert sorted(journey.made) == ["owners/1", "owners/2", "owners/3"] + [f"things?page={n}" for n in range(1, 7)]
    assert journey.told == 9


@settings(deadline=None)
@given(orders, st.integers(1, 200), st.integers(1, 200), st.sampled_from(["page", "link"]), st.booleans())
def test_references_are_resolved_at_no_more_than_twice_the_least_price(
    random: Random, things: int, owners: int, style: str, told: bool
) -> None:
    more = f"expected = {owners}\npage_size = 10" if told else ""
    source, world = owned(things, owners, style=style, more=more)
    journey = set_out(source, world).go(random.randrange)
    least = min(world.pages("owners"), things, owners)
    assert len(journey.made) - world.pages("things") <= max(2 * least, least + 2)
    assert names_unresolved(journey) == []
    assert journey.gaps == []
    assert journey.told == len(journey.made)


def test_a_few_references_into_a_large_collection_of_unknown_length_do_not_read_it_all() -> None:
    source, world = owned(9, 3)
    world.collections["owners"] = records("owners", 5000, name=str)
    made = set_out(source, world).go().made
    assert made == ["things?page=1", "owners?page=1"]  # which holds all three
    world.collections["things"] = records("things", 9, owner=lambda n: f"{BASE}owners/{n * 500}/")
    made = set_out(source, world).go().made
    assert made == ["things?page=1", "owners?page=1", *(f"owners/{n * 500}" for n in range(1, 10))]


def test_an_expected_number_that_is_long_outdated_costs_one_page() -> None:
    source, world = owned(9, 3, more="expected = 10\npage_size = 10")
    world.collections["owners"] = records("owners", 5000, name=str)
    world.collections["things"] = records("things", 9, owner=lambda n: f"{BASE}owners/{n * 500}/")
    journey = set_out(source, world).go()
    assert len(journey.made) == 1 + 1 + 9
    assert journey.told == 11


def test_a_list_of_references_counts_each_of_them() -> None:
    source, world = owned(1, 4, more="expected = 40\npage_size = 10")
    world.collections["things"][0]["owner"] = [f"{BASE}owners/{n}/" for n in (1, 3)] + [None, ""]
    assert set_out(source, world).go().made == ["things?page=1", "owners/1", "owners/3"]


def test_spellings_of_one_reference_are_one_request() -> None:
    source, world = owned(3, 300, more="expected = 300\npage_size = 10")
    spelled = ["http://api.example.org/v1/owners/7", "/v1/owners/7/", " https://mirror.example/v1/owners/7/"]
    for thing, owner in zip(world.collections["things"], spelled, strict=True):
        thing["owner"] = owner
    assert set_out(source, world).go().made == ["things?page=1", "owners/7"]


def test_a_reference_that_is_no_address_is_one_gap_and_no_crash() -> None:
    source, world = owned(1, 1)
    world.collections["things"][0]["owner"] = "http://[owners/1"
    journey = set_out(source, world).go()
    assert [request.key for request in journey.gaps] == ["http://[owners/1"]


def test_references_within_the_collection_are_found_in_it_or_asked_for() -> None:
    source = source_of(paged("things"), columns='{ name = "parent", reference = "things.url" }')
    things = records("things", 25, parent=lambda n: f"{BASE}things/{n + 1}/" if n < 25 else f"{BASE}things/99/")
    journey = set_out(source, World({"things": things})).go()
    assert journey.made == ["things?page=1", "things?page=2", "things?page=3", "things/99"]
    assert journey.told == 4


def test_a_lost_page_of_the_referred_to_leaves_its_records_to_be_asked_for() -> None:
    journey = star_wars(refused={"planets?page=2"}).go()
    assert [request.key for request in journey.gaps] == ["planets?page=2"]
    lookups = [request.key for request, _ in journey.answered if request.role == "lookup"]
    assert lookups
    assert all(11 <= int(key.removeprefix("planets/")) <= 20 for key in lookups)
    assert journey.told == len(journey.made)


@pytest.mark.parametrize("lost", ["people?page=1", "people?page=9", "planets?page=1"])
def test_a_lost_page_leaves_nothing_open(lost: str) -> None:
    journey = star_wars(refused={lost}).go()
    assert names_unresolved(journey) == []
    assert journey.told == len(journey.made)


def test_the_characters_plan_says_15_and_names_its_parts() -> None:
    source = load_source("swapi", env={})
    plan = price(source, source.datasets["people"], env={})
    assert (plan.dataset, plan.total, plan.exact) == ("swapi/people", 15, False)
    assert [(part.resource, part.requests) for part in plan.parts] == [("people", 9), ("planets", 6)]
    assert (plan.quotas, plan.pace) == (("10000 per day",), "safe")
    assert (plan.key_setting, plan.key_present) == (None, True)
    assert 0 < plan.seconds < 10


@pytest.mark.parametrize(
    ("env", "present"), [({}, False), ({"OPENWEATHER_API_KEY": " "}, False), ({"OPENWEATHER_API_KEY": "k"}, True)]
)
def test_the_cities_plan_says_167_and_what_the_quota_makes_of_it(env: dict[str, str], present: bool) -> None:
    source = load_source("openweather", env=env)
    plan = price(source, source.datasets["cities"], env=env)
    assert (plan.total, plan.exact) == (167, True)
    assert 120 < plan.seconds <= 165
    assert plan.quotas == ("60 per minute", "1000000 per month")
    assert (plan.key_setting, plan.key_present) == ("OPENWEATHER_API_KEY", present)


@pytest.mark.parametrize(
    ("env", "setting", "present"),
    [
        ({}, "CLIENT_SECRET", False),
        ({"CLIENT_SECRET": "s"}, "CLIENT_ID", False),
        ({"CLIENT_ID": "i"}, "CLIENT_SECRET", False),
        ({"CLIENT_ID": "i", "CLIENT_SECRET": "s"}, "CLIENT_SECRET", True),
    ],
)
def test_of_a_client_both_id_and_secret_must_be_set(env: dict[str, str], setting: str, present: bool) -> None:
    auth = Auth(place="oauth2", name="Authorization", env="CLIENT_SECRET", id_env="CLIENT_ID")
    source = replace(load_source("swapi", env={}), auth=auth)
    plan = price(source, source.datasets["people"], env=env)
    assert (plan.key_setting, plan.key_present) == (setting, present)
    told = source_shape(source, env=env)["auth"]
    assert (told["setting"], told["present"]) == (setting, present)


def test_the_cities_are_asked_for_in_the_order_of_their_list_and_without_the_key() -> None:
    source = load_source("openweather", env={"OPENWEATHER_API_KEY": "0a1b2c"})
    requests: list[Request] = list(set_out(source, World({}), dataset="cities").planner.begin())
    assert [request.position for request in requests] == list(range(167))
    assert requests[0].key == "weather?id=3439525"
    assert requests[0].url == "https://api.openweathermap.org/data/2.5/weather?id=3439525&units=metric"
