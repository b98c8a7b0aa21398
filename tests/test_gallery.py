"""The examples of the gallery: takes each as a user would, against its API's replica, and holds every value to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.sources.found import GALLERY, gallery_names, source_names
from tests.cli.command import ladle as command
from tests.gallery_rows import (
    dogapi,
    github,
    hacker_news,
    northwind,
    notion,
    open_meteo,
    openalex,
    pokeapi,
    rick_and_morty,
    slack,
    stripe,
    swapi_info,
    swapi_tech,
    usgs,
    wordpress,
)
from tests.replicas import replica
from tests.replicas.kit import Record, Replica

Rows = Callable[[Replica], list[Record]]
KEY = "sk_0123456789abcdef"
PLACES = "place,latitude,longitude\nZürich,47.37,8.55\n東京,35.68,139.69\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A dataset of the gallery, and what is to come of it."""

    dataset: str
    replica: str
    requests: int
    columns: str
    """Names and types, in order."""
    rows: Rows
    options: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    """The environment variable that takes KEY."""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The name of the definition."""
        return self.dataset.partition("/")[0]

    def settings(self, api: Replica) -> dict[str, str]:
        """By which the example finds the replica."""
        own = {f"LADLE_{self.source.upper().replace('-', '_')}_BASE_URL": api.url}
        return own | ({self.key: KEY} if self.key else {})


EXAMPLES = [
    Example(
        dataset="swapi-info/people",
        replica="swapi_info",
        requests=2,
        columns="""name text, height text, mass text, hair_color text, skin_color text, eye_color text, birth_year text,
            gender text, homeworld text, date date""",
        rows=swapi_info,
    ),
    Example(
        dataset="swapi-tech/people",
        replica="swapi_tech",
        requests=1 + 82,
        columns="""id integer, name text, gender text, skin_color text, hair_color text, height text, eye_color text,
            mass text, homeworld text, birth_year text, date date""",
        rows=swapi_tech,
    ),
    Example(
        dataset="pokeapi/pokemon",
        replica="pokeapi",
        options={"total": 137},
        requests=2 + 137,
        columns="""id integer, name text, height integer, weight integer, base_experience integer, is_default boolean,
            stats text, hp integer, types text, abilities text, picture text, front text""",
        rows=pokeapi,
    ),
    Example(
        dataset="github/issues",
        replica="github",
        options={"token": KEY},
        key="GITHUB_TOKEN",
        parameters={"owner": "kitchen", "repo": "ladle"},
        requests=3,
        columns="""number integer, title text, state text, author text, labels text, comments integer, locked boolean,
            milestone text, pull_request text, created_at timestamp, closed_at timestamp, body text""",
        rows=github,
    ),
    Example(
        dataset="stripe/charges",
        replica="stripe",
        options={"key": KEY},
        key="STRIPE_API_KEY",
        requests=2 + 1,
        columns="""id text, amount integer, currency text, status text, paid boolean, created timestamp, customer text,
            country text, risk integer, description text, metadata text""",
        rows=stripe,
    ),
    Example(
        dataset="slack/members",
        replica="slack",
        options={"token": KEY, "total": 473},
        key="SLACK_TOKEN",
        requests=3,
        columns="""id text, name text, real_name text, email text, status text, tz text, tz_offset integer,
            deleted boolean, is_admin boolean, is_bot boolean, updated timestamp""",
        rows=slack,
    ),
    Example(
        dataset="northwind/orders",
        replica="odata",
        requests=7 + 3,
        columns="id integer, customer text, ordered date, shipped date, freight number, city text, region text",
        rows=northwind,
    ),
    Example(
        dataset="dogapi/breeds",
        replica="jsonapi",
        requests=10 + 1,
        columns="""id text, name text, hypoallergenic boolean, life integer, group text, male_weight number,
            female_weight integer""",
        rows=dogapi,
    ),
    Example(
        dataset="usgs/earthquakes",
        replica="usgs",
        options={"total": 6001},
        parameters={"magnitude": "1.5"},
        requests=4,
        columns="id text, time text, magnitude number, place text, felt integer, position text",
        rows=usgs,
    ),
    Example(
        dataset="open-meteo/forecast",
        replica="open_meteo",
        requests=2,
        columns="""place text, time timestamp, temperature_2m number, relative_humidity_2m integer,
            precipitation number, is_day integer""",
        rows=open_meteo,
    ),
    Example(
        dataset="rick-and-morty/characters",
        replica="rick_and_morty",
        requests=7 + 2,
        columns="""id integer, name text, status text, species text, type text, gender text, origin text, location text,
            first_seen text, created date""",
        rows=rick_and_morty,
    ),
    Example(
        dataset="wordpress/posts",
        replica="wordpress",
        options={"total": 257},
        parameters={"site": "blog.example.org"},
        requests=3,
        columns="""id integer, date timestamp, title text, slug text, link text, author integer, sticky boolean,
            categories text, tags text, text text, meta text""",
        rows=wordpress,
    ),
    Example(
        dataset="notion/pages",
        replica="notion",
        options={"token": KEY},
        key="NOTION_TOKEN",
        requests=2,
        columns="""id text, name text, price number, in_stock boolean, group text, shops text, ordered date,
            edited timestamp""",
        rows=notion,
    ),
    Example(
        dataset="openalex/works",
        replica="openalex",
        parameters={"filter": "publication_year:2019"},
        requests=2,
        columns="""id text, doi text, title text, published date, type text, language text, authors text, journal text,
            open boolean, cited_by_count integer""",
        rows=openalex,
    ),
    Example(
        dataset="hacker-news/stories",
        replica="hacker_news",
        parameters={"query": "years on", "since": "1700000000"},
        requests=2,
        columns="""id text, title text, url text, author text, points integer, comments integer, created timestamp,
            text text""",
        rows=hacker_news,
    ),
]
KEYED = [example for example in EXAMPLES if example.key]


def by_name(example: Example) -> str:
    return example.source


@pytest.mark.parametrize("example", EXAMPLES, ids=by_name)
def test_an_example_collects_every_record_once_with_its_values_and_types(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replica(example.replica, **example.options) as api:
        for name, value in example.settings(api).items():
            monkeypatch.setenv(name, value)
        snapshot = ladle.collect(example.dataset, parameters=given(example, tmp_path), home=tmp_path / "home")
        wanted = example.rows(api)
        told = [f"{column.name} {column.type}" for column in snapshot.columns]
        assert told == [" ".join(each.split()) for each in example.columns.split(",")]
        assert snapshot.arrow().to_pylist() == wanted
        assert len(wanted) > 50
        assert snapshot.manifest.complete, snapshot.manifest.reasons
        assert (len(api.requests), snapshot.manifest.requests) == (example.requests, example.requests)
        assert set(api.answered) == {200}, "over its limit, or past the end"


def given(example: Example, folder: Path) -> dict[str, str | Path]:
    """Its parameters; of the forecast another list of places."""
    if example.source != "open-meteo":
        return dict(example.parameters)
    places = folder / "places.csv"
    places.write_text(PLACES, "utf-8")
    return {"places": places}


@pytest.mark.parametrize("example", KEYED, ids=by_name)
def test_a_wrong_key_ends_the_run_after_one_request_and_is_shown_nowhere(example: Example, tmp_path: Path) -> None:
    options = {name: value if value != KEY else "another" for name, value in example.options.items()}
    words = [word for name, value in example.parameters.items() for word in ("--set", f"{name}={value}")]
    with replica(example.replica, **options) as api:
        done = command("collect", example.dataset, *words, LADLE_HOME=str(tmp_path), **example.settings(api))
        assert len(api.requests) == 1
    assert (done.returncode, done.stdout.count(KEY), done.stderr.count(KEY)) == (1, 0, 0)
    assert "refused the key." in done.stderr
    assert example.key in done.stderr


def test_swapi_tech_is_never_asked_more_than_a_hundred_times_in_a_quarter_of_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replica("swapi_tech") as api:
        monkeypatch.setenv("LADLE_SWAPI_TECH_BASE_URL", api.url)
        ladle.collect("swapi-tech/people", home=tmp_path)
        again = ladle.start(ladle.Home.open(tmp_path), "swapi-tech/people", afresh=True)
        progress = asyncio.run(ladle.drive(again, seconds=2))
        assert (progress.state, set(api.answered)) == ("waiting", {200})
        assert 83 < len(api.requests) <= 100


def test_a_search_of_hacker_news_that_finds_more_than_it_gives_is_incomplete_and_says_so(tmp_path: Path) -> None:
    with replica("hacker_news", total=1300) as api:
        settings = {"LADLE_HOME": str(tmp_path), "LADLE_HACKER_NEWS_BASE_URL": api.url}
        words = ("--set", "query=years on", "--set", "since=1700000000")
        done = command("collect", "hacker-news/stories", *words, **settings)
    assert done.returncode == 3, done.stderr
    assert "1,300" in done.stdout + done.stderr
    assert "1,000" in done.stdout + done.stderr


@pytest.mark.parametrize("name", gallery_names())
def test_an_example_is_short_and_without_mistakes(name: str) -> None:
    text = (GALLERY / f"{name}.toml").read_text("utf-8")
    assert len(text.splitlines()) <= 15
    assert not ladle.check(GALLERY / f"{name}.toml").mistakes
    assert f'name = "{name}"' in text


def test_every_example_is_tested_and_none_is_listed_among_the_sources() -> None:
    assert sorted(map(by_name, EXAMPLES)) == gallery_names()
    assert not set(gallery_names()) & set(source_names())


HOW = {
    "github/issues": "pages, each of which tells whether there is another",
    "usgs/earthquakes": "pages, until one is empty",
    "rick-and-morty/characters": "pages, their number is told by the first",
    "open-meteo/forecast": "one request for each item of its list",
}


@pytest.mark.parametrize(("dataset", "how"), HOW.items(), ids=HOW)
def test_a_plan_tells_how_an_example_is_asked_for(dataset: str, how: str) -> None:
    assert how in [part.why for part in ladle.plan(dataset).parts]
