"""swapi.tech: a list of names and addresses, and one answer for each record.

Traps: the list has no fields, the record lies at `result.properties`; past the end the last page comes again; 100
requests in 15 minutes, then a 429 in plain text; films come in one answer without pages, under `result`.
"""

from __future__ import annotations

import json
from hashlib import sha256
from math import ceil

from ladle.demo.records import load_collections
from ladle.testing import Answer, Request, answer
from tests.replicas.kit import Model, Record, as_json, below, numbers, sliced

ORIGIN, BASE = "https://www.swapi.tech", "/api/"
LIMIT = (100, 900.0)
KEPT = {
    "people": "created edited name gender skin_color hair_color height eye_color mass homeworld birth_year films url",
    "planets": """created edited climate surface_water name diameter rotation_period terrain gravity orbital_period
        population url""",
    "films": "created edited starships vehicles planets producer title episode_id director release_date characters url",
}
ABOUT = {"people": "A person within the Star Wars universe.", "planets": "A planet.", "films": "A Star Wars Film"}
FRAME = {"apiVersion": "1.0", "timestamp": "2026-11-22T04:50:18.120Z"}


def model(*, limit: tuple[int, float] | None = LIMIT) -> Model:
    """People, planets and films; `limit` is requests and seconds, None for no limit."""
    whole = {name: [_detail(name, record) for record in load_collections()[name]] for name in KEPT}

    def reply(request: Request) -> Answer:
        name, _, uid = below(request, BASE).strip("/").partition("/")
        if not name:
            return as_json({"message": "ok", "result": {each: f"{ORIGIN}{BASE}{each}" for each in whole}, **FRAME})
        if name not in whole:
            return as_json({"message": "Not Found"}, status=404)
        found = _one(whole[name], uid) if uid else _list(request, name, whole[name])
        return as_json(found or {"message": "not found"}, status=200 if found else 404)

    return Model(
        origin=ORIGIN,
        base=BASE,
        first="people",
        collections={name: [each["properties"] for each in details] for name, details in whole.items()},
        answer=reply,
        limits=[limit] if limit else (),
        refuse=lambda request, wait: answer(
            "Too many requests, please try again later.", status=429, headers={"Retry-After": str(ceil(wait))}
        ),
        headers=_headers if limit else None,
    )


def _headers(facts: dict[str, int]) -> dict[str, str]:
    told = {"Limit": facts["limit"], "Remaining": facts["left"], "Reset": facts["reset"]}
    return {f"X-RateLimit-{name}": str(number) for name, number in told.items()}


def _detail(name: str, record: dict[str, object]) -> Record:
    text = json.dumps({field: record[field] for field in KEPT[name].split()})
    properties: Record = json.loads(text.replace("https://swapi.dev", ORIGIN).replace('/"', '"'))
    uid = properties["url"].rpartition("/")[2]
    return {
        "properties": properties,
        "_id": sha256(f"{name} {uid}".encode()).hexdigest()[:24],
        "description": ABOUT[name],
        "uid": uid,
        "__v": 2,
    }


def _one(details: list[Record], uid: str) -> Record | None:
    found = next((each for each in details if each["uid"] == uid), None)
    return {"message": "ok", "result": found, **FRAME} if found else None


def _list(request: Request, name: str, details: list[Record]) -> Record:
    if name == "films":
        return {"message": "ok", "result": details, **FRAME}
    asked, size = (number or 0 for number in numbers(request, "page", "limit", page=1, limit=10))
    size = max(1, size)
    last = ceil(len(details) / size)
    page = min(max(1, asked), last)
    return {
        "message": "ok",
        "total_records": len(details),
        "total_pages": last,
        "previous": _address(name, page - 1, size) if page > 1 else None,
        "next": _address(name, page + 1, size) if page < last else None,
        "results": [
            {"uid": each["uid"], "name": each["properties"]["name"], "url": each["properties"]["url"]}
            for each in sliced(details, (page - 1) * size, size)
        ],
        **FRAME,
    }


def _address(name: str, page: int, size: int) -> str:
    return f"{ORIGIN}{BASE}{name}?page={page}&limit={size}"
