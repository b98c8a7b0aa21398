"""The thread that asks the database: takes a call that ends in the moment in which it is given up, gives no answer."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ladle_server.catalog.clerk import Clerk


async def test_who_is_told_to_end_in_the_moment_of_an_answer_ends() -> None:
    """A run's lease is renewed until its drive is over; one that went on then held its run and its place for ever."""
    answered = threading.Event()
    with Clerk(stop=asyncio.Event()) as clerk:
        renewing = asyncio.create_task(clerk.try_(lambda _: answered.set(), None, seconds=60.0))
        await asyncio.sleep(0)
        assert answered.wait(10)
        clerk._thread.submit(lambda: None).result()  # the answer is on its way, and nothing has been heard of it yet
        asyncio.get_running_loop().call_soon(renewing.cancel)
        with pytest.raises(asyncio.CancelledError):
            await renewing
