"""The USGS catalogue of earthquakes: GeoJSON by `limit` and `offset`, newest first.

Traps: `offset` counts from 1, and 0 is refused; `metadata.count` is the number of records of this answer; a `limit`
over 20,000, and a query for more than that without one, is a 400 in plain text; times are milliseconds since 1970;
past the end the list is empty; the place is a list `[longitude, latitude, depth]`.
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from urllib.parse import urlsplit

from ladle.testing import Answer, Request, answer
from tests.replicas.kit import Model, Record, as_json, below, numbers

ORIGIN, BASE = "https://earthquake.usgs.gov", "/fdsnws/event/1/"
CEILING = 20_000
KIND = "application/json;charset=utf-8"
NETS = ("us", "nc", "ak", "ci")
PLACES = ("Pāhala, Hawaii", "Baños, Ecuador", "the Kermadec Islands region", "Ōfunato, Japan", "Ceiba, Puerto Rico")
NEWEST = 1_795_300_000_000


def model(*, total: int = 437, ceiling: int = CEILING) -> Model:
    """`total` earthquakes; `ceiling` is the most that one answer may hold."""
    random = Random("usgs")
    quakes = [_quake(number, random) for number in range(total)]

    def reply(request: Request) -> Answer:
        path = below(request, BASE)
        if path == "version":
            return answer("1.14.1")
        if path not in ("query", "count"):
            return _refused(404, "Not Found", f"Bad method value {path}.")
        if request.query.get("format") != "geojson":
            return _refused(400, "Bad Request", 'Bad format value "". Valid values are: "geojson".')
        found = _matching(request, quakes)
        if path == "count":
            return as_json({"count": len(found), "maxAllowed": ceiling}, kind=KIND)
        return _page(request, found, ceiling)

    collections = {"features": quakes}
    return Model(
        origin=ORIGIN, base=BASE, first="query?format=geojson&limit=100", collections=collections, answer=reply
    )


def _refused(status: int, title: str, words: str) -> Answer:
    return answer(
        f"Error {status}: {title}\n\n{words}\n\nUsage details are available from {ORIGIN}{BASE}\n", status=status
    )


def _matching(request: Request, quakes: list[Record]) -> list[Record]:
    """By `minmagnitude`, `starttime` and `orderby`; the catalogue knows many more."""
    least, since = float(request.query.get("minmagnitude", -10)), request.query.get("starttime", "1970-01-01")
    begin = datetime.fromisoformat(f"{since}+00:00" if "T" in since else f"{since}T00:00:00+00:00").timestamp() * 1000
    told = [(each, each["properties"]) for each in quakes]
    found = [each for each, of in told if of["time"] >= begin and (-9 if of["mag"] is None else of["mag"]) >= least]
    return found[::-1] if request.query.get("orderby") == "time-asc" else found


def _page(request: Request, found: list[Record], ceiling: int) -> Answer:
    limit, offset = numbers(request, "limit", "offset", limit=ceiling, offset=1)
    if limit is None or not 1 <= limit <= ceiling:
        words = f'Bad limit value "{request.query["limit"]}". Valid values are between 1 and {ceiling}.'
        return _refused(400, "Bad Request", words)
    if offset is None or offset < 1:
        return _refused(400, "Bad Request", f'Bad offset value "{request.query["offset"]}". Must be 1 or more.')
    if "limit" not in request.query and len(found) > ceiling:
        words = (
            f"{len(found)} matching events exceeds search limit of {ceiling}. Modify the search to match fewer events."
        )
        return _refused(400, "Bad Request", words)
    shown = found[offset - 1 : offset - 1 + limit]
    metadata = {
        "generated": 1_795_322_345_000,
        "url": f"{ORIGIN}{urlsplit(request.target).path}?{urlsplit(request.target).query}",
        "title": "USGS Earthquakes",
        "status": 200,
        "api": "1.14.1",
        "limit": limit,
        "offset": offset,
        "count": len(shown),
    }
    return as_json({"type": "FeatureCollection", "metadata": metadata, "features": shown}, kind=KIND)


def _quake(number: int, random: Random) -> Record:
    net, at = random.choice(NETS), NEWEST - number * 372_123
    name = f"{net}{7000000 + number:x}"
    felt = random.randint(1, 900) if number % 6 == 0 else None
    magnitude = round(random.uniform(-0.5, 7.9), 2) if number % 50 else None
    return {
        "type": "Feature",
        "properties": {
            "mag": magnitude,
            "place": f"{random.randint(1, 200)} km NNE of {random.choice(PLACES)}" if number % 21 else None,
            "time": at,
            "updated": at + 1_234_040,
            "tz": None,
            "url": f"{ORIGIN}/earthquakes/eventpage/{name}",
            "detail": f"{ORIGIN}{BASE}query?eventid={name}&format=geojson",
            "felt": felt,
            "cdi": 3.4 if felt else None,
            "alert": random.choice(("green", "yellow")) if felt else None,
            "status": random.choice(("automatic", "reviewed")),
            "tsunami": int(number % 40 == 0),
            "sig": random.randint(0, 900),
            "net": net,
            "code": name[2:],
            "ids": f",{name},",
            "nst": random.choice((None, 12, 98)),
            "dmin": random.choice((None, 0.031, 4)),
            "rms": round(random.random(), 2),
            "magType": random.choice(("ml", "mb", "mww", None)),
            "type": "quarry blast" if number % 33 == 0 else "earthquake",
            "title": f"M {magnitude} – {name}",
        },
        "geometry": {
            "type": "Point",
            "coordinates": [
                round(random.uniform(-180, 180), 4),
                round(random.uniform(-90, 90), 4),
                random.choice((10, 35.2, -1.1)),
            ],
        },
        "id": name,
    }
