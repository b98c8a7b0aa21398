"""OData's Northwind service: pages of 20 records at `value`, and an opaque `@odata.nextLink`.

Traps: the link is relative (or absolute, by an option) and its token is the last key, quoted; `$`, `'` and `@` stand in
names; `@odata.count` is told only to those who ask by `$count=true`; the service, not the caller, sets the page size;
one record goes by its key in brackets, `Customers('ALFKI')`; regions, faxes and dates are null.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random
from urllib.parse import quote

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, below, numbers, place_of

ORIGIN, BASE = "https://services.odata.org", "/V4/Northwind/Northwind.svc/"
SIZE = 20
KEYS = {"Orders": "OrderID", "Customers": "CustomerID"}
PLACES = (
    ("México D.F.", "Mexico"),
    ("Luleå", "Sweden"),
    ("São Paulo", "Brazil"),
    ("Münster", "Germany"),
)
FIRMS = (
    "Alfreds Futterkiste",
    "Antonio Moreno Taquería",
    "Königlich Essen",
    "Que Delícia",
    "B's Beverages",
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KIND = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


def model(*, absolute: bool = False) -> Model:
    """127 orders of 43 customers, by key; `absolute`: links with the service's address before them."""
    random = Random("odata")
    customers = sorted((_customer(number, random) for number in range(43)), key=lambda each: str(each["CustomerID"]))
    orders = [_order(number, random, customers) for number in range(10248, 10248 + 127)]
    collections = {"Orders": orders, "Customers": customers}

    def reply(request: Request) -> Answer:
        path = below(request, BASE)
        if not path:
            names = [{"name": name, "kind": "EntitySet", "url": name} for name in collections]
            return _told({"@odata.context": f"{ORIGIN}{BASE}$metadata", "value": names})
        name, bracket, rest = path.partition("(")
        if name not in collections:
            return _error(f"Resource not found for the segment '{name}'.", 404)
        if bracket:
            return _one(name, rest, collections[name])
        return _page(request, name, collections[name], before=f"{ORIGIN}{BASE}" if absolute else "")

    return Model(origin=ORIGIN, base=BASE, first="Orders", collections=collections, answer=reply)


def _told(value: Record) -> Answer:
    return as_json(value, kind=KIND, OData_Version="4.0")


def _error(message: str, status: int) -> Answer:
    return as_json({"error": {"code": "", "message": message}}, status=status, kind=KIND, OData_Version="4.0")


def _one(name: str, rest: str, records: list[Record]) -> Answer:
    found = re.fullmatch(r"'?([^']*)'?\)", rest)
    place = next((n for n, each in enumerate(records) if found and str(each[KEYS[name]]) == found[1]), None)
    if place is None:
        return _error("Resource not found for the segment.", 404)
    return _told({"@odata.context": f"{ORIGIN}{BASE}$metadata#{name}/$entity", **records[place]})


def _page(request: Request, name: str, records: list[Record], *, before: str) -> Answer:
    key = KEYS[name]
    start = 0
    if token := request.query.get("$skiptoken", ""):
        value = token.strip("'") if token.startswith("'") else int(token) if token.isdigit() else None
        place = place_of(records, key, value)
        if place is None:
            return _error("Error processing skip token.", 400)
        start = place + 1
    (top,) = numbers(request, "$top", **{"$top": len(records)})
    end = min(start + SIZE, top or 0)
    shown: Record = {"@odata.context": f"{ORIGIN}{BASE}$metadata#{name}"}
    if request.query.get("$count") == "true":
        shown["@odata.count"] = len(records)
    shown["value"] = records[start:end]
    if end < min(len(records), top or 0):
        last = records[end - 1][key]
        token = f"'{last}'" if isinstance(last, str) else str(last)
        asked = "$count=true&" if "@odata.count" in shown else ""
        shown["@odata.nextLink"] = f"{before}{name}?{asked}$skiptoken={quote(token, safe=chr(39))}"
    return _told(shown)


def _customer(number: int, random: Random) -> Record:
    city, country = random.choice(PLACES)
    return {
        "CustomerID": "".join(random.choices(LETTERS, k=5)),
        "CompanyName": f"{random.choice(FIRMS)} {number}",
        "ContactName": random.choice(("María Anders", "Hanna Moos", "Åse Berglund")),
        "Address": f"Obere Str. {number}",
        "City": city,
        "Region": "SP" if country == "Brazil" else None,
        "PostalCode": f"{12209 + number:05d}",
        "Country": country,
        "Phone": "030-0074321",
        "Fax": None if number % 3 == 0 else "030-0076545",
    }


def _order(number: int, random: Random, customers: list[Record]) -> Record:
    ordered = date(1996, 7, 4) + timedelta(days=(number - 10248) * 2)
    shipped = f"{ordered + timedelta(days=random.randint(1, 30))}T00:00:00Z" if number % 11 else None
    customer = random.choice(customers)
    return {
        "OrderID": number,
        "CustomerID": customer["CustomerID"],
        "EmployeeID": random.randint(1, 9),
        "OrderDate": f"{ordered}T00:00:00Z",
        "ShippedDate": shipped,
        "Freight": random.choice((32.38, 11, 0.02, 1007.64)),
        "ShipName": customer["CompanyName"],
        "ShipCity": customer["City"],
        "ShipRegion": customer["Region"],
        "ShipPostalCode": customer["PostalCode"],
        "Express": random.random() < 0.2,
        "Tags": random.choice(([], ["früh"], ["spät", "zerbrechlich"])),
    }
