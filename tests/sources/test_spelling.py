"""Spellings of one address: takes references written in two ways, gives whether they are one request and resolve."""

from __future__ import annotations

import pytest

from ladle.collect.journal import Entry
from ladle.collect.lookup import lookup_request
from ladle.collect.naming import Naming
from ladle.collect.plan import Planner
from ladle.snapshots.resolve import names_for
from ladle.sources.paging import Page
from tests.collect.world import BASE as API
from tests.collect.world import paged, source_of

OWNERS = paged("owners", more="expected = 5000\npage_size = 10")
SPELLINGS = {
    "percent signs in either case": ("owners/a%2fb/", "owners/a%2Fb/"),
    "a letter and its bytes": ("owners/café/", "owners/caf%c3%a9/"),
    "what need not be encoded": ("owners/%7e7/", "owners/~7/"),
    "a default port": ("http://api.example.org:80/v1/owners/7/", "http://api.example.org/v1/owners/7/"),
    "another port": ("http://api.example.org:8080/v1/owners/7/", "owners/7/"),
    "a slash twice": ("https://api.example.org/v1//owners//7/", "owners/7/"),
    "http and https": ("http://api.example.org/v1/owners/7/", "https://api.example.org/v1/owners/7/"),
    "a slash at the end": ("owners/7", "owners/7/"),
    "the order of parameters": ("owners/?b=2&a=1", "owners/?a=1&b=2"),
    "an ampersand too many": ("owners/?a=1&", "owners/?a=1"),
    "a space in a query": ("owners/?name=a+b", "owners/?name=a%20b"),
    "a fragment": ("owners/7/#top", "owners/7/"),
    "dots": ("https://api.example.org/v1/x/../owners/./7/", "owners/7/"),
    "dots that lead through the base": ("https://api.example.org/x/../v1/owners/7", "owners/7/"),
    "dots in disguise": ("https://api.example.org/v1/x/%2e%2e/owners/7/", "owners/7/"),
}


@pytest.mark.parametrize(("one", "other"), SPELLINGS.values(), ids=SPELLINGS)
def test_two_spellings_of_a_reference_make_one_request_and_both_resolve(one: str, other: str) -> None:
    source = source_of(paged("things") + OWNERS, columns='"url", { name = "owner", reference = "owners.name" }')
    planner = Planner(source, source.datasets["things"])
    (first,) = planner.begin()
    told = Page([{"url": "things/1", "owner": one}, {"url": "things/2", "owner": other}], 2, None)
    (request,) = planner.answered(first, told)
    assert request.url.startswith(API)
    assert planner.answered(request, Page([{"name": "Ada"}], None, None)) is not None
    (names,) = names_for(source.datasets["things"], source=source, base_url=API).values()
    entry = Entry(kind="answer", key=request.key, resource="owners", role="lookup", position=0, body=b'{"name": "Ada"}')
    names.add(entry)
    assert [names.resolve(one), names.resolve(other), dict(names.missing)] == ["Ada", "Ada", {}]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://mirror.example/v1/owners/a%2fb?b=2&a=1#top", f"{API}owners/a%2fb?b=2&a=1"),
        ("https://api.example.org/x/../v1/owners/7", f"{API}owners/7"),
        ("owners/café one/", f"{API}owners/caf%C3%A9%20one/"),
        ("http://[owners/1", f"{API}http%3A%2F%2F%5Bowners%2F1"),
    ],
)
def test_a_lookup_asks_for_the_address_as_it_was_written_at_the_sources_own_site(written: str, address: str) -> None:
    source = source_of(paged("things") + OWNERS)
    owners = source.resources["owners"]
    assert lookup_request(source, owners, Naming(owners, API, key_param=None), written, 0).url == address
