"""What is set for a run: takes parameters and lists, gives what the API was asked for and what run and snapshot say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

import ladle
from ladle.collect.earlier import fingerprint
from ladle.errors import BadInput, NotFound, SettingError
from ladle.sources.library import load_dataset
from ladle.testing import ScriptedApi
from tests.sources import own


def taken(run: ladle.Run) -> ladle.Snapshot:
    """Driven to its end."""
    progress = asyncio.run(ladle.drive(run))
    assert progress.snapshot, progress.reason
    return ladle.snapshot(progress.snapshot, home=run.home)


def queries(api: ScriptedApi) -> list[Mapping[str, str]]:
    return [request.query for request in api.requests]


@pytest.fixture
def home(tmp_path: Path) -> ladle.Home:
    return ladle.Home.open(tmp_path / "home")


def test_parameters_go_into_requests_and_stand_in_run_and_manifest(home: ladle.Home) -> None:
    with own.api() as api:
        ladle.add_source(own.text(api.url), home=home, files={"cities.csv": own.CITIES})
        run = ladle.start(home, "own/weather", parameters={"units": "imperial", "lang": "de"})
        snapshot = taken(run)
    assert queries(api) == [{"city": city, "units": "imperial"} for city in ("Berlin", "Montevideo")]
    assert [row["lang"] for row in snapshot.rows()] == ["de", "de"]
    wanted = {"units": "imperial", "cities": "cities.csv", "lang": "de"}
    kept = orjson.loads((run.folder / "run.json").read_bytes())
    assert (kept["parameters"], kept["version"], kept["trusted"]) == (wanted, 1, True)
    assert (snapshot.manifest.parameters, snapshot.manifest.definition_version) == (wanted, 1)


def test_a_run_goes_on_with_what_was_set_whatever_the_source_is_by_then(home: ladle.Home) -> None:
    with own.api() as api:
        ladle.add_source(own.text(api.url), home=home, files={"cities.csv": own.CITIES})
        id_ = ladle.start(home, "own/weather", parameters={"units": "imperial"}, files={"cities": own.MINE}).id
        ladle.add_source(own.text("https://elsewhere.example.org/"), home=home, files={"cities.csv": "city\nRome\n"})
        ladle.remove_source("own", home=home)
        run = ladle.open_run(home, id_)
        assert (run.source.version, run.source.values["units"]) == (1, "imperial")
        taken(run)
    assert queries(api) == [{"city": "Oslo", "units": "imperial"}]


def test_a_strangers_run_is_a_strangers_on_any_day(home: ladle.Home) -> None:
    env = {"LADLE_ALLOW_ADDRESSES": "127.0.0.0/8"}
    with own.api() as api:
        source = own.text(api.url)
        ladle.add_source(source, home=home, files={"cities.csv": own.CITIES}, trusted=False, env=env)
        run = ladle.open_run(home, ladle.start(home, "own/weather", env=env).id)
        assert run.source.trusted is False
        progress = asyncio.run(ladle.drive(run, env={}))
        assert api.requests == []
    assert progress.state == "failed"
    assert "LADLE_ALLOW_ADDRESSES" in progress.reason


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"units": "metric", "unit": "x"}, 'There is no parameter "unit". Did you mean "units"?'),
        ({"lang": "fr"}, 'The parameter "lang" is "fr". It can be "en" or "de".'),
        ({"cities": "/etc/passwd"}, 'The list "/etc/passwd" is not at hand.'),
        ({"cities": "../../../../etc/passwd"}, 'The list "../../../../etc/passwd" is not at hand.'),
        ({"cities": "definition.toml"}, 'definition.toml has no column "city"'),
        ({"cities": Path("/no/such.csv")}, 'The list "/no/such.csv" can\'t be read: No such file or directory.'),
    ],
)
def test_what_cant_be_set_is_told_and_nothing_is_written(
    home: ladle.Home, parameters: dict[str, Any], message: str
) -> None:
    ladle.add_source(own.text(), home=home, files={"cities.csv": own.CITIES})
    with pytest.raises(BadInput) as raised:
        ladle.start(home, "own/weather", parameters=parameters)
    assert message in str(raised.value)
    assert list(home.runs.iterdir()) == []


def test_a_path_opens_a_list_and_a_text_never_does(home: ladle.Home, tmp_path: Path) -> None:
    ladle.add_source(own.text(), home=home, files={"cities.csv": own.CITIES})
    path = tmp_path / "mine.csv"
    path.write_text(own.MINE, "utf-8")
    assert ladle.plan("own/weather", parameters={"cities": path}, home=home).total == 1
    with pytest.raises(SettingError, match="is not at hand"):
        ladle.plan("own/weather", parameters={"cities": str(path)}, home=home)


def test_numbers_and_truth_values_are_set_as_texts(home: ladle.Home) -> None:
    ladle.add_source(own.text(), home=home, files={"cities.csv": own.CITIES})
    values = [load_dataset("own/weather", home=home, values={"units": each})[0].values for each in (3, 2.5, True)]
    assert [each["units"] for each in values] == ["3", "2.5", "true"]


def test_a_definition_file_is_collected_without_being_kept(home: ladle.Home, tmp_path: Path) -> None:
    with own.api() as api:
        path = own.written(tmp_path, api.url)
        snapshot = ladle.collect(Path(f"{path}#things"), home=home)
    assert (snapshot.dataset, len(snapshot), snapshot.manifest.definition_version) == ("own/things", 23, None)
    assert [source.name for source in ladle.all_sources(home=home)] == ["swapi", "openweather"]


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("own.toml", "own has several datasets. Name one of: {path}#things, {path}#weather."),
        ("own.toml#thing", 'There is no dataset "{path}#thing". Did you mean "{path}#things"?'),
    ],
)
def test_a_file_with_several_datasets_asks_for_one_by_name(tmp_path: Path, dataset: str, message: str) -> None:
    path = own.written(tmp_path)
    with pytest.raises(NotFound) as raised:
        ladle.plan(tmp_path / dataset, home=tmp_path)
    assert str(raised.value).startswith(message.format(path=path))


def test_a_text_never_opens_a_definition_file(home: ladle.Home, tmp_path: Path) -> None:
    path = own.written(tmp_path)
    for dataset in (f"{path}#things", str(path), f"file:{path}"):
        with pytest.raises(NotFound, match="There is no source"):
            ladle.start(home, dataset)


def test_functions_stay_as_they_were_when_the_run_was_started(home: ladle.Home, tmp_path: Path) -> None:
    with own.api() as api:
        path = own.written(tmp_path, api.url)
        wanted = path.read_text("utf-8").replace("[resources.weather]", '[resources.weather]\ntransform = "tidy:clean"')
        path.write_text(wanted, "utf-8")
        tidy = tmp_path / "tidy.py"
        tidy.write_text('def clean(record):\n    return {"city": record["city"].upper()}\n', "utf-8")
        id_ = ladle.start(home, Path(f"{path}#weather")).id
        tidy.unlink()
        snapshot = taken(ladle.open_run(home, id_))
    assert [row["city"] for row in snapshot.rows()] == ["BERLIN", "MONTEVIDEO"]


def test_runs_with_other_values_are_never_taken_for_each_other(home: ladle.Home) -> None:
    ladle.add_source(own.text(), home=home, files={"cities.csv": own.CITIES})

    def asked(**values: str) -> str:
        return fingerprint(load_dataset("own/weather", home=home, values=values)[0])

    assert len({asked(), asked(units="imperial"), asked(lang="de"), asked(units="imperial", lang="de")}) == 4
    assert asked() == asked(units="metric", lang="en")
    listed = load_dataset("own/weather", home=home, files={"cities": own.MINE})[0]
    assert fingerprint(listed) == asked()  # the requests' keys name the city
