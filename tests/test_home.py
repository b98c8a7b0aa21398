"""The home: takes paths good and bad and deaths at every line, gives files and folders whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ladle.errors import SettingError
from ladle.home import Home, is_id, new_id, publish_folder, write_whole

NOON = datetime(2026, 11, 21, 12, 1, 3, tzinfo=UTC)

# For each n a child of its own that dies at the n-th line of Python it runs in the act, until one lives to the end.
DIES_AT_EVERY_LINE = """
import os, signal, sys
from pathlib import Path
from ladle import home

def prepare(place):
    {prepare}

def act(place):
    {act}

def die_at(last):
    seen = 0
    def trace(frame, event, argument):
        nonlocal seen
        seen += event == "line"
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace
    return trace

for line in range(1, 5000):
    place = Path(sys.argv[1]) / str(line)
    place.mkdir()
    prepare(place)
    if (child := os.fork()) == 0:
        sys.settrace(die_at(line))
        act(place)
        sys.settrace(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        sys.exit(os.WEXITSTATUS(status))
"""


def deaths(folder: Path, act: str, *, prepare: str) -> list[Path]:
    """One place for each line at which a process died in the act, and the last for the one that did not."""
    script = DIES_AT_EVERY_LINE.format(act=act, prepare=prepare)
    subprocess.run([sys.executable, "-c", script, folder], capture_output=True, check=True)
    places = sorted(folder.iterdir(), key=lambda place: int(place.name))
    assert len(places) > 10, "the act ran hardly any lines"
    return places


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_written_whole_or_not_at_all_wherever_the_process_dies(tmp_path: Path, durable: bool) -> None:
    old, new = b"old", b"new" * 100_000
    act = f'home.write_whole(place / "file", b"new" * 100_000, durable={durable})'
    places = deaths(tmp_path, act, prepare='(place / "file").write_bytes(b"old")')
    found = [(place / "file").read_bytes() for place in places]
    assert set(found) == {old, new}
    assert found == sorted(found, key=[old, new].index), "once it is there, it stays"


def test_a_folder_is_published_whole_or_not_at_all_wherever_the_process_dies(tmp_path: Path) -> None:
    prepare = '(place / "t").mkdir(); [(place / "t" / name).write_text(name) for name in "abc"]'
    places = deaths(tmp_path, 'home.publish_folder(place / "t", place / "final")', prepare=prepare)
    found = [tuple(sorted(f"{path.relative_to(place)}" for path in place.glob("*/*"))) for place in places]
    assert set(found) == {("t/a", "t/b", "t/c"), ("final/a", "final/b", "final/c")}


def test_a_file_is_replaced_and_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    for data in (b"one", b"", b"\0" * 100_000):
        write_whole(tmp_path / "file", data)
        assert (tmp_path / "file").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_cant_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "file", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_published_folder_is_not_published_over(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data").write_text(name)
    publish_folder(tmp_path / "first", tmp_path / "final")
    with pytest.raises(OSError, match="not empty"):
        publish_folder(tmp_path / "second", tmp_path / "final")
    assert (tmp_path / "final" / "data").read_text() == "first"


def test_a_home_makes_its_folders_and_says_where_things_lie(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "deep" / "home", env={})
    assert home.runs.is_dir()
    assert home.snapshots.is_dir()
    assert home.ledger == tmp_path / "deep" / "home" / "ledger.sqlite3"
    assert Home.open(home.path, env={}) == home


def test_a_path_given_comes_before_the_setting_and_that_before_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    setting = {"LADLE_HOME": str(tmp_path / "set")}
    assert Home.open(tmp_path / "given", env=setting).path == tmp_path / "given"
    assert Home.open(env=setting).path == tmp_path / "set"
    assert Home.open(env={"LADLE_HOME": "~/mine"}).path == tmp_path / "mine"
    assert Home.open(env={"LADLE_HOME": ""}).path == tmp_path / ".ladle"
    assert Home.open(env={}).path == tmp_path / ".ladle"


def test_a_relative_home_stays_where_it_is_when_the_process_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Home.open(env={"LADLE_HOME": "here"}).path == tmp_path / "here"


@pytest.mark.parametrize("written", ["s3:///home", "ftp://host/home", "https://example.org/"])
def test_a_home_that_is_no_folder_of_this_machine_is_refused(written: str) -> None:
    with pytest.raises(SettingError) as raised:
        Home.open(env={"LADLE_HOME": written})
    assert (
        str(raised.value)
        == f'LADLE_HOME is "{written}". Give the path of a folder on this machine, or s3://BUCKET/PREFIX.'
    )


def test_a_home_that_is_a_file_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(SettingError) as raised:
            Home.open(env={"LADLE_HOME": str(path)})
        assert str(raised.value) == (
            f'The home "{path}" can\'t be used: Not a directory. Set LADLE_HOME to a folder that you may write to.'
        )


@pytest.mark.parametrize("written", ["~nobody-of-this-name/ladle", "a\0b"])
def test_a_home_that_no_path_can_be_made_of_is_told(written: str) -> None:
    with pytest.raises(SettingError, match=r"can't be used: .+\. Set LADLE_HOME to a folder"):
        Home.open(written, env={})


def test_ids_sort_by_time_and_differ_within_a_second() -> None:
    for step in (timedelta(seconds=1), timedelta(milliseconds=1)):
        ids = [new_id(NOON + n * step) for n in range(100)]
        assert sorted(ids) == ids
    assert all(is_id(each) for each in ids)
    assert len({new_id(NOON) for _ in range(100)}) > 90


def test_an_id_tells_the_time_in_utc() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-3)))
    assert new_id(there).startswith("20261121-120103-")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "20261121-120103-7F3A9C",
        "20261121-120103-7f3a9",
        "20261121-120103-7f3a9c/",
        "../20261121-120103-7f3a9c",
        "20261121-120103-7f3a9c\n",
        "٢٠٢٦١١٢١-120103-7f3a9c",
    ],
)
def test_what_is_no_id_never_becomes_a_part_of_a_path(text: str) -> None:
    assert not is_id(text)
