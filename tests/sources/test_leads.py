"""Where more is: takes bodies and headers as odd APIs send them, gives counts, addresses, tokens, records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ladle.sources.page import AnswerError, Page
from ladle.sources.paging import dig, read_answer
from ladle.sources.paths import put
from ladle.sources.source import Paging, Resource


def resource(**more: Any) -> Resource:
    return Resource(**{"name": "things", "path": "things", "records": "items", "paging": Paging(style="page"), **more})


def read(body: object, headers: dict[str, str] | None = None, **more: Any) -> Page:
    return read_answer(resource(**more), json.dumps(body).encode(), headers or {})


NONE: dict[str, list[object]] = {"items": []}


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ('<https://a.example/x?page=2>; rel="next"', "https://a.example/x?page=2"),
        ('<?page=1>; rel="prev", <?page=3>; rel="next", <?page=9>; rel="last"', "?page=3"),
        ("<?page=2>;rel=next", "?page=2"),
        ('<?page=2>; title="a, <b>; rel=\\"next\\""; REL="last Next"', "?page=2"),
        ('<?a=1,2;3>; rel="next"', "?a=1,2;3"),
        ('<?page=9>; rel="last"', None),
        ('<?page=9>; rel="nextish"', None),
        ('<>; rel="next"', None),
        ("", None),
        ("no link at all", None),
        pytest.param("<" * 90_000, None, id="as long as a header can be, in time that grows with its length alone"),
    ],
)
def test_the_next_page_is_the_link_that_says_so(written: str, address: str | None) -> None:
    assert read(NONE, {"link": written}, paging=Paging(style="header")).next == address
    assert read(NONE, {"link": written}, paging=Paging(style="link"), next="header:Link").next == address


@pytest.mark.parametrize(
    ("told", "count"), [("95", 95), (" 95 ", 95), ("0", 0), ("-1", None), ("9.5", None), ("²", None), ("9" * 30, None)]
)
def test_a_header_tells_how_many_there_are(told: str, count: int | None) -> None:
    page = read(NONE, {"x-total": told, "x-pages": told}, count="header:X-Total", pages="header:X-Pages")
    assert (page.count, page.pages) == (count, count)


@pytest.mark.parametrize("next", [{"href": "?page=2", "meta": {}}, "?page=2"])
def test_a_link_may_be_an_object(next: object) -> None:
    assert read({"items": [], "next": next}, next="next").next == "?page=2"


@pytest.mark.parametrize(
    ("told", "more"),
    [(True, True), (False, False), (1, True), (0, False), ("true", True), ("false", False), ("", False), (None, None)],
)
def test_whether_there_is_more_is_said_in_many_ways(told: object, more: bool | None) -> None:
    assert read({"items": [], "more": told}, paging=Paging(style="page", more="more")).more is more


CURSOR = Paging(style="cursor", cursor="next", more="more")


@pytest.mark.parametrize(
    ("body", "token"),
    [
        ({"next": "abc=="}, "abc=="),
        ({"next": 17}, 17),
        ({"next": "abc", "more": True}, "abc"),
        ({"next": "abc", "more": False}, None),
        ({"next": ""}, None),
        ({"next": None}, None),
        ({"next": 0}, None),
        ({"next": "0"}, None),
        ({"next": False}, None),
        ({}, None),
    ],
)
def test_a_token_leads_on_and_what_is_none_ends_it(body: dict[str, object], token: object) -> None:
    assert read({"items": [{"id": 1}], **body}, paging=CURSOR).token == token


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"more": True}, 'The answer says that there is more, but not where: "next" is not there.'),
        ({"more": True, "next": ""}, "there is more, but not where"),
        ({"next": {"a": 1}}, '"next" is neither a text nor a whole number.'),
        ({"next": 1.5}, '"next" is neither a text nor a whole number.'),
    ],
)
def test_a_token_that_is_none_though_there_is_more_is_no_end(body: dict[str, object], words: str) -> None:
    with pytest.raises(AnswerError) as raised:
        read({"items": [{"id": 1}], **body}, paging=CURSOR)
    assert words in raised.value.message


def test_the_last_record_leads_on_while_there_is_more() -> None:
    last = Paging(style="cursor", last="meta.id", more="more")
    records = [{"meta": {"id": 1}}, {"meta": {"id": 2}}]
    assert read({"items": records, "more": True}, paging=last).token == 2
    assert read({"items": records, "more": False}, paging=last).token is None
    # Nothing says that there is no more: only an empty page does.
    assert read({"items": records}, paging=last).token == 2
    assert read({"items": []}, paging=last).token is None
    with pytest.raises(AnswerError, match=r'"meta\.id" of its last record is not there'):
        read({"items": [{"id": 1}], "more": True}, paging=last)
    with pytest.raises(AnswerError, match="there is more, but not where"):
        read({"items": [], "more": True}, paging=last)


@pytest.mark.parametrize(
    ("path", "body", "ids"),
    [
        ("groups.*.items", {"groups": [{"items": [{"id": 1}, {"id": 2}]}, {}, {"items": [{"id": 3}]}]}, [1, 2, 3]),
        ("*.items", [{"items": [{"id": 1}]}, {"items": []}, {"items": [{"id": 2}]}], [1, 2]),
        ("a.*.b.*.c", {"a": [{"b": [{"c": {"id": 1}}, {"c": {"id": 2}}]}, {"b": [{"c": {"id": 3}}]}]}, [1, 2, 3]),
        ("by_id.*", {"by_id": {"x": {"id": 1}, "y": {"id": 2}}}, [1, 2]),
        ("data.0.items", {"data": [{"items": [{"id": 1}]}, {"items": [{"id": 2}]}]}, [1]),
        ("groups.*.items", {"groups": []}, []),
    ],
)
def test_records_are_gathered_from_several_places(path: str, body: object, ids: list[int]) -> None:
    assert [each["id"] for each in read(body, records=path).records] == ids


def test_records_that_lie_nowhere_are_no_empty_list() -> None:
    with pytest.raises(AnswerError, match=r'no records at "groups\.\*\.items"'):
        read({"group": []}, records="groups.*.items")


def test_columns_become_records() -> None:
    hourly = {"time": ["00:00", "01:00"], "temperature": [9.5, None]}
    rows = [{"time": "00:00", "temperature": 9.5}, {"time": "01:00", "temperature": None}]
    assert read({"hourly": hourly}, records="hourly", columnar=True).records == rows
    assert read([{"hourly": hourly}, {"hourly": hourly}], records="*.hourly", columnar=True).records == rows * 2
    assert read({"hourly": {"time": []}}, records="hourly", columnar=True).records == []


@pytest.mark.parametrize(
    ("hourly", "words"),
    [
        ({"time": [1, 2], "wind": [3]}, 'not of one length: "time" has 2, "wind" has 1.'),
        ({"time": [1], "unit": "m"}, '"unit" is no list.'),
        (None, 'no records at "hourly"'),
        ([7], 'no records at "hourly"'),
    ],
)
def test_columns_that_do_not_fit_together_are_told(hourly: object, words: str) -> None:
    with pytest.raises(AnswerError) as raised:
        read({"hourly": hourly}, records="hourly", columnar=True)
    assert words in raised.value.message


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("types.0.name", "grass"),
        ("types.-1.name", "poison"),
        ("types.2.name", None),
        ("types.*.name", ["grass", "poison"]),
        ("types.*.slot", [None, 2]),
        ("types.*.tags.*", ["a", "b"]),
        ("types.*", [{"name": "grass", "tags": ["a", "b"]}, {"name": "poison", "slot": 2}]),
        ("name.*", None),
        ("a*b", 1),
        ("*", [1, "x", [{"name": "grass", "tags": ["a", "b"]}, {"name": "poison", "slot": 2}]]),
    ],
)
def test_a_path_leads_through_lists(path: str, value: object) -> None:
    types = [{"name": "grass", "tags": ["a", "b"]}, {"name": "poison", "slot": 2}]
    assert dig({"a*b": 1, "name": "x", "types": types}, path) == value


def test_a_value_is_put_into_a_body_which_stays_as_it_is() -> None:
    body = {"query": "{ things }", "variables": {"first": 10}}
    assert put(body, "variables.after", "x") == {"query": "{ things }", "variables": {"first": 10, "after": "x"}}
    assert put(body, "page", 2)["page"] == 2
    assert put({"page": 7}, "page.number", 2) == {"page": {"number": 2}}
    assert body == {"query": "{ things }", "variables": {"first": 10}}
