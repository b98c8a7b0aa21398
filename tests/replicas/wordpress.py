"""WordPress's REST API: posts in bare arrays, their number and that of their pages in headers.

Traps: past the end is a 400, `rest_post_invalid_page_number`; posts that a visitor may not read are counted in
`X-WP-Total` and missing from their page, so pages in the middle are short and the count is never reached; an empty
`meta` is a list and a full one an object (PHP's arrays); titles hold HTML's entities; `date` has no zone, `date_gmt`
neither; `per_page` is 100 at most; people go by number, and their records are at `users`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from random import Random
from urllib.parse import urlencode

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, below, numbers, pairs_of, sliced

ORIGIN, BASE = "https://blog.example.org", "/wp-json/wp/v2/"
KIND = "application/json; charset=UTF-8"
START = datetime(2025, 1, 3, 8, 15)  # noqa: DTZ001 - the API writes times without a zone
AUTHORS = ("Zoë Krüger", "José Álvarez", "山田 太郎", "editor", "Ngọc Trần")
TITLES = ("Caf&#233; &#038; Crème", "Das Größte", "“Quoted” &#8211; and 5 &lt; 7", "日本語のタイトル", "")
HIDDEN = (13, 14, 38)
"""Places, newest first, of posts that visitors may not read."""


def model(*, total: int = 57, hidden: tuple[int, ...] = HIDDEN) -> Model:
    """`total` posts, newest first, of which those at the places `hidden` are counted and never shown; 5 users."""
    random = Random("wordpress")
    posts = [_post(number, random) for number in range(total, 0, -1)]
    users = [_user(number, name) for number, name in enumerate(AUTHORS, 1)]
    shown = {id(post) for place, post in enumerate(posts) if place not in hidden}
    everything = {"posts": posts, "users": users}

    def reply(request: Request) -> Answer:
        name, _, key = below(request, BASE).strip("/").partition("/")
        if name not in everything:
            return _error("rest_no_route", "No route was found matching the URL and request method.", 404)
        if key:
            return _one(name, key, [each for each in everything[name] if name != "posts" or id(each) in shown])
        found = everything[name][::-1] if request.query.get("order") == "asc" else everything[name]
        return _page(request, name, found, lambda each: name != "posts" or id(each) in shown)

    collections = {"posts": [post for post in posts if id(post) in shown], "users": users}
    return Model(origin=ORIGIN, base=BASE, first="posts", collections=collections, answer=reply)


def _error(code: str, message: str, status: int, **more: object) -> Answer:
    return as_json({"code": code, "message": message, "data": {"status": status, **more}}, status=status, kind=KIND)


def _one(name: str, key: str, records: list[Record]) -> Answer:
    found = next((each for each in records if str(each["id"]) == key), None)
    kind = name.removesuffix("s")
    return as_json(found, kind=KIND) if found else _error(f"rest_{kind}_invalid_id", f"Invalid {kind} ID.", 404)


def _page(request: Request, name: str, records: list[Record], readable: Callable[[Record], bool]) -> Answer:
    page, size = numbers(request, "page", "per_page", page=1, per_page=10)
    if size is None or not 1 <= size <= 100:
        words = "per_page must be between 1 (inclusive) and 100 (inclusive)"
        return _error("rest_invalid_param", "Invalid parameter(s): per_page", 400, params={"per_page": words})
    if page is None or page < 1:
        words = "page must be greater than or equal to 1"
        return _error("rest_invalid_param", "Invalid parameter(s): page", 400, params={"page": words})
    last = ceil(len(records) / size)
    if page > last and name == "posts":
        words = "The page number requested is larger than the number of pages available."
        return _error("rest_post_invalid_page_number", words, 400)
    leads = {"prev": page - 1 if page > 1 else 0, "next": page + 1 if page < last else 0}
    links = ", ".join(f'<{_address(request, name, to)}>; rel="{word}"' for word, to in leads.items() if to)
    told = {"X-WP-Total": str(len(records)), "X-WP-TotalPages": str(last), "Allow": "GET"}
    found = [each for each in sliced(records, (page - 1) * size, size) if readable(each)]
    return as_json(found, kind=KIND, **told, **({"Link": links} if links else {}))


def _address(request: Request, name: str, page: int) -> str:
    others = [(key, value) for key, value in pairs_of(request) if key != "page"]
    return f"{ORIGIN}{BASE}{name}?{urlencode([*others, ('page', str(page))])}"


def _post(number: int, random: Random) -> Record:
    local = START + timedelta(days=number * 3, minutes=number * 7)
    edited = local + timedelta(hours=random.randint(0, 90))
    slug = f"post-{number}"
    return {
        "id": 900 + number * 3,
        "date": f"{local:%Y-%m-%dT%H:%M:%S}",
        "date_gmt": f"{local - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}",
        "guid": {"rendered": f"{ORIGIN}/?p={900 + number * 3}"},
        "modified": f"{edited:%Y-%m-%dT%H:%M:%S}",
        "slug": slug,
        "status": "publish",
        "type": "post",
        "link": f"{ORIGIN}/{local:%Y/%m}/{slug}/",
        "title": {"rendered": random.choice(TITLES) and f"{random.choice(TITLES[:4])} {number}"},
        "content": {"rendered": f"<p>Crème brûlée, Nr. {number}</p>\n", "protected": number % 20 == 0},
        "author": random.randint(1, len(AUTHORS)),
        "featured_media": random.choice((0, 88)),
        "comment_status": random.choice(("open", "closed")),
        "sticky": number == 55,
        "format": "standard",
        "meta": {"footnotes": "¹ see below"} if number % 6 == 0 else [],
        "categories": random.sample((1, 4, 7, 12), k=random.choice((1, 2))),
        "tags": random.sample((20, 21, 22, 23), k=random.choice((0, 1, 3))),
        "_links": {"self": [{"href": f"{ORIGIN}{BASE}posts/{900 + number * 3}"}]},
    }


def _user(number: int, name: str) -> Record:
    return {
        "id": number,
        "name": name,
        "url": "",
        "description": "" if number % 2 else "Schreibt über Löffel.",
        "link": f"{ORIGIN}/author/{number}/",
        "slug": f"author-{number}",
        "meta": [],
        "_links": {"self": [{"href": f"{ORIGIN}{BASE}users/{number}"}]},
    }
