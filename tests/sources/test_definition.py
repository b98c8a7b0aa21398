"""Definitions: takes the built-in ones, whole and broken, gives the model they become or the words that refuse them."""

from __future__ import annotations

import pytest

from ladle.errors import BadInput, DefinitionError
from ladle.sources.definition import parse
from ladle.sources.library import BUILTIN, load_source
from ladle.sources.source import Auth, Column, Reference, Source
from ladle.sources.toml_lines import line_of
from tests.sources.broken import OPENWEATHER, SWAPI, Broken


def definition(name: str) -> str:
    return (BUILTIN / f"{name}.toml").read_text("utf-8")


def beside(_resource: str, file: str, _setting: str | None) -> tuple[str, str]:
    return file, (BUILTIN / file).read_text("utf-8")


def read(text: str, *, where: str = "own.toml") -> Source:
    return parse(text, where=where, lists=beside)


@pytest.mark.parametrize(
    ("name", "broken"),
    [*(("swapi", each) for each in SWAPI), *(("openweather", each) for each in OPENWEATHER)],
    ids=lambda value: value if isinstance(value, str) else value.message.strip(", :"),
)
def test_a_mistake_is_told_with_its_file_line_key_value_and_remedy(name: str, broken: Broken) -> None:
    whole = definition(name)
    assert broken.text in whole, "the built-in definition has changed"
    with pytest.raises(DefinitionError) as raised:
        read(whole.replace(broken.text, broken.instead, 1), where="own.toml")
    assert raised.value.message == f"own.toml{broken.message}"
    assert broken.remedy in raised.value.hint
    mistake, *others = raised.value.mistakes
    assert len(others) == broken.more
    assert (mistake.place, mistake.message) == ("own.toml", raised.value.message)
    assert str(raised.value).endswith((".", "?"))


def test_the_built_in_definitions_are_as_the_table_of_mistakes_takes_them_and_can_be_read() -> None:
    for name in ("swapi", "openweather"):
        assert read(definition(name)).name == name


def test_a_key_that_was_written_into_a_definition_is_not_shown() -> None:
    text = definition("openweather").replace("OPENWEATHER_API_KEY", "0a1b2c3d4e")
    with pytest.raises(DefinitionError) as raised:
        read(text)
    assert "0a1b2c3d4e" not in str(raised.value)


def test_a_missing_table_is_told_without_a_line_since_it_has_none() -> None:
    text = definition("swapi")
    with pytest.raises(DefinitionError) as raised:
        read(text[: text.index("[resources.people]")])
    assert str(raised.value) == 'own.toml: "resources" is missing. It must be a table.'


def test_a_group_without_a_member_is_refused() -> None:
    text = definition("swapi")
    with pytest.raises(DefinitionError, match=r'line 31: "datasets" is empty\. Describe at least one, as \[datasets'):
        read(text[: text.index("[datasets.people]")] + "[datasets]\n")


def test_a_reference_to_a_resource_without_a_key_is_refused() -> None:
    text = definition("swapi")
    start = text.index("[resources.planets]")
    text = text[:start] + text[start:].replace('key = "url"\n', "", 1)
    with pytest.raises(DefinitionError, match=r'reference" is "planets\.name"\. The resource "planets" needs a "key"'):
        read(text)


def test_the_star_wars_api_is_defined_as_it_is() -> None:
    source = load_source("swapi", env={})
    assert source.base_url == "https://swapi.dev/api/"
    assert [(quota.limit, quota.seconds, quota.text) for quota in source.quotas] == [(10_000, 86_400, "10000 per day")]
    assert (source.pace, source.auth) == ("safe", None)
    people = source.resources["people"]
    assert (people.expected, people.page_size, people.paging.style, people.key) == (82, 10, "page", "url")
    assert source.resources["planets"].expected == 60


def test_the_characters_have_the_columns_that_were_promised() -> None:
    columns = load_source("swapi", env={}).datasets["people"].columns
    plain = ("name", "height", "mass", "hair_color", "skin_color", "eye_color", "birth_year", "gender")
    assert columns == (
        *(Column(name=name, path=name) for name in plain),
        Column(name="homeworld", path="homeworld", reference=Reference(resource="planets", value="name")),
        Column(name="date", path="edited", date="%Y-%m-%d"),
    )


