"""swapi.info: every collection one bare array in one answer, from static files.

Traps: no frame, no count and no pages; addresses have no slash at the end, and one that has is sent on (308).
"""

from __future__ import annotations

import json

from ladle.demo.records import load_collections
from ladle.testing import Answer, Request, answer, html
from tests.replicas.kit import Model, Record, as_json, below

ORIGIN, BASE = "https://swapi.info", "/api/"
ORDER = ("people", "planets", "films", "species", "vehicles", "starships")


def model() -> Model:
    """All six collections of the Star Wars API (its data: see the licence in `ladle/demo/data/swapi`)."""
    collections = {name: [_moved(record) for record in load_collections()[name]] for name in ORDER}

    def reply(request: Request) -> Answer:
        if request.method != "GET":
            return html("Method Not Allowed", status=405)
        if request.path.endswith("/"):
            return answer(b"", status=308, headers={"Location": request.path.rstrip("/")})
        found = _found(below(request, BASE), collections)
        if found is None:
            return html("404: This page could not be found", status=404)
        return as_json(found, Cache_Control="public, max-age=0, must-revalidate", Access_Control_Allow_Origin="*")

    return Model(origin=ORIGIN, base=BASE, first="people", collections=collections, answer=reply)


def _moved(record: dict[str, object]) -> Record:
    """A record of swapi.dev with swapi.info's addresses."""
    text = json.dumps(record).replace("https://swapi.dev", ORIGIN).replace('/"', '"')
    moved: Record = json.loads(text)
    return moved


def _found(path: str, collections: dict[str, list[Record]]) -> object:
    name, _, number = path.partition("/")
    if not name:
        return {each: f"{ORIGIN}{BASE}{each}" for each in collections}
    if name not in collections:
        return None
    address = f"{ORIGIN}{BASE}{name}/{number}"
    return next((each for each in collections[name] if each["url"] == address), None) if number else collections[name]
