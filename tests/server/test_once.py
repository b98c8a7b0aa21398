"""What holds for all routes: a thing is made once under a key, and lists say their links in a header too."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import ladle
from ladle.errors import Conflict
from ladle_server.access.models import Deed
from ladle_server.catalog.models import Schedule, UsedKey
from ladle_server.catalog.once import REMEMBERED, once

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DEFINITION = (Path(ladle.__file__).parent / "sources/builtin/swapi.toml").read_text("utf-8").replace("swapi", "mine", 1)
THINGS = [
    ("schedules", {"dataset": "swapi/people", "cron": "@daily"}, {"dataset": "swapi/people", "cron": "@hourly"}),
    ("sources", {"definition": DEFINITION}, {"definition": f"{DEFINITION}# another\n"}),
    ("runs", {"dataset": "swapi/people"}, {"dataset": "openweather/cities"}),
    ("runs", {"dataset": "swapi/people"}, {"dataset": "swapi/people", "afresh": True}),
]


def ask(client: Client, path: str, body: object, key: str) -> Any:
    where = f"/api/v1/{path}"
    return client.post(where, body, content_type="application/json", headers={"Idempotency-Key": key})


@pytest.mark.parametrize(("path", "wish", "other"), THINGS, ids=[" ".join((each[0], *each[2])) for each in THINGS])
def test_the_same_wish_under_the_same_key_is_fulfilled_once(
    client: Client, empty_home: Path, path: str, wish: object, other: object
) -> None:
    first, again, more = ask(client, path, wish, "a"), ask(client, path, wish, "a"), ask(client, path, wish, "b")
    assert {each.status_code for each in (first, again, more)} <= {201, 202}, first.content
    assert (again["Location"], again.json()) == (first["Location"], first.json())
    assert (more["Location"] == first["Location"]) is (path == "sources")  # there it is a new version
    assert Deed.objects.count() == 2, "who asks again has done nothing more"
    refused = ask(client, path, other, "a")
    assert (refused.status_code, '"a" was used for' in refused.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("path", "wish"),
    [THINGS[0][:2], THINGS[1][:2], ("webhooks", {"url": "http://127.0.0.1:9/hook"})],
    ids=["schedules", "sources", "webhooks"],
)
def test_the_same_wish_for_what_was_removed_since_is_a_conflict(
    client: Client, empty_home: Path, monkeypatch: pytest.MonkeyPatch, path: str, wish: object
) -> None:
    monkeypatch.setenv("LADLE_ALLOW_ADDRESSES", "127.0.0.1")
    made = ask(client, path, wish, "a")
    assert (made.status_code, client.delete(made["Location"]).status_code) == (201, 204)
    again = ask(client, path, wish, "a")
    assert (again.status_code, "removed since. Send a new key" in again.json()["detail"]) == (409, True)
    assert ask(client, path, wish, "b").status_code == 201


def test_what_was_refused_uses_up_no_key(client: Client, empty_home: Path) -> None:
    assert ask(client, "schedules", {"dataset": "swapi/people", "cron": "never"}, "a").status_code == 400
    assert ask(client, "schedules", {"dataset": "swapi/people", "cron": "@daily"}, "a").status_code == 201
    assert ask(client, "schedules", {"dataset": "swapi/people", "cron": "@daily"}, "x" * 256).status_code == 400
    assert Schedule.objects.count() == 1


def test_keys_are_told_apart_by_what_they_are_for_and_forgotten_after_a_while(db: None) -> None:
    made = iter("123")

    def ask_for(what: str, now: datetime, wish: str = "x") -> str:
        return once("key", lambda: next(made), what=what, wish=wish, now=now)

    assert [ask_for("a", NOW), ask_for("b", NOW), ask_for("a", NOW + REMEMBERED)] == ["1", "2", "1"]
    with pytest.raises(Conflict):
        ask_for("a", NOW, wish="y")
    assert ask_for("a", NOW + 2 * REMEMBERED, wish="y") == "3"
    assert UsedKey.objects.count() == 1


def test_a_list_s_links_stand_in_a_header(client: Client, read_home: Path, people: ladle.Snapshot) -> None:
    def links(query: str) -> dict[str, str]:
        answer = client.get(f"/api/v1/snapshots/{people.id}/rows?{query}")
        told = re.findall(r"<([^>]+)>; rel=\"(\w+)\"", answer["Link"])
        assert {rel: url for url, rel in told if rel == "next"}.get("next") == answer.json()["next"]
        return {rel: url.partition("_offset=")[2] for url, rel in told}

    assert links("_limit=30") == {"first": "0", "next": "30", "last": "60"}
    assert links("_limit=30&_offset=60") == {"first": "0", "prev": "30", "last": "60"}
    assert links("name=nobody") == {"first": "0", "last": "0"}
    long = client.get(f"/api/v1/snapshots/{people.id}/rows?_search={'x' * 2000}")
    assert (long.status_code, "Link" in long) == (200, False)
