"""What was removed, on the site: takes homes from which snapshots and journals went, looks at pages of their runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

import ladle
from ladle.due import DAY, DONE
from ladle.testing import answer
from ladle_server.catalog.clearing import clear_if_due
from ladle_server.catalog.discover import discover
from ladle_server.catalog.models import Snapshot
from tests.apis import drive, start, swapi

NOW = 1_800_000_000.0


@pytest.fixture
def two(empty_home: str) -> list[ladle.Progress]:
    """An incomplete run and a complete one, later, of the same dataset."""
    with swapi(people3=[answer({}, status=404)]) as api:
        first = drive(start(api, empty_home))
    with swapi() as api:
        return [first, drive(start(api, empty_home))]


def text(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200, page.content
    return page.content.decode()


def test_the_page_of_a_run_whose_journal_was_removed_says_so(
    client: Client, empty_home: str, two: list[ladle.Progress]
) -> None:
    first = two[0].run
    assert "Retry the gaps" in text(client, f"/runs/{first}/")
    assert client.get(f"/api/v1/runs/{first}").json()["journal_removed_at"] is None
    ladle.clear(ladle.Home.open(empty_home), now=datetime.now(UTC) + timedelta(days=8), env={"LADLE_JOURNAL_DAYS": "7"})
    page = text(client, f"/runs/{first}/")
    assert "The list of its requests was removed on" in page
    assert "Its snapshot stays." in page
    assert "Retry the gaps" not in page
    assert text(client, f"/runs/{first}/?only=failed")
    told = client.get(f"/api/v1/runs/{first}").json()
    assert told["journal_removed_at"]
    assert client.get(f"/api/v1/runs/{first}/requests").json()["results"] == []
    refused = client.post(f"/api/v1/runs/{first}/retry", content_type="application/json")
    assert (refused.status_code, "not kept any more" in refused.json()["detail"]) == (409, True)


def test_the_page_of_a_run_whose_snapshot_was_removed_says_so(
    client: Client, empty_home: str, two: list[ladle.Progress]
) -> None:
    text(client, "/snapshots/")
    ladle.clear(ladle.Home.open(empty_home), env={"LADLE_KEEP": "1"})
    page = text(client, f"/runs/{two[0].run}/?then=snapshot")
    assert "Its snapshot is gone" in page
    assert f"/snapshots/{two[0].snapshot}/" not in page
    gone = client.get(f"/snapshots/{two[0].snapshot}/counts/")
    assert gone.status_code == 404
    assert f"There is no snapshot &quot;{two[0].snapshot}&quot;.</p>" in gone.content.decode()
    assert 'href="/datasets/swapi/people/">Snapshots of swapi/people</a>' in gone.content.decode()
    other = client.get("/snapshots/20260101-000000-abcdef/").content.decode()
    assert "There is no snapshot &quot;20260101-000000-abcdef&quot;.</p>" in other
    assert "Snapshots of" not in other
    assert "Its snapshot is gone" not in text(client, f"/runs/{two[1].run}/")


def test_room_is_made_once_a_day_whoever_asks(
    empty_home: str, two: list[ladle.Progress], monkeypatch: pytest.MonkeyPatch
) -> None:
    discover()
    monkeypatch.setenv("LADLE_KEEP", "1")
    assert clear_if_due(now=NOW)
    discover()
    assert list(Snapshot.objects.values_list("pk", flat=True)) == [two[1].snapshot]
    assert not clear_if_due(now=NOW + DAY - 1)
    assert clear_if_due(now=NOW + DAY)
    assert (ladle.Home.at(empty_home).path / DONE).stat().st_mtime == NOW + DAY


def test_a_setting_that_cant_be_meant_is_told_at_each_look_until_it_is_mended(
    empty_home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADLE_KEEP", "many")
    for _ in range(2):
        with pytest.raises(ladle.SettingError):
            clear_if_due(now=NOW)
    monkeypatch.setenv("LADLE_KEEP", "30")
    assert clear_if_due(now=NOW)
