"""The rows that the gallery's examples are to give, worked out by hand: takes a replica, gives its API's values."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.replicas.kit import Record, Replica
from tests.replicas.open_meteo import forecast, records_of


def text(value: object) -> str | None:
    """A nested value as a table shows it."""
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def at(record: Any, *path: str | int) -> Any:
    """What lies at the end of a path; None where it breaks off."""
    for key in path:
        missing = record is None or (isinstance(key, int) and key >= len(record))
        record = None if missing else record.get(key) if isinstance(key, str) else record[key]
    return record


def moment(written: str | None) -> datetime | None:
    """A time in ISO 8601, in UTC where it names no zone."""
    told = None if written is None else datetime.fromisoformat(written)
    return told if told is None or told.tzinfo else told.replace(tzinfo=UTC)


def day(written: str | None) -> date | None:
    """The date of a time in ISO 8601."""
    return None if written is None else date.fromisoformat(written[:10])


def seconds(number: int) -> datetime:
    """A time in seconds since 1970."""
    return datetime.fromtimestamp(number, UTC)


def named(records: list[Record], key: str, *value: str) -> dict[object, Any]:
    """By key, what a reference shows of a record."""
    return {record[key]: at(record, *value) for record in records}


def swapi_info(api: Replica) -> list[Record]:
    planets = named(api.collections["planets"], "url", "name")
    fields = "name height mass hair_color skin_color eye_color birth_year gender".split()
    return [
        {name: each[name] for name in fields} | {"homeworld": planets[each["homeworld"]], "date": day(each["edited"])}
        for each in api.records
    ]


def swapi_tech(api: Replica) -> list[Record]:
    fields = "name gender skin_color hair_color height eye_color mass homeworld birth_year".split()
    return [
        {"id": int(each["url"].rpartition("/")[2])}
        | {name: each[name] for name in fields}
        | {"date": day(each["edited"])}
        for each in api.records
    ]


def pokeapi(api: Replica) -> list[Record]:
    fields = "id name height weight base_experience is_default".split()
    return [
        {name: each[name] for name in fields}
        | {
            "stats": text(each["stats"]),
            "hp": each["stats"][0]["base_stat"],
            "types": ", ".join(kind["type"]["name"] for kind in each["types"]),
            "abilities": ", ".join(gift["ability"]["name"] for gift in each["abilities"]),
            "picture": each["sprites"]["other"]["official-artwork"]["front_default"],
            "front": each["sprites"]["front_default"],
        }
        for each in api.records
    ]


def github(api: Replica) -> list[Record]:
    return [
        {
            **{name: each[name] for name in ("number", "title", "state")},
            "author": each["user"]["login"],
            "labels": ", ".join(label["name"] for label in each["labels"]),
            **{name: each[name] for name in ("comments", "locked")},
            "milestone": at(each, "milestone", "title"),
            "pull_request": at(each.get("pull_request"), "url"),
            "created_at": moment(each["created_at"]),
            "closed_at": moment(each["closed_at"]),
            "body": each["body"],
        }
        for each in reversed(api.records)
    ]


def stripe(api: Replica) -> list[Record]:
    customers = named(api.collections["customers"], "id", "name")
    return [
        {name: each[name] for name in ("id", "amount", "currency", "status", "paid")}
        | {
            "created": seconds(each["created"]),
            "customer": customers.get(each["customer"]),
            "country": at(each, "billing_details", "address", "country"),
            "risk": at(each, "outcome", "risk_score"),
            "description": each["description"],
            "metadata": text(each["metadata"]),
        }
        for each in api.records
    ]


def slack(api: Replica) -> list[Record]:
    return [
        {name: each[name] for name in ("id", "name", "real_name")}
        | {"email": each["profile"]["email"], "status": each["profile"]["status_text"]}
        | {name: each.get(name) for name in ("tz", "tz_offset", "deleted", "is_admin", "is_bot")}
        | {"updated": seconds(each["updated"])}
        for each in api.records
    ]


def northwind(api: Replica) -> list[Record]:
    customers = named(api.collections["Customers"], "CustomerID", "CompanyName")
    return [
        {
            "id": each["OrderID"],
            "customer": customers[each["CustomerID"]],
            "ordered": day(each["OrderDate"]),
            "shipped": day(each["ShippedDate"]),
            "freight": float(each["Freight"]),
            "city": each["ShipCity"],
            "region": each["ShipRegion"],
        }
        for each in api.records
    ]


def dogapi(api: Replica) -> list[Record]:
    groups = named(api.collections["groups"], "id", "attributes", "name")
    return [
        {
            "id": each["id"],
            "name": each["attributes"]["name"],
            "hypoallergenic": each["attributes"]["hypoallergenic"],
            "life": each["attributes"]["life"]["max"],
            "group": groups.get(at(each, "relationships", "group", "data", "id")),
            "male_weight": each["attributes"]["male_weight"]["max"],
            "female_weight": at(each, "attributes", "female_weight", "max"),
        }
        for each in api.records
    ]


def usgs(api: Replica) -> list[Record]:
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        {
            "id": each["id"],
            "time": (start + timedelta(milliseconds=each["properties"]["time"]))
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "magnitude": each["properties"]["mag"],
            "place": each["properties"]["place"],
            "felt": each["properties"]["felt"],
            "position": text(each["geometry"]["coordinates"]),
        }
        for each in reversed(api.records)
        if each["properties"]["mag"] is not None and each["properties"]["mag"] >= 1.5
    ]


def open_meteo(api: Replica) -> list[Record]:
    variables = ["temperature_2m", "relative_humidity_2m", "precipitation", "is_day"]
    return [
        {"place": place} | hour | {"time": moment(hour["time"])}
        for place, south, east in (("Zürich", 47.37, 8.55), ("東京", 35.68, 139.69))
        for hour in records_of(forecast(south, east, variables))
    ]


def rick_and_morty(api: Replica) -> list[Record]:
    episodes = named(api.collections["episode"], "url", "name")
    return [
        {name: each[name] for name in ("id", "name", "status", "species", "type", "gender")}
        | {
            "origin": each["origin"]["name"],
            "location": each["location"]["name"],
            "first_seen": episodes[each["episode"][0]],
            "created": day(each["created"]),
        }
        for each in api.records
    ]


def wordpress(api: Replica) -> list[Record]:
    return [
        {
            "id": each["id"],
            "date": moment(each["date_gmt"]),
            "title": each["title"]["rendered"],
            **{name: each[name] for name in ("slug", "link", "author", "sticky")},
            "categories": text(each["categories"]),
            "tags": ",".join(map(str, each["tags"])),
            "text": each["content"]["rendered"],
            "meta": text(each["meta"]),
        }
        for each in reversed(api.records)
    ]


def notion(api: Replica) -> list[Record]:
    told = [(each, each["properties"]) for each in api.records]
    return [
        {
            "id": each["id"],
            "name": "".join(piece["plain_text"] for piece in of["Name"]["title"]),
            "price": of["Price"]["number"],
            "in_stock": of["In stock"]["checkbox"],
            "group": at(of, "Group", "select", "name"),
            "shops": ", ".join(shop["name"] for shop in of["Shops"]["multi_select"]),
            "ordered": day(at(of, "Last ordered", "date", "start")),
            "edited": moment(each["last_edited_time"]),
        }
        for each, of in told
    ]


def openalex(api: Replica) -> list[Record]:
    return [
        {name: each[name] for name in ("id", "doi", "title")}
        | {"published": day(each["publication_date"]), "type": each["type"], "language": each["language"]}
        | {
            "authors": ", ".join(named["author"]["display_name"] for named in each["authorships"]),
            "journal": at(each, "primary_location", "source", "display_name"),
            "open": each["open_access"]["is_oa"],
            "cited_by_count": each["cited_by_count"],
        }
        for each in api.records
    ]


def hacker_news(api: Replica) -> list[Record]:
    return [
        {"id": each["objectID"], "title": each["title"], "url": each.get("url")}
        | {"author": each["author"], "points": each["points"], "comments": each["num_comments"]}
        | {"created": seconds(each["created_at_i"]), "text": each.get("story_text")}
        for each in api.records
    ]
