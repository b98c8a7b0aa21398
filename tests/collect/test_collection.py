"""Paging: takes what odd APIs say of their pages, gives the pages asked for and the words for what leads astray."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ladle.collect.plan import Planner
from ladle.collect.request import Request
from ladle.sources.paging import AnswerError, Page
from ladle.sources.source import Source
from tests.collect.world import BASE, World, paged, records, set_out, source_of

NUMBERED = source_of(paged("things"))
BY_NEXT = source_of(paged("things", told='next = "next"'))
LINKED = source_of(paged("things", style="link", told='next = "next"'))


def page(found: int, *, count: int | None = None, next: str | None = None, first: int = 0) -> Page:
    return Page([{"url": f"{n}"} for n in range(first, first + found)], count, next)


def begun(source: Source) -> tuple[Planner, Request]:
    planner = Planner(source, source.datasets["things"])
    (first,) = planner.begin()
    return planner, first


def follow(source: Source, *pages: Page) -> list[Request]:
    """The requests that came of answering one after another; the last are still to be made."""
    planner, first = begun(source)
    requests = [first]
    for number, each in enumerate(pages):
        requests += planner.answered(requests[number], each)
    return requests


def keys(requests: Sequence[Request]) -> list[str]:
    return [request.key for request in requests]


def numbered(last: int) -> list[str]:
    return [f"things?page={n}" for n in range(1, last + 1)]


@pytest.mark.parametrize(
    ("pages", "last"),
    [
        ((page(10, count=82, next="x"),), 9),
        ((page(10, count=80, next="x"),), 8),
        ((page(10, count=10),), 1),
        ((page(0, count=0),), 1),
        ((page(3),), 1),
        ((page(7, count=82, next="x"),), 12),
        ((page(25, count=82),), 4),
        ((page(10, next="x"),), 2),
        ((page(10, next="x"), page(10, next="y"), page(2)), 3),
        ((page(10, next="x"), page(0, next="y")), 2),
        ((page(10, count=20, next="x"), page(10, count=35, next="x")), 4),
        ((page(10, count=40, next="x"), page(10, count=15)), 4),
        ((page(10, count=20, next="x"), page(10, count=20, next="x")), 3),
        ((page(0, count=50, next="x"),), 1),
    ],
    ids=[
        "the count tells them all",
        "a full last page",
        "one page",
        "nothing",
        "neither count nor next",
        "a short page is the size that the API gives",
        "without next the count is enough",
        "next alone tells one more",
        "next is followed to its end",
        "an empty page is the end, whatever next says",
        "a count that grows",
        "a count that shrinks takes nothing back",
        "a next beyond the count is looked at",
        "a first page without records ends it",
    ],
)
def test_the_pages_with_numbers_that_are_asked_for(pages: Sequence[Page], last: int) -> None:
    assert keys(follow(NUMBERED, *pages)) == numbered(last)


def test_the_page_size_is_learned_and_not_taken_from_the_definition() -> None:
    source = source_of(paged("things", more="page_size = 100\nexpected = 82"))
    assert keys(follow(source, page(10, count=82, next="x"))) == numbered(9)


def test_the_definitions_page_size_holds_where_the_only_page_is_short() -> None:
    source = source_of(paged("things", more="page_size = 10"))
    planner, first = begun(source)
    assert list(planner.answered(first, page(3, count=3))) == []
    assert planner.parts()[0].requests == 1


def test_a_count_that_changes_is_claimed_as_last_told() -> None:
    planner, first = begun(NUMBERED)
    second, third = planner.answered(first, page(10, count=30, next="x"))
    list(planner.answered(second, page(10, count=29, next="x")))
    list(planner.answered(third, page(9)))
    assert planner.claimed == 29


def test_an_api_that_ignores_the_number_of_the_page_is_noticed() -> None:
    planner, first = begun(BY_NEXT)
    (second,) = planner.answered(first, page(10, next=f"{BASE}things/?page=2"))
    with pytest.raises(AnswerError, match="Page 2 says that the next one is page 2, which was read before"):
        planner.answered(second, page(10, next=f"{BASE}things/?page=2"))
    assert list(planner.given_up(second)) == []
    assert planner.parts()[0].requests == 2


def test_nothing_is_changed_by_an_answer_that_leads_astray() -> None:
    planner, first = begun(LINKED)
    with pytest.raises(AnswerError):
        planner.answered(first, page(10, next="https://elsewhere.example/"))
    assert planner.records == 0
    assert keys(list(planner.answered(first, page(10, next="?after=10")))) == ["things?after=10"]


@pytest.mark.parametrize(
    ("next", "key", "url"),
    [
        ("?after=10", "things?after=10", f"{BASE}things/?after=10"),
        ("/v1/things/?after=10", "things?after=10", f"{BASE}things/?after=10"),
        ("https://api.example.org/v1/things?after=10", "things?after=10", f"{BASE}things?after=10"),
        ("http://api.example.org/v1/things/?after=10", "things?after=10", f"{BASE}things/?after=10"),
        ("HTTPS://API.example.org:443/v1/things/?after=10", "things?after=10", f"{BASE}things/?after=10"),
        ("?cursor=dXNlcg==&x=a+b%20c", "things?cursor=dXNlcg==&x=a+b%20c", f"{BASE}things/?cursor=dXNlcg==&x=a+b%20c"),
        ("?page[number]=2", "things?page%5Bnumber%5D=2", f"{BASE}things/?page%5Bnumber%5D=2"),
        ("?city=São Paulo", "things?city=S%C3%A3o%20Paulo", f"{BASE}things/?city=S%C3%A3o%20Paulo"),
        ("?after=10#top", "things?after=10", f"{BASE}things/?after=10"),
        ("/v1/all/7/things?after=10", "things/all/7/things?after=10", f"{BASE}all/7/things?after=10"),
        ("page/2/", "things/things/page/2?", f"{BASE}things/page/2/"),
    ],
)
def test_a_link_is_followed_at_the_base_urls_site(next: str, key: str, url: str) -> None:
    _, request = follow(LINKED, page(10, next=next))
    assert (request.key, request.url, request.position) == (key, url, 2)


@pytest.mark.parametrize(
    ("next", "words"),
    [
        ("https://elsewhere.example/v1/things/", "another site, elsewhere.example."),
        ("//elsewhere.example/", "another site, elsewhere.example."),
        ("https://api.example.org:8443/v1/things/", "another site, api.example.org:8443."),
        ("https://api.example.org:port/", "another site, api.example.org:port."),
        ("https://api.example.org@elsewhere.example/", "another site"),
        ("http://[half", 'at "http://[half", which is no address.'),
        ("ftp://api.example.org/x", "another site"),
    ],
)
def test_a_link_that_leads_away_is_refused_in_words(next: str, words: str) -> None:
    with pytest.raises(AnswerError) as raised:
        follow(LINKED, page(10, next=next))
    assert raised.value.message.startswith("The next page is said to be ")
    assert words in raised.value.message


@pytest.mark.parametrize("back", ["?after=10", "?after=20", "?after=30"])
def test_links_in_a_circle_are_noticed(back: str) -> None:
    links = ("?after=10", "?after=20", "?after=30", back)
    pages = [page(10, next=next, first=10 * n) for n, next in enumerate(links)]
    with pytest.raises(AnswerError, match=r"is said to be things\?after=\d0, which was read before"):
        follow(LINKED, *pages)


@pytest.mark.parametrize("source", [BY_NEXT, LINKED], ids=["numbers", "links"])
def test_pages_that_hold_the_same_records_for_ever_are_noticed(source: Source) -> None:
    pages = [page(10, next=f"?after={n}&page={n + 1}") for n in range(1, 9)]
    assert len(follow(source, *pages[:2])) == 3
    with pytest.raises(AnswerError, match="Page 6 and the 5 before it hold the same records"):
        follow(source, *pages)


def test_records_without_a_key_may_be_the_same_on_every_page() -> None:
    source = source_of(paged("things", style="link", told='next = "next"').replace('key = "url"\n', ""))
    assert len(follow(source, *(page(10, next=f"?after={n}") for n in range(1, 9)))) == 9


def test_pages_that_differ_by_their_path_alone_are_no_circle() -> None:
    requests = follow(LINKED, *(page(10, next=f"/v1/things/page/{n}", first=n) for n in (2, 3, 4)), page(1))
    assert [request.url for request in requests[1:]] == [f"{BASE}things/page/{n}" for n in (2, 3, 4)]


def test_links_are_followed_to_the_end_and_the_number_of_pages_is_known_then() -> None:
    journey = set_out(LINKED, World({"things": records("things", 35)}))
    assert not journey.planner.parts()[0].exact
    journey.go()
    assert journey.made == ["things?page=1", *(f"things?after={n}" for n in (10, 20, 30))]
    (part,) = journey.planner.parts()
    assert (part.requests, part.exact, journey.planner.records) == (4, True, 35)


@pytest.mark.parametrize("kept", range(6))
def test_links_are_taken_up_where_a_journal_ends(kept: int) -> None:
    world = World({"things": records("things", 45)})
    whole = set_out(LINKED, world).go()
    rest = set_out(LINKED, world).resume(whole.answered[:kept]).go()
    assert rest.made == whole.made[kept:]


def test_a_key_never_comes_into_the_name_of_a_request() -> None:
    auth = 'auth = { query = "appid", env = "OWN_KEY" }'
    planner, first = begun(source_of(paged("things", style="link"), auth=auth))
    (second,) = planner.answered(first, page(10, next=f"{BASE}things/?appid=0a1b2c&after=10&%61ppid=0a1b2c"))
    assert (second.key, second.url) == ("things?after=10", f"{BASE}things/?after=10")


def test_a_collection_without_pages_is_one_request() -> None:
    source = source_of('[resources.things]\npath = "all"\nparams = { sort = "name", limit = 5 }\n')
    planner, first = begun(source)
    assert (first.key, first.url) == ("things", f"{BASE}all?sort=name&limit=5")
    assert list(planner.answered(first, page(70, next="?page=2"))) == []
    assert planner.parts()[0].requests == 1


def test_items_that_differ_in_their_path_alone_have_names_of_their_own() -> None:
    each = "id,country,name\n1,UY,San José\n2,CR,San José\n"
    source = source_of(
        '[resources.things]\npath = "{country}/town"\nparams = { q = "{name}" }\n'
        'each = { csv = "a.csv", key = "id" }\n',
        each=each,
    )
    requests = list(Planner(source, source.datasets["things"]).begin())
    assert keys(requests) == ["things/1", "things/2"]
    assert requests[0].url == f"{BASE}UY/town?q=San+Jos%C3%A9"


def test_an_items_value_can_not_lead_out_of_its_place_in_the_path() -> None:
    source = source_of(
        '[resources.things]\npath = "town/{id}"\neach = { csv = "a.csv", key = "id" }\n', each="id\na/b?c=d#e\n"
    )
    (request,) = Planner(source, source.datasets["things"]).begin()
    assert request.url == f"{BASE}town/a%2Fb%3Fc%3Dd%23e"
