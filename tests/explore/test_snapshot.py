"""One snapshot, by name or id: its files, exports and tables, and the list of all."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from ladle.errors import BadInput, Damaged, NotFound, SettingError
from ladle.explore.finding import all_snapshots, find
from ladle.home import Home
from tests.snapshots.kit import built, field, from_records, page, source

RUNS = ["20261121-120103-7f3a9c", "20261122-080000-000001", "20250101-235959-ffffff"]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three snapshots of `stars/people`, each with its number of rows."""
    path = tmp_path_factory.mktemp("three")
    for number, run in enumerate(RUNS, 1):
        built(path, [page(1, [{"a": number}] * number)], of=source(key=None), run=run)
    return path / "home"


@pytest.fixture
def home(three: Path, tmp_path: Path) -> Home:
    """The same, for each test to change."""
    return Home.open(shutil.copytree(three, tmp_path / "home"))


def test_a_dataset_stands_for_its_latest_snapshot_and_an_id_for_itself(home: Home) -> None:
    latest = find(home, "stars/people")
    assert (latest.id, latest.dataset, len(latest)) == (RUNS[1], "stars/people", 2)
    assert [len(find(home, run)) for run in RUNS] == [1, 2, 3]


def test_all_snapshots_are_listed_newest_first_among_foreign_files(home: Home) -> None:
    (home.snapshots / "notes.txt").write_text("mine")
    (home.snapshots / "stars/people/other").mkdir()
    for name, raw in (("odd", b"{}"), ("older", b"\xff"), (".tmp-x", b"{}")):
        (home.snapshots / "stars/people" / name).mkdir()
        (home.snapshots / "stars/people" / name / "manifest.json").write_bytes(raw)
    assert [manifest.id for manifest in all_snapshots(home)] == [RUNS[1], RUNS[0], RUNS[2]]
    assert len(all_snapshots(home, dataset="stars/people")) == 3
    assert all_snapshots(home, dataset="stars/planets") == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("stars/peple", 'Did you mean "stars/people"'),
        ("20261121-120103-7f3a9d", f'Did you mean "{RUNS[0]}"'),
        ("../../etc", "There is no snapshot"),
        ("*", "There is no snapshot"),
        ("stars/*", "There is no snapshot"),
        ("", "There is no snapshot"),
        ("..", "There is no snapshot"),
        ("/", "There is no snapshot"),
    ],
)
def test_a_name_that_nothing_goes_by_is_told_with_what_there_is(home: Home, name: str, told: str) -> None:
    with pytest.raises(NotFound) as missing:
        find(home, name)
    assert told in str(missing.value)


def test_an_empty_home_says_what_to_do(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    assert all_snapshots(home) == []
    with pytest.raises(NotFound, match="Collect a dataset first"):
        find(home, "swapi/people")


def test_a_snapshot_with_a_broken_manifest_is_refused(home: Home) -> None:
    (home.snapshots / "stars/people" / RUNS[0] / "manifest.json").write_bytes(b"{")
    with pytest.raises(Damaged, match=r"manifest\.json"):
        find(home, RUNS[0])


def test_every_file_can_be_found(home: Home) -> None:
    snapshot = find(home, "stars/people")
    assert all(snapshot.path(kind).is_file() for kind in ("csv", "parquet", "index", "profile", "manifest"))
    with pytest.raises(BadInput, match='Did you mean "csv"'):
        snapshot.path("csvv")  # type: ignore[arg-type]


def test_exports_are_the_files_and_lines_of_json(tmp_path: Path) -> None:
    columns = [field("t"), field("d", type="date"), field("u", unix="s"), field("x")]
    records: list[dict[str, Any]] = [{"t": "é\n", "d": "2014-12-20", "u": 0, "x": 0.5}, {"t": None}]
    snapshot = from_records(tmp_path, records, *columns)
    assert b"".join(snapshot.export("csv")) == snapshot.path("csv").read_bytes()
    assert b"".join(snapshot.export("parquet")) == snapshot.path("parquet").read_bytes()
    lines = [orjson.loads(line) for line in b"".join(snapshot.export("ndjson")).splitlines()]
    assert lines == [
        {"t": "é\n", "d": "2014-12-20", "u": "1970-01-01T00:00:00Z", "x": 0.5},
        {"t": None, "d": None, "u": None, "x": None},
    ]
    with pytest.raises(BadInput, match='no format "xml"'):
        snapshot.export("xml")
    snapshot.path("csv").unlink()
    with pytest.raises(Damaged, match="is missing"):
        snapshot.export("csv")


def test_pandas_keeps_whole_numbers_exact_beside_missing_ones(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"i": 2**62 + 1, "y": True}, {"i": None, "y": None}])
    frame = snapshot.pandas()
    assert frame["i"][0] == 2**62 + 1
    assert frame["i"].isna().tolist() == [False, True]
    assert str(frame["y"].dtype) == "boolean"


@pytest.mark.parametrize("name", ["pandas", "petl", "polars"])
def test_without_the_library_the_error_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    snapshot = from_records(tmp_path, [{"i": 1}])
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingError, match=rf"{name} is not installed. Install it: pip install 'ladle\[{name}\]'"):
        getattr(snapshot, name)()


def test_a_changed_profile_is_refused(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"i": 1}])
    snapshot.path("profile").write_bytes(b"{}")
    with pytest.raises(Damaged, match=r"profile\.json"):
        snapshot.profile()
    snapshot.path("profile").unlink()
    with pytest.raises(Damaged, match=r"profile\.json"):
        snapshot.profile()


def test_rows_hold_python_values(tmp_path: Path) -> None:
    columns = [field("d", type="date"), field("u", unix="s")]
    row = from_records(tmp_path, [{"d": "2014-12-20", "u": 60}], *columns).rows()[0]
    assert row == {"d": date(2014, 12, 20), "u": datetime(1970, 1, 1, 0, 1, tzinfo=UTC)}
