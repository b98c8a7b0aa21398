"""Sources of one's own over HTTP: checked, looked at, kept, collected and removed; and what a stranger can't do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

import ladle
from tests.replicas import replica
from tests.replicas.kit import Replica
from tests.servers.stack import home_of

SOURCES = "/api/v1/sources"
FORBIDDEN = (
    "http://127.0.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0x7f.1:{port}/",
    "http://127.1:{port}/",
    "http://localhost:{port}/",
    "http://localhost.:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[64:ff9b::7f00:1]/",
)


@pytest.fixture
def api() -> Iterator[Replica]:
    with replica("rick_and_morty") as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, settings: Settings, db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    settings.LADLE_HOME = home_of(tmp_path)
    monkeypatch.setenv("LADLE_ALLOW_ADDRESSES", "127.0.0.0/8")
    return home_of(tmp_path)


def definition(base_url: str, **changes: str) -> str:
    told = {"name": "toons", "columns": '["id", "name", { name = "planet", path = "origin.name" }]'} | changes
    return f"""ladle = 1
name = "{told["name"]}"
base_url = "{base_url}"
quota = "1000 per minute"
{told.get("more", "")}
[resources.character]
path = "character"
records = "results"
count = "info.count"
paging = "page"
page_size = 20
key = "id"
{told.get("resource", "")}
[datasets.characters]
resource = "character"
columns = {told["columns"]}
"""


def post(client: Client, path: str, body: object) -> Any:
    answer = client.post(f"{SOURCES}{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, json.loads(answer.content)


def test_a_definition_is_kept_and_used_by_its_name_at_once(client: Client, home: str, api: Replica) -> None:
    text = definition(api.url)
    answer = client.post(SOURCES, json.dumps({"definition": text}), content_type="application/json")
    assert (answer.status_code, answer["Location"]) == (201, f"{SOURCES}/toons")
    assert [each["name"] for each in client.get(SOURCES).json()["results"]] == ["swapi", "openweather", "toons"]
    told = client.get(answer["Location"]).json()
    assert told["definition"] == text
    assert [(each["version"], each["made_by"], each["trusted"]) for each in told["versions"]] == [(1, "the API", False)]
    plan = client.get(f"{SOURCES}/toons/datasets/characters/plan").json()
    assert plan["dataset"] == "toons/characters"
    taken = ladle.collect("toons/characters", home=home)
    assert taken.manifest.complete
    assert taken.manifest.definition_version == 1
    assert [row["id"] for row in taken.rows(limit=1000)] == [each["id"] for each in api.records]
    changed = definition(api.url, columns='["id"]')
    assert post(client, "", {"definition": changed})[0] == 201
    assert [each["version"] for each in client.get(f"{SOURCES}/toons").json()["versions"]] == [2, 1]
    assert client.delete(f"{SOURCES}/toons").status_code == 204
    assert client.get(f"{SOURCES}/toons").status_code == 404
    assert client.get(f"/api/v1/snapshots/{taken.id}").status_code == 200


def test_every_mistake_is_told_with_its_line(client: Client, home: str, api: Replica) -> None:
    text = definition(api.url).replace("records =", "recrods =").replace('paging = "page"', 'paging = "pgae"')
    status, told = post(client, "/check", {"definition": text})
    assert (status, told["plans"]) == (200, [])
    found = {(each["line"], each["key"]) for each in told["mistakes"]}
    assert {(8, "resources.character.recrods"), (10, "resources.character.paging")} <= found
    status, told = post(client, "", {"definition": text})
    assert status == 400
    assert "line" in told["detail"]


def test_a_preview_shows_rows_for_one_request_and_keeps_nothing(client: Client, home: str, api: Replica) -> None:
    status, told = post(client, "/preview", {"definition": definition(api.url)})
    (found,) = told["results"]
    assert status == 200
    assert [column["name"] for column in found["columns"]] == ["id", "name", "planet"]
    assert found["rows"][0] == {
        "id": api.records[0]["id"],
        "name": api.records[0]["name"],
        "planet": api.records[0]["origin"]["name"],
    }
    assert len(api.requests) == 1
    assert post(client, "/preview", {"definition": definition(api.url, columns='["name"]')})[0] == 200
    assert len(api.requests) == 1, "what is remembered is not asked for again"
    assert [each["name"] for each in client.get(SOURCES).json()["results"]] == ["swapi", "openweather"]
    post(client, "", {"definition": definition(api.url)})
    kept = client.get(f"{SOURCES}/toons/datasets/characters/preview").json()
    assert kept["rows"] == found["rows"]
    away = client.get(f"{SOURCES}/toons/datasets/characters/preview", headers={"Sec-Fetch-Site": "cross-site"})
    assert away.status_code == 403


def test_a_preview_is_given_to_a_page_of_any_name_that_the_site_goes_by(
    client: Client, home: str, api: Replica, settings: Settings
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://ladle.example"]
    post(client, "", {"definition": definition(api.url)})
    here = f"{SOURCES}/toons/datasets/characters/preview"
    asked = [client.get(here, headers={"Origin": each}) for each in ("https://ladle.example", "https://evil.example")]
    assert [each.status_code for each in asked] == [200, 403]


@pytest.mark.usefixtures("home")
def test_each_dataset_without_its_key_says_so_in_a_place_of_its_own(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADLE_ALLOW_ENV", "TOONS_KEY@api.example.org")
    wanting = definition("https://api.example.org", more='auth = { header = "X-Key", env = "TOONS_KEY" }')
    saved = post(client, "", {"definition": wanting + '[datasets.villains]\nresource = "character"\n'})
    assert saved[0] == 201, saved
    shown = client.get("/").content.decode()
    places = re.findall(r'id="(key-toons[^"]*)"', shown)
    assert sorted(set(places)) == sorted(places)
    assert [each for each in re.findall(r'aria-describedby="([^"]*)"', shown) if "toons" in each] == places
    assert len(places) == 2


def test_of_many_datasets_the_first_are_looked_at(client: Client, home: str, api: Replica) -> None:
    many = "".join(f'[datasets.d{number}]\nresource = "character"\n' for number in range(40))
    status, told = post(client, "/check", {"definition": definition(api.url) + many})
    assert (status, told["mistakes"], len(told["plans"])) == (200, [], 30)
    page = client.post("/sources/new/", {"do": "check", "definition": definition(api.url) + many})
    assert b"11 more datasets" in page.content


def test_a_source_of_ones_own_is_replaced_only_by_who_says_so(client: Client, home: str, api: Replica) -> None:
    post(client, "", {"definition": definition(api.url)})
    other = definition(api.url).replace("datasets.characters", "datasets.people")
    looked = client.post("/sources/new/", {"do": "check", "definition": other}).content.decode()
    assert "Save as version 2 of toons" in looked
    held = client.post("/sources/new/", {"do": "save", "definition": other})
    assert held.status_code == 409
    assert "characters can be collected no more" in held.content.decode()
    assert "datasets.people" in held.content.decode(), "what was typed is kept"
    assert list(ladle.source("toons", home=home).datasets) == ["characters"]
    saved = client.post("/sources/new/", {"do": "replace", "definition": other})
    assert (saved.status_code, saved["Location"]) == (302, "/sources/toons/")
    assert list(ladle.source("toons", home=home).datasets) == ["people"]
    own = client.post("/sources/toons/edit/", {"do": "save", "definition": other.replace("people", "persons")})
    assert own.status_code == 302, "who changes a source knows that it is there"


def test_where_nobody_knows_how_much_there_is_no_price_is_made_up(client: Client, home: str, api: Replica) -> None:
    client.post("/sources/new/", {"do": "save", "definition": definition(api.url)})
    assert "1 request, then as many as it says" in client.get("/").content.decode()


def test_a_list_that_is_too_large_for_a_run_is_refused(client: Client, home: str) -> None:
    told = {"dataset": "openweather/weather", "set.cities": SimpleUploadedFile("c.csv", b"x" * (8_388_608 + 1))}
    answer = client.post("/runs/", told)
    assert (answer.status_code, b"larger than 8,388,608 bytes" in answer.content) == (400, True)


def test_an_address_becomes_a_definition_that_runs(client: Client, home: str, api: Replica) -> None:
    status, told = post(client, "/infer", {"url": api.first})
    assert status == 200
    assert {each["sure"] for each in told["findings"]} <= {"certain", "likely", "guess"}
    assert post(client, "/check", {"definition": told["definition"]})[1]["mistakes"] == []
    kept = client.post(SOURCES, json.dumps({"definition": told["definition"]}), content_type="application/json")
    (dataset,) = kept.json()["datasets"]
    taken = ladle.collect(f"{kept.json()['name']}/{dataset['name']}", home=home)
    assert taken.manifest.rows == len(api.records)


def test_parameters_are_set_for_a_run_and_kept_in_the_manifest(client: Client, home: str, api: Replica) -> None:
    text = definition(api.url, more='parameters = { which = "alive" }', resource='params = { status = "{which}" }')
    post(client, "", {"definition": text})
    body = {"dataset": "toons/characters", "parameters": {"which": "dead"}}
    run = client.post("/api/v1/runs", json.dumps(body), content_type="application/json")
    assert run.status_code == 202
    opened = ladle.open_run(ladle.Home.open(home), run.json()["id"])
    assert opened.source.values == {"which": "dead"}
    assert (run.json()["parameters"], run.json()["definition_version"]) == ({"which": "dead"}, 1)
    key = {"Idempotency-Key": "k"}
    codes = [
        client.post(
            "/api/v1/runs",
            json.dumps(body | {"parameters": {"which": value}}),
            content_type="application/json",
            headers=key,
        ).status_code
        for value in ("alive", "alive", "dead")
    ]
    assert codes == [202, 202, 409], "a key stands for a run with its parameters"
    refused = client.post(
        "/api/v1/runs", json.dumps(body | {"parameters": {"wich": "x"}}), content_type="application/json"
    )
    assert refused.status_code == 400
    assert "which" in refused.json()["detail"]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_definition_from_outside_reaches_what_is_not_public(
    client: Client, home: str, api: Replica, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.delenv("LADLE_ALLOW_ADDRESSES")
    url = address.format(port=api.url.rstrip("/").rpartition(":")[2].partition("/")[0])
    for path, body in (("/infer", {"url": url}), ("/preview", {"definition": definition(url)})):
        status, told = post(client, path, body)
        said = json.dumps(told)
        assert "LADLE_ALLOW_ADDRESSES" in said, (path, status, said)
    assert refused(client.post("/sources/new/", {"do": "look", "url": url}))
    assert refused(client.post("/sources/new/", {"do": "rows", "definition": definition(url)}))
    assert not api.requests


def test_no_parameter_from_outside_leads_a_trusted_source_to_another_site(
    client: Client, home: str, api: Replica
) -> None:
    text = definition("{site}", more='parameters = { site = "https://api.example.org/v1/", which = "alive" }')
    ladle.add_source(text.replace('path = "character"', 'path = "{which}"'), home=home)
    body = {"dataset": "toons/characters", "parameters": {"site": api.url}}
    answer = client.post("/api/v1/runs", json.dumps(body), content_type="application/json")
    assert (answer.status_code, "another site" in answer.json()["detail"]) == (400, True)
    for what in ("plan", "preview"):
        answer = client.get(f"{SOURCES}/toons/datasets/characters/{what}", {"site": api.url})
        assert (answer.status_code, "another site" in answer.json()["detail"]) == (400, True)
    assert client.get(f"{SOURCES}/toons/datasets/characters/plan", {"which": "dead"}).status_code == 200
    assert ladle.plan("toons/characters", parameters={"site": api.url}, home=home).dataset == "toons/characters"
    assert not api.requests


def refused(answer: HttpResponseBase) -> bool:
    return b"LADLE_ALLOW_ADDRESSES" in getattr(answer, "content", b"")


def test_no_definition_from_outside_reads_the_environment_a_file_or_code(
    client: Client, home: str, tmp_path: Path, api: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "s3cr3t-of-the-server")
    auth = 'auth = { query = "key", env = "SECRET_OF_THE_SERVER" }'
    told = json.dumps(post(client, "/preview", {"definition": definition(api.url, more=auth)}))
    assert "LADLE_ALLOW_ENV" in told
    assert "s3cr3t" not in told
    (tmp_path / "list.csv").write_text("id\n1\n")
    each = f'path = "character/{{id}}"\neach = {{ csv = "{tmp_path}/list.csv", key = "id" }}'
    text = definition(api.url).replace('path = "character"', each).replace('paging = "page"\npage_size = 20\n', "")
    assert post(client, "/check", {"definition": text})[1]["mistakes"]
    assert post(client, "/check", {"definition": definition(api.url, resource='transform = "os:system"')})[1][
        "mistakes"
    ]
    assert not api.requests


@pytest.mark.parametrize(
    ("path", "body", "names"),
    [
        ("", {"definition": 3}, "definition"),
        ("", {}, "definition"),
        ("", {"definition": "ladle = 1", "fiels": {}}, "fiels"),
        ("", {"definition": "ladle = 1", "files": {"a.csv": 3}}, "a.csv"),
        ("", [], "object"),
        ("/infer", {"url": None}, "url"),
        ("/infer", {"url": "ftp://example.org/"}, "ftp"),
        ("/infer", {"url": "http://"}, "http://"),
        ("/infer", {"url": "https://example.org/", "auth": {"place": "cookie"}}, "auth"),
        ("/infer", {"url": "https://example.org/", "openapi": "yes"}, "openapi"),
        ("/check", {"definition": None}, "definition"),
    ],
)
def test_nonsense_is_refused_in_words(client: Client, home: str, path: str, body: object, names: str) -> None:
    status, told = post(client, path, body)
    assert status == 400
    assert names in told["detail"]


def test_what_is_built_in_can_be_neither_replaced_nor_removed(client: Client, home: str, api: Replica) -> None:
    assert post(client, "", {"definition": definition(api.url, name="swapi")})[0] == 409
    assert client.delete(f"{SOURCES}/swapi").status_code == 409
    assert client.delete(f"{SOURCES}/nobody").status_code == 404


def test_a_copy_of_what_is_built_in_has_a_name_that_can_be_saved(client: Client, home: str) -> None:
    page = client.get("/sources/swapi/edit/").content.decode()
    assert "<h1>A copy of Star Wars API</h1>" in page
    text = unescape(page.partition('spellcheck="false" autocomplete="off" autocapitalize')[2].partition(">")[2])
    text = text.partition("</textarea>")[0].strip()
    assert 'name = "swapi-2"' in text
    saved = client.post("/sources/swapi/edit/", {"do": "save", "definition": text})
    assert (saved.status_code, saved["Location"]) == (302, "/sources/swapi-2/")
    assert "name = &quot;swapi-3&quot;" in client.get("/sources/swapi/edit/").content.decode()


def test_words_are_no_address_to_look_at(client: Client, home: str) -> None:
    answer = client.post("/sources/new/", {"do": "look", "url": "not an address"})
    assert answer.status_code == 400
    assert "That is no address" in answer.content.decode()
