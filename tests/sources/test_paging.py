"""Reading answers: takes bodies and addresses as odd APIs send them, gives records, counts and names, or words."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladle.sources.library import load_source
from ladle.sources.paging import AnswerError, canonical, dig, join, read_answer, same_origin

SWAPI = load_source("swapi", env={})
PEOPLE = SWAPI.resources["people"]
WEATHER = load_source("openweather", env={}).resources["weather"]
BASE = SWAPI.base_url


@pytest.mark.parametrize(
    "written",
    [
        "https://swapi.dev/api/planets/1/",
        "http://swapi.dev/api/planets/1/",
        "https://swapi.dev/api/planets/1",
        "https://SWAPI.dev:443/api/planets/1/",
        "https://swapi.info/api/planets/1",
        "http://127.0.0.1:8001/api/planets/1/",
        " https://swapi.dev/api/planets/1/\n",
        "https://swapi.dev/api/planets/1/#top",
        "//swapi.dev/api/planets/1/",
        "/api/planets/1/",
        "planets/1",
        "./planets/1/",
    ],
)
def test_all_spellings_of_a_reference_are_one(written: str) -> None:
    assert canonical(written, BASE) == "planets/1"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("https://swapi.dev/api/planets/10/", "planets/10"),
        ("https://swapi.dev/api/people/1/", "people/1"),
        ("https://swapi.dev/api/planets/?id=1", "planets?id=1"),
        ("https://swapi.dev/apiary/planets/1/", "apiary/planets/1"),
        ("https://swapi.dev/api/", ""),
        ("https://swapi.dev/", ""),
        ("https://swapi.dev/api/planets/tatooine%20one/", "planets/tatooine one"),
        ("https://swapi.dev/api/planets/a%2Fb/", "planets/a%2Fb"),
        ("https://swapi.dev/api/planets/a/b/", "planets/a/b"),
        ("https://swapi.dev/api/Planets/1/", "Planets/1"),
        ("https://swapi.dev/api/planets/?id=1&id=2", "planets?id=1&id=2"),
        ("https://swapi.dev/api/planets/?id=2&id=1", "planets?id=2&id=1"),
        ("https://swapi.dev/api/planets/?id=1%262", "planets?id=1%262"),
        ("https://swapi.dev/api/planets/%ff/", "planets/%FF"),
        ("https://swapi.dev/api/planets/%0a/", "planets/%0A"),
        ("http://[half", "http://[half"),
    ],
)
def test_what_is_another_record_has_another_name(written: str, name: str) -> None:
    assert canonical(written, BASE) == name


def test_a_base_without_a_path_leaves_the_path_as_it_is() -> None:
    assert canonical("https://example.org/planets/1/", "https://example.org/") == "planets/1"


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_reference_is_too_odd_for_a_name(written: str) -> None:
    name = canonical(written, BASE)
    assert canonical(written, BASE) == name
    assert isinstance(same_origin(written, BASE), bool)
    assert join(BASE, written) is None or urlsplit(join(BASE, written) or "").scheme


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://swapi.dev/", True),
        ("http://swapi.dev/x", True),
        ("https://Swapi.Dev:443/", True),
        ("http://swapi.dev:80/", True),
        ("https://swapi.dev:8443/", False),
        ("https://swapi.dev.example.org/", False),
        ("https://swapi.dev@example.org/", False),
        ("https://example.org/swapi.dev/", False),
        ("ftp://swapi.dev/", False),
        ("https://swapi.dev:port/", False),
        ("https://swapi.dev:99999/", False),
        ("https://[half/", False),
        ("/api/", False),
        ("", False),
    ],
)
def test_a_site_is_its_host_and_port_with_http_or_https(address: str, same: bool) -> None:
    assert same_origin(address, BASE) is same


def test_a_page_is_read_with_its_records_count_and_next() -> None:
    body = b'{"count": 82, "next": "https://swapi.dev/api/people/?page=2", "results": [{"name": "Luke"}, {}]}'
    page = read_answer(PEOPLE, body)
    assert page.records == [{"name": "Luke"}, {}]
    assert (page.count, page.next) == (82, "https://swapi.dev/api/people/?page=2")


@pytest.mark.parametrize(
    ("count", "read"),
    [("82", None), (82.5, None), (True, None), (-1, None), (None, None), ([], None), (0, 0), (82, 82)],
)
def test_a_count_that_is_no_number_of_records_is_not_known(count: object, read: int | None) -> None:
    assert read_answer(PEOPLE, json.dumps({"count": count, "results": []}).encode()).count == read


@pytest.mark.parametrize("next", [None, "", "  ", False, 0, {}, ["?page=2"]])
def test_a_next_that_is_no_address_is_none(next: object) -> None:
    assert read_answer(PEOPLE, json.dumps({"next": next, "results": []}).encode()).next is None


def test_an_answer_without_count_and_next_has_none() -> None:
    page = read_answer(PEOPLE, b'{"results": []}')
    assert (page.records, page.count, page.next) == ([], None, None)


def test_one_record_and_a_bare_list_are_read_where_no_path_is_given() -> None:
    assert read_answer(WEATHER, b'{"id": 7}').records == [{"id": 7}]
    assert read_answer(WEATHER, b'[{"id": 7}, {"id": 8}]').records == [{"id": 7}, {"id": 8}]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The answer was empty."),
        (b" \r\n", "The answer was empty."),
        (b"<html>Sorry</html>", "The answer is not JSON; it begins with '<html>Sorry</html>'."),
        (b'{"results": [{"name": "Lu', 'The answer is not JSON; it begins with \'{"results": [{"name": "Lu\'.'),
        (b"\xff\xfe{", "The answer is not JSON; it begins with '\\ufffd\\ufffd{'."),
        (b"x" * 9000, f"The answer is not JSON; it begins with '{'x' * 40}'."),
        (b"null", 'The answer has no records at "results".'),
        (b"[]", 'The answer has no records at "results".'),
        (b"{}", 'The answer has no records at "results".'),
        (b'{"results": null}', 'The answer has no records at "results".'),
        (b'{"results": "none"}', 'The answer has no records at "results".'),
        (b'{"results": [{}, 7]}', 'The answer has no records at "results".'),
        (b'{"results": [[]]}', 'The answer has no records at "results".'),
        (b'{"error": "Something broke."}', "The answer says that it is an error: Something broke."),
        (b"[" * 100_000, "The answer is nested too deep to be read."),
    ],
)
def test_a_body_that_is_not_what_was_promised_is_told_in_words(body: bytes, words: str) -> None:
    with pytest.raises(AnswerError) as raised:
        read_answer(PEOPLE, body)
    told = raised.value.message.encode("ascii", "backslashreplace").decode()
    assert told == words


def test_an_answer_with_a_byte_order_mark_is_read() -> None:
    assert read_answer(WEATHER, b'\xef\xbb\xbf{"id": 7}').records == [{"id": 7}]


def test_an_error_at_the_top_is_told_without_a_path() -> None:
    with pytest.raises(AnswerError, match="The answer has no records at the top"):
        read_answer(replace(PEOPLE, records=""), b'"nothing"')


@settings(deadline=None)
@given(
    st.binary(max_size=50)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_no_body_is_too_odd_for_an_answer_or_words(body: bytes) -> None:
    with suppress(AnswerError):
        assert all(isinstance(record, dict) for record in read_answer(PEOPLE, body).records)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", {"a": {"b": 1, "c.d": 2}, "a.b": 3, "e": [4], "f": None}),
        ("a", {"b": 1, "c.d": 2}),
        ("a.b", 3),
        ("a.c", None),
        ("a.b.c", None),
        ("e.0", 4),
        ("e.-1", 4),
        ("e.1", None),
        ("e.-2", None),
        ("e.x", None),
        ("e.*", [4]),
        ("f", None),
        ("f.g", None),
        ("x", None),
        ("results.", None),
    ],
)
def test_a_path_leads_to_its_value_or_to_nothing(path: str, value: object) -> None:
    assert dig({"a": {"b": 1, "c.d": 2}, "a.b": 3, "e": [4], "f": None}, path) == value
