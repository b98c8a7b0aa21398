"""Who drives a run: starting over HTTP, claims, leases, fences and ends, with the time as an argument."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

import ladle
from ladle.demo.serve import Replicas
from ladle_server.catalog import runs
from ladle_server.catalog.discover import add_snapshot, discover, follow_paused
from ladle_server.catalog.free import SHARE
from ladle_server.catalog.models import Run, Snapshot

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + runs.LEASE
PEOPLE = {"dataset": "swapi/people"}


def post(client: Client, body: object, **headers: str) -> Any:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/api/v1/runs/", body, content_type="application/json", headers=told)


def started(dataset: str = "swapi/people") -> Run:
    return runs.start(dataset, requested_by="api")


def test_a_run_that_is_posted_is_accepted_and_queued(client: Client, empty_home: str) -> None:
    accepted = post(client, PEOPLE)
    assert accepted.status_code == 202
    told = client.get(accepted["Location"]).json()
    assert (told["dataset"], told["state"], told["requested_by"]) == ("swapi/people", "queued", "api")
    assert ladle.open_run(runs.home(), told["id"]).dataset == "swapi/people"


def test_a_run_can_be_posted_to_take_everything_afresh(client: Client, empty_home: str) -> None:
    for body, afresh in ((PEOPLE, False), ({**PEOPLE, "afresh": True}, True)):
        accepted = post(client, body)
        assert ladle.open_run(runs.home(), accepted.json()["id"]).afresh is afresh


def test_the_same_idempotency_key_gives_the_same_run(client: Client, empty_home: str) -> None:
    first, again = post(client, PEOPLE, Idempotency_Key="a"), post(client, PEOPLE, Idempotency_Key="a")
    other = post(client, PEOPLE, Idempotency_Key="b")
    assert first["Location"] == again["Location"] != other["Location"]
    assert len(ladle.list_runs(runs.home())) == 2


def test_an_idempotency_key_is_not_for_another_dataset(
    client: Client, empty_home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENWEATHER_API_KEY", "x")
    post(client, PEOPLE, Idempotency_Key="a")
    refused = post(client, {"dataset": "openweather/cities"}, Idempotency_Key="a")
    assert refused.status_code == 409
    assert '"a" was used for' in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"dataset": "swapi/peple"}, 404, "swapi/people"),
        ({**PEOPLE, "afresh": "yes"}, 400, "It is true or false."),
        ({"dataset": "swapi"}, 404, "swapi/people"),
        ({"dataset": "../x/y"}, 404, ".."),
        ({"dataset": "openweather/cities"}, 400, "OPENWEATHER_API_KEY"),
        ({"dataset": 1}, 400, "1"),
        ({"dataset": "swapi/people", "pace": "fast"}, 400, "pace"),
        ({}, 400, "dataset"),
        ([], 400, "object"),
        ("{", 400, "JSON"),
    ],
)
def test_a_run_that_can_t_be_started_leaves_nothing_behind(
    client: Client, empty_home: str, body: object, status: int, word: str
) -> None:
    refused = post(client, body)
    assert refused.status_code == status
    assert word in refused.json()["detail"]
    assert ladle.list_runs(runs.home()) == []
    assert not Run.objects.exists()


def test_one_worker_drives_a_run_at_a_time(empty_home: str) -> None:
    run = started()
    claimed = runs.claim("one", now=NOW)
    assert claimed is not None
    assert (claimed.pk, claimed.worker, claimed.fence) == (run.pk, "one", 1)
    assert runs.claim("two", now=NOW) is None


def test_a_run_whose_lease_ran_out_is_another_s_and_the_first_is_not_heard_any_more(empty_home: str) -> None:
    started()
    first = runs.claim("one", now=NOW)
    second = runs.claim("two", now=LATER)
    assert first is not None
    assert second is not None
    assert second.fence == 2
    assert not runs.renew(first, now=LATER)
    assert not runs.finish(first, state="failed")
    assert not runs.put_down(first)
    assert runs.finish(second, state="complete", now=LATER)


def test_a_renewed_lease_holds(empty_home: str) -> None:
    started()
    run = runs.claim("one", now=NOW)
    assert run is not None
    assert runs.renew(run, now=LATER)
    assert runs.claim("two", now=LATER) is None


def test_a_run_that_waits_for_quota_is_taken_up_when_it_is_time(empty_home: str) -> None:
    started()
    run = runs.claim("one", now=NOW)
    assert run is not None
    runs.put_down(run, state="waiting", wake_at=NOW + timedelta(hours=1))
    assert runs.claim("two", now=NOW + timedelta(minutes=59)) is None
    woken = runs.claim("two", now=NOW + timedelta(hours=1))
    assert woken is not None
    assert (woken.state, woken.wake_at) == ("running", None)


def test_a_run_that_has_ended_is_driven_no_more(empty_home: str) -> None:
    started()
    run = runs.claim("one", now=NOW)
    assert run is not None
    runs.finish(run, state="failed", reason="The key was refused.", now=NOW)
    assert runs.claim("one", now=LATER) is None
    assert not runs.live().exists()


def test_a_reason_is_kept_whatever_signs_an_api_has_put_into_it(empty_home: str) -> None:
    started()
    run = runs.claim("one", now=NOW)
    assert run is not None
    assert runs.finish(run, state="failed", reason="It said \0 and \ud83d.", now=NOW)
    assert Run.objects.get().reason == "It said \ufffd and ?."


def test_many_runs_of_one_source_leave_room_for_another(empty_home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENWEATHER_API_KEY", "x")
    for _ in range(SHARE + 1):
        started("openweather/cities")
    started("swapi/people")
    claimed = [run and run.dataset for run in (runs.claim("one", now=NOW) for _ in range(SHARE + 2))]
    assert claimed == ["openweather/cities"] * SHARE + ["swapi/people", None]


def test_a_new_worker_frees_its_dead_predecessor_s_runs_at_once(empty_home: str) -> None:
    started()
    dead = runs.claim("dead", now=NOW)
    assert dead is not None
    assert runs.free_all() == 1
    assert not runs.renew(dead, now=NOW)
    assert runs.claim("new", now=NOW) is not None


def test_a_run_of_the_command_line_is_listed_and_left_to_it(empty_home: str) -> None:
    run = ladle.start(runs.home(), "swapi/people")
    discover()
    assert Run.objects.get().pk == run.id
    assert runs.claim("one") is None


def test_a_snapshot_that_is_gone_leaves_the_lists(client: Client, empty_home: str, people: ladle.Snapshot) -> None:
    Snapshot.objects.create(
        id=people.id,
        source="swapi",
        dataset="people",
        taken_at=NOW,
        rows=82,
        columns=10,
        requests=15,
        complete=True,
        size_csv=1,
    )
    assert client.get("/api/v1/snapshots").json()["count"] == 0


@pytest.mark.own_folder
def test_a_snapshot_that_is_published_between_two_looks_stays_in_the_lists(
    empty_home: str, people: ladle.Snapshot
) -> None:
    final = runs.home().snapshots / people.folder.relative_to(people.folder.parents[2])

    def publish(execute: Any, sql: str, *rest: Any) -> Any:
        if "catalog_snapshot" in sql and sql.startswith("SELECT") and not final.exists():
            shutil.copytree(people.folder, final)
            add_snapshot(people.manifest)
        return execute(sql, *rest)

    with connection.execute_wrapper(publish):
        discover()
    assert Snapshot.objects.filter(pk=people.id).exists()


def test_runs_whose_files_are_gone_leave_the_others_in_the_lists(client: Client, empty_home: str) -> None:
    there = post(client, PEOPLE).json()["id"]
    Run.objects.create(
        id="20261101-000000-abcdef",
        dataset="swapi/people",
        state="running",
        requested_by="site",
        created_at=NOW,
        ours=True,
    )
    listed = client.get("/api/v1/runs").json()
    assert [each["id"] for each in listed["results"]] == [there]
    assert client.get("/").status_code == 200


def test_a_run_that_ended_elsewhere_and_whose_snapshot_is_gone_stops_nothing(
    client: Client, empty_home: str, replicas: Replicas
) -> None:
    run = ladle.start(runs.home(), "swapi/people", base_url=replicas.swapi_url)
    Run.objects.create(id=run.id, dataset=run.dataset, state="paused", requested_by="site", created_at=NOW, ours=True)
    progress = asyncio.run(ladle.drive(run))
    shutil.rmtree(ladle.snapshot(progress.snapshot or "", home=runs.home()).folder)
    follow_paused()
    assert Run.objects.get(pk=run.id).state == "complete"
    assert client.get("/runs/").status_code == 200
