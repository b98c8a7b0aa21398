"""Who waits for whom: questions about a whole table never stand before a page of rows."""

from __future__ import annotations

import asyncio
import json
from threading import Event
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from ladle_server.asgi import Application, may_take_long
from ladle_server.lanes import Lane, QuickLane
from ladle_server.warm import FIRST, compile_templates


@pytest.mark.parametrize(
    ("path", "query", "long"),
    [
        ("/", "", False),
        ("/snapshots/", "", False),
        ("/snapshots/7f/", "_offset=40&_limit=10", False),
        ("/snapshots/7f.json", "_offset=40", False),
        ("/snapshots/7f.json", "_limit=1000&_col=name", False),
        ("/snapshots/7f.json", "mass=7", True),
        ("/snapshots/7f.csv", "_offset=40", False),
        ("/snapshots/7f.csv", "_sort=mass", True),
        ("/snapshots/7f/rows/12/", "", False),
        ("/snapshots/7f/rows/12/", "_place=12", False),
        ("/snapshots/7f/rows/12/", "_sort=mass&_place=3", True),
        ("/snapshots/7f/rows/12.json", "", False),
        ("/api/v1/snapshots/7f/rows/12", "", False),
        ("/api/v1/snapshots/7f/rows/12/history", "", True),
        ("/snapshots/7f/columns/", "", False),
        ("/api/v1/snapshots/7f/rows", "_offset=99999999&_col=name", False),
        ("/api/v1/snapshots/7f", "", False),
        ("/snapshots/7f/", "_sort=mass", True),
        ("/snapshots/7f/", "height__gte=150", True),
        ("/api/v1/snapshots/7f/rows", "_search=x", True),
        ("/api/v1/snapshots/7f/counts", "by=name", True),
        ("/snapshots/7f/counts/", "", True),
        ("/snapshots/7f/counts.csv", "by=name", True),
        ("/api/v1/snapshots/7f/diff/8e", "", True),
        ("/api/v1/runs", "state=live", False),
    ],
)
def test_what_may_ask_something_of_a_whole_table(path: str, query: str, long: bool) -> None:
    assert may_take_long(path, query) is long


async def test_rows_are_answered_while_counts_wait_for_theirs() -> None:
    counted, answered = Event(), list[str]()

    async def site(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        def work() -> None:
            if scope["path"].endswith("/counts"):
                counted.wait(60)
            answered.append(scope["path"])

        await sync_to_async(work)()

    async def at_once(scope: dict[str, Any], _receive: Any, _send: Any, *, lane: QuickLane) -> bool:
        await lane.ask(answered.append, scope["path"])
        return True

    patient = [Lane("patient"), Lane("other")]
    quick, live = [QuickLane("quick")], QuickLane("live")
    app = Application(site, at_once=at_once, quick=quick, live=live, lanes=[Lane("lane")], patient=patient)

    def ask(path: str) -> asyncio.Task[None]:
        scope = {"method": "GET", "path": path, "query_string": b"", "headers": []}
        asked = app(scope, lambda: None, lambda _: None)
        return asyncio.create_task(asked)

    waiting = [ask(f"/api/v1/snapshots/{number}/counts") for number in range(6)]
    await ask("/api/v1/snapshots/7f/rows")
    assert answered == ["/api/v1/snapshots/7f/rows"]
    counted.set()
    await asyncio.gather(*waiting)
    assert len(answered) == 7


@pytest.mark.parametrize(
    ("error", "told"),
    [(RuntimeError("unforeseen"), (500, {})), (asyncio.CancelledError(), (503, {b"retry-after": b"5"}))],
)
async def test_what_the_site_could_not_answer_is_told_as_a_problem(
    error: BaseException, told: tuple[int, dict[bytes, bytes]]
) -> None:
    async def site(_scope: Any, _receive: Any, _send: Any) -> None:
        raise error

    sent = list[Any]()

    async def send(message: Any) -> None:
        sent.append(message)

    app = Application(site, at_once=never, quick=[], live=QuickLane("live"), lanes=[Lane("lane")], patient=[])
    with pytest.raises(type(error)):
        await app({"method": "GET", "path": "/runs", "query_string": b"", "headers": []}, lambda: None, send)
    status, headers = sent[0]["status"], dict(sent[0]["headers"])
    assert (status, headers[b"content-type"]) == (told[0], b"application/problem+json")
    assert told[1].items() <= headers.items()
    assert json.loads(sent[1]["body"])["status"] == status


async def never(_scope: Any, _receive: Any, _send: Any, *, lane: QuickLane) -> bool:
    raise AssertionError(lane)


def test_the_first_pages_are_compiled_with_all_that_they_are_made_of() -> None:
    known = compile_templates(*FIRST)
    assert {"pages/base.html", "pages/snapshot_base.html", "pages/_view_rows.html", "pages/_more.html"} <= known
