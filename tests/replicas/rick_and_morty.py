"""The Rick and Morty API: pages of 20 with `info` and `results`.

Traps: past the end is a 404, `{"error": "There is nothing here"}`; `prev` of the first page and `next` of the last are
null; records are referred to by addresses, some of them empty texts; `/api/character` is listed as `characters`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from random import Random

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, below, numbers, sliced

ORIGIN, BASE = "https://rickandmortyapi.com", "/api/"
SIZE = 20
LIMIT = (10_000, 86_400.0)
LISTED = {"character": "characters", "location": "locations", "episode": "episodes"}
NAMES = (
    "Rick Sanchez",
    "Morty Smith",
    "Scary Terry",
    "Señor Poopybutthole",
    "Mr. Meeseeks",
    "“Evil” Morty",
    "Dr. Wong",
)
PLACES = ("Earth (C-137)", "Citadel of Ricks", "Anatomy Park", "Bird World", "Nuptia 4", "Gazorpazorp", "Žižek’s Café")


def model(*, total: int = 126) -> Model:
    """`total` characters, 27 locations and 31 episodes."""
    random = Random("rick")
    collections = {
        "character": [_character(number, random) for number in range(1, total + 1)],
        "location": [_location(number, random) for number in range(1, 28)],
        "episode": [_episode(number, random) for number in range(1, 32)],
    }

    def reply(request: Request) -> Answer:
        name, _, key = below(request, BASE).strip("/").partition("/")
        if not name:
            return as_json({listed: f"{ORIGIN}{BASE}{each}" for each, listed in LISTED.items()})
        if name not in collections:
            return as_json({"error": "There is nothing here"}, status=404)
        if key:
            return _some(name, key, collections[name])
        (page,) = numbers(request, "page", page=1)
        last = ceil(len(collections[name]) / SIZE)
        if page is None or not 1 <= page <= last:
            return as_json({"error": "There is nothing here"}, status=404)
        info = {
            "count": len(collections[name]),
            "pages": last,
            "next": f"{ORIGIN}{BASE}{name}?page={page + 1}" if page < last else None,
            "prev": f"{ORIGIN}{BASE}{name}?page={page - 1}" if page > 1 else None,
        }
        return as_json({"info": info, "results": sliced(collections[name], (page - 1) * SIZE, SIZE)})

    return Model(
        origin=ORIGIN,
        base=BASE,
        first="character",
        collections=collections,
        answer=reply,
        limits=[LIMIT],
        refuse=lambda request, wait: as_json({"error": "You have reached the limit"}, status=429),
    )


def _some(name: str, key: str, records: list[Record]) -> Answer:
    """One by its id, or a list of several by ids joined with commas."""
    ids = [int(each) for each in key.strip("[]").split(",") if each.isdigit()]
    found = [each for each in records if each["id"] in ids]
    if not ids:
        return as_json({"error": "Hey! you must provide an id"}, status=500)
    if "," in key:
        return as_json(found)
    if found:
        return as_json(found[0])
    return as_json({"error": f"{name.capitalize()} not found"}, status=404)


def _created(number: int) -> str:
    at = datetime(2017, 11, 4, 18, 48, 46, 250_000, UTC) + timedelta(minutes=number * 97)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _place(number: int | None) -> Record:
    """Where somebody is from; of some it is not known."""
    if number is None:
        return {"name": "unknown", "url": ""}
    return {"name": _name(number), "url": f"{ORIGIN}{BASE}location/{number}"}


def _name(number: int) -> str:
    return f"{PLACES[number % len(PLACES)]} {number}"


def _character(number: int, random: Random) -> Record:
    seen = sorted(random.sample(range(1, 32), k=random.randint(1, 5)))
    return {
        "id": number,
        "name": f"{random.choice(NAMES)} {number}",
        "status": random.choice(("Alive", "Dead", "unknown")),
        "species": random.choice(("Human", "Alien", "Humanoid")),
        "type": random.choice(("", "", "Genetic experiment")),
        "gender": random.choice(("Male", "Female", "Genderless", "unknown")),
        "origin": _place(random.choice((None, *range(1, 28)))),
        "location": _place(random.randint(1, 27)),
        "image": f"{ORIGIN}{BASE}character/avatar/{number}.jpeg",
        "episode": [f"{ORIGIN}{BASE}episode/{each}" for each in seen],
        "url": f"{ORIGIN}{BASE}character/{number}",
        "created": _created(number),
    }


def _location(number: int, random: Random) -> Record:
    residents = sorted(random.sample(range(1, 127), k=random.randint(0, 4)))
    return {
        "id": number,
        "name": _name(number),
        "type": random.choice(("Planet", "Space station", "")),
        "dimension": random.choice(("Dimension C-137", "unknown")),
        "residents": [f"{ORIGIN}{BASE}character/{each}" for each in residents],
        "url": f"{ORIGIN}{BASE}location/{number}",
        "created": _created(number),
    }


def _episode(number: int, random: Random) -> Record:
    return {
        "id": number,
        "name": f"Wrath n° {number}",
        "air_date": f"December {number % 28 + 1}, 2013",
        "episode": f"S0{number // 11 + 1}E{number % 11 + 1:02d}",
        "characters": [f"{ORIGIN}{BASE}character/{each}" for each in sorted(random.sample(range(1, 127), k=3))],
        "url": f"{ORIGIN}{BASE}episode/{number}",
        "created": _created(number),
    }