def test_openweathermap_is_defined_as_it_is() -> None:
    source = load_source("openweather", env={})
    assert source.base_url == "https://api.openweathermap.org/data/2.5/"
    assert [(quota.limit, quota.seconds) for quota in source.quotas] == [(60, 60), (1_000_000, 31 * 86_400)]
    assert source.pace == "safe"
    assert source.auth == Auth(place="query", name="appid", env="OPENWEATHER_API_KEY")
    weather = source.resources["weather"]
    assert (weather.path, weather.params) == ("weather", {"id": "{city_id}", "units": "metric"})
    names = [column.name for column in source.datasets["cities"].columns]
    assert names == ["city_id", "name", "country", "latitude", "longitude", "temperature", "humidity", "observed_at"]


def test_the_list_holds_167_cities_each_with_name_country_and_place() -> None:
    each = load_source("openweather", env={}).resources["weather"].each
    assert each is not None
    assert (len(each.items), each.key, each.env) == (167, "city_id", "OPENWEATHER_CITIES")
    assert len({item["city_id"] for item in each.items}) == 167
    assert dict(each.items[0]) == {
        "city_id": "3439525", "name": "Young", "country": "UY", "lat": "-32.683331", "lon": "-57.633331",
    }  # fmt: skip
    for item in each.items:
        assert int(item["city_id"]) > 0
        assert item["name"]
        assert len(item["country"]) == 2
        assert -90 <= float(item["lat"]) <= 90
        assert -180 <= float(item["lon"]) <= 180


def test_a_definition_keeps_its_text_and_its_hash() -> None:
    source = read(definition("swapi"))
    assert source.text == definition("swapi")
    assert len(source.sha256) == 64
    assert source.sha256 != read(definition("swapi") + "\n").sha256


def test_a_dataset_without_columns_and_title_is_allowed() -> None:
    text = definition("swapi")
    source = read(text[: text.index("[datasets.people]")] + '[datasets.planets]\nresource = "planets"\n')
    assert source.datasets["planets"].columns == ()
    assert source.datasets["planets"].title == "planets"


@pytest.mark.parametrize(
    ("written", "auth"),
    [
        ('header = "X-Key", env = "A_KEY"', Auth(place="header", name="X-Key", env="A_KEY")),
        ('bearer = true, env = "A_KEY"', Auth(place="bearer", name="Authorization", env="A_KEY")),
    ],
)
def test_a_key_can_go_into_a_header(written: str, auth: Auth) -> None:
    text = definition("openweather").replace('query = "appid", env = "OPENWEATHER_API_KEY"', written)
    assert read(text).auth == auth


def test_a_list_that_lacks_its_key_is_told_by_the_lists_name() -> None:
    with pytest.raises(BadInput) as raised:
        read(definition("openweather").replace('key = "city_id"', 'key = "town"'))
    assert raised.value.message == (
        'cities.csv has no column "town"; its columns are: city_id, name, country, lat, lon.'
    )


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1", ("a",), 1),
        ("a = 1", ("b",), None),
        ("# one\n\n[x.y]\na = 1", ("x", "y", "a"), 4),
        ("[x.y]\na = 1", ("x", "y", "b"), 1),
        ("[x]\n[x.y]\nb = 1\n[x.z]\nb = 2", ("x", "z", "b"), 5),
        ("[x.y]\n[x.z]", ("x",), 1),
        ('["x"]\n"a" = 1', ("x", "a"), 2),
        ("x = { a = 1 }", ("x", "a"), 1),
        ('a = [\n  "[,", # , [\n  { b = "]" },\n\n  "c",\n]', ("a", "3"), 5),
        ('a = [ ["b",\n "c"],\n "d"]', ("a", "2", "e"), 3),
        ('a = ["""x,\ny""",\n"d"]', ("a", "2"), 3),
        ('a = ["b"]', ("a", "7"), 1),
    ],
)
def test_the_line_of_a_key_is_found(text: str, path: tuple[str, ...], line: int | None) -> None:
    assert line_of(text, path) == line
