"""Snapshots of a home on S3: takes a collected dataset, gives on another machine what a folder would have given."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import ladle
from ladle.demo.serve import Replicas, start_replicas
from ladle.errors import Damaged, NotFound
from ladle.home import Home
from ladle.snapshots.published import withdraw
from tests.s3 import S3Server

Row = dict[str, object]


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    with start_replicas(keys=("k3y",)) as running:
        yield running


@pytest.fixture(scope="module")
def taken(on_s3: S3Server, replicas: Replicas) -> ladle.Snapshot:
    """The people, collected into a home on S3."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LADLE_SWAPI_BASE_URL", replicas.swapi_url)
        return ladle.collect("swapi/people", home=on_s3.home("people"))


@pytest.fixture(scope="module")
def rows(taken: ladle.Snapshot) -> list[Row]:
    """All of them, as the files say that were built on the machine that collected them."""
    return pq.read_table(taken.folder / "data.parquet").to_pylist()


@pytest.fixture
def seen(taken: ladle.Snapshot, on_s3: S3Server, elsewhere: Path) -> ladle.Snapshot:
    """The same snapshot on a machine that has nothing of it."""
    found = ladle.snapshot(taken.id, home=on_s3.home("people"))
    assert found.folder.is_relative_to(elsewhere)
    assert found.manifest == taken.manifest
    return found


def has(snapshot: ladle.Snapshot) -> set[str]:
    """Which of the snapshot's files are on this machine."""
    return {path.name for path in snapshot.folder.iterdir() if not path.name.startswith(".")}


def test_a_snapshot_lies_there_under_names_that_tell_its_bytes(taken: ladle.Snapshot, on_s3: S3Server) -> None:
    store = on_s3.store(on_s3.home("people"))
    folder = f"snapshots/swapi/people/{taken.id}"
    kept = {name: hashlib.sha256((taken.folder / name).read_bytes()).hexdigest() for name in taken.manifest.files}
    named = {f"{folder}/{name.replace('.', f'.{kept[name][:16]}.')}": digest for name, digest in kept.items()}
    assert set(store.left(folder)) == {*named, f"{folder}/manifest.json"}
    for key, digest in named.items():
        found = store.get(key)
        assert found is not None
        assert hashlib.sha256(found.data).hexdigest() == digest


def test_ten_rows_are_asked_for_by_their_bytes(seen: ladle.Snapshot, rows: list[Row]) -> None:
    assert seen.rows(offset=40) == rows[40:50]
    assert seen.rows(offset=75, limit=1000) == rows[75:]
    assert seen.row(1) == rows[0]
    assert has(seen) == {"manifest.json", "data.index"}


def test_counts_and_sorting_have_the_table_here(seen: ladle.Snapshot, rows: list[Row]) -> None:
    found = seen.count("homeworld", "date")
    assert [(row.values, row.count) for row in found.rows] == [
        (key, count) for key, count in Counter((row["homeworld"], row["date"]) for row in rows).most_common()
    ]
    view = seen.view([("_sort", "-name"), ("gender", "female")])
    women = sorted((row for row in rows if row["gender"] == "female"), key=lambda row: str(row["name"]), reverse=True)
    assert seen.look(view, limit=1000).rows == women
    assert {"data.parquet", "data.csv"} <= has(seen), "rows from many places of a small table"


