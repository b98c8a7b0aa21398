"""Pause, cancel and resume over HTTP and from the pages: takes runs of the worker and of others, looks what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.test import Client

import ladle
from ladle.testing import later
from ladle_server.catalog import control, runs
from ladle_server.catalog.discover import discover
from ladle_server.catalog.driving import settle
from ladle_server.catalog.models import Run
from tests.server.cities import IDS, Cities
from tests.server.site import Site, until
from tests.servers.stack import home_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def cities() -> Iterator[Cities]:
    with Cities() as api:
        yield api


def post(client: Client, run: str, wish: str, **headers: str) -> Any:
    return client.post(f"/api/v1/runs/{run}/{wish}", headers=headers)


def started() -> Run:
    return runs.start("swapi/people", requested_by="api")


def test_a_queued_run_is_paused_claimed_by_nobody_and_claimed_again_when_resumed(
    client: Client, empty_home: str
) -> None:
    run = started()
    paused = post(client, run.pk, "pause")
    assert (paused.status_code, paused.json()["state"]) == (200, "paused")
    assert runs.claim("one", now=NOW) is None
    assert post(client, run.pk, "pause").json()["reason"] == "Paused by the API."
    resumed = post(client, run.pk, "resume")
    assert (resumed.status_code, resumed.json()["state"], resumed.json()["reason"]) == (202, "queued", "")
    assert post(client, run.pk, "resume").status_code == 202
    claimed = runs.claim("one", now=NOW)
    assert claimed is not None
    assert claimed.pk == run.pk


def test_a_cancelled_run_has_ended_and_can_t_be_resumed(client: Client, empty_home: str) -> None:
    run = started()
    cancelled = post(client, run.pk, "cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert cancelled.json()["ended_at"]
    assert runs.claim("one", now=NOW) is None
    refused = post(client, run.pk, "resume")
    assert refused.status_code == 409
    assert refused["Content-Type"] == "application/problem+json"
    assert "has ended: cancelled. Start a new one" in refused.json()["detail"]


def test_a_waiting_run_is_paused_and_does_not_wake(client: Client, empty_home: str) -> None:
    started()
    run = runs.claim("one", now=NOW)
    assert run is not None
    runs.put_down(run, state="waiting", wake_at=NOW + timedelta(hours=1))
    assert client.get(f"/api/v1/runs/{run.pk}").json()["wake_at"] == "2026-11-21T13:00:00Z"
    told = post(client, run.pk, "pause").json()
    assert (told["state"], told["wake_at"]) == ("paused", None)
    assert runs.claim("one", now=NOW + timedelta(hours=2)) is None


def test_a_failed_run_is_resumed_and_one_that_is_unknown_is_not_found(client: Client, empty_home: str) -> None:
    started()
    run = runs.claim("one", now=NOW)
    assert run is not None
    progress = ladle.open_run(runs.home(), run.pk).progress()
    failed = ladle.Progress(run=run.pk, dataset=run.dataset, state="failed", reason="The key was refused.", ended=1.0)
    (runs.home().runs / run.pk / "progress.json").write_bytes(failed.to_json())
    settle(run, failed)
    assert progress.state == "queued"
    assert post(client, run.pk, "cancel").status_code == 409
    told = post(client, run.pk, "resume").json()
    assert (told["state"], told["ended_at"], told["reason"]) == ("queued", None, "")
    assert runs.claim("one", now=NOW) is not None
    assert post(client, "20261121-120103-7f3a9c", "resume").status_code == 404


def test_a_page_of_another_site_controls_nothing(client: Client, empty_home: str) -> None:
    run = started()
    assert post(client, run.pk, "cancel", Origin="https://evil.example").status_code == 403
    assert post(client, run.pk, "cancel", Origin="null").status_code == 403
    assert client.get(f"/api/v1/runs/{run.pk}").json()["state"] == "queued"
    assert post(client, run.pk, "cancel", Origin="http://testserver").status_code == 200


def test_a_run_of_the_command_line_is_paused_here_and_taken_over_by_the_worker_when_resumed(
    client: Client, empty_home: str
) -> None:
    run = ladle.start(runs.home(), "swapi/people")
    assert post(client, run.id, "pause").json()["state"] == run.state == "paused"
    assert runs.claim("one", now=NOW) is None
    assert post(client, run.id, "resume").json()["requested_by"] == "command line"
    claimed = runs.claim("one", now=NOW)
    assert claimed is not None
    assert claimed.pk == run.id


def test_what_a_command_line_does_with_the_site_s_runs_is_seen_here(client: Client, empty_home: str) -> None:
    run = started()
    opened = ladle.open_run(runs.home(), run.pk)
    for change, state in ((ladle.pause, "paused"), (ladle.resume, "queued"), (ladle.cancel, "cancelled")):
        change(opened)
        discover()
        assert Run.objects.get().state == state
        assert client.get(f"/api/v1/runs/{run.pk}").json()["state"] == state


def test_a_worker_that_speaks_after_the_run_was_cancelled_is_not_heard(empty_home: str) -> None:
    run = started()
    claimed = runs.claim("one", now=NOW)
    assert claimed is not None
    control.cancel(run, by="a test")
    assert not runs.put_down(claimed)
    assert Run.objects.get().state == "cancelled"


def test_the_page_s_buttons_pause_ask_once_before_they_cancel_and_bring_back(client: Client, empty_home: str) -> None:
    run = started()
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(f"/runs/{run.pk}/").content.decode()
    assert browser.post(f"/runs/{run.pk}/pause/").status_code == 403
    token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)[0]

    def press(wish: str, **more: str) -> Any:
        return browser.post(f"/runs/{run.pk}/{wish}/", {"csrfmiddlewaretoken": token, **more})

    assert press("pause")["Location"] == f"/runs/{run.pk}/"
    assert "Paused by hand on the site." in browser.get(f"/runs/{run.pk}/").content.decode()
    assert press("resume", back="runs")["Location"] == "/runs/"
    assert "Cancel this run of swapi/people?" in browser.get(f"/runs/{run.pk}/cancel/").content.decode()
    assert Run.objects.get().state == "queued"
    assert press("cancel").status_code == 302
    assert Run.objects.get().state == "cancelled"
    refused = press("resume")
    assert (refused.status_code, "has ended: cancelled" in refused.content.decode()) == (409, True)
    assert "/pause/" not in browser.get("/runs/").content.decode()


def test_a_cancelled_collection_request_answers_those_who_wait_with_the_reason(tmp_path: Path, cities: Cities) -> None:
    cities.held = set(IDS[1:])
    answers: list[Any] = []
    with Site(tmp_path / "home", **cities.settings(tmp_path)) as site:
        waiting = Thread(target=lambda: answers.append(site.post("/collection-request/", {"id": 1})))
        waiting.start()
        cities.api.wait_for(5, seconds=60)
        run = site.get("/collection-request/").json["results"][0]["run"]
        assert site.post(f"/api/v1/runs/{run}/cancel", {}).status in (200, 202)
        waiting.join(30)
        assert len(site.get("/collection-request/1").json["city_weather_info"]) == 1
        assert site.ended(run)["state"] == "cancelled"
    assert answers[0].status == 502
    assert answers[0].json["detail"].startswith("Cancelled by the API. What was collected is kept")


def test_a_driven_run_is_paused_and_goes_on_where_it_was(tmp_path: Path, cities: Cities) -> None:
    cities.held = {IDS[4]}
    with Site(tmp_path / "home", **cities.settings(tmp_path)) as site:
        site.post("/collection-request/", {"id": 1}, Prefer="respond-async")
        cities.api.wait_for(5, seconds=60)
        run = site.get("/collection-request/").json["results"][0]["run"]
        site.post(f"/api/v1/runs/{run}/pause", {})
        until(lambda: site.get(f"/api/v1/runs/{run}").json["state"] == "paused")
        cities.held = set()
        assert site.post(f"/api/v1/runs/{run}/resume", {}).status == 202
        assert site.ended(run)["state"] == "complete"
    assert sorted(cities.asked()) == sorted([*IDS, IDS[4]])


def test_a_long_retry_after_puts_the_run_down_and_a_short_one_wakes_it_in_time(tmp_path: Path, cities: Cities) -> None:
    cities.api.fail("/weather", later(status=429, after=3600))
    with Site(tmp_path / "home", **cities.settings(tmp_path)) as site:
        site.post("/collection-request/", {"id": 1}, Prefer="respond-async")
        run = site.get("/collection-request/").json["results"][0]["run"]
        waiting = until(
            lambda: (told := site.get(f"/api/v1/runs/{run}").json)["state"] == "waiting" and told,
        )
        home = ladle.Home.open(home_of(tmp_path / "home"))
        until(lambda: not ladle.open_run(home, run).is_driven())
        page = site.get(f"/runs/{run}/").body.decode()
        begun = until(lambda: "waiting until" in site.get("/runs/").body.decode())
        assert begun
    assert waiting["wake_at"] > waiting["created_at"]
    assert "waiting until" in page
    assert len(cities.asked()) == 1


@pytest.mark.own_worker
def test_a_server_that_ends_does_not_wait_for_an_api_that_hangs(tmp_path: Path, cities: Cities) -> None:
    cities.held = set(IDS[1:])
    with Site(tmp_path / "home", **cities.settings(tmp_path)) as site:
        site.post("/collection-request/", {"id": 1}, Prefer="respond-async")
        cities.api.wait_for(5, seconds=60)
        (worker,) = site.children()
        assert site.end() == 0
        run = ladle.list_runs(ladle.Home.open(home_of(tmp_path / "home")))[0]
        assert not Path(f"/proc/{worker}").exists()
    assert (run.is_driven(), run.progress().done) == (False, 1)
