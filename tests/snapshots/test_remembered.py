"""What small files say is remembered as long as they are the same, and noticed when they are not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ladle.snapshots import remembered as module
from ladle.snapshots.remembered import remembered


class Reader:
    """Reads a file, and counts."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, path: Path) -> str:
        self.times += 1
        return path.read_text()


def old(path: Path, text: str, *, age: float = 60) -> Path:
    path.write_text(text)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_a_file_that_is_the_same_is_read_once(tmp_path: Path) -> None:
    path, read = old(tmp_path / "a", "one"), Reader()
    assert [remembered(path, read) for _ in range(3)] == ["one"] * 3
    assert read.times == 1
    assert remembered(path, Reader()) == "one"


def test_a_file_that_is_another_is_read_again(tmp_path: Path) -> None:
    path, read = old(tmp_path / "a", "one"), Reader()
    remembered(path, read)
    old(path, "two")
    assert remembered(path, read) == "two"
    old(tmp_path / "b", "six").replace(path)
    assert remembered(path, read) == "six"


def test_a_file_that_is_gone_is_gone(tmp_path: Path) -> None:
    path, read = old(tmp_path / "a", "one"), Reader()
    remembered(path, read)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        remembered(path, read)


def test_what_was_written_just_now_is_not_relied_on(tmp_path: Path) -> None:
    path, read = old(tmp_path / "a", "one", age=0), Reader()
    remembered(path, read)
    remembered(path, read)
    assert read.times == 2


def test_what_was_used_last_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    first, second, third = (old(tmp_path / name, name) for name in "abc")
    read = Reader()
    for path in (first, second, first, third, first):
        remembered(path, read)
    assert read.times == 3
    remembered(second, read)
    assert read.times == 4
