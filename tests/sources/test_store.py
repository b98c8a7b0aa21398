"""Sources of one's own: takes definitions, keeps them in a home, looks at what goes by their names and at old ones."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ladle
from ladle.errors import BadInput, Conflict, Damaged, DefinitionError, NotFound
from tests.sources.own import CITIES, text, written

FILES = {"cities.csv": CITIES}
TOKEN = 'auth = { bearer = true, env = "GITHUB_TOKEN" }\n[resources.things]'


@pytest.fixture
def home(tmp_path: Path) -> ladle.Home:
    return ladle.Home.open(tmp_path / "home")


def names(home: ladle.Home) -> list[str]:
    return [source.name for source in ladle.all_sources(home=home, env={})]


def test_a_definition_that_was_added_goes_by_its_name_at_once(home: ladle.Home) -> None:
    source = ladle.add_source(text(), home=home, files=FILES)
    assert (source.name, source.version, source.trusted) == ("own", 1, True)
    assert names(home) == ["swapi", "openweather", "own"]
    assert ladle.plan("own/weather", home=home, env={}).total == 2


def test_a_file_is_kept_with_the_list_beside_it(home: ladle.Home, tmp_path: Path) -> None:
    path = written(tmp_path)
    ladle.add_source(path, home=home)
    path.unlink()
    (tmp_path / "cities.csv").unlink()
    assert ladle.plan("own/weather", home=home, env={}).total == 2


def test_a_home_without_sources_of_its_own_has_the_built_in_ones(home: ladle.Home) -> None:
    assert names(home) == ["swapi", "openweather"]
    with pytest.raises(NotFound, match='no source of your own "own"'):
        ladle.source_versions("own", home=home)


def test_what_is_added_again_under_a_name_is_its_next_version_and_the_others_stay(home: ladle.Home) -> None:
    ladle.add_source(text(), home=home, files=FILES, made_by="Ada")
    again = ladle.add_source(text("https://other.example.org/"), home=home, files=FILES)
    assert again.version == 2
    kept = ladle.source_versions("own", home=home)
    assert [(each.number, each.current, each.made_by) for each in kept] == [(2, True, "Python"), (1, False, "Ada")]
    assert kept[1].text == text()
    assert ladle.plan("own/things", home=home, env={}).base_url == "https://other.example.org/"


def test_the_same_to_the_last_sign_is_no_new_version_but_another_list_is(home: ladle.Home) -> None:
    versions = [
        ladle.add_source(text(), home=home, files={"cities.csv": csv}).version
        for csv in (CITIES, CITIES, "city\nOslo\n")
    ]
    assert versions == [1, 1, 2]
    assert ladle.plan("own/weather", home=home, env={}).total == 1


def test_a_source_that_was_removed_goes_by_no_name_and_its_number_is_not_given_again(home: ladle.Home) -> None:
    ladle.add_source(text(), home=home, files=FILES)
    ladle.remove_source("own", home=home)
    assert names(home) == ["swapi", "openweather"]
    with pytest.raises(NotFound, match='There is no source "own"'):
        ladle.plan("own/things", home=home, env={})
    assert [each.text for each in ladle.source_versions("own", home=home)] == [text()]
    assert ladle.add_source(text(), home=home, files=FILES).version == 2


@pytest.mark.parametrize("name", ["other", "../runs", "", "OWN", "a\0b"])
def test_what_is_not_there_cant_be_removed(home: ladle.Home, name: str) -> None:
    with pytest.raises(NotFound, match="no source of your own"):
        ladle.remove_source(name, home=home)


def test_the_name_of_a_built_in_source_is_taken(home: ladle.Home) -> None:
    taken = text().replace('name = "own"', 'name = "swapi"', 1)
    with pytest.raises(Conflict, match='The name "swapi" is taken by a built-in source'):
        ladle.add_source(taken, home=home, files=FILES)
    with pytest.raises(Conflict, match="swapi is built in"):
        ladle.remove_source("swapi", home=home)


def test_an_example_of_the_gallery_is_used_by_name_and_not_listed_and_gives_way_to_ones_own(home: ladle.Home) -> None:
    assert ladle.plan("github/issues", home=home, env={}).base_url == "https://api.github.com/"
    assert "github" not in names(home)
    own = text().replace('name = "own"', 'name = "github"', 1)
    ladle.add_source(own, home=home, files=FILES)
    assert ladle.plan("github/things", home=home, env={}).base_url == "https://api.example.org/"


def test_all_mistakes_are_told_and_nothing_is_kept(home: ladle.Home) -> None:
    broken = text().replace('paging = "page"', 'paging = "pgae"').replace('key = "id"', "key = 7")
    checked = ladle.check(broken, files=FILES)
    assert checked.source is None
    assert [(each.line, each.key) for each in checked.mistakes] == [
        (12, "resources.things.key"),
        (13, "resources.things.paging"),
    ]
    with pytest.raises(DefinitionError) as raised:
        ladle.add_source(broken, home=home, files=FILES)
    assert raised.value.mistakes == checked.mistakes
    assert names(home) == ["swapi", "openweather"]


def test_a_definition_that_is_right_is_checked_without_mistakes() -> None:
    checked = ladle.check(text(), files=FILES)
    assert checked.mistakes == ()
    assert checked.source is not None
    assert list(checked.source.datasets) == ["things", "weather"]


def test_a_list_that_was_not_given_is_a_mistake_where_it_is_named() -> None:
    (mistake,) = ladle.check(text()).mistakes
    assert (mistake.line, mistake.key) == (18, "resources.weather.each.csv")
    assert 'The list "cities.csv" is not at hand' in mistake.message


@pytest.mark.parametrize("file", ["cities.csv", "{folder}/cities.csv", "/etc/passwd", "../own/1/cities.csv"])
@pytest.mark.parametrize("trusted", [True, False])
def test_a_text_never_reads_a_file(tmp_path: Path, file: str, trusted: bool) -> None:
    (tmp_path / "cities.csv").write_text(CITIES, "utf-8")
    named = text().replace('cities = "cities.csv"', f'cities = "{file.format(folder=tmp_path)}"')
    (mistake,) = ladle.check(named, trusted=trusted).mistakes
    assert mistake.key == "resources.weather.each.csv"


def test_a_stranger_names_no_setting_that_would_lead_to_a_file(home: ladle.Home, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("city\nsecret\n", "utf-8")
    wanted = text().replace('key = "city" }', 'key = "city", setting = "SECRET_FILE" }')
    env = {"SECRET_FILE": str(tmp_path / "secret.csv")}
    (mistake,) = ladle.check(wanted, files=FILES, trusted=False, env=env).mistakes
    assert mistake.key == "resources.weather.each.setting"
    with pytest.raises(DefinitionError, match="setting"):
        ladle.add_source(wanted, home=home, files=FILES, trusted=False, env=env)


def test_a_file_is_read_for_the_operator_alone(home: ladle.Home, tmp_path: Path) -> None:
    path = written(tmp_path)
    for ask in (ladle.check, ladle.add_source):
        with pytest.raises(BadInput, match="is read for those alone who are trusted"):
            ask(path, trusted=False)
    with pytest.raises(BadInput, match="is read for those alone who are trusted"):
        ladle.preview(path, trusted=False, home=home)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("https://api.example.org/", "http://127.0.0.1:8000/", "base_url"),
        ("https://api.example.org/", "http://2130706433/", "base_url"),
        ("[resources.things]", TOKEN, "auth"),
        ("[resources.things]", '[resources.things]\ntransform = "own:clean"', "resources.things.transform"),
    ],
    ids=["this machine", "this machine as a number", "a variable", "a function"],
)
def test_what_a_stranger_may_not_say_is_a_mistake_and_the_operator_may(
    home: ladle.Home, old: str, new: str, key: str
) -> None:
    wanted = text().replace(old, new, 1)
    (mistake,) = ladle.check(wanted, files=FILES, trusted=False, env={}).mistakes
    assert mistake.key == key
    assert mistake.line
    with pytest.raises(DefinitionError):
        ladle.add_source(wanted, home=home, files=FILES, trusted=False, env={})
    assert ladle.check(wanted, files=FILES, env={}).mistakes == ()


def test_what_the_operator_allows_a_stranger_may_say(home: ladle.Home) -> None:
    wanted = text("http://127.0.0.1:8000/").replace("[resources.things]", TOKEN, 1)
    env = {"LADLE_ALLOW_ADDRESSES": "127.0.0.0/8", "LADLE_ALLOW_ENV": "GITHUB_TOKEN"}
    assert ladle.check(wanted, files=FILES, trusted=False, env=env).mistakes == ()
    assert ladle.add_source(wanted, home=home, files=FILES, trusted=False, env=env).trusted is False


def test_a_stranger_takes_no_trusted_sources_place_and_removes_none(home: ladle.Home) -> None:
    ladle.add_source(text(), home=home, files=FILES)
    with pytest.raises(Conflict, match='The source "own" was added on the machine itself'):
        ladle.add_source(text(), home=home, files=FILES, trusted=False)
    with pytest.raises(Conflict, match='The source "own" was added on the machine itself'):
        ladle.remove_source("own", home=home, trusted=False)
    assert ladle.source_versions("own", home=home)[0].trusted


def test_a_version_that_somebody_changed_is_refused(home: ladle.Home) -> None:
    ladle.add_source(text(), home=home, files=FILES)
    path = home.sources / "own" / "1" / "definition.toml"
    path.write_text(path.read_text("utf-8").replace("My own", "Mine"), "utf-8")
    with pytest.raises(Damaged, match="was changed after it was kept"):
        ladle.plan("own/things", home=home, env={})
    assert names(home) == ["swapi", "openweather"]
    assert list(ladle.unusable_sources(home=home, env={})) == ["own"]


def test_functions_beside_a_definition_are_kept_with_it(home: ladle.Home, tmp_path: Path) -> None:
    path = written(tmp_path)
    own = path.read_text("utf-8").replace("[resources.weather]", '[resources.weather]\ntransform = "tools.tidy:clean"')
    path.write_text(own, "utf-8")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "tidy.py").write_text("def clean(record):\n    return record\n", "utf-8")
    source = ladle.add_source(path, home=home)
    assert source.folder == str(home.sources / "own" / "1")
    assert (home.sources / "own" / "1" / "tools" / "tidy.py").is_file()


def test_files_of_any_name_lie_within_the_versions_folder(home: ladle.Home) -> None:
    files = dict.fromkeys(("../../a.csv", "/b.csv", "definition.toml", "kept.json"), CITIES)
    lists = "".join(
        f'[resources.r{number}]\npath = "r{number}/{{city}}"\neach = {{ csv = "{name}", key = "city" }}\n'
        for number, name in enumerate(files)
    )
    own = text().partition("[resources.weather]")[0].replace('units = "metric", cities = "cities.csv", ', "") + lists
    before = {path for path in home.path.parent.rglob("*") if home.sources not in path.parents}
    ladle.add_source(own, home=home, files=files)
    assert {path for path in home.path.parent.rglob("*") if home.sources not in path.parents} - before == {home.sources}
    assert [ladle.plan(f"own/r{n}", home=home, env={}).total for n in range(4)] == [2, 2, 2, 2]


def test_who_adds_at_the_same_moment_gets_a_version_each(home: ladle.Home) -> None:
    code = (
        "import ladle, sys; print(ladle.add_source("
        "open(sys.argv[1]).read().replace('My own', sys.argv[2]), home=sys.argv[3], "
        "files={'cities.csv': 'city\\nOslo\\n'}).version)"
    )
    file = home.path / "own.toml"
    file.write_text(text(), "utf-8")

    def add(number: int) -> int:
        command = [sys.executable, "-c", code, str(file), f"Own {number}", str(home.path)]
        done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=True)
        return int(done.stdout)

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(add, range(3))) == [1, 2, 3]
    kept = ladle.source_versions("own", home=home)
    assert [(each.number, each.current) for each in kept] == [(3, True), (2, False), (1, False)]
    assert len({each.sha256 for each in kept}) == 3
