"""A file that was imported is on the site like any snapshot, with the file's name in the place of a run."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema_rs
import pytest
from django.test import Client
from pytest_django import Settings

import ladle
from tests.servers.stack import home_of


@pytest.fixture
def imported(tmp_path: Path, settings: Settings, db: None) -> ladle.Snapshot:
    path = tmp_path / "people.csv"
    path.write_text("id;name\n1;Luke\n2;Leia\n")
    settings.LADLE_HOME = home_of(tmp_path / "home")
    return ladle.import_file(path, home=home_of(tmp_path / "home"))


def test_its_pages_say_where_it_came_from(imported: ladle.Snapshot, client: Client) -> None:
    for address in (f"/snapshots/{imported.id}/", "/snapshots/", "/", f"/snapshots/{imported.id}/columns/"):
        page = client.get(address)
        assert page.status_code == 200, address
        assert "files/people" in page.content.decode()
        assert re.search(r'data-c="Requests"[^>]*>(?!<span class="soft">imported<)', page.content.decode()) is None
    assert '<span class="soft">imported</span>' in client.get("/snapshots/").content.decode()
    assert "imported from people.csv" in client.get(f"/snapshots/{imported.id}/").content.decode()


def test_its_dataset_lists_its_snapshots_and_offers_no_collection(imported: ladle.Snapshot, client: Client) -> None:
    page = client.get("/datasets/files/people/").content.decode()
    assert imported.id in page
    assert "Collect" not in page
    assert client.get("/datasets/files/none/").status_code == 404


def test_the_api_tells_the_file_and_its_rows(imported: ladle.Snapshot, client: Client) -> None:
    manifest = client.get(f"/api/v1/snapshots/{imported.id}").json()
    assert manifest["imported"]["file"] == "people.csv"
    assert client.get(f"/api/v1/snapshots/{imported.id}/rows").json()["results"][1] == {"id": 2, "name": "Leia"}


def test_what_the_api_tells_of_it_has_the_described_shape(imported: ladle.Snapshot, client: Client) -> None:
    described = client.get("/api/schema/", headers={"accept": "application/json"}).json()["components"]
    shape = {"$ref": "#/components/schemas/ManifestShape", "components": described}
    manifest = client.get(f"/api/v1/snapshots/{imported.id}").json()
    jsonschema_rs.Draft202012Validator(shape, validate_formats=True).validate(manifest)


def test_a_file_without_rows_is_told_as_such_and_no_api_is_blamed(
    tmp_path: Path, client: Client, imported: ladle.Snapshot
) -> None:
    path = tmp_path / "nobody.csv"
    path.write_text("id,name\n")
    nobody = ladle.import_file(path, home=home_of(tmp_path / "home"))
    for tab in ("", "chart/"):
        page = client.get(f"/snapshots/{nobody.id}/{tab}").content.decode()
        assert "nobody.csv holds no rows: the table is empty" in page
    assert "there is nothing to count" in client.get(f"/snapshots/{nobody.id}/counts/").content.decode()
    assert "2 rows, as in the file" in client.get(f"/snapshots/{imported.id}/").content.decode()
