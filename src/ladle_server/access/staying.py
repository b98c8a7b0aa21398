"""Who may stay? Takes those who keep a connection open, shows out whom the door would not let in any more.

The door looks when a request comes; a stream of a run's events, or a POST that waits for the end of a collection, may
then be open for hours. One task of the event loop looks for all of them, every few seconds, by three queries at most,
and ends itself when nobody stays. While the database is away they stay: nobody can know better.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from django.contrib.sessions.models import Session
from django.http import HttpRequest

from ladle_server.access import sessions, tokens
from ladle_server.access.kinds import Action, Kind, Who, asker
from ladle_server.access.models import Token, User
from ladle_server.access.routes import asked, resolved
from ladle_server.catalog.reaching import AWAY, fresh

log = logging.getLogger(__name__)
EVERY = 3.0
"""Seconds between two looks."""
AT_ONCE, BREATH = 20, 0.004
"""So many are shown out between two pauses of so many seconds, in which others are served."""
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="staying")


class ShownOut(Exception):
    """Whoever waited may not wait here any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """As whom somebody came in, by what, and what for."""

    who: Who
    action: Action
    session: str
    """Its key; nothing where a token was shown."""
    proof: str
    """What the session knows of the password."""


Look = Callable[[Collection[Pass]], set[Pass]]
"""Those that are good no longer; called in a thread."""


def pass_of(request: HttpRequest) -> Pass | None:
    """What is to be looked at again; None of who needs nothing to be here."""
    who = asker(request)
    if who.user is None:
        return None
    key, proof = ("", "") if who.token is not None else sessions.shown(request)
    return Pass(who=who, action=asked(resolved(request.path_info), request.method).action, session=key, proof=proof)


def no_longer(passes: Collection[Pass], *, now: datetime | None = None) -> set[Pass]:
    """Those with which the door would not let anybody in: by three queries, however many they are."""
    now = now or datetime.now(UTC)
    users = User.objects.in_bulk({each.who.user for each in passes})
    shown = Token.objects.in_bulk({each.who.token for each in passes if each.who.token is not None})
    open_ = Session.objects.filter(expire_date__gt=now).defer("session_data")
    begun = open_.in_bulk({each.session for each in passes if each.session})

    def is_good(each: Pass) -> bool:
        user, token = users.get(each.who.user), shown.get(each.who.token)
        if user is None or not user.is_active or not replace(each.who, kind=Kind(user.kind)).may(each.action):
            return False
        if each.who.token is not None:
            return token is not None and tokens.state(token, now=now) == "good"
        return each.session in begun and each.proof == user.get_session_auth_hash()

    return {each for each in passes if not is_good(each)}


class Stayers:
    """Those of one event loop who keep a connection open."""

    def __init__(self, look: Look, *, every: float = EVERY) -> None:
        self._look, self._every = look, every
        self._out: defaultdict[Pass, set[Callable[[], None]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def stays(self, by: Pass | None, out: Callable[[], None]) -> Iterator[None]:
        """Look after somebody for as long as the block takes; `out`, another for each, is called to show them out."""
        if by is None:
            yield
            return
        self._out[by].add(out)
        if self._task is None or self._task.done():
            # A context of its own: the request that happens to be first must not lend it its thread.
            self._task = asyncio.get_running_loop().create_task(self._watch(), context=Context())
        try:
            yield
        finally:
            self._out[by].discard(out)
            if not self._out[by]:
                del self._out[by]

    async def _watch(self) -> None:
        while self._out:
            await asyncio.sleep(self._every)
            passes = list(self._out)
            try:
                gone = await asyncio.get_running_loop().run_in_executor(_thread, fresh, self._look, passes)
                await self._show_out([out for each in gone for out in self._out.get(each, ())])
            except AWAY as error:
                log.debug("Who stays can't be looked at at the moment: %s", error)
            except Exception:
                log.exception("A look at those who stay failed")

    async def _show_out(self, all_out: list[Callable[[], None]]) -> None:
        for number, out in enumerate(all_out, start=1):
            out()
            if number % AT_ONCE == 0:
                await asyncio.sleep(BREATH)


_stayers: WeakKeyDictionary[asyncio.AbstractEventLoop, Stayers] = WeakKeyDictionary()


def the_stayers() -> Stayers:
    """Those of this event loop."""
    loop = asyncio.get_running_loop()
    if (stayers := _stayers.get(loop)) is None:
        stayers = _stayers[loop] = Stayers(no_longer)
    return stayers


async def waited(waits: Coroutine[Any, Any, None], *, by: Pass | None) -> None:
    """Wait, for as long as whoever came in by that may stay; raises ShownOut, and what `waits` raises."""
    waiting, out = asyncio.ensure_future(waits), asyncio.Event()

    def show_out() -> None:
        out.set()
        waiting.cancel()

    with the_stayers().stays(by, show_out):
        try:
            await waiting
        except asyncio.CancelledError:
            if out.is_set():
                raise ShownOut from None
            raise
