"""Room in a home on S3: takes machines that share one, removes snapshots, journals and what killed processes left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ladle
from ladle.collect.journal import segments
from ladle.due import DAY, HOUR, clear_if_due
from ladle.errors import Conflict, NotFound
from ladle.home import Home
from ladle.storage.store import Store
from ladle.testing import ScriptedApi, answer
from tests.s3 import S3Server
from tests.test_clearing import NAME, after, definition, incomplete, kinds, things

NOW = 1_800_000_000.0
JOURNALS = {"LADLE_JOURNAL_DAYS": "7"}
Machine = Callable[[str], Home]


@pytest.fixture
def machine(home: str, on_s3: S3Server, tmp_path: Path) -> Machine:
    """The home as a machine of that name sees it, with a cache of its own."""
    return lambda name: Home.open(home, env={**on_s3.settings, "LADLE_CACHE": str(tmp_path / name)})


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with ScriptedApi({"*": things}) as running:
        yield running


def collected(home: Home, api: ScriptedApi, times: int, *, keep: str = "") -> list[ladle.Snapshot]:
    """So many snapshots of the dataset, oldest first."""
    ladle.add_source(definition(api, keep), home=home)
    return [ladle.collect(NAME, home=home) for _ in range(times)]


def store(home: Home) -> Store:
    assert home.mirror is not None
    return home.mirror.store


def test_a_snapshot_that_goes_is_gone_for_every_machine(machine: Machine, api: ScriptedApi) -> None:
    here, there = machine("here"), machine("there")
    first, second, third = collected(here, api, 3, keep="keep = 2")
    elsewhere = ladle.snapshot(first.id, home=there)
    assert elsewhere.path("csv").exists()
    elsewhere.look(ladle.View(sort=(ladle.Sort("name"),)))
    size = sum(file.size for file in first.manifest.files.values())
    # The machine that clears has the snapshots' definitions, and need not have their files.
    (gone,) = ladle.clear(machine("third"), env={}).going
    assert (gone.kind, gone.path.name, gone.bytes) == ("snapshot", first.id, size)
    assert store(here).left(f"snapshots/{NAME}/{first.id}") == []
    for home in (here, there):
        assert [each.id for each in ladle.all_snapshots(home=home)] == [third.id, second.id]
        assert kinds(ladle.clear(home, only_here=True, env={})) == ["cache"] * (1 if home == here else 2)
    assert not elsewhere.folder.exists()
    assert not first.folder.exists()
    with pytest.raises(NotFound):
        ladle.snapshot(first.id, home=there)


def test_journals_go_by_what_all_machines_know_and_every_one_says_so(machine: Machine, api: ScriptedApi) -> None:
    here, there, third = machine("here"), machine("there"), machine("third")
    lacking = collected(here, api, 0) or incomplete(here, api)
    newest = [ladle.collect(NAME, home=here) for _ in range(2)][-1]
    there_first = ladle.open_run(there, lacking.manifest.run)
    assert (len(there_first.requests()), bool(segments(there_first.folder))) == (2, True)
    assert ladle.clear(third, now=after(6.9), env=JOURNALS).going == ()
    cleared = ladle.clear(third, now=after(7.1), env=JOURNALS)
    assert kinds(cleared) == ["journal", "journal"]
    assert cleared.bytes > 0
    left = [key for run in ladle.list_runs(here) for key in store(here).left(f"runs/{run.id}") if key.endswith(".seg")]
    assert {key.split("/")[1] for key in left} == {newest.manifest.run}
    for home in (here, there):
        run = ladle.open_run(home, lacking.manifest.run)
        assert run.journal_removed is not None
        assert (run.requests(), run.state) == ([], "incomplete")
        assert ladle.open_run(home, newest.manifest.run).journal_removed is None
        with pytest.raises(Conflict, match="not kept any more"):
            ladle.retry_gaps(run)
    assert kinds(ladle.clear(there, env={})) == ["journal"]  # its copy
    assert segments(there_first.folder) == []
    assert ladle.clear(third, now=after(7.1), env=JOURNALS).going == ()
    # What the next run asks about is there, on any machine.
    assert ladle.collect(NAME, home=there).manifest.unchanged == 2


def test_a_journal_that_a_killed_machine_has_half_removed_goes_by_the_next(machine: Machine, api: ScriptedApi) -> None:
    here, there = machine("here"), machine("there")
    collected(here, api, 2)
    old = ladle.list_runs(here)[1]
    store(here).put(f"runs/{old.id}/removed.json", b'{"at": "2026-11-01T00:00:00+00:00"}')
    assert ladle.open_run(there, old.id).requests() == []
    assert kinds(ladle.clear(there, now=after(8), env=JOURNALS)) == ["journal"]
    assert not [key for key in store(here).left(f"runs/{old.id}") if key.endswith((".seg", "segments.json"))]
    assert ladle.open_run(here, old.id).journal_removed == datetime(2026, 11, 1, tzinfo=UTC)


def test_a_run_of_another_machine_is_left_alone_while_it_goes_on(machine: Machine, api: ScriptedApi) -> None:
    here, there = machine("here"), machine("there")
    collected(here, api, 2)
    old = ladle.list_runs(here)[1]
    with old.lock():
        assert ladle.clear(there, now=after(8), env=JOURNALS).going == ()
    assert store(here).get(f"runs/{old.id}/segments.json") is not None


def test_a_source_that_was_removed_keeps_what_its_last_run_said(machine: Machine, api: ScriptedApi) -> None:
    here, there = machine("here"), machine("there")
    taken = collected(here, api, 2, keep="keep = 1")
    ladle.remove_source("own", home=here)
    ladle.clear(there, env={})
    assert [each.id for each in ladle.all_snapshots(home=here)] == [taken[1].id]


def test_what_a_killed_upload_left_goes_after_a_day_and_no_other(machine: Machine, api: ScriptedApi) -> None:
    here = machine("here")
    (taken,) = collected(here, api, 1)
    api.fail("/things/one", answer({}, status=401))
    with pytest.raises(ladle.UpstreamError):
        ladle.collect(NAME, home=here)
    paused = ladle.start(here, NAME)
    ladle.pause(paused)
    imported = "snapshots/files/mine/20260101-000000-000000"
    for folder in (imported, f"snapshots/{NAME}/{paused.id}"):
        store(here).put(f"{folder}/data.0123456789abcdef.csv", b"a,b")
    assert ladle.clear(here, env={}).going == ()
    (gone,) = ladle.clear(here, now=after(1.1), env={}).going
    assert (gone.kind, gone.path, gone.bytes) == ("leftover", here.path / imported, 3)
    assert store(here).left(imported) == []
    assert len(store(here).left(f"snapshots/{NAME}/{paused.id}")) == 1
    assert ladle.snapshot(taken.id, home=machine("there")).rows()


def test_one_of_all_machines_makes_room_each_day_and_every_one_in_its_own_folder(
    machine: Machine, api: ScriptedApi
) -> None:
    here, there = machine("here"), machine("there")
    taken = collected(here, api, 3)
    ladle.snapshot(taken[0].id, home=there).path("csv")
    env = {"LADLE_KEEP": "1"}
    assert kinds(clear_if_due(here, now=NOW, env=env) or ladle.Cleared(dry=True, going=())) == ["snapshot", "snapshot"]
    assert clear_if_due(here, now=NOW + DAY - 1, env=env) is None
    again = collected(here, api, 1)[0]
    only_here = clear_if_due(there, now=NOW + 60, env=env)
    assert only_here is not None
    assert [(each.kind, each.path.name) for each in only_here.going] == [("cache", taken[0].id)]
    assert [each.id for each in ladle.all_snapshots(home=there)] == [again.id, taken[2].id]
    assert kinds(clear_if_due(there, now=NOW + 60 + DAY, env=env) or only_here) == ["snapshot"]
    copies = clear_if_due(here, now=NOW + 60 + DAY, env=env)
    assert copies is not None
    assert [(each.kind, each.path.name) for each in copies.going] == [("cache", taken[2].id)]


def test_a_machine_that_died_while_it_made_room_is_followed_after_an_hour(machine: Machine, api: ScriptedApi) -> None:
    here = machine("here")
    collected(here, api, 2)
    store(here).put("cleared.json", b'{"at": %d, "done": false}' % NOW)
    soon, later = (clear_if_due(machine(str(wait)), now=NOW + wait, env={"LADLE_KEEP": "1"}) for wait in (1, HOUR))
    assert soon is not None
    assert later is not None
    assert (kinds(soon), kinds(later)) == ([], ["snapshot"])
