"""A table woven in a child while its answers come: the same files, and nothing lost whatever becomes of the child."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ladle
from ladle.runs import queue
from ladle.sources.definition import parse
from ladle.testing import Numbered, ScriptedApi, paged
from tests.apis import drive, entries, start, taken
from tests.processes import children_of_all_threads, command_of, send

SIZE = 200
FILES = ("data.csv", "data.index", "data.parquet", "profile.json")


def person(number: int) -> dict[str, object]:
    mass = 1.5 if number == 11_111 else number  # a column that gets wider late
    return {"name": f"person {number}", "mass": mass, "url": f"/api/people/{number}/", "edited": "2014-12-20T21:17:56Z"}


OWN = """
ladle = 1
name = "own"
title = "My API"
base_url = "{url}"
[resources.people]
path = "api/people"
records = "results"
count = "count"
next = "next"
key = "url"
paging = "page"
[datasets.people]
resource = "people"
"""


@pytest.fixture(scope="module")
def api() -> Iterator[ScriptedApi]:
    with ScriptedApi({"/api/people": paged(Numbered(12_345, person), page_size=SIZE)}) as api:
        yield api


def begun(api: ScriptedApi, home: Path) -> ladle.Run:
    source = parse(OWN.format(url=api.url), where="own.toml", lists=lambda *_: ("", ""))
    return queue(ladle.Home.open(home), source, source.datasets["people"])


def children() -> list[int]:
    """Processes that this one has begun and that are no zombies."""
    return [pid for pid in children_of_all_threads(os.getpid()) if b"ladle.beside" in command_of(pid)]


def at(state: str, do: Callable[[], object]) -> Callable[[ladle.Progress], None]:
    """Does it when the run comes to that state."""

    def told(progress: ladle.Progress) -> None:
        if progress.state == state:
            do()

    return told


def files(home: Path, run: ladle.Run) -> dict[str, bytes]:
    (manifest,) = [each for each in ladle.all_snapshots(home=home) if each.run == run.id]
    folder = ladle.snapshot(manifest.id, home=home).path("manifest").parent
    return {name: (folder / name).read_bytes() for name in FILES}


def without_child(run: ladle.Run, patch: pytest.MonkeyPatch) -> ladle.Progress:
    with patch.context() as here:
        here.setattr("sys.executable", "/nowhere/python")  # no child can be begun
        return drive(run)


def test_files_are_the_same_with_a_child_and_without(
    api: ScriptedApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = begun(api, tmp_path)
    assert without_child(alone, monkeypatch).state == "complete"
    seen: list[int] = []
    helped = begun(api, tmp_path)
    assert drive(helped, on_progress=at("finishing", lambda: seen.extend(children()))).state == "complete"
    assert len(seen) == 1
    assert children() == []
    assert files(tmp_path, helped) == files(tmp_path, alone)


def test_a_child_that_is_killed_is_done_without(
    api: ScriptedApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        for pid in children():
            send(pid, signal.SIGKILL)
            killed.append(pid)

    killed: list[int] = []
    run = begun(api, tmp_path)
    assert drive(run, on_progress=at("finishing", kill)).state == "complete"
    assert len(killed) == 1
    alone = begun(api, tmp_path)
    without_child(alone, monkeypatch)
    assert files(tmp_path, run) == files(tmp_path, alone)
    assert [path for path in (tmp_path / "snapshots").glob("*/*/.tmp-*") if any(path.iterdir())] == []


def test_who_pauses_a_run_while_it_is_built_finds_no_child_and_no_snapshot(api: ScriptedApi, tmp_path: Path) -> None:
    run = begun(api, tmp_path)
    paused = drive(run, on_progress=at("finishing", lambda: ladle.pause(run, patience=0)))
    assert (paused.state, children()) == ("paused", [])
    assert ladle.all_snapshots(home=tmp_path) == []
    ladle.resume(run)
    before = len(api.requests)
    assert drive(run).state == "complete"
    assert len(api.requests) == before
    assert len(entries(run)) == 62


def test_a_short_run_begins_none(tmp_path: Path) -> None:
    with ScriptedApi({"/api/people/": paged(Numbered(100, person))}) as api:
        run = start(api, tmp_path)
        seen: list[int] = []
        end = drive(run, on_progress=at("finishing", lambda: seen.extend(children())))
        assert taken(end, tmp_path).manifest.rows == 100
    assert seen == []


def test_no_child_is_begun_for_a_table_that_cannot_be_woven_meanwhile(api: ScriptedApi, tmp_path: Path) -> None:
    """Its records come fast; but a reference may be told after them, so the table is made at the end."""
    text = OWN + 'columns = ["name", { name = "self", path = "url", reference = "people.name" }]\n'
    source = parse(text.replace("{url}", api.url), where="own.toml", lists=lambda *_: ("", ""))
    run = queue(ladle.Home.open(tmp_path), source, source.datasets["people"])
    seen: list[int] = []
    assert drive(run, on_progress=at("finishing", lambda: seen.extend(children()))).state == "complete"
    assert seen == []


def test_the_child_runs_no_module_of_the_folder_that_somebody_works_in(
    api: ScriptedApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pickle.py").write_text("import pathlib\npathlib.Path('run').touch()\n")
    monkeypatch.chdir(tmp_path)
    helped = begun(api, tmp_path / "home")
    seen: list[int] = []
    assert drive(helped, on_progress=at("finishing", lambda: seen.extend(children()))).state == "complete"
    assert len(seen) == 1
    assert not (tmp_path / "run").exists()
