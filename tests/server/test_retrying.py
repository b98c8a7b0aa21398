"""Gaps tried again from the API and the pages: takes an incomplete run, looks at the run that follows."""

from __future__ import annotations

import pytest
from django.test import Client

import ladle
from ladle.testing import answer
from ladle_server.catalog import runs
from ladle_server.catalog.models import Run
from tests.apis import collected, swapi


@pytest.fixture
def incomplete(empty_home: str) -> ladle.Progress:
    with swapi(people3=answer("", status=410)) as api:
        return collected(api, empty_home)


def test_a_posted_retry_is_a_new_run_that_continues_the_old(client: Client, incomplete: ladle.Progress) -> None:
    accepted = client.post(f"/api/v1/runs/{incomplete.run}/retry/")
    assert accepted.status_code == 202
    told = client.get(accepted["Location"]).json()
    assert (told["state"], told["requested_by"], told["dataset"]) == ("queued", "api", "swapi/people")
    row = Run.objects.get(pk=told["id"])
    assert ladle.open_run(runs.home(), row.pk).continues == incomplete.run


def test_what_can_t_be_retried_is_refused(client: Client, incomplete: ladle.Progress) -> None:
    assert client.post("/api/v1/runs/20261121-120103-7f3a9c/retry").status_code == 404
    new = client.post(f"/api/v1/runs/{incomplete.run}/retry").json()["id"]
    refused = client.post(f"/api/v1/runs/{new}/retry")
    assert refused.status_code == 409
    assert "has not ended" in refused.json()["detail"]
    assert client.get(f"/api/v1/runs/{incomplete.run}/retry").status_code == 405


def test_a_page_of_another_site_can_t_start_a_retry(client: Client, incomplete: ladle.Progress) -> None:
    foreign = client.post(f"/api/v1/runs/{incomplete.run}/retry", headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, len(ladle.list_runs(runs.home()))) == (403, 1)


@pytest.mark.parametrize("page", ["/runs/{}/", "/snapshots/{}/"])
def test_the_page_names_the_gaps_and_its_button_starts_the_retry(
    client: Client, incomplete: ladle.Progress, page: str
) -> None:
    shown = client.get(page.format(incomplete.run)).content.decode()
    assert "people?page=3" in shown
    assert f'action="/runs/{incomplete.run}/retry/"' in shown
    sent = client.post(f"/runs/{incomplete.run}/retry/")
    assert sent.status_code == 302
    assert "?then=snapshot" in sent["Location"]
    assert client.post("/runs/20261121-120103-7f3a9c/retry/").status_code == 404


def test_the_api_tells_the_numbers_and_the_gaps(client: Client, incomplete: ladle.Progress) -> None:
    told = client.get(f"/api/v1/snapshots/{incomplete.run}").json()
    manifest = told.get("manifest", told)
    assert (manifest["complete"], manifest["claimed"], manifest["found"], manifest["readings"]) == (False, 82, 72, 1)
    assert [gap["key"] for gap in manifest["gaps"]] == ["people?page=3"]
