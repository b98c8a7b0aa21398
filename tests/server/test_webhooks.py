"""Webhooks on a real receiver: takes ends of runs and the time as an argument, looks what is called and told."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

import ladle
from ladle.testing import ScriptedApi, answer, redirect
from ladle_server.catalog import control, discover, runs
from ladle_server.catalog.hooks import webhooks
from ladle_server.catalog.models import Delivery, Run, Webhook
from ladle_server.catalog.posting import calls, waits
from ladle_server.catalog.reaching import AWAY
from tests.server.hooked import NOW, add, bodies, deliver, end, is_signed

LATER = timedelta(hours=7)
"""Longer than any wait."""
ENDS = ["complete", "incomplete", "failed", "cancelled"]


def test_the_end_of_a_run_is_told_by_a_signed_call_shaped_as_the_api_has_it(
    client: Client, empty_home: Path, receiver: ScriptedApi
) -> None:
    added = add(receiver)
    run = end(reason="All there.")
    (delivery,) = deliver()
    (request,) = receiver.requests
    assert (delivery.state, delivery.status, delivery.attempts) == ("delivered", 200, 1)
    assert (request.method, request.headers["Content-Type"]) == ("POST", "application/json")
    assert request.headers["webhook-id"] == delivery.key
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert is_signed(request, added.secret)
    told = json.loads(request.body)
    assert (told["type"], told["timestamp"]) == ("run.complete", "2026-11-22T12:00:00Z")
    api = client.get(f"/api/v1/runs/{run.pk}").json()
    assert told["data"]["run"] == api
    assert told["data"]["links"]["run"] == f"https://ladle.example/api/v1/runs/{run.pk}"


def test_a_snapshot_goes_along_as_the_list_has_it(client: Client, empty_home: Path, receiver: ScriptedApi) -> None:
    add(receiver, now=datetime.now(UTC))
    taken = ladle.collect("swapi/people", home=empty_home)
    discover.discover()  # the end of a command line's run is told as well, once it is seen
    deliver(now=datetime.now(UTC))
    (told,) = bodies(receiver)
    (listed,) = client.get("/api/v1/snapshots").json()["results"]
    assert told["data"]["snapshot"] == listed
    assert told["data"]["links"]["rows"] == f"https://ladle.example/api/v1/snapshots/{taken.id}/rows"
    assert told["data"]["run"]["progress"]["done"] == 15


@pytest.mark.parametrize("status", [200, 204, 299])
def test_any_answer_of_success_is_one(empty_home: Path, receiver: ScriptedApi, status: int) -> None:
    receiver.fail("/hook", answer(b"", status=status))
    add(receiver)
    end()
    assert [each.state for each in deliver()] == ["delivered"]


def test_what_is_not_heard_is_told_again_with_growing_waits_until_it_is(
    empty_home: Path, receiver: ScriptedApi
) -> None:
    receiver.fail("/hook", *[answer(b"", status=503)] * 3)
    added = add(receiver)
    end()
    now, seen = NOW, []
    for _ in range(4):
        (delivery,) = deliver(now)
        seen.append((delivery.state, (delivery.due_at - now).total_seconds()))
        now = max(now, delivery.due_at)
    assert seen[:3] == [("pending", wait) for wait in waits.WAITS[:3]]
    assert (delivery.state, delivery.attempts, delivery.reason) == ("delivered", 4, "")
    requests = receiver.requests
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    assert len({request.body for request in requests}) == 1
    assert len({request.headers["webhook-timestamp"] for request in requests}) == 4
    assert all(is_signed(request, added.secret) for request in requests)


def test_nothing_is_sent_before_it_is_due(empty_home: Path, receiver: ScriptedApi) -> None:
    receiver.fail("/hook", answer(b"", status=500))
    add(receiver)
    end()
    deliver()
    deliver(NOW + timedelta(seconds=waits.WAITS[0] - 1))
    assert len(receiver.requests) == 1


def test_a_receiver_that_asks_for_time_gets_it(empty_home: Path, receiver: ScriptedApi) -> None:
    receiver.fail("/hook", answer(b"", status=429, headers={"Retry-After": "900"}))
    add(receiver)
    end()
    (delivery,) = deliver()
    assert delivery.due_at == NOW + timedelta(seconds=900)


def test_after_a_day_it_is_given_up_and_says_why_until_somebody_has_it_sent_again(
    client: Client, empty_home: Path, receiver: ScriptedApi
) -> None:
    receiver.fail("/hook", *[answer(b"", status=500)] * (len(waits.WAITS) + 1))
    added, now = add(receiver), NOW
    end()
    for _ in range(len(waits.WAITS) + 1):
        (delivery,) = deliver(now)
        now += LATER
    assert (delivery.state, delivery.attempts) == ("given up", len(waits.WAITS) + 1)
    assert delivery.reason == "The receiver answered 500."
    assert (deliver(now), len(receiver.requests)) == ([delivery], len(waits.WAITS) + 1)
    asked = client.post(f"/api/v1/webhooks/{added.row.pk}/deliveries/{delivery.pk}/again")
    assert (asked.status_code, asked.json()["state"]) == (202, "pending")
    (delivery,) = deliver(datetime.now(UTC))
    assert delivery.state == "delivered"
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1


def test_a_receiver_that_is_gone_disables_its_webhook(client: Client, empty_home: Path, receiver: ScriptedApi) -> None:
    receiver.fail("/hook", answer(b"", status=410))
    added = add(receiver)
    end()
    (delivery,) = deliver()
    assert delivery.state == "given up"
    told = client.get(f"/api/v1/webhooks/{added.row.pk}").json()
    assert (told["disabled"], told["reason"]) == (True, waits.GONE)
    end()
    assert Delivery.objects.count() == 1
    refused = client.post(f"/api/v1/webhooks/{added.row.pk}/test")
    assert refused.status_code == 409
    change = client.patch(f"/api/v1/webhooks/{added.row.pk}", {"disabled": False}, content_type="application/json")
    assert change.json()["disabled"] is False
    end()
    assert [each.state for each in deliver()] == ["given up", "delivered"]


def test_a_redirect_is_not_followed(empty_home: Path, receiver: ScriptedApi) -> None:
    receiver.fail("/hook", redirect("/other", status=307))
    add(receiver)
    end()
    (delivery,) = deliver()
    assert (delivery.state, delivery.status) == ("pending", 307)
    assert "Redirects are not followed" in delivery.reason
    assert [request.path for request in receiver.requests] == ["/hook"]


def test_of_a_long_answer_little_is_read_and_its_status_counts(empty_home: Path, receiver: ScriptedApi) -> None:
    receiver.fail("/hook", answer(b"x" * 10_000_000))
    add(receiver)
    end()
    (delivery,) = deliver()
    assert (delivery.state, delivery.status) == ("delivered", 200)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/", "is no public address"),
        ("http://169.254.169.254/latest/meta-data/", "is no public address"),
        ("http://2130706433/", "is no public address"),
        ("http://[::ffff:127.0.0.1]/", "is no public address"),
        ("https://localhost/hook", "leads to an address that is not public"),
        ("http://10.0.0.7/", "is no public address"),
        ("ftp://example.org/hook", "is no address"),
        ("https://user:word@example.org/", "holds a user or a password"),
        ("https:///hook", "is no address"),
        ("nonsense", "is no address"),
        ("https://example.org/a b", "is no address"),
        ("http://example.org:99999/", "is no address"),
    ],
)
def test_only_addresses_that_may_be_reached_can_be_added(
    client: Client, empty_home: Path, url: str, words: str
) -> None:
    refused = client.post("/api/v1/webhooks", {"url": url}, content_type="application/json")
    assert (refused.status_code, words in refused.json()["detail"]) == (400, True), refused.json()
    page = client.post("/webhooks/", {"url": url, "datasets": "*", "ends": ENDS})
    assert (page.status_code, words in page.content.decode()) == (400, True)
    assert Webhook.objects.count() == 0


def test_an_address_is_looked_at_again_when_it_is_called(
    empty_home: Path, receiver: ScriptedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(receiver)
    monkeypatch.setenv("LADLE_ALLOW_ADDRESSES", "10.0.0.0/8")
    end()
    (delivery,) = deliver()
    assert (delivery.state, delivery.status, receiver.requests) == ("pending", None, [])
    assert "is no public address" in delivery.reason


def test_a_receiver_that_can_t_be_reached_is_told_in_words(empty_home: Path, receiver: ScriptedApi) -> None:
    with ScriptedApi({}) as gone:
        url = gone.url
    webhooks.add(webhooks.checked(url), now=NOW)
    end()
    (delivery,) = deliver()
    assert delivery.reason == "127.0.0.1 can't be reached: connection refused."


@pytest.mark.parametrize(
    ("datasets", "ends", "told"),
    [
        (["*"], ["failed"], ["failed"]),
        (["swapi/*"], [], ["complete", "failed"]),
        (["swapi/people"], ["complete", "incomplete"], ["complete"]),
        (["swap/*", "openweather/cities"], [], []),
    ],
)
def test_a_webhook_is_told_of_the_datasets_and_ends_that_it_wants(
    empty_home: Path, receiver: ScriptedApi, datasets: list[str], ends: list[str], told: list[str]
) -> None:
    add(receiver, datasets=datasets, ends=ends)
    end(state="complete")
    end(state="failed")
    deliver()
    assert [each["data"]["run"]["state"] for each in bodies(receiver)] == told


def test_a_run_that_is_cancelled_on_a_page_is_told_of(empty_home: Path, receiver: ScriptedApi) -> None:
    add(receiver, now=datetime.now(UTC) - timedelta(seconds=1))
    control.cancel(runs.start("swapi/people", requested_by="site"), by="the page")
    deliver(datetime.now(UTC))
    assert [each["type"] for each in bodies(receiver)] == ["run.cancelled"]


def test_what_ended_before_a_webhook_was_added_is_no_news_to_it(empty_home: Path, receiver: ScriptedApi) -> None:
    ladle.collect("swapi/people", home=empty_home)
    add(receiver, now=datetime.now(UTC))
    discover.discover()
    discover.discover()
    assert Delivery.objects.count() == 0


def test_the_two_ends_of_one_run_are_told_in_their_order(empty_home: Path, receiver: ScriptedApi) -> None:
    receiver.fail("/hook", answer(b"", status=500))
    add(receiver)
    run = end(state="failed", reason="It broke.")
    Run.objects.update(state="queued", ended_at=None)
    claimed = runs.claim("one", only=run.pk)
    assert claimed is not None
    runs.finish(claimed, state="complete", now=NOW + timedelta(seconds=1))
    first, second = deliver(NOW + timedelta(seconds=2))
    assert (first.state, second.state, second.attempts) == ("pending", "pending", 0)
    deliver(NOW + LATER)
    assert [each["type"] for each in bodies(receiver)] == ["run.failed", "run.failed", "run.complete"]
    assert bodies(receiver)[1]["data"]["run"]["reason"] == "It broke."


def test_an_end_that_could_not_be_written_is_told_to_nobody_and_one_that_was_to_all(
    empty_home: Path, receiver: ScriptedApi
) -> None:
    add(receiver)
    run = runs.claim("one", only=runs.start("swapi/people", requested_by="api").pk)
    assert run is not None
    with connection.execute_wrapper(_cut), pytest.raises(AWAY):
        runs.finish(run, state="complete", now=NOW)
    assert (Run.objects.get().ended_at, Delivery.objects.count()) == (None, 0)
    assert runs.finish(run, state="complete", now=NOW)
    assert not runs.finish(run, state="failed", now=NOW)
    assert [each.end for each in Delivery.objects.all()] == ["complete"]


def _cut(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """The database goes away before the delivery is written."""
    if sql.startswith("INSERT") and "delivery" in sql:
        raise AWAY[0]("server closed the connection unexpectedly")
    return execute(sql, params, many, context)


def test_a_worker_that_dies_between_call_and_note_has_it_called_again_under_the_same_id(
    empty_home: Path, receiver: ScriptedApi
) -> None:
    add(receiver)
    end()
    lost = calls.claim(now=NOW)
    assert lost is not None
    asyncio.run(calls.make(lost))
    assert calls.claim(now=NOW + calls.LEASE - timedelta(seconds=1)) is None
    (delivery,) = deliver(NOW + calls.LEASE)
    assert (delivery.state, delivery.attempts) == ("delivered", 2)
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert not calls.note(lost, ladle.Posted(status=500), now=NOW + calls.LEASE)
    assert Delivery.objects.get().state == "delivered"
