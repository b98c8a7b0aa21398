"""Errors behind a good status: takes answers as APIs send them with 200, gives whether they are errors, and which."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ladle.sources.definition import parse
from ladle.sources.library import load_source
from ladle.sources.paging import AnswerError, read_answer
from ladle.sources.said import words_of
from ladle.sources.source import Resource

OWN = """
ladle = 1
name = "own"
title = "Own"
base_url = "https://api.example.org/"
{top}
[resources.things]
path = "things"
{more}
[datasets.things]
resource = "things"
"""
LIST = 'records = "results"\nkey = "id"'
RECORD = 'key = "id"'
BARE = ""
SLACK = (
    'records = "members"\nkey = "id"\nerror = [\n'
    '  { path = "error", is = ["ratelimited", "rate_limited"], means = "limit" },\n'
    '  { path = "error", is = ["invalid_auth", "not_authed"], means = "refused" },\n'
    '  { path = "error", is = "channel_not_found", means = "gone" },\n'
    '  { path = "ok", is = false, reason = "error" },\n]'
)
COD = 'error = { path = "cod", not = 200, reason = "message" }'
ANY = 'error = { path = "fault" }'


def resource(more: str = "", *, top: str = "") -> Resource:
    text = OWN.format(top=top, more=more)
    return parse(text, where="own.toml", lists=lambda *_: ("", "")).resources["things"]


def told(resource: Resource, value: Any) -> tuple[str, str] | None:
    """The words and the meaning of the error that an answer is; None where it is data."""
    try:
        read_answer(resource, json.dumps(value).encode())
    except AnswerError as error:
        words = error.message.removeprefix("The answer says that it is an error").removeprefix(":")
        return words.strip(" ."), error.means
    return None


@pytest.mark.parametrize(
    ("more", "value", "words", "means"),
    [
        (SLACK, {"ok": False, "error": "ratelimited"}, "ratelimited", "limit"),
        (SLACK, {"ok": False, "error": "invalid_auth"}, "invalid_auth", "refused"),
        (SLACK, {"ok": False, "error": "channel_not_found"}, "channel_not_found", "gone"),
        (SLACK, {"ok": False, "error": "fatal_error", "members": [{"id": 1}]}, "fatal_error", "again"),
        (COD, {"cod": "404", "message": "city not found"}, "city not found", "gone"),
        (COD, {"cod": 401, "message": "Invalid API key. See our site."}, "Invalid API key. See our site", "refused"),
        (COD, {"cod": 429, "message": "Your account is blocked."}, "Your account is blocked", "limit"),
        (COD, {"cod": "500"}, '"cod" is "500"', "again"),
        (COD, {"cod": 7, "id": 3}, '"cod" is 7', "again"),
        (ANY, {"fault": {"faultstring": "no"}, "id": 3}, '"fault" is {"faultstring": "no"}', "again"),
        (ANY, {"fault": {"code": 429}, "message": "Slow down"}, "Slow down", "again"),
        ('error = { path = "meta.code", not = [200, 201] }', {"meta": {"code": 410}}, '"meta.code" is 410', "gone"),
        ('error = { path = "ok", is = false, means = "gone" }', {"ok": False}, '"ok" is false', "gone"),
    ],
)
def test_an_error_is_read_as_its_rule_says(more: str, value: Any, words: str, means: str) -> None:
    assert told(resource(more), value) == (words, means)


@pytest.mark.parametrize(
    ("more", "value"),
    [
        (SLACK, {"ok": True, "members": []}),
        (SLACK, {"ok": 0, "members": []}),
        (SLACK, {"members": [{"id": 1}]}),
        (COD, {"cod": 200, "id": 1}),
        (COD, {"cod": "200", "id": 1}),
        (COD, {"cod": 200.0, "id": 1}),
        (COD, {"cod": "200.0", "id": 1}),
        (COD, {"cod": None, "id": 1}),
        (COD, {"id": 1}),
        (ANY, {"fault": False, "id": 1}),
        (ANY, {"fault": "", "id": 1}),
    ],
)
def test_a_rule_that_does_not_fit_leaves_data_alone(more: str, value: Any) -> None:
    assert told(resource(more), value) is None


def test_a_sources_rules_hold_for_all_its_resources_after_their_own() -> None:
    found = resource('error = { path = "error", is = "busy", means = "limit" }', top='error = { path = "error" }')
    assert told(found, {"error": "busy", "id": 1}) == ("busy", "limit")
    assert told(found, {"error": "broken", "id": 1}) == ("broken", "again")


@pytest.mark.parametrize(
    ("more", "value", "words", "means"),
    [
        (LIST, {"error": "Something broke."}, "Something broke", "again"),
        (LIST, {"error": True, "reason": "Down for maintenance"}, "Down for maintenance", "again"),
        (LIST, {"ok": False, "error": "ratelimited"}, "ratelimited", "limit"),
        (LIST, {"success": False}, "", "again"),
        (LIST, {"error": "busy", "results": []}, "busy", "again"),
        (LIST, {"error": {"code": 429, "message": "Quota exceeded for…"}}, "Quota exceeded for…", "limit"),
        (LIST, {"errors": [{"status": "404", "title": "Not there"}]}, "Not there", "gone"),
        (LIST, {"errors": [{"message": "syntax", "extensions": {}}], "data": None}, "syntax", "again"),
        (LIST, {"status": "error", "message": "Invalid API key"}, "Invalid API key", "refused"),
        (LIST, {"code": 401, "message": "Who are you?", "data": {}}, "Who are you?", "refused"),
        (RECORD, {"cod": "404", "message": "city not found"}, "city not found", "gone"),
        (RECORD, {"detail": "Not found."}, "Not found", "gone"),
        (RECORD, {"message": "Not Found", "documentation_url": "https://…"}, "Not Found", "gone"),
        (RECORD, {"error": "not_found", "id": None, "name": None}, "not_found", "gone"),
        (BARE, {"error": "Internal error", "status": 500}, "Internal error", "again"),
        (BARE, {"status": 503, "message": "Come back"}, "Come back", "again"),
        (
            BARE,
            {"success": False, "error": {"code": 104, "type": "usage_limit_reached"}},
            "usage_limit_reached",
            "again",
        ),
    ],
)
def test_what_can_be_no_data_is_an_error_without_any_rule(more: str, value: Any, words: str, means: str) -> None:
    assert told(resource(more), value) == (words, means)


@pytest.mark.parametrize(
    ("more", "value"),
    [
        (LIST, {"error": "one of two shards failed", "results": [{"id": 1}]}),
        (LIST, {"errors": [], "error": None, "results": []}),
        (LIST, {"code": 200, "message": "ok", "results": []}),
        (RECORD, {"id": 1, "success": False, "error": "engine failure", "status": "failed"}),
        (RECORD, {"id": 0, "message": "hello", "code": 404}),
        (RECORD, {"name": "Sensor", "error": 0.3}),
        (RECORD, {"status": "success", "message": "https://images.example.org/dog.jpg"}),
        (BARE, {"message": "hello"}),
        (BARE, {"title": "On failing", "error": "a novel", "pages": 300}),
        (BARE, {"success": False, "name": "Falcon 1"}),
        (BARE, {"code": 404, "title": "Product 404", "price": 3}),
        (BARE, [{"error": "a novel"}]),
    ],
)
def test_what_may_be_data_is_never_an_error(more: str, value: Any) -> None:
    assert told(resource(more), value) is None


def test_an_empty_object_is_no_record() -> None:
    assert told(resource(RECORD), {}) == ("The answer is an empty object, {}, and no record", "again")
    assert told(resource(LIST), {"results": [{}]}) is None


@pytest.mark.parametrize(("cod", "means"), [("404", "gone"), (404, "gone"), (401, "refused"), (429, "limit")])
def test_openweathermaps_errors_are_known_by_their_code(cod: object, means: str) -> None:
    weather = load_source("openweather", env={}).resources["weather"]
    assert told(weather, {"cod": cod, "message": "Nothing."}) == ("Nothing", means)
    assert told(weather, {"cod": 200, "id": 7, "main": {"temp": 3}}) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"message": "  Down\n for   now. \x1b[2J"}, "Down for now. [2J"),
        ({"message": "x" * 5000}, "x" * 200),
        ({"message": 7, "detail": "seven"}, "seven"),
        ({"error": {"message": "inner"}, "message": "outer"}, "inner"),
        ({"error": []}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_words_of_an_error_are_short_and_can_be_shown(value: Any, words: str) -> None:
    assert words_of(value) == words
