"""What pages keep of a snapshot is made once, told apart by what it says, and noticed when its files are others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from django.test import Client
from pytest_django import Settings

import ladle
from ladle.snapshots.removing import remove_snapshot
from ladle_server.catalog import runs
from ladle_server.catalog.models import Run, State
from ladle_server.pages import kept as module
from ladle_server.pages.kept import kept
from tests.servers.stack import home_with
from tests.snapshots.kit import field, from_records

RECORDS = [{"name": name, "height": height} for name, height in (("Ann", 3), ("Ben", 5), ("<Cy>", 5))]


def aged(snapshot: ladle.Snapshot) -> ladle.Snapshot:
    """The same with files of a minute ago: what was written just now is not relied on."""
    then = time.time() - 60
    for path in snapshot.folder.iterdir():
        os.utime(path, (then, then))
    return ladle.snapshot(snapshot.id, home=ladle.Home.at(home_with(snapshot.folder)))


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is kept before a test and after it."""
    monkeypatch.setattr(module, "_weight", 0)
    module._kept.clear()
    yield
    module._kept.clear()


@pytest.fixture
def few(tmp_path: Path, settings: Settings, db: None) -> ladle.Snapshot:
    """Three rows, in a home that the site serves."""
    made = from_records(tmp_path, RECORDS, field("name"), field("height", type="integer"), size=60)
    settings.LADLE_HOME = home_with(made.folder)
    return aged(made)


def counted() -> Callable[[], str]:
    """Gives "1", then "2", …"""
    times = iter(range(1, 100))
    return lambda: str(next(times))


def rewritten(snapshot: ladle.Snapshot, value: str) -> None:
    """Its profile with another most frequent value, kept in the manifest as it is now."""
    path, manifest = snapshot.path("profile"), snapshot.path("manifest")
    profile = orjson.loads(path.read_bytes())
    profile["columns"][0] |= {"top": [{"value": value, "count": 2}], "distinct": 2}
    path.write_bytes(raw := orjson.dumps(profile))
    document = orjson.loads(manifest.read_bytes())
    document["files"]["profile.json"] |= {"sha256": sha256(raw).hexdigest(), "size": len(raw)}
    manifest.write_bytes(orjson.dumps(document))
    aged(snapshot)


def test_it_is_made_once_for_each_name(few: ladle.Snapshot) -> None:
    make = counted()
    assert [kept(few, name, make) for name in ("a", "b", "a", "b")] == ["1", "2", "1", "2"]


def test_another_profile_or_manifest_makes_it_anew(few: ladle.Snapshot) -> None:
    make = counted()
    assert kept(few, "a", make) == "1"
    path = few.path("profile")
    os.utime(path, (time.time() - 30, time.time() - 30))
    assert [kept(few, "a", make) for _ in range(2)] == ["2", "2"]
    assert kept(replace(few, manifest=replace(few.manifest, title="Another")), "a", make) == "3"
    path.unlink()
    assert [kept(few, "a", make) for _ in range(2)] == ["4", "5"], "nothing is kept of what is not there"


def test_what_was_written_just_now_is_not_kept(few: ladle.Snapshot) -> None:
    make = counted()
    few.path("profile").touch()
    assert [kept(few, "a", make) for _ in range(2)] == ["1", "2"]


def test_what_was_not_asked_for_longest_goes_first(few: ladle.Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    make = counted()
    monkeypatch.setattr(module, "MOST", 2_500)
    for name in "abac":
        kept(few, name, make, weight=700)
    assert kept(few, "a", make) == "1"
    assert kept(few, "b", make) == "4"
    monkeypatch.setattr(module, "LARGEST", 500)
    assert [kept(few, "d", make, weight=600) for _ in range(2)] == ["5", "6"]


def test_pages_say_the_same_when_they_are_kept(client: Client, few: ladle.Snapshot) -> None:
    here = f"/snapshots/{few.id}/"
    views = (
        "",
        "?height=5",
        "?height=3",
        "?_sort=-height",
        "?_col=name",
        "?_filter=height&_op=gt&_value=x",
        "columns/",
    )
    first = {view: client.get(here + view) for view in views}
    assert len({answer.content for answer in first.values()}) == len(views)
    for view, answer in first.items():
        again = client.get(here + view)
        assert (again.status_code, again.content) == (answer.status_code, answer.content), view


@pytest.mark.parametrize("page", ["", "columns/"])
def test_a_page_notices_another_profile(client: Client, few: ladle.Snapshot, page: str) -> None:
    rewritten(few, "Dora")
    for value in ("Elsa", "Dora"):
        rewritten(few, value)
        told = [client.get(f"/snapshots/{few.id}/{page}").content.decode() for _ in range(2)]
        assert all(f">{value}</a>" in each for each in told)


def test_a_page_notices_a_damaged_profile_and_a_snapshot_that_is_gone(client: Client, few: ladle.Snapshot) -> None:
    here = f"/snapshots/{few.id}/"
    assert client.get(here).status_code == 200
    path = few.path("profile")
    path.write_bytes(path.read_bytes().replace(b"Ann", b"Eve"))
    aged(few)
    assert client.get(here).status_code == 500
    remove_snapshot(few.folder)
    assert client.get(here).status_code == 404


def test_whether_a_run_goes_on_is_asked_anew(few: ladle.Snapshot) -> None:
    assert not runs.any_live()
    row = Run.objects.create(id="20261121-120103-7f3a9c", dataset="a/b", created_at=few.manifest.finished)
    assert runs.any_live()
    row.state, row.ended_at = State.FAILED, few.manifest.finished
    row.save()
    assert not runs.any_live()


def test_a_page_that_is_kept_but_for_its_rows_is_the_one_that_is_made_anew(
    tmp_path: Path, settings: Settings, client: Client, db: None
) -> None:
    records = [{"name": f"a{number}", "height": number % 7} for number in range(45)]
    made = from_records(tmp_path, records, field("name"), field("height", type="integer"), size=60)
    settings.LADLE_HOME = home_with(made.folder)
    queries = ["", "_offset=10", "_offset=40", "_offset=90", "_limit=3", "height=3", "height=3&_offset=5", "_col=name"]
    paths = [f"/snapshots/{made.id}/?{query}" for query in queries]
    aged(made)
    anew = []
    for path in paths:
        module._kept.clear()
        anew.append(client.get(path).content)
    kept_now = [client.get(path).content for path in [*paths, *paths]]
    assert len(set(anew)) == len(paths)
    assert kept_now == anew + anew


def test_a_page_that_is_kept_tells_of_a_run(few: ladle.Snapshot, client: Client) -> None:
    here = f"/snapshots/{few.id}/"
    told = [client.get(here).content, client.get(here).content]
    row = runs.start("swapi/people", requested_by="site")
    told.append(client.get(here).content)
    Run.objects.filter(pk=row.pk).update(ended_at=few.manifest.finished)
    told.append(client.get(here).content)
    assert [b'class="live"' in each for each in told] == [False, False, True, False]


def test_what_is_wrong_is_in_no_page_but_its_own(few: ladle.Snapshot, client: Client) -> None:
    here = f"/snapshots/{few.id}/"
    good = client.get(here).content
    for wrong in ("?_row=9", "?_filter=height&_op=gt&_value=tall"):
        told = client.get(here + wrong)
        assert (told.status_code, b'role="alert"' in told.content.partition(b"<main")[2]) == (400, True)
    assert client.get(here).content == good
