"""From a URL to a definition: takes an address and a home, asks what must be asked, gives what was inferred.

What is asked, and what follows from the answers, `sources/infer` decides; here each question gets permit and answer.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping

from ladle.asking import LOOKED_ON, Asker, Memory, asking
from ladle.collect.reach import reach_of
from ladle.collect.request import Request
from ladle.collect.retry import Failure
from ladle.errors import LadleError
from ladle.home import Home
from ladle.sources.allowed import SETTING as ALLOW
from ladle.sources.found import is_built_in, source_names
from ladle.sources.infer import Ask, Heard, Inferred, Settings, inference, made_ready
from ladle.sources.library import load_source
from ladle.sources.paging import same_origin
from ladle.sources.quotas import parse_quotas
from ladle.sources.source import Auth, Source


async def infer(
    url: str,
    *,
    home: Home,
    openapi: bool = False,
    auth: Auth | None = None,
    trusted: bool = True,
    memory: Memory | None = None,
    env: Mapping[str, str] = os.environ,
    name: str | None = None,
) -> Inferred:
    """The definition of the API at an address, with how sure each part is, at the price of a few requests.

    What `memory` holds is not asked for again. `openapi`: the address is that of an OpenAPI document. Not `trusted`:
    only public addresses are asked. Raises BadInput where the address leads to no data, SettingError for a key that is
    not set, UpstreamError where the API can't be asked now.
    """
    settings = made_ready(url, auth=auth, openapi=openapi, name=name, taken=_taken(home, url, env))
    source = _source(settings, trusted=trusted)
    await asyncio.to_thread(reach_of(source, env).refuse, source.base_url)
    if settings.secret is not None:
        memory = None  # it doesn't tell keys apart: what one key was answered is nobody else's
    async with asking(home, source, memory=memory, env=_variables(settings, env), bounds=LOOKED_ON) as asker:
        steps = inference(settings, now=time.time())
        question = next(steps)
        while True:
            try:
                question = steps.send(await _heard(asker, question))
            except StopIteration as end:
                told: Inferred = end.value
                return told


def _taken(home: Home, url: str, env: Mapping[str, str]) -> list[str]:
    """Names of sources of other sites: one's own of the same site may get a new version."""
    names = source_names(home)
    return [name for name in names if is_built_in(name) or not _is_at(name, url, home, env)]


def _is_at(name: str, url: str, home: Home, env: Mapping[str, str]) -> bool:
    try:
        return same_origin(url, load_source(name, home=home, env=env).base_url)
    except LadleError:  # damaged, or of another version of Ladle: its name stays its own
        return False


def _variables(settings: Settings, env: Mapping[str, str]) -> dict[str, str]:
    """The environment, with the credential that stood in the address: who wrote it there may have it sent there."""
    if settings.secret is None or settings.auth is None:
        return dict(env)
    allowed = f"{env.get(ALLOW, '')} {settings.auth.env}"
    return {**env, settings.auth.env: settings.secret, ALLOW: allowed}


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
