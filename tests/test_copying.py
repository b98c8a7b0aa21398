"""`ladle copy`, and homes put back: takes homes in folders and on S3, also while a run goes on, gives them again."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import ladle
from ladle.testing import Request, ScriptedApi, answer
from tests.apis import CALLS, collected, good, settings, start, swapi
from tests.cli.command import ladle as command
from tests.cli.command import started
from tests.s3 import S3Server
from tests.storage.conftest import on_s3 as on_s3

OWN = """
ladle = 1
name = "own"
base_url = "http://127.0.0.1:9/"

[resources.things]
path = "things"
"""
LAST = ("people9", "planets6")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A home with a complete snapshot, one with a gap, a file of one's own, and two sources, one of them removed."""
    home = tmp_path_factory.mktemp("full")
    with swapi() as api:
        collected(api, home)
    with swapi(people4=answer({}, status=410)) as api:
        assert collected(api, home).state == "incomplete"
    ladle.import_file(taken_csv(home), name="files/mine", home=home)
    for number, name in enumerate(("own", "gone", "own")):
        ladle.add_source(OWN.replace("own", name) + f"# {number}\n", home=home)
    ladle.remove_source("gone", home=home)
    return str(home)


def taken_csv(home: Path) -> Path:
    return ladle.snapshot("swapi/people", home=home).path("csv")


def copied(home: str, to: str, **settings: str) -> dict[str, object]:
    done = command("copy", to, "--home", home, "--json", **settings)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def held(home: str) -> dict[str, object]:
    """All that can be seen of a home's contents: every snapshot's bytes, every run's requests, every source's text."""
    place = ladle.Home.open(home)
    snapshots = {
        manifest.id: [ladle.snapshot(manifest.id, home=place).path(kind).read_bytes() for kind in ("csv", "parquet")]
        for manifest in ladle.all_snapshots(home=place)
    }
    runs = {run.id: (run.state, run.requests(), run.progress().requests) for run in ladle.list_runs(place)}
    sources = {(each.number, each.text, each.current) for name in ("own", "gone") for each in versions(name, place)}
    return {"snapshots": snapshots, "runs": runs, "sources": sources}


def versions(name: str, home: ladle.Home) -> list[ladle.Version]:
    return ladle.source_versions(name, home=home)


def test_a_home_goes_to_s3_and_back_and_is_the_same_in_both_places(full: str, on_s3: S3Server, tmp_path: Path) -> None:
    there, back = on_s3.home("copied"), str(tmp_path / "back")
    everything = {"snapshots": 3, "runs": 2, "sources": 2, "left": []}
    before = held(full)
    assert copied(full, there) == everything
    assert copied(there, back) == everything
    assert held(there) == held(back) == held(full) == before
    assert copied(full, there) == copied(there, back) == {"snapshots": 0, "runs": 0, "sources": 0, "left": []}


def test_what_a_run_lacks_is_asked_for_where_the_home_was_copied_to(tmp_path: Path) -> None:
    home, to = tmp_path / "home", tmp_path / "to"
    with swapi(people4=[answer({}, status=410), good("people")]) as api:
        assert collected(api, home).state == "incomplete"
        copied(str(home), str(to))
        asked = len(api.requests)
        again = command("retry", "swapi/people", "--json", LADLE_HOME=str(to))
        assert (again.returncode, json.loads(again.stdout)["state"]) == (0, "complete"), again.stderr
        assert len(api.requests) == asked + 1


def slow() -> ScriptedApi:
    """The Star Wars API, whose last pages come when they are let go."""
    return swapi(**{name: hanging(name) for name in LAST})


def hanging(name: str) -> Callable[[Request], object]:
    route = good(name)
    return lambda request: replace(route(request), fault="hang")


def test_a_run_that_is_driven_is_left_and_named_and_copied_when_it_has_ended(tmp_path: Path) -> None:
    home, to = tmp_path / "home", tmp_path / "to"
    with slow() as api, started("collect", "swapi/people", "--json", **settings(api, home)) as process:
        api.wait_for(CALLS, seconds=60)
        (id,) = ladle.run_ids(home=home)
        assert copied(str(home), str(to))["left"] == [f"The run {id} is being driven: copy again when it has ended."]
        api.release()
        process.communicate(timeout=60)
        assert copied(str(home), str(to)) == {"snapshots": 1, "runs": 1, "sources": 0, "left": []}


def test_files_that_were_copied_while_a_run_went_on_are_a_home_in_which_it_goes_on(full: str, tmp_path: Path) -> None:
    """As `rsync` would: whatever stands there at the moment, but for the databases."""
    home, to = tmp_path / "home", tmp_path / "to"
    copied(full, str(home))
    before = {manifest.id for manifest in ladle.all_snapshots(home=home)}
    with slow() as api:
        with started("collect", "swapi/people", **settings(api, home)) as process:
            api.wait_for(CALLS, seconds=60)
            shutil.copytree(home, to, ignore=shutil.ignore_patterns("*.sqlite3*"))
            process.send_signal(signal.SIGKILL)
        api.release()
        done = command("collect", "swapi/people", "--resume", "--json", **settings(api, to))
        assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "complete"), done.stderr
        assert len(api.requests) <= CALLS + len(LAST) + 1, "what had come was not asked for again"
    assert before < {manifest.id for manifest in ladle.all_snapshots(home=to)}
    assert ladle.snapshot("swapi/people", home=to).manifest.rows == 82


def test_a_damaged_snapshot_is_left_out_and_named(full: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    copied(full, str(home))
    damaged = ladle.snapshot("files/mine", home=home)
    path = damaged.path("parquet")
    path.write_bytes(b"x" * path.stat().st_size)
    told = copied(str(home), str(tmp_path / "to"))
    assert (told["snapshots"], told["runs"]) == (2, 2)
    (left,) = told["left"]  # type: ignore[misc]
    assert left.startswith(f"The snapshot {damaged.manifest.id} is left out: ")
    assert "data.parquet" in left


def test_the_quota_goes_along_and_a_home_is_not_copied_into_itself(tmp_path: Path) -> None:
    home, to = tmp_path / "home", tmp_path / "to"
    with swapi() as api:
        run = start(api, home, quota="100 per hour")
        assert run.home.ledger.exists() is False
        command("resume", run.id, **settings(api, home))
        left = command("copy", str(to), LADLE_HOME=str(home))
        assert left.stdout == f"Copied to {to}: 1 snapshot, 1 run, 0 sources.\n"
    assert ladle.Home.open(to).ledger.exists()
    assert command("copy", str(home), LADLE_HOME=str(home)).returncode == 2


def test_a_home_on_s3_is_copied_by_a_machine_that_has_nothing_of_it(full: str, on_s3: S3Server, tmp_path: Path) -> None:
    there, back = on_s3.home("from-elsewhere"), str(tmp_path / "back")
    copied(full, there)
    assert copied(there, back, LADLE_CACHE=str(tmp_path / "elsewhere"))["snapshots"] == 3
    assert held(back) == held(full)


def test_a_quota_ledger_that_is_none_is_told(tmp_path: Path) -> None:
    home = ladle.Home.open(tmp_path / "home")
    home.ledger.write_bytes(b"no database" * 100)
    told = command("copy", str(tmp_path / "to"), LADLE_HOME=str(home.path))
    assert told.returncode == 1
    assert told.stderr.startswith(f"ladle: The quota ledger {home.ledger} can't be copied")
    assert not ladle.Home.open(tmp_path / "to").ledger.exists()
