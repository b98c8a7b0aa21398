"""Takes a function that answers requests, gives a web application that counts them and is as slow as a real network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import NamedTuple

from aiohttp import web

from ladle.demo.limits import Counts

Answering = Callable[[web.Request], web.Response]


class Latency(NamedTuple):
    """The least and the most seconds that an answer takes."""

    least: float = 0.0
    most: float = 0.0


def application(
    answer: Answering,
    *,
    counts: Counts,
    latency: Latency,
    random: Random,
    change: Callable[[web.Request], Awaitable[web.Response]] | None = None,
) -> web.Application:
    """An application where `answer` gets every request but `GET /_stats`, which gives the counts and is not counted.

    `change` gets PATCH and DELETE below `/_records/`, uncounted too.

    A part of the latency, drawn anew each time, passes before the request is seen: requests arrive as jumbled as they
    do over a network, which is what makes limits hard to keep to.
    """

    async def handle(request: web.Request) -> web.Response:
        took = random.uniform(*latency)
        there = took * random.random()
        await asyncio.sleep(there)
        counts.requests += 1
        counts.paths[request.path] += 1
        response = answer(request)
        counts.answers[response.status] += 1
        await asyncio.sleep(took - there)
        return response

    async def stats(request: web.Request) -> web.Response:
        return web.json_response(counts.to_json())

    app = web.Application()
    app.router.add_get("/_stats", stats)
    if change is not None:
        for method in ("PATCH", "DELETE"):
            app.router.add_route(method, "/_records/{name}/{key}", change)
    app.router.add_route("*", "/{path:.*}", handle)
    return app


def json_answer(
    value: object, *, status: int = 200, headers: Mapping[str, str] | None = None, kind: str = "application/json"
) -> web.Response:
    """JSON as both APIs write it: no spaces, letters as they are."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(status=status, body=body, headers={"Content-Type": kind, **(headers or {})})
