"""Settings: takes environment variables and options, gives sources as they are used here, or names what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ladle.errors import BadInput, NotFound, SettingError
from ladle.sources.library import Overrides, load_dataset, load_source, secret, source_names
from ladle.sources.quotas import REMEDY, parse_quotas
from ladle.sources.source import Each

ADDRESS = 'Give an address like "https://api.example.org/v1/", without a query and without a password.'


def cities(path: Path | str) -> Each:
    """The list that OPENWEATHER_CITIES brings."""
    each = load_source("openweather", env={"OPENWEATHER_CITIES": str(path)}).resources["weather"].each
    assert each is not None
    return each


def test_the_star_wars_come_first() -> None:
    assert source_names() == ["swapi", "openweather"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("swap", 'There is no source "swap". Did you mean "swapi"? There are: swapi, openweather.'),
        ("", 'There is no source "". There are: swapi, openweather.'),
        ("../swapi/people", 'There is no source "..". There are: swapi, openweather.'),
        ("swapi", '"swapi" is a source; a dataset is named source/dataset. There are: swapi/people.'),
        ("swapi/", 'There is no dataset "swapi/". Did you mean "swapi/people"? There are: swapi/people.'),
        ("swapi/peple", 'There is no dataset "swapi/peple". Did you mean "swapi/people"? There are: swapi/people.'),
        ("swapi/people/", 'There is no dataset "swapi/people/". Did you mean "swapi/people"? There are: swapi/people.'),
    ],
)
def test_a_name_that_nothing_goes_by_is_told_with_what_was_meant(name: str, message: str) -> None:
    with pytest.raises(NotFound) as raised:
        load_dataset(name, env={})
    assert str(raised.value) == message


def test_settings_take_the_place_of_the_definitions_own() -> None:
    env = {
        "LADLE_SWAPI_BASE_URL": "http://127.0.0.1:8001/api",
        "LADLE_SWAPI_QUOTA": "5 per 100 ms",
        "LADLE_SWAPI_PACE": "fast",
    }
    source = load_source("swapi", env=env)
    assert (source.base_url, source.pace) == ("http://127.0.0.1:8001/api/", "fast")
    assert [(quota.limit, quota.seconds) for quota in source.quotas] == [(5, 0.1)]
    assert load_source("openweather", env=env) == load_source("openweather", env={})


def test_an_empty_setting_is_none() -> None:
    names = ("LADLE_SWAPI_BASE_URL", "LADLE_SWAPI_QUOTA", "LADLE_SWAPI_PACE")
    assert load_source("swapi", env=dict.fromkeys(names, "")) == load_source("swapi", env={})


def test_an_option_comes_before_the_setting() -> None:
    env = {"LADLE_SWAPI_BASE_URL": "nonsense", "LADLE_SWAPI_QUOTA": "nonsense", "LADLE_SWAPI_PACE": "nonsense"}
    wanted = Overrides(base_url="https://swapi.info/api/", quota="none", pace="safe")
    source = load_source("swapi", env=env, overrides=wanted)
    assert (source.base_url, source.quotas, source.pace) == ("https://swapi.info/api/", (), "safe")


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("BASE_URL", "swapi.dev", f'The base URL "swapi.dev" can\'t be used. {ADDRESS}'),
        ("BASE_URL", "https://a:secret@b.org/", f'The base URL "https://…@b.org/" can\'t be used. {ADDRESS}'),
        ("BASE_URL", "http://[::1", f'The base URL "http://[::1" can\'t be used. {ADDRESS}'),
        ("BASE_URL", "http://localhost:80a/", f'The base URL "http://localhost:80a/" can\'t be used. {ADDRESS}'),
        ("BASE_URL", "http://localhost:8001/ ", f'The base URL "http://localhost:8001/ " can\'t be used. {ADDRESS}'),
        ("QUOTA", "60", f'The quota "60" can\'t be read. {REMEDY}'),
        ("QUOTA", "60 per minute, 0 per day", f'The quota "0 per day" allows nothing. {REMEDY}'),
        ("PACE", "quick", 'The pace "quick" is not known. It can be "safe" or "fast".'),
    ],
)
def test_a_wrong_setting_and_a_wrong_option_are_told_by_name(setting: str, value: str, message: str) -> None:
    with pytest.raises(SettingError) as raised:
        load_source("swapi", env={f"LADLE_SWAPI_{setting}": value})
    assert str(raised.value) == f"LADLE_SWAPI_{setting}: {message}"
    option = setting.lower()
    with pytest.raises(SettingError) as raised:
        load_source("swapi", env={}, overrides=Overrides(**{option: value}))
    assert str(raised.value) == f"--{option.replace('_', '-')}: {message}"


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", []),
        (" None ", []),
        ("60 per minute", [(60, 60)]),
        ("60/minute", [(60, 60)]),
        ("60 PER Minute", [(60, 60)]),
        ("1_000_000 per month", [(1_000_000, 31 * 86_400)]),
        ("60 per 6 seconds, 10000 per day", [(60, 6), (10_000, 86_400)]),
        ("1 per 1.5 hours,2 per week", [(1, 5400), (2, 7 * 86_400)]),
        ("5 per 100 ms", [(5, 0.1)]),
        ("5 per 100 milliseconds", [(5, 0.1)]),
        ("3 per s", [(3, 1)]),
        ("3 per 2s", [(3, 2)]),
    ],
)
def test_a_quota_is_read_as_people_write_it(text: str, windows: list[tuple[int, float]]) -> None:
    assert [(quota.limit, pytest.approx(quota.seconds)) for quota in parse_quotas(text)] == windows


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("many", "many"),
        ("60", "60"),
        ("60 per", "60 per"),
        ("per minute", "per minute"),
        ("-5 per day", "-5 per day"),
        ("1.5 per day", "1.5 per day"),
        ("0 per day", "0 per day"),
        ("5 per 0 days", "5 per 0 days"),
        ("5 per fortnight", "5 per fortnight"),
        ("5 per ss", "5 per ss"),
        ("5 per mss", "5 per mss"),
        ("_ per day", "_ per day"),
        ("1__0 per day", "1__0 per day"),
        ("٣ per day", "٣ per day"),
        ("60 per minute,", ""),
        ("60 per minute; 5 per day", "60 per minute; 5 per day"),
        ("60 per minute, 5 a day", "5 a day"),
    ],
)
def test_a_quota_that_cant_be_read_is_told_with_the_part_that_is_wrong(text: str, part: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse_quotas(text)
    assert raised.value.message.startswith(f'The quota "{part}" ')
    assert raised.value.hint == REMEDY


def test_another_list_of_cities_takes_the_place_of_the_167(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("city_id,name,country,lat,lon\n3441575,Montevideo,UY,-34.9,-56.2\n", "utf-8")
    each = cities(path)
    assert [dict(item) for item in each.items] == [
        {"city_id": "3441575", "name": "Montevideo", "country": "UY", "lat": "-34.9", "lon": "-56.2"}
    ]


def test_a_list_of_ids_alone_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(b"\xef\xbb\xbfcity_id\r\n3441575\r\n\r\n 3443758 \r\n")
    assert [dict(item) for item in cities(path).items] == [{"city_id": "3441575"}, {"city_id": "3443758"}]


def test_a_list_may_have_other_columns_in_any_order_and_quoted(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text('note , city_id\n"a, ""b""\nc",1\n,2\n', "utf-8")
    assert [dict(item) for item in cities(path).items] == [
        {"note": 'a, "b"\nc', "city_id": "1"},
        {"note": "", "city_id": "2"},
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ' has no column "city_id"; its columns are: none. The first line names the columns.'),
        ("id\n1\n", ' has no column "city_id"; its columns are: id. The first line names the columns.'),
        ("city_id;name\n1;a\n", ' has no column "city_id"; its columns are: city_id;name. The first line names'),
        ("city_id\n", ' has no rows. Give one row for each "city_id" to ask for.'),
        ("city_id,name\n1,a\n,b\n", ', line 3: the row does not fit the header. Every row needs its "city_id"'),
        ("city_id,name\n1,a,b\n", ", line 2: the row does not fit the header."),
        ("city_id,name\n1\n", ', line 2: the row does not fit the header. Every row needs its "city_id" and as many'),
        ("city_id\n1\n2\n1\n", ', line 4: "1" stands in line 2 too. Leave one out.'),
        (
            'city_id,name\n1,"a\n2,b\n3,c\n',
            ", from line 2 on, is not CSV (unexpected end of data). Look for a quotation mark",
        ),
    ],
)
def test_a_wrong_list_is_told_with_its_setting_path_and_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingError) as raised:
        cities(path)
    assert str(raised.value).startswith(f"OPENWEATHER_CITIES ({path}){message}")


@pytest.mark.parametrize(("name", "why"), [("nowhere.csv", "No such file or directory"), (".", "Is a directory")])
def test_a_list_that_cant_be_read_is_told(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(SettingError) as raised:
        cities(tmp_path / name)
    assert str(raised.value) == f'The list "{tmp_path / name}" can\'t be read: {why}. Look at OPENWEATHER_CITIES.'


def test_a_list_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes("city_id,name\n1,São Paulo\n".encode("latin-1"))
    with pytest.raises(SettingError, match=r"can't be read: it is not UTF-8\. Look at OPENWEATHER_CITIES\."):
        cities(tmp_path / "mine.csv")


def test_a_list_in_the_home_of_nobody_is_told() -> None:
    with pytest.raises(SettingError, match=r"can't be read: .+\. Look at OPENWEATHER_CITIES\."):
        cities("~nobody-of-this-name/mine.csv")


def test_the_key_is_taken_from_its_variable_without_the_space_around_it() -> None:
    source = load_source("openweather", env={})
    assert secret(source, env={"OPENWEATHER_API_KEY": " 0a1b2c\n"}) == "0a1b2c"
    assert secret(load_source("swapi", env={}), env={}) is None


@pytest.mark.parametrize("env", [{}, {"OPENWEATHER_API_KEY": " "}])
def test_a_missing_key_is_told_with_its_variable_and_where_to_get_one(env: dict[str, str]) -> None:
    with pytest.raises(SettingError) as raised:
        secret(load_source("openweather", env=env), env=env)
    assert str(raised.value) == (
        "OpenWeatherMap needs a key. Set the environment variable OPENWEATHER_API_KEY "
        "(see https://openweathermap.org/current)."
    )
