"""Gaps tried again: takes runs that ended incomplete, looks at what is asked for once the API is well."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import ladle
from ladle.errors import Conflict, NotFound
from ladle.home import Home
from ladle.testing import answer, paged
from tests.apis import CALLS, PEOPLE, collected, drive, entries, start, swapi, taken, targets
from tests.collect.test_settling import people

GONE = answer({"detail": "Not found"}, status=404)


def test_only_what_was_missing_is_asked_for_and_a_new_snapshot_is_whole(tmp_path: Path) -> None:
    with swapi(people3=GONE, people7=GONE) as api:
        run = start(api, tmp_path)
        old = drive(run)
        before = taken(old, tmp_path).manifest
        segments = {path: path.read_bytes() for path in run.folder.glob("*.seg")}
        assert (old.state, len(old.gaps)) == ("incomplete", 2)
    with swapi() as well:
        home = Home.open(tmp_path)
        run = moved_to(run, well.url)
        new = ladle.retry(home, run.id)
        assert (new.state, new.continues) == ("queued", run.id)
        end = drive(new)
        asked = set(targets(well))
        assert asked <= {target for target in asked if "people" in target and target[-1] in "37"} | planets(asked)
        assert {f"{PEOPLE}?page=3", f"{PEOPLE}?page=7"} <= asked
    manifest = taken(end, tmp_path).manifest
    assert (end.state, manifest.rows, manifest.continues) == ("complete", 82, run.id)
    assert manifest.id != before.id
    assert run.id in manifest.notes[0]
    assert taken(old, tmp_path).manifest == before
    assert {path: path.read_bytes() for path in run.folder.glob("*.seg")} == segments


def moved_to(run: ladle.Run, url: str) -> ladle.Run:
    """The same run, its API at another port."""
    path = run.folder / "run.json"
    path.write_text(path.read_text("utf-8").replace(run.source.base_url, f"{url}api/"), "utf-8")
    return ladle.open_run(run.home, run.id)


def planets(asked: set[str]) -> set[str]:
    """What is asked for to resolve the references of records that had been missing."""
    return {target for target in asked if target.startswith("/api/planets/")}


def test_nothing_that_was_answered_is_asked_for_again(tmp_path: Path) -> None:
    with swapi(people3=[answer("", status=410), paged(people())]) as api:
        run = start(api, tmp_path)
        drive(run)
        kept = {(entry.key, entry.reading) for entry in entries(run) if entry.kind == "answer"}
        asked = len(api.requests)
        new = ladle.retry(Home.open(tmp_path), run.id)
        end = drive(new)
        assert end.state == "complete", end.reason
        again = [entry for entry in entries(new) if (entry.key, entry.reading) not in kept and entry.kind == "answer"]
        assert len(api.requests) - asked == len(again)
        assert again[0].key == "people?page=3"


def test_a_collection_that_changed_since_is_not_called_complete(tmp_path: Path) -> None:
    records = people()
    with swapi(**{PEOPLE: paged(records), "people3": [answer("", status=410), paged(records)]}) as api:
        run = start(api, tmp_path)
        drive(run)
        del records[0]
        asked = len(api.requests)
        end = drive(ladle.retry(Home.open(tmp_path), run.id))
        pages = [target for target in targets(api)[asked:] if target.startswith(PEOPLE)]
    assert (end.state, pages) == ("incomplete", [f"{PEOPLE}?page=3"])
    assert "The collection has changed since" in end.reason


def test_python_gives_the_new_snapshot(tmp_path: Path) -> None:
    with swapi(people3=[answer("", status=410), paged(people())]) as api:
        end = collected(api, tmp_path)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            snapshot = ladle.retry_gaps("swapi/people", home=tmp_path)
    assert (snapshot.manifest.complete, snapshot.manifest.continues) == (True, end.run)


def test_what_has_no_gap_is_refused_in_words(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    with swapi() as api:
        complete, queued = start(api, tmp_path), start(api, tmp_path)
        drive(complete)
        assert len(api.requests) == CALLS
        with pytest.raises(Conflict, match="is complete: it has no gap"):
            ladle.retry(home, complete.id)
        with pytest.raises(Conflict, match="has not ended: it is queued"):
            ladle.retry(home, queued.id)
        with pytest.raises(NotFound, match="There is no run"):
            ladle.retry(home, "20261121-120103-7f3a9c")
        with pytest.raises(NotFound, match="There is no run"):
            ladle.retry(home, "../x")
    fewer = people()[:-1]
    with swapi(**{PEOPLE: lambda request: claiming(paged(fewer)(request).body)}) as api:
        lying = start(api, tmp_path)
        drive(lying)
        with pytest.raises(Conflict, match="has no gap: every request was answered"):
            ladle.retry(home, lying.id)
    assert len(ladle.list_runs(home)) == 3


CANNOT = {
    "paused": ("has not ended: it is paused.", "ladle resume"),
    "failed": ("has failed, and made no snapshot.", "ladle resume"),
    "cancelled": ("was cancelled, and made no snapshot.", "ladle collect swapi/people"),
}


@pytest.mark.parametrize("state", CANNOT)
def test_a_run_that_was_stopped_is_refused_with_what_can_be_done(tmp_path: Path, state: str) -> None:
    words, remedy = CANNOT[state]
    with swapi(**{PEOPLE: answer("", status=401)}) as api:
        run = start(api, tmp_path)
        {"paused": ladle.pause, "cancelled": ladle.cancel, "failed": drive}[state](run)
        with pytest.raises(Conflict, match=words) as refused:
            ladle.retry(run.home, run.id)
    assert remedy in str(refused.value)


def claiming(body: bytes) -> object:
    """The same page, with another count."""
    return answer(body.replace(b'"count":81', b'"count":82'), headers={"Content-Type": "application/json"})
