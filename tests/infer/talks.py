"""Takes an address and what an API answers, gives what is inferred from it: no network, no clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ladle.sources.definition import parse
from ladle.sources.infer import Heard, Inferred, inference, made_ready
from ladle.sources.source import Auth, Resource, Source

HOST = "https://api.example.org"
Answers = Mapping[str, Any] | Callable[[str], Any]


def heard(url: str, given: Any) -> Heard:
    """An answer: a Heard as it is, bytes as a body, anything else as JSON."""
    if isinstance(given, Heard):
        return given
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    return Heard(url=url, headers={"content-type": "application/json"}, body=body)


def failed(status: int, body: Any = b"", **headers: str) -> Heard:
    """An answer with another status; headers as `www_authenticate="Basic"`."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Heard(url=f"{HOST}/x", status=status, headers=named, body=raw)


def inferred(
    address: str, answers: Answers, *, auth: Auth | None = None, openapi: bool = False, **more: Any
) -> tuple[Inferred, list[str]]:
    """What comes of it, and the targets that were asked for; what `answers` lacks is a 404."""
    url = address if address.startswith("http") else HOST + address
    steps = inference(made_ready(url, auth=auth, openapi=openapi, **more), now=1_700_000_000.0)
    asked: list[str] = []
    question = next(steps)
    while True:
        parts = urlsplit(question.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        asked.append(target)
        given = answers(target) if callable(answers) else answers.get(target, failed(404, {"detail": "Not found"}))
        try:
            question = steps.send(heard(question.url, given))
        except StopIteration as end:
            return end.value, asked


def source_of(told: Inferred) -> Source:
    """The source that its definition describes; a mistake fails the test."""
    return parse(told.definition, where="inferred", lists=lambda *_: ("", ""))


def only(told: Inferred) -> Resource:
    """Its one resource."""
    (resource,) = source_of(told).resources.values()
    return resource


def records(number: int, first: int = 1) -> list[dict[str, Any]]:
    """So many records."""
    return [{"id": each, "name": f"record {each}"} for each in range(first, first + number)]
