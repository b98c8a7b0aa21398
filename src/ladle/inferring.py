"""From a URL to a definition: takes an address and a home, asks what must be asked, gives what was inferred.

What is asked, and what follows from the answers, `sources/infer` decides; here each question gets permit and answer.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from ladle.asking import Asker, Memory, asking
from ladle.collect.fetch import Bounds
from ladle.collect.request import Request
from ladle.collect.retry import Failure
from ladle.home import Home
from ladle.sources.infer import Ask, Heard, Inferred, Settings, inference
from ladle.sources.library import source_names
from ladle.sources.quotas import parse_quotas
from ladle.sources.source import Auth, Source

BOUNDS = Bounds(whole=30.0)
"""Somebody is looking on: an answer that takes longer is none."""


async def infer(
    url: str,
    *,
    home: Home,
    openapi: bool = False,
    auth: Auth | None = None,
    trusted: bool = True,
    memory: Memory | None = None,
    env: Mapping[str, str] = os.environ,
) -> Inferred:
    """The definition of the API at an address, with how sure each part is, at the price of a few requests.

    What `memory` holds is not asked for again. `openapi`: the address is that of an OpenAPI document. Not `trusted`:
    only public addresses are asked. Raises BadInput where the address leads to no data, SettingError for a key that is
    not set, UpstreamError where the API can't be asked now.
    """
    settings = Settings.of(url, auth=auth, openapi=openapi, taken=source_names())
    variables = dict(env)
    if settings.secret and settings.auth:
        variables[settings.auth.env] = settings.secret
    async with asking(home, _source(settings, trusted=trusted), memory=memory, env=variables, bounds=BOUNDS) as asker:
        steps = inference(settings, now=time.time())
        question = next(steps)
        while True:
            try:
                question = steps.send(await _heard(asker, question))
            except StopIteration as end:
                told: Inferred = end.value
                return told


def _source(settings: Settings, *, trusted: bool) -> Source:
    """What is known of the API before it is asked: where it is, and that nobody knows its limits."""
    return Source(
        name=settings.name,
        title=settings.name,
        base_url=settings.where.base_url,
        quotas=parse_quotas("60 per minute"),
        pace="safe",
        concurrency=1,
        auth=settings.auth,
        resources={},
        datasets={},
        trusted=trusted,
    )


async def _heard(asker: Asker, question: Ask) -> Heard:
    request = Request(key=question.url, url=question.url, resource="infer", role="page", position=1)
    outcome = await asker.ask(request)
    if isinstance(outcome, Failure):
        return Heard(url=question.url, status=outcome.status or 0, headers=outcome.headers, problem=outcome.reason)
    return Heard(url=question.url, status=outcome.status, headers=outcome.headers, body=outcome.body)
