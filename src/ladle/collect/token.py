"""oauth2's client credentials: takes a client's id and secret, gives the token that goes with requests, asked for once.

https://www.rfc-editor.org/rfc/rfc6749#section-4.4. Tokens live in this process's memory alone: no journal, error or log
has them, and all sessions with the same client share them.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from hashlib import sha256
from math import inf, isfinite
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from ladle.collect.gate import Permit
from ladle.collect.line import Bounds, Came
from ladle.collect.reach import Reach
from ladle.collect.retry import Trouble
from ladle.collect.sending import lines
from ladle.collect.site import Site
from ladle.collect.troubles import told
from ladle.collect.unpack import ASKED_FOR
from ladle.collect.veil import veiled
from ladle.errors import BadInput
from ladle.sources.library import Credentials
from ladle.sources.said import words_of
from ladle.sources.source import Auth, Source

EARLY = 30.0
"""Seconds before its end from which a token is not sent any more: it must live until the request has arrived."""
REMEMBERED = 4
"""Tokens that answers still on their way may echo."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is sent. Its `repr` doesn't tell it."""

    text: str = field(repr=False)
    until: float = inf
    """Seconds since 1970."""

    @property
    def lines(self) -> list[bytes]:
        """The header that carries it."""
        return lines({"Authorization": f"Bearer {self.text}"})


@dataclass(frozen=True, slots=True)
class NoToken:
    """Why none was to be had, in words without any credential."""

    trouble: Trouble
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)


Kept = dict[tuple[str, str, str, str], Token]
KEPT: Kept = {}
"""This process's tokens, by what they were asked for with."""


class Exchange:
    """Where a session gets its tokens. Those who come while one is being asked for wait for the same answer."""

    def __init__(
        self,
        source: Source,
        credentials: Credentials,
        *,
        agent: str,
        reach: Reach,
        bounds: Bounds,
        permit: Callable[[], AbstractAsyncContextManager[Permit]] | None,
        clock: Callable[[], float] = time.time,
        kept: Kept = KEPT,
    ) -> None:
        """`permit`: for a site that gives tokens and counts them as requests; None where that is another site."""
        assert source.auth is not None, "there is one of oauth2"  # noqa: S101 - narrows the type
        self._auth: Auth = source.auth
        self._url, self._secret = source.auth.token_url, credentials.secret or ""
        if urlsplit(source.base_url).scheme == "https" and urlsplit(self._url).scheme != "https":
            problem = f"{source.title} is asked by https, and its token would be by http, where it could be read."
            raise BadInput(problem, hint='Give an address with "https://" for `oauth2`.')
        self._id, self._permit, self._clock, self._kept, self._bounds = credentials.id, permit, clock, kept, bounds
        self._packed = b64encode(f"{quote_plus(self._id)}:{quote_plus(self._secret)}".encode()).decode()
        self._key = (self._url, self._id, self._auth.scope, sha256(self._secret.encode()).hexdigest())
        headers = {
            "User-Agent": agent,
            "Accept": "application/json",
            "Accept-Encoding": ASKED_FOR,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self._site = Site(self._url, reach=reach, headers=lines(headers), connections=1, bounds=bounds)
        self._asking: asyncio.Task[Token | NoToken] | None = None
        self._in_body = False
        self._seen: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that an answer might echo."""
        return (self._secret, self._packed, *self._seen)

    async def token(self) -> Token | NoToken:
        """One that is still good, asked for where there is none. Raises QuotaWait where that needs a permit too."""
        kept = self._kept.get(self._key)
        if kept is not None and kept.until > self._clock():
            return self._take(kept)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        # Whoever began it may be cancelled; the others still wait for it.
        return self._take(await asyncio.shield(self._asking))

    def forget(self, token: Token) -> None:
        """The API doesn't take it any more; another that was given meanwhile stays."""
        if self._kept.get(self._key) == token:
            del self._kept[self._key]

    async def aclose(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        self._site.close()

    def _take(self, token: Token | NoToken) -> Token | NoToken:
        if isinstance(token, Token) and token.text not in self._seen:
            self._seen = (token.text, *self._seen)[:REMEMBERED]
        return token

    async def _ask(self) -> Token | NoToken:
        """The client's name and secret go as basic authentication, which all must take, or else as some want it."""
        if not self._site.is_open and (closed := await self._site.open()) is not None:
            return NoToken(*closed)
        at, came = self._clock(), await self._send()
        if not self._in_body and _wants_another_way(came):
            self._in_body = True
            second = await self._send()
            self._in_body = second.status == 200
            came = second if self._in_body or second.code == 0 else came
        token = self._read(came, at)
        if isinstance(token, Token):
            self._kept[self._key] = token
        return token

    async def _send(self) -> Came:
        form = {"grant_type": "client_credentials"} | ({"scope": self._auth.scope} if self._auth.scope else {})
        if self._in_body:
            form |= {"client_id": self._id, "client_secret": self._secret}
        headers = [] if self._in_body else lines({"Authorization": f"Basic {self._packed}"})
        url, body = self._url.encode(), urlencode(form).encode()
        if self._permit is None:
            return await self._site.wires.send(url, headers=headers, body=body, headed=lambda: None)
        async with self._permit() as permit:
            return await self._site.wires.send(url, headers=headers, body=body, headed=permit.leave)

    def _read(self, came: Came, at: float) -> Token | NoToken:
        host = self._site.host
        if came.code:
            trouble, reason = told(came, host=host, bounds=self._bounds)
            ends = trouble in ("certificate", "not allowed")
            return NoToken(trouble if ends else "unreachable", f"No token was given. {reason}")
        document = _decoded(came.body)
        if came.status != 200 or "error" in document:
            words = veiled(words_of(document).encode(), secrets=self.secrets, good=False).decode("utf-8", "replace")
            reason = f"{host} gave no token: it answered {came.status}{f': {words}' if words else ''}."
            return NoToken(_trouble(came.status), reason, came.headers() if came.status == 429 else {})
        text, kind = document.get("access_token"), document.get("token_type", "bearer")
        if not isinstance(text, str) or not text or not (text.isascii() and text.isprintable()):
            return NoToken("refused", f"{host} gave no token: its answer holds no usable access_token.")
        if str(kind).lower() != "bearer":
            return NoToken("refused", f'{host} gave a token of another kind than "bearer", which Ladle can\'t send.')
        return Token(text, at + _lifetime(document.get("expires_in")))


def _wants_another_way(came: Came) -> bool:
    """Whether it may be the way of telling who asks that was refused, and nothing else."""
    error = _decoded(came.body).get("error")
    return came.status in (400, 401) and error in (None, "invalid_client", "invalid_request", "unauthorized")


def _trouble(status: int) -> Trouble:
    if status == 429:
        return "limited"
    return "unreachable" if status >= 500 or status == 408 else "refused"


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _lifetime(told: object) -> float:
    """Seconds that it is sent for; where nothing is told, until the API refuses it."""
    try:
        seconds = float(told) if isinstance(told, int | float | str) and not isinstance(told, bool) else inf
    except (ValueError, OverflowError):  # OverflowError: a number of hundreds of digits
        return inf
    if not isfinite(seconds) or seconds <= 0:
        return inf
    return max(seconds - EARLY, seconds / 2)
