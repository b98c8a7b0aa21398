"""What goes and what stays: takes homes with real snapshots and journals, clears them as days go by."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import ladle
from ladle.cli import main
from ladle.collect.journal import segments
from ladle.testing import Answer, Request, ScriptedApi, answer
from tests.processes import running

NAME = "own/things"


def definition(api: ScriptedApi, keep: str = "") -> str:
    """A source of two requests."""
    return f"""
ladle = 1
name = "own"
base_url = "{api.url}"

[resources.things]
path = "things/{{name}}"
each = {{ values = ["one", "two"], key = "name" }}
key = "name"

[datasets.things]
resource = "things"
{keep}
"""


def things(request: Request) -> Answer:
    """One record, with a tag that a later run can ask about."""
    if request.headers.get("If-None-Match") == '"tag"':
        return Answer(status=304, headers={"ETag": '"tag"'})
    return answer({"name": request.path.rpartition("/")[2]}, headers={"ETag": '"tag"'})


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with ScriptedApi({"*": things}) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> ladle.Home:
    return ladle.Home.open(tmp_path / "home")


def collected(home: ladle.Home, api: ScriptedApi, times: int, *, keep: str = "") -> list[ladle.Snapshot]:
    """So many snapshots of the dataset, oldest first."""
    ladle.add_source(definition(api, keep), home=home)
    return [ladle.collect(NAME, home=home) for _ in range(times)]


def incomplete(home: ladle.Home, api: ScriptedApi) -> ladle.Snapshot:
    """A snapshot that lacks a row."""
    api.fail("/things/two", answer({}, status=404))
    with pytest.warns(ladle.IncompleteWarning):
        return ladle.collect(NAME, home=home)


def ids(home: ladle.Home) -> list[str]:
    """The snapshots that are listed, newest first."""
    return [each.id for each in ladle.all_snapshots(home=home)]


def after(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def kinds(cleared: ladle.Cleared) -> list[str]:
    return sorted(each.kind for each in cleared.going)


def test_nothing_goes_where_nothing_is_set(home: ladle.Home, api: ScriptedApi) -> None:
    taken = collected(home, api, 3)
    assert ladle.clear(home, now=after(4000), env={}).going == ()
    assert len(ids(home)) == len(taken)


@pytest.mark.parametrize(
    ("keep", "env"), [("keep = 2", {}), ("", {"LADLE_KEEP": "2"}), ("keep = 2", {"LADLE_KEEP": "1"})]
)
def test_a_dataset_keeps_its_newest_snapshots(
    home: ladle.Home, api: ScriptedApi, keep: str, env: dict[str, str]
) -> None:
    taken = collected(home, api, 4, keep=keep)
    dry = ladle.clear(home, dry_run=True, env=env)
    assert len(ids(home)) == 4
    cleared = ladle.clear(home, env=env)
    assert [each.path for each in cleared.going] == [each.folder for each in taken[:2]]
    assert (dry.going, dry.bytes) == (cleared.going, cleared.bytes)
    assert ids(home) == [taken[3].id, taken[2].id]
    assert not [path for path in taken[0].folder.parent.iterdir() if path.name[0] == "."]


def test_a_dataset_keeps_the_snapshots_of_so_many_days(home: ladle.Home, api: ScriptedApi) -> None:
    taken = collected(home, api, 3, keep='keep = "90 days"')
    assert ladle.clear(home, now=after(89.9), env={}).going == ()
    assert kinds(ladle.clear(home, now=after(91), env={})) == ["snapshot", "snapshot"]
    assert ids(home) == [taken[2].id]


def test_the_latest_complete_snapshot_and_the_latest_are_never_removed(home: ladle.Home, api: ScriptedApi) -> None:
    whole = collected(home, api, 2, keep="keep = 1")
    without = [incomplete(home, api) for _ in range(2)]
    ladle.clear(home, now=after(4000), env={})
    assert ids(home) == [without[1].id, whole[1].id]


def test_a_source_that_was_removed_keeps_what_its_last_run_said(home: ladle.Home, api: ScriptedApi) -> None:
    taken = collected(home, api, 2, keep="keep = 1")
    ladle.remove_source("own", home=home)
    ladle.clear(home, env={})
    assert ids(home) == [taken[1].id]


def test_snapshots_are_left_alone_where_the_definition_cant_be_read(home: ladle.Home, api: ScriptedApi) -> None:
    collected(home, api, 2, keep="keep = 1")
    (home.sources / "own" / "1" / "definition.toml").write_text("ladle = 1")
    cleared = ladle.clear(home, env={"LADLE_KEEP": "1"})
    assert cleared.going == ()
    assert "own/things" in cleared.notes[0]


def test_a_file_of_ones_own_stays_whatever_is_set(home: ladle.Home, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    for _ in range(3):
        ladle.import_file(tmp_path / "mine.csv", home=home)
    assert ladle.clear(home, now=after(4000), env={"LADLE_KEEP": "1"}).going == ()


def test_orders_and_differences_go_with_their_snapshot(home: ladle.Home, api: ScriptedApi) -> None:
    first, second, third = collected(home, api, 3, keep="keep = 2")
    for snapshot in (first, third):
        snapshot.look(ladle.View(sort=(ladle.Sort("name"),)))
    second.diff(first)
    third.diff(second)
    assert kinds(ladle.clear(home, env={})) == ["cache", "cache", "snapshot"]
    assert [path.name for path in (home.path / "orders" / "own" / "things").iterdir()] == [third.id]
    (left,) = (first.folder.parent / ".diffs").iterdir()
    assert left.name.startswith(f"{third.id}..{second.id}")


def test_journals_go_some_days_after_the_end_of_their_run(home: ladle.Home, api: ScriptedApi) -> None:
    collected(home, api, 3)
    runs = ladle.list_runs(home)
    env = {"LADLE_JOURNAL_DAYS": "7"}
    assert ladle.clear(home, now=after(6.9), env=env).going == ()
    cleared = ladle.clear(home, now=after(7.1), env=env)
    assert [each.path for each in cleared.going] == [runs[2].folder, runs[1].folder]
    assert cleared.bytes > 0
    assert [bool(segments(run.folder)) for run in runs] == [True, False, False]
    assert runs[2].journal_removed == runs[1].journal_removed is not None
    assert runs[0].journal_removed is None
    assert (runs[2].requests(), len(runs[0].requests())) == ([], 2)
    assert len(ids(home)) == 3


def test_what_the_next_run_asks_about_stays(home: ladle.Home, api: ScriptedApi) -> None:
    collected(home, api, 2)
    ladle.clear(home, now=after(400), env={"LADLE_JOURNAL_DAYS": "7"})
    assert ladle.collect(NAME, home=home).manifest.unchanged == 2


def test_the_journal_of_a_run_that_can_go_on_stays(home: ladle.Home, api: ScriptedApi) -> None:
    collected(home, api, 0)
    paused, begun = (ladle.start(home, NAME) for _ in range(2))
    ladle.pause(paused)
    api.fail("/things/one", answer({}, status=401))
    with pytest.raises(ladle.UpstreamError):
        ladle.collect(NAME, home=home)
    ladle.collect(NAME, home=home)
    assert ladle.clear(home, now=after(400), env={"LADLE_JOURNAL_DAYS": "7"}).going == ()
    assert begun.state == "queued"


def test_a_journal_stays_as_long_as_that_of_a_run_that_continues_it(home: ladle.Home, api: ScriptedApi) -> None:
    collected(home, api, 0)
    first = incomplete(home, api)
    api.fail("/things/two", answer({}, status=404))
    with pytest.warns(ladle.IncompleteWarning):
        second = ladle.retry_gaps(first.manifest.run, home=home)
    third = ladle.retry_gaps(second.manifest.run, home=home)
    env = {"LADLE_JOURNAL_DAYS": "7"}
    assert ladle.clear(home, now=after(400), env=env).going == ()  # the last one can be asked about
    for _ in range(2):
        ladle.collect(NAME, home=home)
    cleared = ladle.clear(home, now=after(400), env=env)
    gone = {each.path.name for each in cleared.going}
    assert {first.manifest.run, second.manifest.run, third.manifest.run} <= gone


def test_a_run_without_its_journal_cant_be_tried_again_and_says_so(home: ladle.Home, api: ScriptedApi) -> None:
    collected(home, api, 0)
    lacking = incomplete(home, api)
    ladle.collect(NAME, home=home)
    ladle.clear(home, now=after(8), env={"LADLE_JOURNAL_DAYS": "7"})
    with pytest.raises(ladle.Conflict, match="not kept any more"):
        ladle.retry_gaps(lacking.manifest.run, home=home)
    told = CliRunner().invoke(main, ["runs", lacking.manifest.run, f"--home={home.path}"])
    assert "its journal was removed on" in told.output


def test_a_journal_that_is_driven_is_left_alone(home: ladle.Home, api: ScriptedApi) -> None:
    collected(home, api, 2)
    old = ladle.list_runs(home)[1]
    with old.lock():
        assert ladle.clear(home, now=after(8), env={"LADLE_JOURNAL_DAYS": "7"}).going == ()
    assert segments(old.folder)


def test_what_killed_processes_left_goes_after_a_day(home: ladle.Home, api: ScriptedApi) -> None:
    (taken,) = collected(home, api, 1)
    unfinished = taken.folder.with_name(f".tmp-{taken.id}-abc")
    never_begun = home.runs / "20260101-000000-000000"
    half_written = home.runs / taken.manifest.run / ".progress.json.77.abcdef"
    for folder in (unfinished, never_begun):
        folder.mkdir()
    half_written.write_bytes(b"{")
    assert ladle.clear(home, env={}).going == ()
    assert kinds(ladle.clear(home, now=after(1.1), env={})) == ["leftover"] * 3
    assert not any(path.exists() for path in (unfinished, never_begun, half_written))


def test_a_kill_in_the_middle_leaves_no_half_of_a_snapshot_that_looks_whole(home: ladle.Home, api: ScriptedApi) -> None:
    taken = collected(home, api, 3, keep="keep = 2")
    for number in range(3000):  # so that it takes a while
        (taken[0].folder / f"{number}").touch()
    command = (sys.executable, "-m", "ladle", "gc", "--home", home.path)
    with running(command, env={"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "src")}) as child:
        while not (hidden := list(taken[0].folder.parent.glob(".gone-*"))) and child.poll() is None:
            time.sleep(0.001)  # a folder that gets another name tells nobody
        child.kill()
    assert hidden
    assert not taken[0].folder.exists()
    assert ids(home) == [taken[2].id, taken[1].id]
    with pytest.raises(ladle.NotFound):
        ladle.snapshot(taken[0].id, home=home)
    cleared = ladle.clear(home, env={})
    assert kinds(cleared) in (["leftover"], [])  # the second: the kill came a moment too late
    assert not list(taken[0].folder.parent.glob(".gone-*"))


def test_a_kill_in_the_middle_of_a_journal_leaves_one_that_says_it_is_none(home: ladle.Home, api: ScriptedApi) -> None:
    collected(home, api, 2)
    old = ladle.list_runs(home)[1]
    (segment,) = segments(old.folder)
    shutil.copy(segment, segment.with_name("000009-0000.seg"))
    ladle.clear(home, now=after(8), env={"LADLE_JOURNAL_DAYS": "7"})
    shutil.copy(segments(ladle.list_runs(home)[0].folder)[0], segment)
    assert old.requests() == []
    assert kinds(ladle.clear(home, env={})) == ["journal"]
    assert segments(old.folder) == []


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"LADLE_KEEP": "many"}, 'LADLE_KEEP is "many".'),
        ({"LADLE_KEEP": "0"}, 'LADLE_KEEP is "0".'),
        ({"LADLE_JOURNAL_DAYS": "1.5"}, 'LADLE_JOURNAL_DAYS is "1.5".'),
        ({"LADLE_JOURNAL_DAYS": "0"}, 'LADLE_JOURNAL_DAYS is "0".'),
    ],
)
def test_a_setting_that_cant_be_meant_removes_nothing(home: ladle.Home, env: dict[str, str], said: str) -> None:
    with pytest.raises(ladle.SettingError, match=said):
        ladle.clear(home, env=env)


@pytest.mark.parametrize("keep", ["keep = 0", "keep = true", 'keep = "a while"', "keep = 1.5", 'keep = "0 days"'])
def test_what_a_definition_keeps_must_be_a_number_or_days(api: ScriptedApi, keep: str) -> None:
    (mistake,) = ladle.check(definition(api, keep)).mistakes
    assert mistake.key == "datasets.things.keep"


def test_the_command_says_what_goes_and_how_many_bytes(home: ladle.Home, api: ScriptedApi) -> None:
    taken = collected(home, api, 2, keep="keep = 1")
    size = sum(path.stat().st_size for path in taken[0].folder.iterdir())
    dry = CliRunner().invoke(main, ["gc", "--dry-run", "--json", f"--home={home.path}"])
    assert json.loads(dry.stdout) == {
        "dry_run": True,
        "bytes": size,
        "removed": [
            {
                "kind": "snapshot",
                "name": f"snapshots/own/things/{taken[0].id}",
                "bytes": size,
                "why": "own/things keeps 1",
            }
        ],
    }
    done = CliRunner().invoke(main, ["gc", f"--home={home.path}"])
    assert f"Removed: 1 thing, {size:,} bytes." in done.stdout
    assert "Nothing was removed." in CliRunner().invoke(main, ["gc", f"--home={home.path}"]).stdout


def test_what_another_process_removes_meanwhile_ends_nothing(home: ladle.Home, api: ScriptedApi) -> None:
    (taken,) = collected(home, api, 1)
    taken.folder.with_name(".tmp-gone").symlink_to("nowhere")  # it is listed, and is not there when it is looked at
    assert ladle.clear(home, now=after(1.1), env={}).going == ()
