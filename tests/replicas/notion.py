"""A database in Notion: queries by POST, paged by `start_cursor` and `page_size` in the JSON body.

Traps: a GET is refused; so is a request without the `Notion-Version` header, or a `start_cursor` that is null or no
token of theirs; `next_cursor` is null at the end; each property says its type and holds its value below that; texts
are lists of pieces, and an empty one is an empty list; three requests a second.
"""

from __future__ import annotations

import json
from math import ceil
from random import Random
from uuid import UUID

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, bearer, below, place_of

ORIGIN, BASE = "https://api.notion.com", "/v1/"
DATABASE = "897e5a76-ae52-4b48-9fdf-e71f5945d1af"
VERSION, LIMIT = "2022-06-28", (3, 1.0)
TITLES = ("Tuscan kale", "Crème fraîche", "Größe XL", "豆腐", "Jalapeño")
SHOPS = ("Duc Loi", "Rainbow", "Gus’s")
GROUPS = {"🥦 Gemüse": "green", "🧀 Käse": "yellow", "🍎 Obst": "red"}


def model(*, token: str | None = None, limit: tuple[int, float] | None = LIMIT, total: int = 143) -> Model:
    """`total` pages of one database. `token`: the only good one; None: nobody is asked for one."""
    random = Random("notion")
    pages = [_page(number, random) for number in range(total)]

    def reply(request: Request) -> Answer:
        if token is not None and bearer(request) != token:
            return _error(401, "unauthorized", "API token is invalid.")
        if not request.headers.get("Notion-Version"):
            words = "Notion-Version header failed validation: Notion-Version header should be defined."
            return _error(400, "missing_version", words)
        path = below(request, BASE)
        if path not in (f"databases/{DATABASE}/query", f"databases/{DATABASE.replace('-', '')}/query"):
            return _error(404, "object_not_found", f"Could not find database with ID: {path}.")
        if request.method != "POST":
            return _error(400, "invalid_request_url", "Invalid request URL.")
        return _query(request, pages)

    return Model(
        origin=ORIGIN,
        base=BASE,
        first=f"databases/{DATABASE}/query",
        collections={"pages": pages},
        answer=reply,
        limits=[limit] if limit else (),
        refuse=lambda request, wait: _error(
            429, "rate_limited", "You have been rate limited. Please try again in a few minutes.", after=ceil(wait)
        ),
    )


def _error(status: int, code: str, message: str, *, after: int | None = None) -> Answer:
    told = {"object": "error", "status": status, "code": code, "message": message, "request_id": "b1b4b4b2"}
    return as_json(told, status=status, **({"Retry_After": str(after)} if after else {}))


def _query(request: Request, pages: list[Record]) -> Answer:
    try:
        given = json.loads(request.body or b"{}")
    except json.JSONDecodeError:
        return _error(400, "invalid_json", "Error parsing JSON body.")
    if not request.headers.get("Content-Type", "").startswith("application/json"):
        return _error(400, "invalid_json", "Error parsing JSON body.")
    size, start = given.get("page_size", 100), 0
    if type(size) is not int or not 1 <= size <= 100:
        words = "body failed validation: body.page_size should be a number between 1 and 100."
        return _error(400, "validation_error", words)
    if "start_cursor" in given:
        cursor = given["start_cursor"]
        place = place_of(pages, "id", cursor) if isinstance(cursor, str) else None
        if place is None:
            words = (
                f"body failed validation: body.start_cursor should be a valid uuid, instead was `{json.dumps(cursor)}`."
            )
            return _error(400, "validation_error", words)
        start = place
    end = start + size
    more = end < len(pages)
    return as_json(
        {
            "object": "list",
            "results": pages[start:end],
            "next_cursor": pages[end]["id"] if more else None,
            "has_more": more,
            "type": "page_or_database",
            "page_or_database": {},
            "request_id": "0f9f2bd5-2c6e-4a54-9c5b-7f6cf6d5b9a1",
        }
    )


def _text(words: str) -> list[Record]:
    """A text as pieces, of which only some are bold; nothing at all where there is no text."""
    pieces = [words[:3], words[3:]] if len(words) > 6 else [words] if words else []
    return [
        {"type": "text", "text": {"content": piece, "link": None}, "annotations": {"bold": not n}, "plain_text": piece}
        for n, piece in enumerate(pieces)
    ]


def _page(number: int, random: Random) -> Record:
    identity = str(UUID(int=random.getrandbits(128), version=4))
    group = random.choice(list(GROUPS))
    day = f"2026-0{1 + number % 9}-1{number % 10}"
    option = {"id": f"opt{len(group)}", "name": group, "color": GROUPS[group]}
    title = f"{random.choice(TITLES)} {number}" if number % 30 else ""
    return {
        "object": "page",
        "id": identity,
        "created_time": f"{day}T15:{number % 60:02d}:00.000Z",
        "last_edited_time": f"{day}T17:00:00.000Z",
        "created_by": {"object": "user", "id": str(UUID(int=7, version=4))},
        "cover": None,
        "icon": {"type": "emoji", "emoji": "🥄"} if number % 4 == 0 else None,
        "parent": {"type": "database_id", "database_id": DATABASE},
        "archived": False,
        "properties": {
            "Name": {"id": "title", "type": "title", "title": _text(title)},
            "Price": {"id": "BJXS", "type": "number", "number": random.choice((2.5, 3, None, 0.25))},
            "In stock": {"id": "%3D%5B", "type": "checkbox", "checkbox": random.random() < 0.7},
            "Group": {"id": "TJmr", "type": "select", "select": option if number % 8 else None},
            "Shops": {
                "id": "mz%3A",
                "type": "multi_select",
                "multi_select": [
                    {"name": name} for name in random.sample(("Duc Loi", "Rainbow", "Gus’s"), k=number % 3)
                ],
            },
            "Last ordered": {
                "id": "UsKi",
                "type": "date",
                "date": {"start": day, "end": None, "time_zone": None} if number % 5 else None,
            },
        },
        "url": f"https://www.notion.so/{identity.replace('-', '')}",
        "public_url": None,
    }
