"""The replicas themselves: takes each as its API's documentation says, by urllib alone, and looks for its traps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urljoin
from urllib.request import Request, urlopen

import pytest

from tests.replicas import NAMES, replica
from tests.replicas.kit import Record, Replica

Told = tuple[int, dict[str, str], Any]


def ask(address: str, *, body: object = None, **headers: str) -> Told:
    """Status, headers by small letters, and the answer, as JSON where it is some."""
    data = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        response = urlopen(Request(address, data=data, headers=named))
    except HTTPError as error:
        response = error
    with response:
        told, kind = response.read().decode(), response.headers.get("Content-Type", "")
        names = {name.lower(): value for name, value in response.headers.items()}
        return response.status, names, json.loads(told) if "json" in kind else told


def whole(api: Replica) -> Iterator[Record]:
    yield from ask(api.first)[2]


def details(api: Replica, records: str) -> Iterator[Record]:
    """Of a list of addresses, which each answer leads on."""
    address = api.first
    while address:
        page = ask(address)[2]
        for listed in page["results"]:
            told = ask(listed["url"])[2]
            yield told["result"]["properties"] if records else told
        address = page["next"]


def by_header(api: Replica) -> Iterator[Record]:
    address = api.first
    while address:
        _, headers, page = ask(address)
        yield from page
        found = re.search(r'<([^>]*)>; rel="next"', headers.get("link", ""))
        address = found[1] if found else ""


def by_last_id(api: Replica) -> Iterator[Record]:
    after = ""
    while True:
        page = ask(api.first + after)[2]
        yield from page["data"]
        if not page["has_more"]:
            return
        after = f"?starting_after={page['data'][-1]['id']}"


def by_cursor(api: Replica) -> Iterator[Record]:
    cursor = ""
    while True:
        page = ask(f"{api.first}&cursor={quote(cursor, safe='')}")[2]
        yield from page["members"]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            return


def by_odata_link(api: Replica) -> Iterator[Record]:
    address = api.first
    while address:
        page = ask(address)[2]
        yield from page["value"]
        following = page.get("@odata.nextLink")
        address = urljoin(api.url, following) if following else ""


def by_link(api: Replica) -> Iterator[Record]:
    address = api.first
    while address:
        page = ask(address)[2]
        yield from page["data"]
        address = page["links"]["next"]


def by_offset(api: Replica) -> Iterator[Record]:
    offset = 1
    while page := ask(f"{api.first}&offset={offset}")[2]["features"]:
        yield from page
        offset += len(page)


def by_columns(api: Replica) -> Iterator[Record]:
    columns = ask(api.first)[2]["hourly"]
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def by_number(api: Replica) -> Iterator[Record]:
    for number in range(1, 100):
        status, _, page = ask(f"{api.first}?page={number}")
        if status != 200:
            return
        yield from page["results"] if isinstance(page, dict) else page


def by_body(api: Replica) -> Iterator[Record]:
    body: Record = {"page_size": 30}
    while True:
        page = ask(api.first, body=body, Notion_Version="2022-06-28", Content_Type="application/json")[2]
        yield from page["results"]
        if not page["has_more"]:
            return
        body["start_cursor"] = page["next_cursor"]


def by_star(api: Replica) -> Iterator[Record]:
    cursor = "*"
    while cursor:
        page = ask(api.first.replace("cursor=*", urlencode({"cursor": cursor})))[2]
        yield from page["results"]
        cursor = page["meta"]["next_cursor"]


def by_number_from_0(api: Replica) -> Iterator[Record]:
    pages = ask(api.first)[2]["nbPages"]
    for number in range(pages):
        yield from ask(f"{api.first}&page={number}")[2]["hits"]


WAYS: dict[str, Callable[[Replica], Iterator[Record]]] = {
    "swapi_info": whole,
    "swapi_tech": lambda api: details(api, "result.properties"),
    "pokeapi": lambda api: details(api, ""),
    "github": by_header,
    "stripe": by_last_id,
    "slack": by_cursor,
    "odata": by_odata_link,
    "jsonapi": by_link,
    "usgs": by_offset,
    "open_meteo": by_columns,
    "rick_and_morty": by_number,
    "wordpress": by_number,
    "notion": by_body,
    "openalex": by_star,
    "hacker_news": by_number_from_0,
}
NO_LIMIT = {"swapi_tech": {"limit": None}, "slack": {"limit": None}, "notion": {"limit": None}}


@pytest.mark.parametrize("name", NAMES)
def test_whoever_follows_the_documentation_finds_every_record(name: str) -> None:
    with replica(name, **NO_LIMIT.get(name, {})) as api:
        assert list(WAYS[name](api)) == api.records
        assert len(api.records) > 40


@pytest.mark.parametrize("name", NAMES)
def test_every_address_in_a_replica_s_answer_is_its_own(name: str) -> None:
    with replica(name) as api:
        told = json.dumps([ask(api.first)[1:], api.records])
        found = set(re.findall(r"https?://[^/\"\\ ]+(?=/(?:api|v1|repos|wp-json|fdsnws|V4)/)", told))
        assert found <= {api.origin}


def refused_by_limit(api: Replica, address: str, **headers: str) -> Told:
    """The first answer that is no 200."""
    return next(told for told in (ask(address, **headers) for _ in range(200)) if told[0] != 200)


def test_swapi_tech_repeats_its_last_page_and_says_too_many_in_plain_text() -> None:
    with replica("swapi_tech") as api:
        last, past = (ask(f"{api.first}?page={page}")[2]["results"] for page in (9, 10))
        assert (len(last), past) == (2, last)
        status, headers, words = refused_by_limit(api, api.first)
        assert (status, words, api.answered[200]) == (429, "Too many requests, please try again later.", 100)
        assert headers["x-ratelimit-remaining"] == "0"


def test_github_changes_its_path_and_refuses_with_a_403() -> None:
    with replica("github", limit=(2, 3600.0), token="good") as api:
        assert f'<{api.url}repositories/76954504/issues?state=all&page=2>; rel="next"' in ask(api.first)[1]["link"]
        assert ask(api.first, Authorization="Bearer bad")[0] == 401
        status, headers, told = ask(api.first, Authorization="Bearer good")
        assert (status, headers["x-ratelimit-remaining"]) == (403, "0")
        assert told["message"].startswith("API rate limit exceeded")


def test_slack_says_in_a_200_that_the_token_is_wrong_and_takes_cursors_only_whole() -> None:
    with replica("slack", token="good") as api:
        assert ask(api.first)[::2] == (200, {"ok": False, "error": "not_authed"})
        assert ask(api.first, Authorization="Bearer bad")[2] == {"ok": False, "error": "invalid_auth"}
        good = {"Authorization": "Bearer good"}
        cursor = ask(api.first, **good)[2]["response_metadata"]["next_cursor"]
        assert cursor.endswith("=")
        assert ask(f"{api.first}&{urlencode({'cursor': cursor})}", **good)[2]["ok"]
        assert ask(f"{api.first}&cursor={cursor.rstrip('=')}", **good)[2]["error"] == "invalid_cursor"
        assert len(ask(f"{api.first}&{urlencode({'cursor': cursor})}", **good)[2]["members"]) == 18


REFUSALS: list[tuple[str, str, int, str]] = [
    ("stripe", "charges?starting_after=ch_none", 400, "No such charge"),
    ("stripe", "charges?limit=101", 400, "Invalid integer"),
    ("usgs", "query?format=geojson&offset=0", 400, "Bad offset value"),
    ("usgs", "query?format=geojson&limit=20001", 400, "between 1 and 20000"),
    ("open_meteo", "forecast?latitude=52&longitude=13&hourly=heat", 400, "invalid String value heat"),
    ("rick_and_morty", "character?page=8", 404, "There is nothing here"),
    ("wordpress", "posts?page=7", 400, "rest_post_invalid_page_number"),
    ("wordpress", "posts?per_page=101", 400, "rest_invalid_param"),
    ("notion", "databases/897e5a76-ae52-4b48-9fdf-e71f5945d1af/query", 400, "missing_version"),
    ("openalex", "works?per_page=101", 400, "between 1 and 100"),
    ("openalex", "works?page=101&per_page=100", 400, "10000 records"),
    ("openalex", "works?filter=author_name:x", 400, "Unknown filter field: author_name"),
    ("hacker_news", "search?page=-1", 400, "invalid value"),
    ("odata", "Nothing", 404, "Resource not found"),
    ("pokeapi", "pokemon/999", 404, "Not Found"),
    ("jsonapi", "breeds?page%5Bnumber%5D=0", 400, "is no page"),
]


@pytest.mark.parametrize(("name", "path", "status", "words"), REFUSALS, ids=lambda each: str(each)[:40])
def test_what_an_api_refuses_its_replica_refuses(name: str, path: str, status: int, words: str) -> None:
    with replica(name) as api:
        told = ask(api.url + path)
        assert told[0] == status
        assert words in json.dumps(told[2])


def test_wordpress_counts_posts_that_it_does_not_show() -> None:
    with replica("wordpress") as api:
        pages = [ask(f"{api.first}?page={page}") for page in range(1, 7)]
        assert [len(page) for _, _, page in pages] == [10, 8, 10, 9, 10, 7]
        assert {(headers["x-wp-total"], headers["x-wp-totalpages"]) for _, headers, _ in pages} == {("57", "6")}


def test_odata_counts_only_when_asked_and_finds_one_by_its_key() -> None:
    with replica("odata") as api, replica("odata", absolute=True) as other:
        plain, counted = ask(api.first)[2], ask(f"{api.first}?$count=true")[2]
        assert ("@odata.count" in plain, counted["@odata.count"]) == (False, 127)
        assert plain["@odata.nextLink"] == "Orders?$skiptoken=10267"
        assert ask(other.first)[2]["@odata.nextLink"] == f"{other.url}Orders?$skiptoken=10267"
        customer = api.collections["Customers"][3]
        assert ask(f"{api.url}Customers('{customer['CustomerID']}')")[2]["City"] == customer["City"]


def test_several_places_of_open_meteo_come_in_an_array() -> None:
    with replica("open_meteo") as api:
        told = ask(f"{api.url}forecast?latitude=1,2&longitude=3,4&hourly=is_day")[2]
        assert [(each["latitude"], each.get("location_id")) for each in told] == [(1.0, None), (2.0, 1)]


def test_notion_takes_no_empty_cursor() -> None:
    with replica("notion") as api:
        asked = {"Notion_Version": "2022-06-28", "Content_Type": "application/json"}
        assert ask(api.first, body={"start_cursor": None}, **asked)[2]["code"] == "validation_error"
        statuses = [ask(api.first, body={}, **asked)[0] for _ in range(5)]
        assert 429 in statuses
