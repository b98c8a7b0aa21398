"""Slack's methods: an answer with `ok`, and a cursor at `response_metadata.next_cursor`.

Traps: an error is a 200 with `"ok": false`; the cursor is empty at the end, never null; it ends in signs of equality,
which must be encoded; without `limit` everything comes at once; a page may hold less than `limit` although more
follows; a limit is a 429 with Retry-After, and `"ok": false` too.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from math import ceil
from random import Random
from urllib.parse import parse_qsl

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, bearer, below

ORIGIN, BASE = "https://slack.com", "/api/"
LIMIT = (20, 60.0)
NAMES = ("Zoë", "Søren", "Łukasz", "Анна", "さくら", "bobby tables'); --", "Ngozi")
ZONES = {"Europe/Zurich": 3600, "Asia/Tokyo": 32400, "America/New_York": -18000}


def model(*, token: str | None = None, limit: tuple[int, float] | None = LIMIT, total: int = 73) -> Model:
    """`total` members of a workspace. `token`: the only good one, as a bearer or in the form; None: no token."""
    random = Random("slack")
    members = [_member(number, random) for number in range(1, total + 1)]

    def reply(request: Request) -> Answer:
        given = _arguments(request)
        if token is not None:
            brought = bearer(request) or given.get("token", "")
            if brought != token:
                return _error("invalid_auth" if brought else "not_authed")
        if below(request, BASE) != "users.list":
            return _error("unknown_method", req_method=below(request, BASE))
        return _page(given, members)

    return Model(
        origin=ORIGIN,
        base=BASE,
        first="users.list?limit=20",
        collections={"members": members},
        answer=reply,
        limits=[limit] if limit else (),
        refuse=lambda request, wait: as_json(
            {"ok": False, "error": "ratelimited"}, status=429, Retry_After=str(ceil(wait))
        ),
    )


def _arguments(request: Request) -> dict[str, str]:
    """From the query, a form or a JSON body."""
    kind = request.headers.get("Content-Type", "")
    if request.method != "POST" or not request.body:
        return request.query
    if kind.startswith("application/json"):
        return {**request.query, **{name: str(value) for name, value in json.loads(request.body).items()}}
    return {**request.query, **dict(parse_qsl(request.body.decode()))}


def _page(given: dict[str, str], members: list[Record]) -> Answer:
    start = _place(given.get("cursor", ""), members)
    limit = given.get("limit", "0") or "0"
    if start is None:
        return _error("invalid_cursor")
    if not limit.isdigit() or int(limit) > 1000:
        return _error("invalid_limit")
    end = start + (int(limit) or len(members))
    found = members[start:end]
    # What is cut from a page for the reader's sake is on the next one: such pages are short, and not the last.
    if int(limit) > 2 and end < len(members) and start > 0:
        found = found[:-2]
        end -= 2
    following = b64encode(f"user:{members[end]['id']}".encode()).decode() if end < len(members) else ""
    return as_json(
        {"ok": True, "members": found, "cache_ts": 1_795_322_000, "response_metadata": {"next_cursor": following}}
    )


def _place(cursor: str, members: list[Record]) -> int | None:
    """Where the cursor leads; its text is what the decoded sign for sign must be."""
    if not cursor:
        return 0
    try:
        told = b64decode(cursor, validate=True).decode()
    except (NotBase64, UnicodeDecodeError):
        return None
    return next((place for place, each in enumerate(members) if f"user:{each['id']}" == told), None)


def _error(word: str, **more: str) -> Answer:
    return as_json({"ok": False, "error": word, **more})


def _member(number: int, random: Random) -> Record:
    name, zone = random.choice(NAMES), random.choice(list(ZONES))
    gone, bot = number % 10 == 0, number % 13 == 0
    member: Record = {
        "id": f"U{random.randrange(36**8):09X}",
        "team_id": "T012AB3C4",
        "name": f"user.{number}",
        "deleted": gone,
        "color": f"{random.randrange(1 << 24):06x}",
        "real_name": f"{name} {number}",
        "tz": None if bot else zone,
        "tz_label": "Central European Time",
        "tz_offset": ZONES[zone],
        "profile": {
            "title": "",
            "phone": None,
            "real_name": f"{name} {number}",
            "display_name": name.lower(),
            "status_text": "🥄 lunch" if number % 7 == 0 else "",
            "status_expiration": 0,
            "email": None if bot else f"user{number}@example.org",
            "fields": {"Xf0": {"value": "Küche", "alt": ""}} if number % 5 == 0 else None,
        },
        "is_admin": number % 9 == 0,
        "is_bot": bot,
        "updated": 1_650_000_000 + number * 50_003,
    }
    # Of members who left Slack tells less.
    return {name: value for name, value in member.items() if not (gone and name in ("tz", "tz_label", "tz_offset"))}
