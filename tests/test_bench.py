"""The benchmarks themselves: takes a few pages, sees that all are collected, counted and told of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.competitors import QUICK, verdict
from bench.measure import MB, measure
from bench.tally import Lap, Tally, show

ROOT = Path(__file__).parents[1]
for module in ("aiohttp", "httptools", "uvloop"):
    pytest.importorskip(module)


def run(*command: object) -> subprocess.CompletedProcess[str]:
    """A benchmark as people start it: from the tree's top."""
    words = (sys.executable, "-m", *map(str, command))
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


def people(*ids: int) -> str:
    return "id,name\n" + "".join(f"{id_},Luke Skywalker {id_}\n" for id_ in ids)


def test_ladle_and_its_smallest_peers_collect_the_same_pages(tmp_path: Path) -> None:
    done = run("bench.collect", "--quick", "--part", 10, "--json", tmp_path / "numbers.json")
    assert done.returncode == 0, done.stderr
    numbers: list[dict[str, Any]] = json.loads((tmp_path / "numbers.json").read_text("utf-8"))
    assert [each["competitor"] for each in numbers] == [each.name for each in QUICK] * 2
    assert all("trouble" not in each and each["pages"] == each["of"] for each in numbers)
    assert all(each[what]["median"] > 0 for each in numbers for what in ("wall", "inside", "cpu", "memory"))


def test_streams_and_waiting_posts_are_open_while_rows_are_asked_for(tmp_path: Path) -> None:
    few = ("--streams", 5, "--posts", 2, "--seconds", 0.5, "--connections", 2, "--rows", 200)
    done = run("bench.streams", *few, "--json", tmp_path / "numbers.json")
    numbers = json.loads((tmp_path / "numbers.json").read_text("utf-8"))
    assert [(lap["streams"], lap["posts"], lap["errors"]) for lap in numbers["laps"]] == [(0, 0, 0), (5, 2, 0)]
    (told,) = numbers["told"]
    assert (told["answers"], told["waiting"], told["cut"]) == ({"200": 5}, 2, 0), done.stderr


def test_many_rows_are_counted_in_both_files(tmp_path: Path) -> None:
    done = run("bench.scale", "--rows", 200, "--pages", 20, "--folder", tmp_path, "--json", tmp_path / "numbers.json")
    assert done.returncode == 0, done.stderr
    (numbers,) = json.loads((tmp_path / "numbers.json").read_text("utf-8"))
    assert (numbers["rows"], numbers["wrong"]) == (200, [])
    assert {"journal", "data.csv", "data.index", "data.parquet", "profile.json"} <= numbers["sizes"].keys()
    assert "complete: 200 rows" in done.stdout


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ((1, 2, 3), ""),
        ((3, 1, 2), ""),
        ((1, 3), "2 rows with 2 ids instead of 3"),
        ((1, 2, 2), "3 rows with 2 ids instead of 3"),
        ((1, 2, 4), "3 rows with 3 ids instead of 3"),
        ((), "0 rows with 0 ids instead of 3"),
    ],
)
def test_a_peer_that_loses_rows_is_found_out(tmp_path: Path, kept: tuple[int, ...], told: str) -> None:
    (tmp_path / "people.csv").write_text(people(*kept), "utf-8")
    assert verdict([str(tmp_path / "people.csv")], rows=3) == told


def test_what_a_child_holds_and_takes_counts(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "seen")
    child = f"held = b'x' * {100 * MB}; open({str(tmp_path / 'seen')!r}).read()"
    parent = f"import subprocess, sys; subprocess.run((sys.executable, '-c', {child!r})); print('{{\"peak_mb\": 1}}')"

    def look(_seconds: float, memory: float) -> None:
        if memory > 100:
            (tmp_path / "seen").write_text("", "utf-8")

    cost = measure((sys.executable, "-c", parent), output=tmp_path / "said", limit=60, look=look, every=0)
    assert cost.memory > 100


def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    endless = "import subprocess, sys; subprocess.run((sys.executable, '-c', 'import signal; signal.pause()'))"
    with pytest.raises(RuntimeError, match="took longer than 0 s"):
        measure((sys.executable, "-c", endless), output=tmp_path / "said", limit=0)


def test_what_collected_fewer_pages_is_scaled_up_and_marked() -> None:
    whole, part = (Tally(competitor=name, writes="CSV", course="", of=10, pages=p) for name, p in (("A", 10), ("B", 5)))
    for tally in (whole, part):
        tally.add(Lap(wall=3.0, cpu=2.0, memory=40, inside=2.0, busy=1.0))
    assert part.over("wall")[0] == 5.0, "the second outside the collecting comes once"
    assert part.over("cpu")[0] == 3.0
    lines = list(show([whole, part]))
    assert "~" not in lines[1]
    assert "~" in lines[2]
    assert lines[2].split()[-2:] == ["40", "MB"]


def test_a_peer_with_trouble_has_no_numbers() -> None:
    first, second = (Tally(competitor=name, writes="CSV", course="", of=1, pages=1) for name in ("A", "B"))
    first.add(Lap(wall=1.0, inside=1.0, cpu=1.0))
    second.add(Lap(trouble="2 rows with 2 ids instead of 3"))
    assert list(show([first, second]))[2].endswith("doesn't count: 2 rows with 2 ids instead of 3")
