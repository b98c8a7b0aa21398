"""OpenAlex: lists of works by `cursor`, which begins with `*`.

Traps: without a cursor pages have numbers, and end at 10,000 works; `per_page` is 100 at most; `meta.count` is of the
whole list; `next_cursor` of the last page that holds anything leads to one that is empty, and whose own one is null;
ids are addresses; a work may have no DOI, no journal and no authors; unknown filters are a 400 with a sentence.
"""

from __future__ import annotations

from random import Random

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, below, numbers, opaque, sliced

ORIGIN, BASE = "https://api.openalex.org", "/"
MOST, NUMBERED = 100, 10_000
YEARS = (2019, 2020)
AUTHORS = ("Zoë Krüger", "Nguyễn An", "田中 花子", "J. O’Neill")
JOURNALS = ("Nature", "Zeitschrift für Physik", "PLoS ONE")


def model(*, total: int = 127) -> Model:
    """`total` works of the first year, and a third as many of the other."""
    random = Random("openalex")
    works = [_work(number, YEARS[0], random) for number in range(total)]
    others = [_work(total + number, YEARS[1], random) for number in range(total // 3)]

    def reply(request: Request) -> Answer:
        if below(request, BASE) != "works":
            return as_json({"error": "Not Found", "message": "There is no such page."}, status=404)
        name, _, value = request.query.get("filter", "").partition(":")
        if name not in ("", "publication_year"):
            return _refused(f"Unknown filter field: {name}")
        found = [each for each in (*works, *others) if value in ("", str(each["publication_year"]))]
        return _page(request, found)

    first = f"works?filter=publication_year:{YEARS[0]}&per_page=50&cursor=*"
    return Model(origin=ORIGIN, base=BASE, first=first, collections={"works": works}, answer=reply)


def _refused(words: str) -> Answer:
    return as_json({"error": "Invalid query parameters error.", "message": words}, status=400)


def _page(request: Request, found: list[Record]) -> Answer:
    size, page = numbers(request, "per_page", "page", per_page=25, page=1)
    if size is None or not 1 <= size <= MOST:
        return _refused(f"per_page parameter must be between 1 and {MOST}")
    meta = {"count": len(found), "db_response_time_ms": 21, "page": None, "per_page": size, "groups_count": None}
    cursor = request.query.get("cursor")
    if cursor is None:
        if page is None or page < 1 or page * size > NUMBERED:
            return _refused(f"Maximum results size of {NUMBERED} records is exceeded.")
        return as_json({"meta": meta | {"page": page}, "results": sliced(found, (page - 1) * size, size)})
    starts = {"*": 0} | {opaque("openalex", start): start for start in range(len(found) + 1)}
    if cursor not in starts:
        return _refused("Cursor value is invalid.")
    shown = sliced(found, starts[cursor], size)
    following = opaque("openalex", starts[cursor] + len(shown)) if shown else None
    return as_json({"meta": meta | {"next_cursor": following}, "results": shown})


def _work(number: int, year: int, random: Random) -> Record:
    name = f"W{2_741_809_807 + number}"
    source = {"id": f"https://openalex.org/S{number % 3}", "display_name": JOURNALS[number % 3], "type": "journal"}
    authors = random.sample(AUTHORS, k=number % 4)
    return {
        "id": f"https://openalex.org/{name}",
        "doi": f"https://doi.org/10.7717/peerj.{number}" if number % 9 else None,
        "title": f"The state of {number} things" if number % 31 else None,
        "display_name": f"The state of {number} things" if number % 31 else None,
        "publication_year": year,
        "publication_date": f"{year}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
        "type": random.choice(("article", "preprint", "dataset")),
        "language": random.choice(("en", "de", None)),
        "authorships": [{"author": {"id": f"https://openalex.org/A{each}", "display_name": each}} for each in authors],
        "primary_location": {"is_oa": True, "source": source if number % 5 else None} if number % 7 else None,
        "open_access": {"is_oa": number % 2 == 0, "oa_status": "gold" if number % 2 == 0 else "closed"},
        "cited_by_count": random.randint(0, 900),
    }
