"""The Dog API (dogapi.dev), which speaks JSON:API: records of type, id, attributes and relationships.

Traps: fields lie below `attributes`, references below `relationships`; `page[number]` has brackets, which the links
write as %5B and %5D; `links.next` is null at the end (by an option it is absent, or an object with `href`); ids are
texts; the kind of the answers is `application/vnd.api+json`.
"""

from __future__ import annotations

from math import ceil
from random import Random
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, below, numbers, sliced

ORIGIN, BASE = "https://dogapi.dev", "/api/v2/"
KIND = "application/vnd.api+json"
BREEDS = "Affenpinscher,Akita,Barbet,Braque d’Auvergne,Čeladonský pes,Löwchen,Pumi,Šarplaninac,Xoloitzcuintli"
GROUPS = ("Hound Group", "Herding Group", "Non-Sporting Group", "Toy Group")
Ending = Literal["null", "absent"]


def model(*, end: Ending = "null", objects: bool = False) -> Model:
    """94 breeds of four groups; `end`: how the last page says so; `objects`: links are `{"href": …}`."""
    random = Random("jsonapi")
    groups = [_group(random, name) for name in GROUPS]
    breeds = [_breed(number, random, groups) for number in range(94)]
    groups = [_with_breeds(group, breeds) for group in groups]
    collections = {"breeds": breeds, "groups": groups}

    def link(address: str) -> object:
        return {"href": address} if objects else address

    def reply(request: Request) -> Answer:
        name, _, identity = below(request, BASE).partition("/")
        if name not in collections:
            return _error("Not Found", "No such endpoint.", 404)
        if identity:
            found = next((each for each in collections[name] if each["id"] == identity), None)
            own = f"{ORIGIN}{BASE}{name}/{identity}"
            return (
                as_json({"data": found, "links": {"self": own}}, kind=KIND) if found else _error("Not Found", "", 404)
            )
        page, size = numbers(request, "page[number]", "page[size]", **{"page[number]": 1, "page[size]": 10})
        if page is None or size is None or page < 1 or not 1 <= size <= 100:
            return _error("Bad Request", f"'{request.query.get('page[number]')}' is no page.", 400)
        return as_json(_page(name, collections[name], page, size), kind=KIND)

    def _page(name: str, records: list[Record], page: int, size: int) -> Record:
        last = max(1, ceil(len(records) / size))
        links = {"self": link(f"{ORIGIN}{BASE}{name}"), "current": link(_address(name, page, size))}
        if page < last:
            links |= {"next": link(_address(name, page + 1, size)), "last": link(_address(name, last, size))}
        elif end == "null":
            links["next"] = None
        if page > 1:
            links |= {"first": link(_address(name, 1, size)), "prev": link(_address(name, page - 1, size))}
        meta = {"pagination": {"current": page, "last": last, "records": len(records)}}
        return {"data": sliced(records, (page - 1) * size, size), "meta": meta, "links": links}

    return Model(origin=ORIGIN, base=BASE, first="breeds", collections=collections, answer=reply)


def _address(name: str, page: int, size: int) -> str:
    asked = {"page[number]": page} if size == 10 else {"page[number]": page, "page[size]": size}
    return f"{ORIGIN}{BASE}{name}?{'&'.join(f'{quote(key)}={value}' for key, value in asked.items())}"


def _error(title: str, detail: str, status: int) -> Answer:
    return as_json({"errors": [{"status": str(status), "title": title, "detail": detail}]}, status=status, kind=KIND)


def _identity(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def _group(random: Random, name: str) -> Record:
    return {"id": _identity(random), "type": "group", "attributes": {"name": name}, "relationships": {}}


def _with_breeds(group: Record, breeds: list[Record]) -> Record:
    own = [each for each in breeds if (each["relationships"]["group"]["data"] or {}).get("id") == group["id"]]
    return {**group, "relationships": {"breeds": {"data": [{"id": each["id"], "type": "breed"} for each in own]}}}


def _breed(number: int, random: Random, groups: list[Record]) -> Record:
    least = random.randint(2, 30)
    group = {"id": random.choice(groups)["id"], "type": "group"} if number % 12 else None
    return {
        "id": _identity(random),
        "type": "breed",
        "attributes": {
            "name": f"{random.choice(BREEDS.split(','))} {number}",
            "description": None if number % 9 == 0 else "Weary — “but” 100% loyal.\nLoves Käse.",
            "life": {"max": random.randint(12, 16), "min": 10},
            "male_weight": {"max": least + 4.5, "min": least},
            "female_weight": {"max": least + 3, "min": least} if number % 7 else None,
            "hypoallergenic": random.random() < 0.3,
            "recognized_on": f"{1900 + number}-03-0{1 + number % 9}",
        },
        "relationships": {"group": {"data": group}},
    }
