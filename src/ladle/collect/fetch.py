"""The only door to the network: takes a request, gives an Answer or a Failure in words; each attempt has its permit.

Nothing that curl says is passed on as it is, since its words hold addresses, and addresses can hold a key; nor is
the key itself, where an API sends it back in an answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Self
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode, urlsplit, urlunsplit

from ladle.collect.curl import Wires
from ladle.collect.gate import Gate
from ladle.collect.line import Bounds as Bounds
from ladle.collect.line import Came, options
from ladle.collect.request import AS_IT_IS, Request
from ladle.collect.retry import Answer, Failure, Trouble
from ladle.collect.troubles import told
from ladle.collect.unpack import ASKED_FOR
from ladle.collect.veil import veiled
from ladle.errors import SettingError
from ladle.sources.paging import join, same_origin
from ladle.sources.source import Source
from ladle.version import VERSION

REDIRECTS = 5
USUAL = Bounds()
AGENT = f"ladle/{VERSION}"
NONE: Mapping[str, str] = MappingProxyType({})


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
        site = urlsplit(source.base_url)
        self._own, self._host = f"{site.scheme}://{site.netloc}/", site.hostname or ""
        self._headers = {
            "User-Agent": agent,
            "Accept": "application/json, */*;q=0.5",
            "Accept-Encoding": ASKED_FOR,
        }
        if source.auth and source.auth.place != "query" and secret:
            if not secret.isprintable():
                problem = f"The key in {source.auth.env} holds a line break or another sign that no header can carry."
                raise SettingError(problem, hint="Set it to the key alone.")
            bearer = source.auth.place == "bearer"
            self._headers[source.auth.name] = f"Bearer {secret}" if bearer else secret

    async def __aenter__(self) -> Self:
        settings = options(host=self._host, headers=_lines(self._headers), bounds=self._bounds)
        self._wires = Wires(settings, connections=self._source.concurrency, bounds=self._bounds)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._wires.close()

    async def fetch(self, request: Request, *, headers: Mapping[str, str] = NONE) -> Answer | Failure:
        """Make the call, following redirects within the site. Raises QuotaWait when no permit is to be had in time.

        `headers` go along with the usual ones (`If-None-Match`); a 304 comes back as an Answer without a body.
        """
        url, started = request.url, self._clock()
        for _ in range(REDIRECTS):
            if (why_not := self._refused(url)) is not None:
                return self._failure(started, "elsewhere", why_not)
            outcome = await self._attempt(url, _lines(headers) if headers else ())
            if isinstance(outcome, Failure) or outcome.status not in (301, 302, 303, 307, 308):
                return outcome
            location, started = outcome.headers.get("location", ""), outcome.started
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

    async def _attempt(self, url: str, headers: Sequence[bytes]) -> Answer | Failure:
        """One call without redirects. Its permit is left when the headers have come: it has been counted by then."""
        task = asyncio.current_task()
        assert task is not None, "calls are made in tasks"  # noqa: S101 - narrows the type
        self._waiting.add(task)
        try:
            async with self._gate.permit(give_up_after=self._patience()) as permit:
                self._waiting.discard(task)
                sent = self._clock()
                came = await self._wires.send(self._address(url), headers=headers, headed=permit.leave)
        finally:
            self._waiting.discard(task)
        if came.code:
            return self._failure(sent, *told(came, host=self._host, bounds=self._bounds))
        return self._answer(came, sent)

    def _answer(self, came: Came, sent: float) -> Answer:
        """What came, without the key. Headers may hold any byte; what is no UTF-8 could not be written down."""
        headers, body = _headers(came.head.decode("utf-8", "replace")), came.body
        if self._secret:
            veil = partial(veiled, secret=self._secret, good=came.status < 400)
            headers = {name: veil(value.encode()).decode("utf-8", "replace") for name, value in headers.items()}
            body = veil(body)
        return Answer(status=came.status, headers=headers, body=body, started=sent, took=self._clock() - sent)

    def let_go(self) -> None:
        """Cancel the calls that still wait for a permit; those that have left go on to their end."""
        for task in self._waiting:
            task.cancel()

    def _address(self, url: str) -> bytes:
        """The URL with the key put in, just before it leaves."""
        auth = self._source.auth
        if auth is not None and auth.place == "query" and self._secret is not None:
            url, key = url.partition("#")[0], urlencode({auth.name: self._secret})
            parts = urlsplit(url)
            if f"{auth.name}=" in unquote_plus(parts.query):
                named = parse_qsl(parts.query, keep_blank_values=True)
                query = urlencode([(name, value) for name, value in named if name != auth.name])
                url = urlunsplit(parts._replace(query=query))
            url += f"{'&' if urlsplit(url).query else '?'}{key}"
        return quote(url, safe=f"{AS_IT_IS}#[]").encode()

    def _failure(self, started: float, trouble: Trouble, reason: str) -> Failure:
        return Failure(trouble=trouble, reason=reason, started=started, took=self._clock() - started)


def _lines(headers: Mapping[str, str]) -> list[bytes]:
    return [f"{name}: {value}".encode() for name, value in headers.items()]


def _headers(head: str) -> dict[str, str]:
    """Header lines by their names in small letters; the first line is the status."""
    found: dict[str, str] = {}
    for line in head.split("\n")[1:-1]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip()
        # Links may come on several lines: the next page's need not be on the last.
        found[name] = f"{found[name]}, {value}" if name == "link" and name in found else value
    return found


def _site(url: str) -> str:
    """Host and port, to be named in a sentence; without user and password."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "one without a name"
    except ValueError:
        return "one whose address can't be read"
