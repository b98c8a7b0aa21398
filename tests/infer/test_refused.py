"""Keys, and what gives no definition: takes answers and addresses that people get wrong, looks at the words."""

from __future__ import annotations

from typing import Any

import pytest

from ladle.errors import BadInput, LadleError, UpstreamError
from ladle.sources.infer import Heard, made_ready
from ladle.sources.source import Auth
from tests.infer.talks import HOST, failed, inferred, only, records, source_of


def test_a_key_in_the_address_is_not_written_down() -> None:
    told, asked = inferred("/v1/things?api_key=s3cr3t&q=a", lambda _: records(2))
    source = source_of(told)
    assert source.auth == Auth(place="query", name="api_key", env="EXAMPLE_KEY")
    assert only(told).params == {"q": "a"}
    assert not any("s3cr3t" in part for part in (told.definition, str(told.findings), *told.missing, *asked))
    assert "EXAMPLE_KEY" in told.missing[0]


@pytest.mark.parametrize(
    ("query", "auth", "named"),
    [
        ("key=s3cr3t&token=s3cr3t", None, "token"),
        ("q=a&api_key=s3cr3t", Auth(place="bearer", name="Authorization", env="OWN"), "api_key"),
        ("key=s3cr3t&token=s3cr3t", Auth(place="query", name="key", env="OWN"), "token"),
    ],
    ids=["two keys", "a key beside a token", "a key beside the one that is named"],
)
def test_a_second_key_in_the_address_is_refused_by_its_name_alone(query: str, auth: Auth | None, named: str) -> None:
    with pytest.raises(BadInput) as caught:
        inferred(f"/v1/things?{query}", lambda _: records(2), auth=auth)
    assert f'holds a key ("{named}")' in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_the_key_that_is_named_may_stand_in_the_address_and_is_not_shown() -> None:
    named = Auth(place="query", name="key", env="OWN")
    told, asked = inferred("/v1/things?key=s3cr3t&token=&q=a", lambda _: records(2), auth=named)
    assert (only(told).params, source_of(told).auth, asked[0]) == (
        {"token": "", "q": "a"},
        named,
        "/v1/things?token=&q=a",
    )
    assert "s3cr3t" not in repr(made_ready(f"{HOST}/v1/things?key=s3cr3t"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (failed(405, {"detail": "no"}), "is to be sent"),
        (failed(404, b"", allow="POST, OPTIONS"), "Ladle sends no POST that nobody wrote"),
        (
            failed(401, {"message": "Missing token"}),
            "--bearer EXAMPLE_TOKEN, --header NAME=EXAMPLE_KEY or --query NAME=EXAMPLE_KEY",
        ),
        (failed(401, b"", www_authenticate='Basic realm="x"'), "--basic EXAMPLE_TOKEN"),
        ({"ok": False, "error": "not_authed"}, "The API wants a key"),
    ],
)
def test_what_wants_a_post_or_a_key_gets_a_draft_and_words(given: Any, words: str) -> None:
    told, _ = inferred("/v1/things", lambda _: given)
    assert not told.ready
    assert words in told.missing[0]
    assert source_of(told).resources


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (
            Heard(url=f"{HOST}/x", headers={"content-type": "text/html"}, body=b"<html>"),
            BadInput,
            "a page for people (HTML)",
        ),
        (b"nothing", BadInput, "no JSON"),
        (b"", BadInput, "empty"),
        ([1, 2, 3], BadInput, "a list of numbers"),
        (["a", "b"], BadInput, "a list of texts"),
        ([[1], [2]], BadInput, "a list of lists"),
        ({}, BadInput, "an empty object"),
        (7, BadInput, "no object and no list"),
        (failed(404, {"detail": "Not found"}), BadInput, "There is nothing at"),
        (failed(400, {"message": "q is required"}), BadInput, "q is required"),
        (failed(500, b"oops"), UpstreamError, "Try again later"),
        (failed(429, b""), UpstreamError, "its limit is reached"),
        (Heard(url=HOST, status=0, problem="The host can't be found."), UpstreamError, "The host can't be found."),
    ],
)
def test_what_leads_to_no_data_is_said_in_words(given: Any, kind: type[LadleError], words: str) -> None:
    with pytest.raises(kind) as caught:
        inferred("/x", lambda _: given)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "address", ["", "people", "ftp://a.org/x", "http://", "https://me:pw@a.org/", "https://a.org:x/", "http://[::1/"]
)
def test_what_is_no_address_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(BadInput) as caught:
        inferred(address if address else "ftp://", {})
    assert "pw" not in str(caught.value)
