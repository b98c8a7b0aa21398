"""Webhooks by the API and on their pages: takes what people send, looks what they are shown and what is kept."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

import ladle
from ladle.testing import ScriptedApi, answer
from ladle_server.access.models import Deed
from ladle_server.catalog.hooks import outbox
from ladle_server.catalog.models import Delivery, Webhook
from ladle_server.catalog.posting import calls
from tests.server.hooked import NOW, add, deliver, end, is_signed


def test_a_secret_is_shown_once_and_kept_nowhere(client: Client, empty_home: Path, receiver: ScriptedApi) -> None:
    made = client.post("/api/v1/webhooks", {"url": receiver.url + "hook"}, content_type="application/json")
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    secret = made.json()["secret"]
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    end(now=datetime.now(UTC))
    deliver(datetime.now(UTC))
    assert is_signed(receiver.requests[0], secret)
    for path in (made["Location"], "/api/v1/webhooks", f"{made['Location']}/deliveries", "/webhooks/", "/webhooks/1/"):
        assert secret.encode() not in client.get(path).content
    kept = [str(row) for model in (Webhook, Delivery) for row in model.objects.values_list()]
    assert not any(secret in each or secret.removeprefix("whsec_") in each for each in kept)


def test_with_another_secret_key_nothing_is_signed_wrongly(
    empty_home: Path, receiver: ScriptedApi, settings: Settings
) -> None:
    add(receiver)
    end()
    settings.SECRET_KEY = "x" * 50
    (delivery,) = deliver()
    assert (delivery.state, receiver.requests) == ("given up", [])
    assert "Add the webhook anew." in delivery.reason


def test_a_webhook_that_is_added_twice_with_the_same_key_is_added_once(
    client: Client, empty_home: Path, receiver: ScriptedApi
) -> None:
    def ask(path: str, key: str) -> Any:
        body = {"url": receiver.url + path}
        return client.post("/api/v1/webhooks", body, content_type="application/json", headers={"Idempotency-Key": key})

    first, second, third = ask("hook", "a"), ask("hook", "a"), ask("hook", "b")
    assert [each.status_code for each in (first, second, third)] == [201] * 3
    assert second["Location"] == first["Location"] != third["Location"]
    assert (bool(first.json()["secret"]), second.json()["secret"]) == (True, None)
    assert ask("other", "a").status_code == 409


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, '"url" is null'),
        ({"url": "https://example.org/", "datasets": ["people"]}, '"people" names no datasets'),
        ({"url": "https://example.org/", "datasets": "*"}, '"datasets" is "*"'),
        ({"url": "https://example.org/", "ends": ["done"]}, 'no end of a run "done"'),
        ({"url": "https://example.org/", "secret": "x"}, 'no key "secret"'),
    ],
)
def test_the_api_refuses_what_can_t_be_meant(
    client: Client, empty_home: Path, body: dict[str, Any], words: str
) -> None:
    refused = client.post("/api/v1/webhooks", body, content_type="application/json")
    assert (refused.status_code, words in refused.json()["detail"]) == (400, True), refused.json()


def test_the_api_lists_removes_and_tells_deliveries(client: Client, empty_home: Path, receiver: ScriptedApi) -> None:
    added = add(receiver)
    other = add(receiver, "other")
    end()
    deliver()
    here = f"/api/v1/webhooks/{added.row.pk}"
    listed = client.get("/api/v1/webhooks?limit=1")
    assert (listed.json()["count"], listed.json()["results"][0]["last"]["state"]) == (2, "delivered")
    assert 'rel="next"' in listed["Link"]
    (told,) = client.get(f"{here}/deliveries").json()["results"]
    assert (told["type"], told["attempts"], told["status"], told["due_at"]) == ("run.complete", 1, 200, None)
    strange = client.post(f"/api/v1/webhooks/{other.row.pk}/deliveries/{told['id']}/again")
    assert strange.status_code == 404
    assert client.delete(here, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.delete(here).status_code == 204
    assert client.get(here).status_code == 404
    assert Delivery.objects.count() == 1


def test_no_more_than_the_last_deliveries_are_kept(empty_home: Path, receiver: ScriptedApi) -> None:
    added = add(receiver)
    for _ in range(calls.KEPT + 2):
        row = outbox.put_test(added.row, now=NOW)
        call = calls.claim(only=row.pk, now=NOW)
        assert call is not None
        calls.note(call, ladle.Posted(status=200), now=NOW)
    assert Delivery.objects.count() == calls.KEPT


FORM = {"datasets": "swapi/people openweather/*", "ends": ["complete", "failed"], "once": "one"}


def test_the_page_adds_a_webhook_and_shows_its_secret_once(
    client: Client, empty_home: Path, receiver: ScriptedApi
) -> None:
    assert "There is none yet." in client.get("/webhooks/").content.decode()
    form = {**FORM, "url": receiver.url + "hook"}
    made = client.post("/webhooks/", form)
    assert (made.status_code, made["Cache-Control"]) == (200, "no-store")
    secret = re.search(r"<code>(whsec_\S+)</code>", made.content.decode())
    assert secret
    row = Webhook.objects.get()
    assert (row.datasets, row.ends) == (["swapi/people", "openweather/*"], ["complete", "failed"])
    again = client.post("/webhooks/", form).content.decode()
    assert "It was added already" in again
    assert "whsec_" not in again
    assert Webhook.objects.count() == 1
    assert [deed.deed for deed in Deed.objects.all()] == ["add a webhook"]
    end(now=datetime.now(UTC))
    deliver(datetime.now(UTC))
    assert is_signed(receiver.requests[0], secret[1])


def test_a_form_that_can_t_be_meant_is_shown_again_as_it_was_filled_in(client: Client, empty_home: Path) -> None:
    wrong = client.post("/webhooks/", {**FORM, "url": "https://example.org/", "datasets": "people"})
    page = wrong.content.decode()
    assert (wrong.status_code, "names no datasets" in page) == (400, True)
    assert 'value="https://example.org/"' in page
    assert len(re.findall(r'name="ends" [^>]* checked', page)) == 2
    assert client.post("/webhooks/", {**FORM, "url": "https://example.org/", "ends": []}).status_code == 400


def test_its_page_tells_what_came_of_each_call_and_has_its_buttons(
    client: Client, empty_home: Path, receiver: ScriptedApi
) -> None:
    receiver.fail("/hook", answer(b"", status=503), answer(b"", status=410))
    added = add(receiver)
    run = end()
    deliver()
    here = f"/webhooks/{added.row.pk}/"
    page = client.get(here).content.decode()
    for words in (f'href="/runs/{run.pk}/"', "The receiver answered 503.", "pending, again at", "Send again"):
        assert words in page
    assert Client(enforce_csrf_checks=True).post(f"{here}test/").status_code == 403
    assert client.post(f"{here}deliveries/{Delivery.objects.get().pk}/again/")["Location"] == here
    deliver(datetime.now(UTC))
    assert "It is disabled since" in client.get(here).content.decode()
    assert client.post(f"{here}test/").status_code == 409
    for what in ("enable", "test", "disable"):
        assert client.post(f"{here}{what}/")["Location"] == here
    assert "Somebody disabled it." in client.get(here).content.decode()
    asked = client.get(f"{here}remove/").content.decode()
    assert "1 delivery that it has not heard yet is forgotten" in asked
    assert client.post(f"{here}remove/")["Location"] == "/webhooks/"
    assert client.get(here).status_code == 404
    assert 'href="/webhooks/"' in client.get("/runs/").content.decode()


def test_the_verification_in_the_documents_knows_what_is_from_here(empty_home: Path, receiver: ScriptedApi) -> None:
    text = (Path(__file__).parents[2] / "docs" / "howto" / "webhooks.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    known: dict[str, Any] = {}
    exec(code, known)  # noqa: S102 - our own documents
    added = add(receiver)
    end()
    deliver()
    (request,) = receiver.requests
    at, body = NOW.timestamp(), request.body

    def verified(body: bytes = body, *, secret: str = added.secret, now: float = at) -> bool:
        return bool(known["verified"](request.headers, body, secret=secret, now=now))

    assert verified()
    assert not verified(body + b" ")
    assert not verified(secret=add(receiver).secret)
    assert not verified(now=at + 301)
