"""A run as a stream of events on a real site: takes what was seen last, looks what is sent, and when it ends."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.server.cities import IDS, Cities
from tests.server.site import SECONDS, Site, until


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it came."""

    id: str
    run: Any


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("events")
    with Cities() as cities, Site(folder / "home", **cities.settings(folder)) as running:
        yield running


def start(site: Site) -> str:
    return str(site.post("/api/v1/runs", {"dataset": "openweather/cities"}).json["id"])


def paused(site: Site) -> str:
    """A run that stands still, so that nothing happens but what a test does. One that was quicker is no use."""

    def stopped() -> str | None:
        run = start(site)
        return run if site.post(f"/api/v1/runs/{run}/pause", None).json.get("state") == "paused" else None

    return str(until(stopped))


@contextmanager
def stream(site: Site, run: str, **headers: str) -> Iterator[Iterator[Event]]:
    """The events as they come; at the end the connection is cut."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=SECONDS)
    try:
        connection.request("GET", f"/api/v1/runs/{run}/events", headers=headers)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        yield _events(answer)
    finally:
        connection.close()


def _events(answer: http.client.HTTPResponse) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in answer:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            assert fields["event"] == "run"
            yield Event(fields["id"], json.loads(fields["data"]))
            fields = {}


def test_a_run_is_told_whole_at_once_whenever_it_changes_and_until_it_ends(site: Site) -> None:
    run = start(site)
    with stream(site, run) as events:
        seen = list(events)
    assert seen[-1].run == site.get(f"/api/v1/runs/{run}").json
    assert (seen[-1].run["state"], seen[-1].run["progress"]["done"]) == ("complete", len(IDS))
    assert len({event.id for event in seen}) == len(seen) > 1


def test_who_comes_again_is_sent_what_has_changed_since(site: Site) -> None:
    run = paused(site)
    with stream(site, run) as events:
        first = next(events)
    assert first.run["state"] == "paused"
    site.post(f"/api/v1/runs/{run}/resume", None)
    with stream(site, run, **{"Last-Event-ID": first.id}) as events:
        later = list(events)
    assert first.id not in {event.id for event in later}
    with stream(site, run, **{"Last-Event-ID": "of-another-run"}) as events:
        assert list(events) == later[-1:]
    over = site.get(f"/api/v1/runs/{run}/events", **{"Last-Event-ID": later[-1].id})
    assert (over.status, over.body) == (204, b"")


def test_many_follow_one_run_without_a_thread_each(site: Site) -> None:
    run, before = paused(site), site.threads()
    opened = [http.client.HTTPConnection("127.0.0.1", site.port, timeout=SECONDS) for _ in range(60)]
    try:
        for connection in opened:
            connection.request("GET", f"/api/v1/runs/{run}/events")
        streams = [_events(connection.getresponse()) for connection in opened]
        assert {next(each).run["id"] for each in streams} == {run}
        assert site.threads() < before + 20
        site.post(f"/api/v1/runs/{run}/cancel", None)
        assert {list(each)[-1].run["state"] for each in streams} == {"cancelled"}
    finally:
        for connection in opened:
            connection.close()


@pytest.mark.parametrize(
    ("method", "body", "status", "starts"),
    [("HEAD", None, 200, b""), ("GET", b'{"a": 1}', 200, b"retry: 2000\n\nevent: run\n"), ("POST", b"{}", 405, b"{")],
)
def test_whatever_comes_with_it_a_stream_begins_or_is_refused(
    site: Site, method: str, body: bytes | None, status: int, starts: bytes
) -> None:
    run = start(site)
    site.ended(run)
    answer = site.ask(method, f"/api/v1/runs/{run}/events", body=body, Content_Type="application/json")
    assert (answer.status, answer.body[: len(starts)]) == (status, starts)
    assert answer.headers["content-type"] == ("text/event-stream" if status == 200 else "application/problem+json")


def test_a_run_that_is_not_there_has_no_events(site: Site) -> None:
    answer = site.get("/api/v1/runs/20200101-000000-000000/events")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_server_that_ends_ends_its_streams(site: Site) -> None:
    """The last test, since it ends the site of them all."""
    with stream(site, paused(site)) as events:
        next(events)
        assert site.end() == 0
        list(events)
