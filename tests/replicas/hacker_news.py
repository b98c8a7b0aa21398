"""Hacker News by Algolia's search: pages from 0 on, the newest story first.

Traps: a search gives 1,000 hits at most, whatever `nbHits` says, and is empty beyond them; `nbPages` counts those that
it gives; `hitsPerPage` is cut to 1,000 in silence; `url` is missing where a story is a text; ids are texts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil
from random import Random

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, below, not_there, numbers, sliced

ORIGIN, BASE = "https://hn.algolia.com", "/api/v1/"
GIVEN, USUAL = 1000, 20
LIMIT = (10_000, 3600.0)
NEWEST = 1_795_300_000
WORDS = ("SQLite", "DuckDB", "Rust", "naïve Bayes", "the 東京 metro")


def model(*, total: int = 157) -> Model:
    """`total` stories."""
    random = Random("hacker news")
    stories = [_story(number, random) for number in range(total)]

    def reply(request: Request) -> Answer:
        if below(request, BASE) not in ("search", "search_by_date"):
            return not_there()
        size, page = numbers(request, "hitsPerPage", "page", hitsPerPage=USUAL, page=0)
        if size is None or page is None or page < 0 or size < 1:
            return as_json({"message": 'invalid value for "page" or "hitsPerPage"', "status": 400}, status=400)
        return as_json(_page(_found(request, stories), page, min(size, GIVEN)))

    first = "search_by_date?tags=story&hitsPerPage=50"
    return Model(origin=ORIGIN, base=BASE, first=first, collections={"hits": stories}, answer=reply, limits=[LIMIT])


def _found(request: Request, stories: list[Record]) -> list[Record]:
    """By words of the title and by `created_at_i`; the search knows many more."""
    words = request.query.get("query", "").lower()
    found = [each for each in stories if words in each["title"].lower()]
    for rule in filter(None, request.query.get("numericFilters", "").split(",")):
        sign = next(each for each in (">=", "<=", ">", "<", "=") if each in rule)
        value = int(rule.partition(sign)[2])
        found = [each for each in found if _holds(each["created_at_i"], sign, value)]
    return found


def _holds(at: int, sign: str, value: int) -> bool:
    return {">=": at >= value, "<=": at <= value, ">": at > value, "<": at < value, "=": at == value}[sign]


def _page(found: list[Record], page: int, size: int) -> Record:
    given = found[:GIVEN]
    return {
        "hits": sliced(given, page * size, size),
        "nbHits": len(found),
        "page": page,
        "nbPages": ceil(len(given) / size),
        "hitsPerPage": size,
        "exhaustiveNbHits": True,
        "query": "",
        "processingTimeMS": 3,
    }


def _story(number: int, random: Random) -> Record:
    at = NEWEST - number * 3607
    told = {"url": f"https://example.org/{number}"} if number % 6 else {"story_text": f"<p>I&#x27;d ask {number}"}
    return {
        "objectID": f"{42_000_000 - number * 7}",
        "story_id": 42_000_000 - number * 7,
        "title": f"{random.choice(WORDS)}, {number} years on",
        "author": random.choice(("pg", "sama", "tel", "user_1")),
        "points": random.randint(1, 900),
        "num_comments": random.randint(0, 300) if number % 11 else None,
        "created_at": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "created_at_i": at,
        "updated_at": "2026-11-22T10:00:00Z",
        "_tags": ["story", f"story_{42_000_000 - number * 7}"],
        **told,
    }
