"""The cache of a home on S3: takes a limit and files that are used, gives room; what may be in use stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ladle
from ladle.storage.room import IN_USE, Here, going

NOW = 10_000.0
OLD, OLDER = NOW - 2 * IN_USE, NOW - 3 * IN_USE
ROWS = 5_000
# Counts in a process of its own, and tells what it has found.
COUNTS = """
import sys, ladle
snapshot = ladle.snapshot("files/own", home=sys.argv[1])
sys.stdin.readline()
print(snapshot.count("name", limit=1).total_rows, snapshot.rows(offset=7)[0]["n"])
"""


@pytest.mark.parametrize(
    ("files", "coming", "gone"),
    [
        ([], 100, ""),
        ([], 101, None),
        ([("a", 60, OLD)], 40, ""),
        ([("a", 60, OLD)], 41, "a"),
        ([("a", 50, OLD), ("b", 50, OLDER)], 50, "b"),
        ([("a", 50, OLD), ("b", 50, OLDER)], 51, "ba"),
        ([("a", 60, NOW - 1)], 41, None),
        ([("a", 60, NOW - 1), ("b", 40, OLD)], 40, "b"),
        ([("a", 60, NOW - 1), ("b", 40, OLD)], 41, None),
        ([("a", 300, OLD)], 0, "a"),
    ],
)
def test_what_was_used_longest_ago_goes_and_what_may_be_in_use_stays(
    files: list[tuple[str, int, float]], coming: int, gone: str | None
) -> None:
    here = [Here(Path(name), size, used) for name, size, used in files]
    found = going(here, coming=coming, most=100, now=NOW)
    assert (None if found is None else "".join(map(str, found))) == gone


def test_a_full_cache_lets_the_oldest_go_and_never_holds_more(
    home: str, tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.csv"
    ids = []
    for number in range(3):
        own.write_text("name,n\n" + "".join(f"row {row * 7919 % ROWS},{row + number}\n" for row in range(ROWS)))
        ids.append(ladle.import_file(own, home=home).id)
    monkeypatch.setenv("LADLE_CACHE", str(tmp_path / "small"))
    size = ladle.snapshot(ids[0], home=home).manifest.files["data.parquet"].size
    monkeypatch.setenv("LADLE_CACHE_SIZE", f"{size * 25 // 10}")
    seen = [ladle.snapshot(id, home=home) for id in ids]
    for number, snapshot in enumerate(seen):
        assert len(snapshot.rows(view=snapshot.view([("n", f"{number + 5}")]))) == 1
        age(tmp_path / "small", seconds=2 * IN_USE)
    assert [(snapshot.folder / "data.parquet").exists() for snapshot in seen] == [False, True, True]
    assert held(tmp_path / "small") <= size * 2.5
    # Two are in use now: the third is read where it lies.
    for snapshot in seen[1:]:
        assert snapshot.arrow().num_rows == ROWS
    assert len(seen[0].rows(view=seen[0].view([("n", "9")]))) == 1
    assert [(snapshot.folder / "data.parquet").exists() for snapshot in seen] == [False, True, True]


def age(cache: Path, *, seconds: float) -> None:
    """Let the cache's files be so much older."""
    for path in cache.rglob("data.*"):
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


def held(cache: Path) -> int:
    """Bytes of the files that count."""
    return sum(path.stat().st_size for path in cache.rglob("data.*"))


def test_two_processes_share_a_cache(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.csv").write_text("name,n\n" + "".join(f"row {row},{row}\n" for row in range(ROWS)))
    ladle.import_file(tmp_path / "own.csv", home=home)
    monkeypatch.setenv("LADLE_CACHE", str(tmp_path / "shared"))
    asking = [
        subprocess.Popen([sys.executable, "-c", COUNTS, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate("now\n")[0] for process in asking] == [f"{ROWS} 7\n"] * 2
    kept = [path.name for path in (tmp_path / "shared").rglob("*.parquet*") if not path.name.endswith(".lock")]
    assert kept == ["data.parquet"]


def test_another_use_is_noted(home: str, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("name,n\na,1\n")
    snapshot = ladle.import_file(tmp_path / "own.csv", home=home)
    path = snapshot.path("parquet")
    os.utime(path, (OLD, OLD))
    assert snapshot.count("name").total_rows == 1
    assert time.time() - path.stat().st_mtime < IN_USE
