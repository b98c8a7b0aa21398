"""Who follows and who waits: takes many of them, looks how often the run is looked at, and what each is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from typing import Any

import pytest
import uvicorn

from ladle_server.arriving import Protocol
from ladle_server.catalog.following import Follower, Place, Told
from ladle_server.catalog.watch import Watcher
from ladle_server.streams import cutter, do_nothing

RUN = "20261122-120000-7f3a1c"
MORE_THAN_ANY_BUFFER_HOLDS = b"x" * (64 << 20)
ENDS = 5
"""The look at which the run has ended."""


class Looks:
    """A run that is another at each look, or always the same."""

    def __init__(self, *, still: bool = False) -> None:
        self.number, self._still = 0, still
        self.over, self._loop = asyncio.Event(), asyncio.get_running_loop()

    def __call__(self, run_ids: Collection[str]) -> Mapping[str, Told | None]:
        """What the follower finds."""
        self.number += 1
        at = 1 if self._still else min(self.number, ENDS)
        if at == ENDS:
            self._loop.call_soon_threadsafe(self.over.set)
        return {run_id: Told(str(at), b"{}", at == ENDS) for run_id in run_ids}


async def seen(states: AsyncGenerator[Told | None, None]) -> list[str]:
    return [told.id async for told in states if told is not None]


@pytest.mark.parametrize("streams", [1, 300])
async def test_a_run_is_looked_at_as_often_for_many_as_for_one(streams: int) -> None:
    look = Looks()
    follower = Follower(look, interval=0.05)
    async with asyncio.timeout(30):
        told = await asyncio.gather(
            *(seen(follower.states(RUN, seen="", place=Place(do_nothing))) for _ in range(streams)),
        )
    assert look.number == ENDS
    assert all(each == sorted(set(each)) and each[-1] == str(ENDS) for each in told)


async def test_each_of_many_is_told_every_state_it_waited_for() -> None:
    look = Looks()
    follower = Follower(look, interval=0.05)
    states = [follower.states(RUN, seen="", place=Place(do_nothing)) for _ in range(100)]
    async with asyncio.timeout(30):
        for state in range(1, ENDS + 1):
            told = await asyncio.gather(*(anext(each) for each in states))
            # Who is told of one while the next is there already is told the next.
            assert {each.id >= str(state) for each in told if each} == {True}
            if any(each and each.over for each in told):
                break


async def test_who_takes_nothing_is_given_the_latest_when_it_does_and_is_cut_when_it_does_not() -> None:
    look, cut = Looks(), asyncio.Event()
    follower = Follower(look, interval=0.01, heartbeat=0.05, stuck=0.0)
    states = follower.states(RUN, seen="", place=Place(cut.set))
    async with asyncio.timeout(30):
        first = await anext(states)
        await cut.wait()
        await look.over.wait()
        rest = await seen(states)
    assert first is not None
    assert rest[-1:] == [str(ENDS)]
    assert len(rest) <= 2


async def test_a_run_that_stands_still_is_told_once_and_then_that_somebody_is_there() -> None:
    states = Follower(Looks(still=True), interval=0.01, heartbeat=0.03).states(RUN, seen="", place=Place(do_nothing))
    async with asyncio.timeout(30):
        told = [await anext(states) for _ in range(5)]
    assert [each.id for each in told if each] == ["1"]


async def test_streams_that_all_have_left_are_not_looked_after_and_who_comes_then_is() -> None:
    follower = Follower(Looks(still=True), interval=0.0)
    for _ in range(2):
        async with asyncio.timeout(30), aclosing(follower.states(RUN, seen="", place=Place(do_nothing))) as states:
            assert await anext(states)


async def test_the_database_is_asked_once_for_all_who_wait_for_an_end() -> None:
    asked = 0

    def live() -> set[str]:
        nonlocal asked
        asked += 1
        return {RUN} if asked < ENDS else set()

    watcher = Watcher(live, interval=0.0)
    async with asyncio.timeout(30):
        await asyncio.gather(*(watcher.ended(RUN) for _ in range(200)))
    assert asked == ENDS


async def test_a_connection_is_cut_though_its_client_has_not_taken_what_it_was_sent() -> None:
    """To close it would wait for that client as long as it likes."""
    left = asyncio.Event()

    async def site(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": MORE_THAN_ANY_BUFFER_HOLDS, "more_body": True})
        cutter(scope)()
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    config = uvicorn.Config(site, http=Protocol, lifespan="off", log_config=None, ws="none")
    config.load()
    state, loop = uvicorn.server.ServerState(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(config, state, {}), "127.0.0.1", 0)
    async with asyncio.timeout(30), server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=1)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await left.wait()
        writer.close()
