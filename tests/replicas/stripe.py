"""Stripe's lists: newest first, and the last record's id is the cursor.

Traps: no token and no count, `has_more` alone says whether there is more; an id that is unknown is a 400; times are
seconds since 1970, amounts the smallest unit of a currency; `metadata` is an object with any keys or none.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from random import Random

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, bearer, below, numbers, place_of, sliced

ORIGIN, BASE = "https://api.stripe.com", "/v1/"
LIMIT = (100, 1.0)
NAMES = ("Zoë Krüger", "José Álvarez", "Ayşe Yılmaz", "Nguyễn An", "Σοφία Παππά", "田中 花子")
PLACES = (("Zürich", "CH", "8001"), ("São Paulo", "BR", "01310-100"), ("Kraków", "PL", "30-001"))
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"


def model(*, key: str | None = None, limit: tuple[int, float] = LIMIT) -> Model:
    """123 charges of 23 customers. `key`: the only good one, as a bearer or as the user of basic; None: no key."""
    random = Random("stripe")
    customers = [_customer(number, random) for number in range(23, 0, -1)]
    charges = [_charge(number, random, customers) for number in range(123, 0, -1)]
    collections = {"charges": charges, "customers": customers}

    def reply(request: Request) -> Answer:
        if key is not None and (refusal := _refusal(request, key)) is not None:
            return refusal
        name, _, identity = below(request, BASE).partition("/")
        if name not in collections:
            return _error(f"Unrecognized request URL (GET: {request.path}).", 404)
        if identity:
            place = place_of(collections[name], "id", identity)
            return _missing(name, identity, "id", 404) if place is None else as_json(collections[name][place])
        return _list(request, name, collections[name])

    return Model(
        origin=ORIGIN,
        base=BASE,
        first="charges",
        collections=collections,
        answer=reply,
        limits=[limit],
        refuse=lambda request, wait: _error(
            "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests.",
            status=429,
            code="rate_limit",
        ),
    )


def _refusal(request: Request, key: str) -> Answer | None:
    given = bearer(request) or _basic_user(request)
    if given == key:
        return None
    if not given:
        return _error(
            "You did not provide an API key. You need to provide your API key in the Authorization header.", 401
        )
    return _error(f"Invalid API Key provided: {given[:7]}{'*' * 8}{given[-4:]}", 401)


def _basic_user(request: Request) -> str:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        return b64decode(encoded).decode().partition(":")[0] if kind.lower() == "basic" else ""
    except (NotBase64, UnicodeDecodeError):
        return ""


def _list(request: Request, name: str, records: list[Record]) -> Answer:
    (size,) = numbers(request, "limit", limit=10)
    if size is None or not 1 <= size <= 100:
        return _error("Invalid integer: limit", 400, code="parameter_invalid_integer", param="limit")
    start = 0
    if after := request.query.get("starting_after", ""):
        place = place_of(records, "id", after)
        if place is None:
            return _missing(name, after, "starting_after", 400)
        start = place + 1
    data = sliced(records, start, size)
    return as_json({"object": "list", "data": data, "has_more": start + size < len(records), "url": f"{BASE}{name}"})


def _missing(name: str, identity: str, param: str, status: int) -> Answer:
    return _error(f"No such {name.removesuffix('s')}: '{identity}'", status, code="resource_missing", param=param)


def _error(message: str, status: int, **more: str) -> Answer:
    return as_json({"error": {"message": message, "type": "invalid_request_error", **more}}, status=status)


def _identity(kind: str, random: Random) -> str:
    return f"{kind}_{''.join(random.choices(LETTERS, k=24))}"


def _customer(number: int, random: Random) -> Record:
    name = random.choice(NAMES)
    city, country, code = random.choice(PLACES)
    return {
        "id": _identity("cus", random),
        "object": "customer",
        "address": {"city": city, "country": country, "line1": "Straße 1", "line2": None, "postal_code": code}
        if number % 4
        else None,
        "balance": random.choice((0, 0, -1250)),
        "created": 1_700_000_000 + number * 86_400,
        "currency": random.choice(("eur", None)),
        "delinquent": number % 8 == 0,
        "email": f"{number}@example.org",
        "livemode": False,
        "metadata": {},
        "name": f"{name} {number}",
        "phone": None,
    }


def _charge(number: int, random: Random, customers: list[Record]) -> Record:
    paid = random.random() < 0.9
    customer = random.choice(customers)
    amount = random.choice((999, 1200, 250_000, 50))
    return {
        "id": _identity("ch", random),
        "object": "charge",
        "amount": amount,
        "amount_refunded": amount if number % 15 == 0 else 0,
        "application_fee_amount": None,
        "billing_details": {
            "address": {"city": None, "country": random.choice(("CH", "BR", "PL", None)), "postal_code": None},
            "email": customer["email"],
            "name": customer["name"],
        },
        "captured": paid,
        "created": 1_750_000_000 + number * 3_671,
        "currency": random.choice(("eur", "usd", "jpy")),
        "customer": customer["id"] if number % 6 else None,
        "description": None if number % 5 == 0 else f"Löffel № {number}",
        "failure_code": None if paid else "card_declined",
        "livemode": False,
        "metadata": {"order_id": f"{6000 + number}"} if number % 2 else {},
        "outcome": {
            "network_status": "approved_by_network",
            "risk_score": random.randint(0, 99),
            "seller_message": "OK",
        }
        if paid
        else None,
        "paid": paid,
        "refunds": {"object": "list", "data": [], "has_more": False},
        "status": "succeeded" if paid else "failed",
    }
