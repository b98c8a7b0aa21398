"""What questions spill to disk: in a folder that nobody else reads, gone with its process however that ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ladle.explore import query, spill
from ladle.explore.spill import PREFIX, remove_left, spill_folder
from tests.snapshots.kit import from_records

OLD = 1_000_000_000
"""Seconds since 1970 at which every folder here is made to be last changed."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's folder for what is of the moment."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left(root: Path) -> list[Path]:
    return sorted(root.glob(f"{PREFIX}*"))


def begun(root: Path, then: str) -> subprocess.Popen[str]:
    """Another process that has such a folder, and says so."""
    program = f"from ladle.explore.spill import spill_folder\nprint(spill_folder(), flush=True)\n{then}"
    env = {**os.environ, "TMPDIR": str(root)}
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, env=env
    )


def test_a_folder_is_for_its_owner_alone_and_another_for_each_database(root: Path) -> None:
    one, other = spill_folder(), spill_folder()
    assert one is not None
    assert other not in (None, one)
    assert one.stat().st_mode & 0o077 == 0


def test_a_process_that_ends_removes_its_own(root: Path) -> None:
    process = begun(root, "")
    out, _ = process.communicate(timeout=60)
    assert Path(out.strip()).parent == root
    assert left(root) == []


def test_what_a_killed_process_left_is_removed_and_a_living_ones_is_not(root: Path) -> None:
    killed, living = begun(root, "input()"), begun(root, "input()")
    assert killed.stdout is not None
    assert living.stdout is not None
    gone, here = Path(killed.stdout.readline().strip()), Path(living.stdout.readline().strip())
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    remove_left(root, now=gone.stat().st_mtime + 1)
    assert left(root) == sorted([gone, here]), "as young as these are, one may not be locked yet"
    for folder in (gone, here):
        os.utime(folder, (OLD, OLD))
    remove_left(root, now=OLD + 3600)
    assert left(root) == [here]
    living.communicate("\n", timeout=60)


def test_a_link_by_that_name_is_left_alone(root: Path) -> None:
    (root / "mine").mkdir()
    (root / f"{PREFIX}x").symlink_to(root / "mine")
    remove_left(root, now=OLD * 3)
    assert (root / "mine").is_dir()


def test_questions_are_answered_where_there_is_no_place_to_spill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert spill.spill_folder() is None
    snapshot = from_records(tmp_path, [{"n": number} for number in range(20)])
    query._opened.cache_clear()
    assert snapshot.histogram("n").total == 20
