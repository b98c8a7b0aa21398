"""Which answers may be asked about: takes two definitions of a source, gives whether one key means one address."""

from __future__ import annotations

from pathlib import Path

import pytest

from ladle.collect.earlier import NOTE, fingerprint, newest, note
from ladle.sources.definition import parse
from ladle.sources.library import BUILTIN
from ladle.sources.source import Source

CITIES = "city_id,name,country,lat,lon\n1,Young,UY,1,1\n2,Berlin,DE,2,2\n"
ID = 'params = { id = "{city_id}", units = "{units}" }'
OTHER = CITIES.replace("1,1", "3,3")
RUNS = ("20261121-120000-000001", "20261121-120000-000002", "20261121-120000-000003", "20261121-120000-000004")


def read(name: str, old: str = "", new: str = "", *, cities: str = CITIES) -> Source:
    text = (BUILTIN / f"{name}.toml").read_text("utf-8")
    assert old in text
    return parse(text.replace(old, new), where="own.toml", lists=lambda _resource, file, _setting: (file, cities))


@pytest.mark.parametrize(
    ("name", "old", "new", "same"),
    [
        ("swapi", '"height", ', "", True),
        ("swapi", 'title = "characters"', 'title = "everybody"', True),
        ("swapi", "expected = 82", "expected = 90", True),
        ("swapi", 'path = "people/"', 'path = "people/"\nverify = true', True),
        ("swapi", 'path = "people/"', 'path = "people/"\nerror = { path = "detail" }', True),
        ("swapi", 'quota = "10000 per day"', 'quota = "9 per day"', True),
        ("swapi", "https://swapi.dev/api/", "https://swapi.info/api/", False),
        ("swapi", 'path = "people/"', 'path = "persons/"', False),
        ("swapi", 'path = "people/"', 'path = "people/"\nparams = { lang = "en" }', False),
        ("swapi", 'path = "people/"', 'path = "people/"\npage_param = "p"', False),
        ("swapi", 'path = "planets/"', 'path = "planets/"\nbatch = { param = "ids", size = 5 }', False),
        ("openweather", 'default = "metric"', 'default = "imperial"', False),
    ],
)
def test_what_decides_where_requests_go_tells_two_definitions_apart(name: str, old: str, new: str, same: bool) -> None:
    assert (fingerprint(read(name)) == fingerprint(read(name, old, new))) is same


@pytest.mark.parametrize(
    ("params", "same"),
    [
        (ID, True),
        ('params = { id = "{city_id}", lat = "{lat}", units = "{units}" }', True),
        ('params = { lat = "{lat}", lon = "{lon}", units = "{units}" }', False),
    ],
    ids=["the key alone", "the key and what the request's key names too", "what no key names"],
)
def test_another_list_matters_only_where_keys_do_not_name_what_is_asked(params: str, same: bool) -> None:
    one, other = read("openweather", ID, params), read("openweather", ID, params, cities=OTHER)
    assert (fingerprint(one) == fingerprint(other)) is same


def test_the_newest_ended_run_with_the_same_requests_is_taken(tmp_path: Path) -> None:
    swapi, elsewhere = read("swapi"), read("swapi", "https://swapi.dev/api/", "https://swapi.info/api/")
    for name in (*RUNS, "no-run"):
        (tmp_path / name).mkdir()

    def found(source: Source = swapi, *, besides: str = RUNS[3]) -> Path | None:
        return newest(tmp_path, dataset="swapi/people", source=source, besides=besides)

    assert found() is None
    note(tmp_path / RUNS[0], dataset="swapi/people", source=swapi, validated=15)
    note(tmp_path / RUNS[2], dataset="swapi/planets", source=swapi, validated=6)
    assert found() == tmp_path / RUNS[0]
    assert found(besides=RUNS[0]) is None
    assert found(elsewhere) is None
    (tmp_path / RUNS[3] / NOTE).write_bytes(b"[torn")
    assert found(besides=RUNS[1]) == tmp_path / RUNS[0]
    note(tmp_path / RUNS[1], dataset="swapi/people", source=swapi, validated=0)
    assert found() is None
