"""Pause and cancel while pages are read again: takes a collection that moved, looks at where the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ladle
from ladle.testing import Answer, Request, hang
from tests.apis import CALLS, PEOPLE, drive, entries, start, swapi
from tests.collect.test_control import WISHES, both, driven_until
from tests.collect.test_settling import changing, people


def moved_and_hanging_when_read_again() -> Callable[[Request], Answer]:
    """People of whom one goes before the ninth page is asked for; a page that is asked for again hangs."""
    route, read = changing(people(), {9: lambda found: found.pop(0)}), set[str]()

    def script(request: Request) -> Answer:
        page = request.query.get("page", "1")
        if page in read:
            return hang(route(request).body)
        read.add(page)
        return route(request)

    return script


@both
def test_a_run_that_reads_pages_again_is_stopped_and_goes_on_there(tmp_path: Path, state: str) -> None:
    with swapi(**{PEOPLE: moved_and_hanging_when_read_again()}) as api:
        run = start(api, tmp_path)
        end, _ = driven_until(run, lambda: api.wait_for(CALLS + 1), lambda: WISHES[state](run))
        assert (end.state, end.gaps) == (state, ())
        assert 9 <= end.done <= CALLS < end.total
        if state == "paused":
            api.release()
            ladle.resume(run)
            again = drive(run)
            assert (again.state, again.records, again.done) == ("complete", 81, again.total)
            assert [entry.reading for entry in entries(run) if entry.role == "page"].count(1) == CALLS
