"""The only door to the network: takes a request, gives an Answer or a Failure in words; each attempt has its permit.

Nothing that curl says is passed on as it is, since its words hold addresses, and addresses can hold a key; nor is
the key itself, where an API sends it back in an answer.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import urlsplit

from ladle.collect.gate import Gate, Permit
from ladle.collect.line import Bounds as Bounds
from ladle.collect.line import Came
from ladle.collect.reach import Reach, reach_of
from ladle.collect.request import Request
from ladle.collect.retry import Answer, Failure, Trouble
from ladle.collect.sending import headers_of, kind_of_body, lines, secrets_of, with_key
from ladle.collect.site import Site
from ladle.collect.token import Exchange, NoToken, Token
from ladle.collect.troubles import told
from ladle.collect.veil import veiled
from ladle.sources.library import Credentials, credentials
from ladle.sources.paging import join, same_origin
from ladle.sources.source import Source
from ladle.version import VERSION

REDIRECTS = 5
KEEPS_BODY = (307, 308)
"""After any other redirect the web asks by GET, so what a POST said would be lost."""
NO_POST = "which would turn this POST into a GET without its body."
USUAL = Bounds()
AGENT = f"ladle/{VERSION}"
NONE: Mapping[str, str] = MappingProxyType({})


class Fetcher:
    """One session with one API. `patience` gives the seconds that a call may wait for its permit.

    `reach` says where it may lead; None: as `env` has it for this source.
    """

    def __init__(
        self,
        source: Source,
        *,
        gate: Gate,
        secret: str | None,
        agent: str,
        patience: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.time,
        bounds: Bounds = USUAL,
        env: Mapping[str, str] = os.environ,
        reach: Reach | None = None,
    ) -> None:
        self._source, self._gate, self._secret = source, gate, secret
        self._patience, self._clock, self._bounds = patience, clock, bounds
        self._waiting: set[asyncio.Task[object]] = set()
        self._reach = reach or reach_of(source, env)
        site = urlsplit(source.base_url)
        self._own, self._host = f"{site.scheme}://{site.netloc}/", site.hostname or ""
        self._secrets = secrets_of(source.auth, secret)
        self._headers = headers_of(source, secret, agent=agent)
        self._kind_of_body = kind_of_body(self._headers)
        self._agent = agent
        needs_token = source.auth is not None and source.auth.place == "oauth2"
        self._client = credentials(source, env=env) if needs_token else None
        self._exchange: Exchange | None = None

    async def __aenter__(self) -> Self:
        if self._client is not None:  # first, since it may refuse: nothing is open yet
            self._exchange = self._exchange_of(self._client)
        self._site = Site(
            self._source.base_url,
            reach=self._reach,
            headers=lines(self._headers),
            connections=self._source.concurrency,
            bounds=self._bounds,
        )
        self._wires = self._site.wires
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._exchange is not None:
            await self._exchange.aclose()
        self._site.close()

    def fetch(self, request: Request, *, headers: Mapping[str, str] = NONE) -> Coroutine[Any, Any, Answer | Failure]:
        """Make the call, following redirects within the site. Raises QuotaWait when no permit is to be had in time.

        `headers` go along with the usual ones (`If-None-Match`); a 304 comes back as an Answer without a body.
        """
        further = lines(headers) if headers else ()
        if request.body is not None:
            further = [*further, *self._kind_of_body]
        follow = self._follow if self._exchange is None else partial(self._follow_with_token, self._exchange)
        return follow(request.url, further, request.body)

    async def _follow_with_token(
        self, exchange: Exchange, url: str, further: Sequence[bytes], body: bytes | None
    ) -> Answer | Failure:
        """A token that is refused may have ended early, or been called back: another one is asked for, once."""
        outcome = await self._follow_with_one_token(exchange, url, further, body)
        return await self._follow_with_one_token(exchange, url, further, body) if outcome.status == 401 else outcome

    async def _follow_with_one_token(
        self, exchange: Exchange, url: str, further: Sequence[bytes], body: bytes | None
    ) -> Answer | Failure:
        started, token = self._clock(), await self._token(exchange)
        if isinstance(token, NoToken):
            return replace(self._failure(started, token.trouble, token.reason), headers=token.headers)
        outcome = await self._follow(url, [*further, *token.lines], body)
        if outcome.status == 401:
            exchange.forget(token)
        return outcome

    async def _token(self, exchange: Exchange) -> Token | NoToken:
        """Who waits for one is let go like those who wait for a permit."""
        task = asyncio.current_task()
        assert task is not None, "calls are made in tasks"  # noqa: S101 - narrows the type
        self._waiting.add(task)
        try:
            token = await exchange.token()
        finally:
            self._waiting.discard(task)
        self._secrets = exchange.secrets
        return token

    def _exchange_of(self, client: Credentials) -> Exchange:
        """Where the tokens of this session come from; a request to the API's own site may count there as any other."""
        token_url = self._source.auth.token_url if self._source.auth else ""
        permit = self._permit if same_origin(token_url, self._source.base_url) else None
        return Exchange(
            self._source,
            client,
            agent=self._agent,
            reach=self._reach,
            bounds=self._bounds,
            permit=permit,
            clock=self._clock,
        )

    def _permit(self) -> Permit:
        return self._gate.permit(give_up_after=self._patience())

    async def _follow(self, url: str, further: Sequence[bytes], body: bytes | None) -> Answer | Failure:
        started = self._clock()
        if not self._site.is_open and (closed := await self._site.open()) is not None:
            return self._failure(started, *closed)
        for _ in range(REDIRECTS):
            if (why_not := self._refused(url)) is not None:
                return self._failure(started, "elsewhere", why_not)
            outcome = await self._attempt(url, further, body)
            if isinstance(outcome, Failure) or outcome.status not in (301, 302, 303, 307, 308):
                return outcome
            location, started = outcome.headers.get("location", ""), outcome.started
            if body is not None and outcome.status not in KEEPS_BODY:
                return self._failure(started, "elsewhere", f"The API answered {outcome.status}, {NO_POST}")
            url = join(url, location.strip()) or location
        return self._failure(started, "elsewhere", f"The API sent this call on {REDIRECTS} times.")

    def _refused(self, url: str) -> str | None:
        """Why a call may not go to an address; None for the source's own site, but no key goes from https to http."""
        if url.startswith(self._own):
            return None
        base_url = self._source.base_url
        if not same_origin(url, base_url):
            return f"The API sends this call on to another site, {_site(url)}."
        if self._secret and urlsplit(base_url).scheme == "https" and urlsplit(url).scheme == "http":
            return "The API sends this call on from https to http, where its key could be read on the way."
        return None

    async def _attempt(self, url: str, headers: Sequence[bytes], body: bytes | None) -> Answer | Failure:
        """One call without redirects. Its permit is left when the headers have come: it has been counted by then."""
        task = asyncio.current_task()
        assert task is not None, "calls are made in tasks"  # noqa: S101 - narrows the type
        self._waiting.add(task)
        try:
            async with self._permit() as permit:
                self._waiting.discard(task)
                sent = self._clock()
                address = with_key(url, self._source.auth, self._secret)
                came = await self._wires.send(address, headers=headers, body=body, headed=permit.leave)
        finally:
            self._waiting.discard(task)
        if came.code:
            return self._failure(sent, *told(came, host=self._host, bounds=self._bounds))
        return self._answer(came, sent)

    def _answer(self, came: Came, sent: float) -> Answer:
        """What came, without the key."""
        headers, body = came.headers(), came.body
        if self._secrets:
            veil = partial(veiled, secrets=self._secrets, good=came.status < 400)
            headers = {name: veil(value.encode()).decode("utf-8", "replace") for name, value in headers.items()}
            body = veil(body)
        return Answer(status=came.status, headers=headers, body=body, started=sent, took=self._clock() - sent)

    def let_go(self) -> None:
        """Cancel the calls that still wait for a permit; those that have left go on to their end."""
        for task in self._waiting:
            task.cancel()

    def _failure(self, started: float, trouble: Trouble, reason: str) -> Failure:
        return Failure(trouble=trouble, reason=reason, started=started, took=self._clock() - started)


def _site(url: str) -> str:
    """Host and port, to be named in a sentence; without user and password."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "one without a name"
    except ValueError:
        return "one whose address can't be read"
