"""The only door to the network: takes a request, gives an Answer or a Failure in words; each attempt has its permit.

Nothing that aiohttp says is passed on as it is, since its errors hold addresses, and addresses can hold a key; nor
is the key itself, where an API sends it back in an answer.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import aiohttp
from yarl import URL

from ladle.collect.gate import Gate
from ladle.collect.request import Request
from ladle.collect.retry import Answer, Failure, Trouble
from ladle.collect.veil import veiled
from ladle.sources.paging import join, same_origin
from ladle.sources.source import Source

REDIRECTS = 5
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_SENT: ContextVar[float] = ContextVar("sent")
"""When this task's attempt left, after its permit: the wait for a permit is not the API's doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one call may take at most."""

    connect: float = 10.0
    """Seconds to find the host and to connect."""
    silence: float = 30.0
    """Seconds without a byte."""
    whole: float = 60.0
    """Seconds for the headers, and as many for the body. A permit is charged for 70 s at most, so no more than that."""
    size: int = 64 * 1024 * 1024
    """Bytes of a body, decompressed."""


USUAL = Bounds()


class Fetcher:
    """One session with one API. `patience` gives the seconds that a call may wait for its permit."""

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
    ) -> None:
        self._source, self._gate, self._secret = source, gate, secret
        self._patience, self._clock, self._bounds = patience, clock, bounds
        self._waiting: set[asyncio.Task[object]] = set()
        self._headers = {
            "User-Agent": agent,
            "Accept": "application/json, */*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        }
        if source.auth and source.auth.place != "query" and secret:
            bearer = source.auth.place == "bearer"
            self._headers[source.auth.name] = f"Bearer {secret}" if bearer else secret

    async def __aenter__(self) -> Self:
        bounds = self._bounds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._source.concurrency),
            timeout=aiohttp.ClientTimeout(total=None, connect=bounds.connect, sock_read=bounds.silence),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            middlewares=(self._with_permit,),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def fetch(self, request: Request, *, headers: Mapping[str, str] = NO_HEADERS) -> Answer | Failure:
        """Make the call, following redirects within the site. Raises QuotaWait when no permit is to be had in time.

        `headers` go out with it, beside the session's own.
        """
        url, started = request.url, self._clock()
        for _ in range(REDIRECTS):
            if (why_not := self._refused(url)) is not None:
                return self._failure(started, "elsewhere", why_not)
            outcome = await self._attempt(url, headers)
            if isinstance(outcome, Failure) or outcome.status not in (301, 302, 303, 307, 308):
                return outcome
            location, started = outcome.headers.get("location", ""), outcome.started
            url = join(url, location.strip()) or location
        return self._failure(started, "elsewhere", f"The API sent this call on {REDIRECTS} times.")

    def _refused(self, url: str) -> str | None:
        """Why a call may not go to an address; None for the source's own site, but no key goes from https to http."""
        base_url = self._source.base_url
        if not same_origin(url, base_url):
            return f"The API sends this call on to another site, {_site(url)}."
        if self._secret and urlsplit(base_url).scheme == "https" and urlsplit(url).scheme == "http":
            return "The API sends this call on from https to http, where its key could be read on the way."
        return None

    async def _attempt(self, url: str, headers: Mapping[str, str]) -> Answer | Failure:
        """One call without redirects: exceptions become failures in words here and nowhere else."""
        host = urlsplit(url).hostname
        _SENT.set(self._clock())
        try:
            async with self._session.get(self._address(url), headers=headers, allow_redirects=False) as response:
                async with asyncio.timeout(self._bounds.whole):
                    return self._answer(response, await self._body(response))
        except (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError) as error:
            return self._failure(
                _SENT.get(), "certificate", f"The certificate of {host} is not valid: {_certificate(error)}."
            )
        except aiohttp.ClientSSLError:
            return self._failure(_SENT.get(), "certificate", f"No secure connection to {host} could be made.")
        except aiohttp.ClientConnectorDNSError:
            return self._failure(_SENT.get(), "unreachable", f"The name {host} can't be found.")
        except aiohttp.ConnectionTimeoutError:
            return self._failure(
                _SENT.get(), "unreachable", f"{host} can't be reached: no connection in {self._bounds.connect:g} s."
            )
        except TimeoutError:
            return self._failure(_SENT.get(), "timeout", f"{host} did not answer in time.")
        except aiohttp.ClientConnectorError as error:
            # asyncio puts the address in place of the system's words; the number still tells them.
            number = error.os_error.errno
            told = os.strerror(number).lower() if number else "no connection"
            return self._failure(_SENT.get(), "unreachable", f"{host} can't be reached: {told}.")
        except _TooLargeError:
            return self._failure(_SENT.get(), "too large", f"The answer is larger than {self._bounds.size:,} bytes.")
        except (aiohttp.ClientError, OSError) as error:
            return self._failure(_SENT.get(), "broken", _broken(error))

    def _answer(self, response: aiohttp.ClientResponse, body: bytes) -> Answer:
        """What came, without the key. Headers may hold any byte; what is no UTF-8 could not be written down."""
        sent, status = _SENT.get(), response.status
        veil = partial(veiled, secret=self._secret, good=status < 400)
        headers = {
            name.lower(): veil(value.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")
            for name, value in response.headers.items()
        }
        return Answer(status=status, headers=headers, body=veil(body), started=sent, took=self._clock() - sent)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body, decompressed; never more than is allowed in memory."""
        parts, size = [], 0
        async for part in response.content.iter_chunked(1 << 16):
            size += len(part)
            if size > self._bounds.size:
                raise _TooLargeError
            parts.append(part)
        return b"".join(parts)

    async def _with_permit(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """aiohttp calls this for every attempt on the wire, its own retry on a dead keep-alive connection included."""
        async with self._permit(), asyncio.timeout(self._bounds.whole):
            _SENT.set(self._clock())
            return await handler(request)

    @asynccontextmanager
    async def _permit(self) -> AsyncIterator[None]:
        """A permit, until the headers have come: the API has counted the call by then. Waiting for it can be let go."""
        task = asyncio.current_task()
        assert task is not None, "calls are made in tasks"  # noqa: S101 - narrows the type
        self._waiting.add(task)
        try:
            async with self._gate.permit(give_up_after=self._patience()):
                self._waiting.discard(task)
                yield
        finally:
            self._waiting.discard(task)

    def let_go(self) -> None:
        """Cancel the calls that still wait for a permit; those that have left go on to their end."""
        for task in self._waiting:
            task.cancel()

    def _address(self, url: str) -> URL:
        """The URL with the key put in, just before it leaves."""
        auth, parts = self._source.auth, urlsplit(url)
        if auth is None or auth.place != "query" or self._secret is None:
            return URL(url, encoded=True)
        query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != auth.name]
        query.append((auth.name, self._secret))
        return URL(urlunsplit(parts._replace(query=urlencode(query))), encoded=True)

    def _failure(self, started: float, trouble: Trouble, reason: str) -> Failure:
        return Failure(trouble=trouble, reason=reason, started=started, took=self._clock() - started)


class _TooLargeError(Exception):
    """A body is larger than allowed."""


def _site(url: str) -> str:
    """Host and port, to be named in a sentence; without user and password."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "one without a name"
    except ValueError:
        return "one whose address can't be read"


def _broken(error: Exception) -> str:
    if "content-encoding" in str(error.__cause__):
        return "The answer's compression is damaged, or of a kind that was not asked for."
    return "The connection broke before the whole answer had come."


def _certificate(error: Exception) -> str:
    """What is wrong with a certificate, as OpenSSL says it ("certificate has expired")."""
    cause = getattr(error, "certificate_error", error)
    return str(getattr(cause, "verify_message", "") or "it can't be verified").rstrip(".")
