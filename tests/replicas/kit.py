"""What replicas have in common: takes a model of an API, gives it as a server that localizes, limits and counts."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from ladle.demo.limits import SlidingLog
from ladle.testing import Answer, Request, ScriptedApi, answer

Record = dict[str, Any]
Value = TypeVar("Value")
Refusal = Callable[[Request, float], Answer]
"""What an API answers beyond its limit; the number is the seconds until it would answer again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An API as it is in the world; its addresses are the real ones, the replica puts its own in their place."""

    origin: str
    """`https://api.example.org`: stands in records and answers where the replica's own address shall stand."""
    base: str
    """Path of the base URL, with a slash at both ends."""
    first: str
    """Path and query, below the base, of the first page of the main collection."""
    collections: Mapping[str, list[Record]]
    """Every collection's records, whole, in the API's order; the main one comes first."""
    answer: Callable[[Request], Answer]
    limits: Sequence[tuple[int, float]] = ()
    """How many requests in how many seconds, of one caller."""
    refuse: Refusal | None = None
    headers: Callable[[Mapping[str, int]], Mapping[str, str]] | None = None
    """From `limit`, `left` and `reset` (seconds since 1970) what each answer tells of the limit."""


class Replica:
    """One API on loopback, for a `with` block."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._log = SlidingLog(model.limits)
        self._api = ScriptedApi(self._answer)
        self.answered: Counter[int] = Counter()
        """How many answers of each status."""

    def __enter__(self) -> Replica:
        self._api.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._api.__exit__(kind, error, trace)

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`"""
        return self._api.url.rstrip("/")

    @property
    def url(self) -> str:
        """The base URL, with a slash at its end."""
        return self.origin + self._model.base

    @property
    def first(self) -> str:
        """The address of the first page of the main collection."""
        return self.url + self._model.first

    @property
    def collections(self) -> Mapping[str, list[Record]]:
        """Every record of every collection, with addresses of this replica."""
        return localized(dict(self._model.collections), self._model.origin, self.origin)

    @property
    def records(self) -> list[Record]:
        """Every record of the main collection."""
        return next(iter(self.collections.values()))

    @property
    def requests(self) -> list[Request]:
        """All that have arrived."""
        return self._api.requests

    @property
    def targets(self) -> list[str]:
        """Path and query of all that have arrived, as on the wire."""
        return [request.target for request in self.requests]

    @property
    def script(self) -> ScriptedApi:
        """The server, to make single answers fail."""
        return self._api

    @property
    def fullest(self) -> int:
        """The most requests that the shortest window of the limit held; 0 for an API without limits."""
        return self._log.fullest

    def _answer(self, request: Request) -> Answer:
        given = self._limited(request)
        host = request.headers.get("Host", "")
        self.answered[given.status] += 1
        return localized_answer(given, self._model.origin, f"http://{host}")

    def _limited(self, request: Request) -> Answer:
        wait = self._log.take("", at=request.arrived)
        if wait is not None and self._model.refuse is not None:
            return self._told(self._model.refuse(request, wait), left=0, wait=wait)
        return self._told(self._model.answer(request), left=self._left(), wait=self._window())

    def _told(self, given: Answer, *, left: int, wait: float) -> Answer:
        """With the headers that tell of the limit."""
        if self._model.headers is None:
            return given
        facts = {"limit": self._model.limits[0][0], "left": left, "reset": int(time.time() + wait) + 1}
        return replace(given, headers={**given.headers, **self._model.headers(facts)})

    def _left(self) -> int:
        limit = self._log.shortest
        return max(0, limit.limit - self._log.fullest) if limit else 0

    def _window(self) -> float:
        limit = self._log.shortest
        return limit.seconds if limit else 0.0


def localized(value: Value, origin: str, own: str) -> Value:
    """The value with the replica's own address wherever the real one stood."""
    told: Value = json.loads(json.dumps(value).replace(origin, own))
    return told


def localized_answer(given: Answer, origin: str, own: str) -> Answer:
    """The same for an answer's body and headers."""
    body = given.body.replace(origin.encode(), own.encode())
    return replace(given, body=body, headers={name: text.replace(origin, own) for name, text in given.headers.items()})


def numbers(request: Request, *names: str, **usual: int) -> list[int | None]:
    """Query parameters as integers; None for what is none; `usual` holds what an absent one stands for."""
    return [_number(request.query.get(name, str(usual[name]))) for name in names]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() else None


def pairs_of(request: Request) -> list[tuple[str, str]]:
    """The query's parameters in their order, repeated ones too."""
    return parse_qsl(urlsplit(request.target).query, keep_blank_values=True)


def bearer(request: Request) -> str:
    """The token of a request, empty where it brings none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def opaque(*parts: object) -> str:
    """A token as APIs make them: base64 of something that is nobody's business, with its signs of equality."""
    return urlsafe_b64encode(":".join(map(str, parts)).encode()).decode()


def below(request: Request, base: str) -> str:
    """The path under the base URL, as it was asked for, `""` for the base itself."""
    return request.path.removeprefix(base.rstrip("/")).removeprefix("/")


def sliced(records: Sequence[Record], start: int, size: int) -> list[Record]:
    """So many records from a place on."""
    return list(records[max(0, start) : max(0, start) + size])


def place_of(records: Iterable[Record], key: str, value: object) -> int | None:
    """Where the record lies whose `key` has that value."""
    return next((place for place, record in enumerate(records) if record[key] == value), None)


def as_json(
    value: object, *, status: int = 200, kind: str = "application/json; charset=utf-8", **headers: str
) -> Answer:
    """A JSON answer; headers are given as `X_Total="5"`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return answer(value, status=status, headers={"Content-Type": kind, **named})


def not_there(words: str = "Not Found", *, status: int = 404) -> Answer:
    """A plain text, as servers answer what they have no route for."""
    return answer(words, status=status)
