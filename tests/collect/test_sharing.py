"""One run over several workers in one process: the same files as one makes, and nothing asked for twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import ladle
from ladle.testing import Numbered, ScriptedApi, paged
from tests.apis import drive, targets
from tests.collect.many import begun, files, together

PAGES = 600


@pytest.fixture(scope="module")
def api() -> Iterator[ScriptedApi]:
    with ScriptedApi({"/api/people": paged(Numbered(PAGES * 10))}) as api:
        yield api


def test_the_files_are_those_of_one_worker_and_every_page_is_asked_for_once(api: ScriptedApi, tmp_path: Path) -> None:
    alone = drive(begun(api.url, tmp_path, workers=1))
    before = len(api.requests)
    run = begun(api.url, tmp_path)
    seen: list[ladle.Progress] = []
    progress, made = asyncio.run(together(run, on_progress=seen.append))
    assert (progress.state, progress.done, progress.requests) == ("complete", PAGES, PAGES)
    assert files(tmp_path, progress) == files(tmp_path, alone)
    assert Counter(targets(api)[before:]).most_common(1)[0][1] == 1
    assert min(made) > 0
    assert max(each.workers for each in seen) == 3
    assert progress.workers == 1
    assert [line.number for line in run.requests(limit=1000)] == list(range(1, PAGES + 1))
