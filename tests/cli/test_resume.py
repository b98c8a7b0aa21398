"""Ctrl-C and after: takes collections that are interrupted, looks at what was kept and what is still asked for."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

import ladle as library
from ladle.demo.records import load_collections
from ladle.testing import Answer, ScriptedApi, answer, hang
from tests.apis import CALLS, entries, settings, swapi, targets
from tests.cli.command import ladle, started


def slow() -> ScriptedApi:
    """The Star Wars API; its pages of people from the second on come when they are let go."""
    return swapi(**{f"people{number}": hang(people(number)) for number in range(2, 10)})


def people(number: int) -> dict[str, object]:
    """A page as the API has it."""
    found = load_collections()["people"]
    more = f"https://swapi.dev/api/people/?page={number + 1}" if number < 9 else None
    return {"count": len(found), "next": more, "results": found[number * 10 - 10 : number * 10]}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_collection_goes_on_where_it_was(tmp_path: Path, sent: signal.Signals) -> None:
    with slow() as api:
        where = settings(api, tmp_path)
        with started("collect", "swapi/people", "--json", **where) as process:
            api.wait_for(1 + 8, seconds=60)
            process.send_signal(sent)
            assert process.stderr is not None
            told = next(line for line in process.stderr if line.startswith("Stopping"))
            api.release()
            out, err = process.communicate(timeout=60)
        assert "Once more ends at once." in told
        assert (process.returncode, json.loads(out)["progress"]["done"]) == (1, 9), err
        assert err.splitlines()[-1].endswith("Go on with: ladle collect swapi/people --resume")
        before = len(api.requests)
        assert before == 9
        name = json.loads(out)["id"] if sent is signal.SIGTERM else "swapi/people"
        again = ladle("collect", name, "--resume", "--json", **where)
        assert (again.returncode, json.loads(again.stdout)["state"]) == (0, "complete"), again.stderr
        assert len(set(targets(api))) == len(api.requests) == CALLS
    assert [manifest.rows for manifest in library.all_snapshots(home=tmp_path)] == [82]


def test_a_second_ctrl_c_ends_at_once_and_nothing_that_had_answered_is_lost(tmp_path: Path) -> None:
    with slow() as api:
        where = settings(api, tmp_path)
        with started("collect", "swapi/people", **where) as process:
            api.wait_for(1 + 8, seconds=60)
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            assert any(line.startswith("Stopping") for line in process.stderr)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "Traceback" not in err
        run = library.list_runs(library.Home.open(tmp_path))[0]
        assert [entry.key for entry in entries(run)] == ["people?page=1"]
        assert not run.is_driven()
        assert f"left; ladle resume {run.id}" in ladle("runs", **where).stdout
        api.release()
        assert ladle("collect", run.id, **where).returncode == 0
        assert targets(api).count("/api/people/?page=1") == 1


def test_a_run_that_failed_is_taken_up_by_resume_and_one_that_ended_is_not(tmp_path: Path) -> None:
    refused: list[Answer] = [answer("", status=403), answer(people(1))]
    with swapi(people1=refused) as api:
        where = settings(api, tmp_path)
        assert ladle("collect", "swapi/people", **where).returncode == 1
        assert ladle("collect", "swapi/people", "--resume", **where).returncode == 0
        id = library.list_runs(library.Home.open(tmp_path))[0].id
        other = ladle("collect", "openweather/cities", id, "--resume", **where)
        assert (other.returncode, "is one of swapi/people" in other.stderr) == (2, True)
        assert ladle("collect", "swapi/people", "nonsense", "--resume", **where).returncode == 2
        assert "has ended" in ladle("collect", "swapi/people", id, "--resume", **where).stderr
        end = ladle("collect", id, "--resume", **where)
        assert end.returncode == 1
        assert end.stderr == (
            f"ladle: The run {id} has ended: complete. Start a new one with: ladle collect swapi/people\n"
        )
        assert len(api.requests) == 1 + CALLS


def test_retry_asks_for_the_gap_alone_and_says_when_there_is_none(tmp_path: Path) -> None:
    with swapi(people3=[answer("", status=410), answer("", status=410), answer(people(3))]) as api:
        where = settings(api, tmp_path)
        first = ladle("collect", "swapi/people", "--json", **where)
        assert first.returncode == 3
        run = json.loads(first.stdout)["id"]
        assert f"ladle retry {run}" in first.stderr
        still = ladle("retry", run, "--json", **where)
        assert (still.returncode, json.loads(still.stdout)["state"]) == (3, "incomplete"), still.stderr
        done = ladle("retry", "swapi/people", **where)
        assert done.returncode == 0, done.stderr
        assert "82 rows" in done.stdout
        assert targets(api).count("/api/people/?page=3") == 3
        assert targets(api).count("/api/people/?page=2") == 1
        refused = ladle("retry", "swapi/people", **where)
    assert refused.returncode == 1
    assert "is complete: it has no gap." in refused.stderr
    assert ladle("retry", "20261121-120103-7f3a9c", **where).returncode == 2