@pytest.fixture
def unkept(taken: ladle.Snapshot, on_s3: S3Server, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> ladle.Snapshot:
    """The same snapshot where the cache has room for nothing."""
    monkeypatch.setenv("LADLE_CACHE_SIZE", "0")
    return ladle.snapshot(taken.id, home=on_s3.home("people"))


def test_a_table_that_the_cache_has_no_room_for_is_read_where_it_lies(unkept: ladle.Snapshot, rows: list[Row]) -> None:
    found = unkept.count("homeworld", order="first")
    assert [(row.values[0], row.count) for row in found.rows] == list(Counter(row["homeworld"] for row in rows).items())
    view = unkept.view([("_sort", "name"), ("name__contains", "a")])
    wanted = sorted((row for row in rows if "a" in str(row["name"]).lower()), key=lambda row: str(row["name"]))
    assert unkept.look(view, limit=1000).rows == wanted
    assert [json.loads(line) for line in b"".join(unkept.export("ndjson", view=view)).splitlines()] == [
        {**row, "date": str(row["date"])} for row in wanted
    ]
    assert unkept.arrow().to_pylist() == rows
    assert not {"data.csv", "data.parquet"} & has(unkept)


def test_what_needs_a_file_gets_one_all_the_same(unkept: ladle.Snapshot, rows: list[Row]) -> None:
    assert unkept.path("csv").read_bytes() == b"".join(unkept.export("csv"))
    assert unkept.sql("SELECT count(*) AS n FROM data").rows == [{"n": len(rows)}]
    assert unkept.duckdb().fetchall() == [tuple(row.values()) for row in rows]


def test_the_whole_table_is_sent_from_where_it_lies(seen: ladle.Snapshot, taken: ladle.Snapshot) -> None:
    assert b"".join(seen.export("csv")) == (taken.folder / "data.csv").read_bytes()
    whole = b"".join(seen.export("parquet"))
    assert pq.read_table(io.BytesIO(whole)).num_rows == 82
    assert b"".join(seen.part("parquet", start=5, end=2000)) == whole[5:2000]
    assert not {"data.csv", "data.parquet"} & has(seen)


def test_a_profile_and_a_diff_are_those_of_a_home_in_a_folder(
    seen: ladle.Snapshot, taken: ladle.Snapshot, on_s3: S3Server, replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seen.profile() == json.loads((taken.folder / "profile.json").read_bytes())
    monkeypatch.setenv("LADLE_SWAPI_BASE_URL", replicas.swapi_url)
    later = ladle.collect("swapi/people", home=on_s3.home("people"), afresh=True)
    diff = seen.diff(later)
    assert (diff.added, diff.removed, diff.changed) == (0, 0, 0)
    assert later.previous() == seen
    assert ladle.snapshot("swapi/people", home=on_s3.home("people")) == later
    assert [moment.snapshot.id for moment in seen.history("Yoda", key="name")] == [seen.id, later.id]


@pytest.mark.parametrize("name", ["data.parquet", "data.index", "data.csv"])
def test_a_file_that_was_cut_short_here_is_fetched_again(seen: ladle.Snapshot, rows: list[Row], name: str) -> None:
    for kind in ("parquet", "csv", "index"):
        seen.path(kind)  # type: ignore[arg-type]
    cut = seen.folder / name
    cut.write_bytes(cut.read_bytes()[:-3])
    assert seen.rows(offset=70) == rows[70:80]
    assert seen.count("gender").total_rows == 82
    assert b"".join(seen.export("csv")).count(b"\n") == 83
    seen.path(name.removeprefix("data."))  # type: ignore[arg-type]
    assert cut.stat().st_size == seen.manifest.files[name].size


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_file_that_was_damaged_here_is_told_once_and_fetched_again(seen: ladle.Snapshot, kind: Any) -> None:
    for damaged in ("index", kind):
        path = seen.path(damaged)
        path.write_bytes(b"\0" * path.stat().st_size)
    ask = {
        "parquet": lambda: seen.count("hair_color", "skin_color").total_rows,
        "csv": lambda: len(seen.rows(limit=82)),
    }[kind]
    with pytest.raises(Damaged, match=r"Ask again: the copy on this machine was damaged"):
        ask()
    assert ask() == 82


def test_a_file_that_is_another_on_s3_is_refused(seen: ladle.Snapshot, on_s3: S3Server) -> None:
    store = on_s3.store(on_s3.home("people"))
    (key,) = [key for key in store.left(f"snapshots/swapi/people/{seen.id}") if key.endswith(".parquet")]
    kept = store.get(key)
    assert kept is not None
    try:
        store.put(key, b"x" * len(kept.data))
        with pytest.raises(Damaged, match="is not on S3 as it was kept"):
            seen.count("gender")
        store.delete(key)
        with pytest.raises(Damaged, match="is missing on S3"):
            seen.count("gender")
    finally:
        store.put(key, kept.data)
    assert seen.count("gender").total_rows == 82


def test_a_snapshot_that_was_withdrawn_is_nowhere_any_more(home: str, tmp_path: Path, on_s3: S3Server) -> None:
    (tmp_path / "own.csv").write_text("name,n\na,1\n")
    first, second = (ladle.import_file(tmp_path / "own.csv", home=home) for _ in range(2))
    mirror = Home.open(home).mirror
    assert mirror is not None
    withdraw(mirror, second.folder)
    assert ladle.snapshot("files/own", home=home).id == first.id
    assert [each.id for each in ladle.all_snapshots(home=home)] == [first.id]
    with pytest.raises(NotFound):
        ladle.snapshot(second.id, home=home)
    assert not [key for key in on_s3.store(home).left("snapshots") if second.id in key]
