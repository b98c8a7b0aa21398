"""First rows before anything is collected: takes datasets and definitions, counts what the API was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

import ladle
from ladle.demo import start_replicas
from ladle.errors import DefinitionError, NotFound, SettingError, UpstreamError
from ladle.testing import ScriptedApi, answer, paged
from tests.sources import own

FILES = {"cities.csv": own.CITIES}
BOXES = [{"key": f"boxes/{n}", "name": f"box {n}"} for n in range(1, 40)]


@pytest.fixture
def home(tmp_path: Path) -> ladle.Home:
    return ladle.Home.open(tmp_path / "home")


def targets(api: ScriptedApi) -> list[str]:
    return [request.target for request in api.requests]


def test_the_first_page_gives_ten_rows_for_one_request_and_no_run(home: ladle.Home) -> None:
    with own.api() as api:
        shown = ladle.preview("things", definition=own.text(api.url), files=FILES, home=home)
        assert targets(api) == ["/things/?page=1"]
    assert (shown.dataset, shown.requests) == ("own/things", 1)
    assert [(column.name, column.type) for column in shown.columns] == [
        ("id", "integer"),
        ("name", "text"),
        ("at", "text"),
    ]
    assert shown.rows == own.THINGS[:10]
    assert shown.notes == ("The API says that there are 23 records of things.",)
    assert (list(home.runs.iterdir()), list(home.snapshots.iterdir())) == ([], [])


def test_of_a_list_one_item_is_asked_for_with_the_parameters(home: ladle.Home) -> None:
    with own.api() as api:
        text = own.text(api.url)
        wanted = {"units": "imperial", "lang": "de"}
        shown = ladle.preview("own/weather", definition=text, files=FILES, parameters=wanted, home=home)
    assert shown.rows == [{"city": "Berlin", "units": "imperial", "lang": "de", "temperature": 20.5}]
    assert shown.requests == 1
    assert shown.notes == ("One request was made of those for 2 items.",)


def test_references_cost_the_first_page_of_what_is_referred_to(tmp_path: Path) -> None:
    with start_replicas() as replicas:
        shown = ladle.preview("swapi/people", home=tmp_path, env={"LADLE_SWAPI_BASE_URL": replicas.swapi_url})
    assert shown.requests == 2
    assert [row["homeworld"] for row in shown.rows[:3]] == ["Tatooine", "Tatooine", "Naboo"]
    assert {column.name: column.type for column in shown.columns}["date"] == "date"


def test_a_dataset_of_a_file_and_of_the_home_is_shown_by_its_name(home: ladle.Home, tmp_path: Path) -> None:
    with own.api() as api:
        path = own.written(tmp_path, api.url)
        by_path = ladle.preview(Path(f"{path}#things"), home=home)
        ladle.add_source(path, home=home)
        assert ladle.preview("own/things", home=home).rows == by_path.rows == own.THINGS[:10]


def test_an_answer_that_is_no_answer_is_told_in_words(home: ladle.Home) -> None:
    with ScriptedApi({"/things/": answer({"message": "Bad key"}, status=401)}) as api:
        with pytest.raises(
            UpstreamError, match=r"things\?page=1: My own refused the call. The API answered 401: Bad key"
        ):
            ladle.preview("things", definition=own.text(api.url), files=FILES, home=home)
        assert len(api.requests) == 1


def test_an_api_without_records_is_shown_empty(home: ladle.Home) -> None:
    with ScriptedApi({"/things/": paged([])}) as api:
        shown = ladle.preview("things", definition=own.text(api.url), files=FILES, home=home)
    assert (shown.rows, shown.columns, shown.notes) == ([], (), ("No record came to show any column.",))


def test_a_broken_definition_a_wrong_name_and_a_missing_key_ask_nobody(home: ladle.Home) -> None:
    key = 'auth = { bearer = true, env = "OWN_TOKEN" }\n[resources.things]'
    with own.api() as api:
        text = own.text(api.url)
        with pytest.raises(DefinitionError, match="pgae"):
            ladle.preview("things", definition=text.replace('"page"', '"pgae"'), files=FILES, home=home)
        with pytest.raises(NotFound, match='Did you mean "own/things"'):
            ladle.preview("thing", definition=text, files=FILES, home=home)
        wanted = text.replace("[resources.things]", key, 1)
        with pytest.raises(SettingError, match="Set the environment variable OWN_TOKEN"):
            ladle.preview("things", definition=wanted, files=FILES, home=home, env={})
        assert api.requests == []


def test_a_strangers_definition_reaches_nothing_but_public_addresses(home: ladle.Home) -> None:
    with own.api() as api:
        text = own.text(api.url)
        with pytest.raises(ladle.LadleError, match="LADLE_ALLOW_ADDRESSES"):
            ladle.preview("things", definition=text, files=FILES, trusted=False, home=home, env={})
        assert api.requests == []
        env = {"LADLE_ALLOW_ADDRESSES": "127.0.0.0/8"}
        shown = ladle.preview("things", definition=text, files=FILES, trusted=False, home=home, env=env)
    assert len(shown.rows) == 10


def test_previews_spend_the_quota_that_runs_spend(home: ladle.Home) -> None:
    with own.api() as api:
        text = own.text(api.url).replace(
            "[resources.things]", 'quota = "2 per day"\npace = "fast"\n[resources.things]', 1
        )
        for _ in range(2):
            ladle.preview("things", definition=text, files=FILES, home=home)
        with pytest.raises(UpstreamError, match="The quota allows no request"):
            ladle.preview("things", definition=text, files=FILES, home=home)
        assert len(api.requests) == 2


def test_a_reference_to_what_cant_be_had_is_empty_and_told(home: ladle.Home) -> None:
    text = own.text("{url}").partition("[resources.weather]")[0].replace(', cities = "cities.csv"', "")
    text = text.replace('units = "metric", ', "").replace('units = "metric"', "") + (
        '[resources.boxes]\npath = "boxes/"\nrecords = "results"\nkey = "key"\n'
        '[datasets.things]\nresource = "things"\ncolumns = ["name", { name = "at", reference = "boxes.name" }]\n'
    )
    with ScriptedApi({"/things/": paged(own.THINGS), "/boxes/": answer({}, status=500)}) as api:
        shown = ladle.preview("things", definition=text.replace("{url}", api.url), home=home)
    assert [row["at"] for row in shown.rows] == [None] * 10
    assert shown.requests == 2
    assert any("What refers to boxes is empty here" in note for note in shown.notes)


def test_of_a_parents_records_one_child_is_asked_for(home: ladle.Home) -> None:
    text = """ladle = 1
name = "tree"
base_url = "{url}"
[resources.list]
path = "list/"
records = "results"
count = "count"
paging = "page"
[resources.detail]
path = "detail/{{name}}"
each = {{ resource = "list", key = "name" }}
"""
    listed = [{"name": f"n{number}"} for number in range(23)]
    script = {"/list/": paged(listed), "/detail/n0": answer({"name": "n0", "weight": 7})}
    with ScriptedApi(script) as api:
        shown = ladle.preview(definition=text.format(url=api.url), home=home)
        assert targets(api) == ["/list/?page=1", "/detail/n0"]
    assert (shown.dataset, shown.rows, shown.requests) == ("tree/detail", [{"name": "n0", "weight": 7}], 2)
    assert shown.notes == ("Of 10 records on the first page of list one was asked for.",)


def test_a_select_runs_over_the_first_pages(home: ladle.Home) -> None:
    select = (
        "[datasets.boxes]\nresource = 'things'\ntables = ['things', 'weather']\n"
        "sql = 'SELECT t.name, w.city FROM things t, weather w ORDER BY t.id'\n"
    )
    with own.api() as api:
        shown = ladle.preview(definition=own.text(api.url) + select, files=FILES, home=home)
    assert (shown.rows[0], len(shown.rows), shown.requests) == ({"name": "thing 1", "city": "Berlin"}, 10, 2)


def test_what_one_who_is_trusted_was_answered_is_not_shown_to_others(home: ladle.Home) -> None:
    memory = ladle.Memory()
    with own.api() as api:
        told = {"definition": own.text(api.url), "files": FILES, "home": home, "memory": memory}
        ladle.preview("things", **told)
        assert ladle.preview("things", **told, silent=True).requests == 0
        with pytest.raises(ladle.NotAsked):
            ladle.preview("things", **told, silent=True, trusted=False)


def test_a_look_takes_no_more_requests_than_somebody_waits_for(home: ladle.Home) -> None:
    text = 'ladle = 1\nname = "own"\nbase_url = "{url}"\n'
    text += "".join(f'[resources.r{n}]\npath = "things/"\nrecords = "results"\nkey = "id"\n' for n in range(40))
    columns = ", ".join(f'{{{{ name = "c{n}", path = "id", reference = "r{n}.name" }}}}' for n in range(1, 40))
    text += f'[datasets.all]\nresource = "r0"\ncolumns = ["id", {columns}]\n'
    with own.api() as api:
        shown = ladle.preview("all", definition=text.format(url=api.url), home=home)
    assert (len(api.requests), shown.requests) == (30, 30)
    assert len(shown.rows) == 10
    assert "What refers to r30 is empty here: A look takes 30 requests at most, one for each resource." in shown.notes


def test_what_is_remembered_has_room_for_so_much_and_the_oldest_go_first(home: ladle.Home) -> None:
    memory = ladle.Memory(size=3 * 2_500)

    def look(way: int) -> None:
        text = own.text(api.url).replace("{units}", f"{{units}}{way}")
        ladle.preview("weather", definition=text, files=FILES, home=home, memory=memory)

    with own.api() as api:
        for way in (1, 2, 3, 4, 4, 3, 2):
            look(way)
        assert [request.query["units"][-1] for request in api.requests] == ["1", "2", "3", "4"]
        look(1)
        assert len(api.requests) == 5
