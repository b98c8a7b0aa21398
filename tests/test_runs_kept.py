"""Runs as they are kept: takes folders whole and damaged and settings that changed, gives runs as they were started."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ladle.drive import drive
from ladle.errors import Conflict, Damaged, NotFound, SettingError
from ladle.home import Home
from ladle.runs import list_runs, open_run, resumable, start

KEY = {"OPENWEATHER_API_KEY": "0a1b2c3d4e5f"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home", env={})


def test_a_run_is_opened_as_it_was_started_whatever_the_settings_and_lists_are_now(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text('city_id,name\n7,"a, ""b"""\n8,São Paulo\n', "utf-8")
    env = KEY | {"OPENWEATHER_CITIES": str(path), "LADLE_OPENWEATHER_BASE_URL": "http://127.0.0.1:9/w"}
    run = start(home, "openweather/cities", quota="5 per 100 ms, 9 per day", pace="fast", env=env)
    path.unlink()
    again = open_run(home, run.id)
    assert again == run
    assert again.source.base_url == "http://127.0.0.1:9/w/"
    assert [quota.text for quota in again.source.quotas] == ["5 per 100 ms", "9 per day"]
    assert again.progress().state == "queued"


def test_the_key_is_in_no_file_of_the_home(home: Home) -> None:
    start(home, "openweather/cities", env=KEY)
    files = [path for path in home.path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY["OPENWEATHER_API_KEY"].encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("dataset", "env", "error"),
    [
        ("swapi/planets", {}, NotFound),
        ("openweather/cities", {}, SettingError),
        ("swapi/people", {"LADLE_SWAPI_PACE": "quick"}, SettingError),
        ("openweather/cities", KEY | {"OPENWEATHER_CITIES": "nowhere.csv"}, SettingError),
    ],
)
def test_nothing_is_written_where_a_run_cant_begin(
    home: Home, dataset: str, env: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        start(home, dataset, env=env)
    assert list(home.runs.iterdir()) == []


@pytest.mark.parametrize("id", ["", "..", "../runs", "20261121-120103-7f3a9c", "nothing"])
def test_what_is_no_run_is_not_found(home: Home, id: str) -> None:
    with pytest.raises(NotFound, match="There is no run"):
        open_run(home, id)


@pytest.mark.parametrize(("wait", "left"), [(3600.0, False), (-5.0, False), (-60.0, True)])
def test_a_run_whose_wait_is_long_over_and_that_nobody_drives_was_left(home: Home, wait: float, left: bool) -> None:
    run = start(home, "swapi/people", env={})
    waiting = replace(run.progress(), state="waiting", wake_at=time.time() + wait)
    (run.folder / "progress.json").write_bytes(waiting.to_json())
    assert run.was_left is left
    with run.lock():
        assert not run.was_left


@pytest.mark.parametrize("torn", [b"", b"{", b"[]", b"null", b'{"state": "running"}', b"\0" * 100])
def test_a_torn_progress_is_a_queued_run_since_the_journal_has_everything(home: Home, torn: bytes) -> None:
    run = start(home, "swapi/people", env={})
    (run.folder / "progress.json").write_bytes(torn)
    assert run.progress().state == "queued"
    assert resumable(home, "swapi/people") == run


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "{}",
        lambda text: "[]",
        lambda text: text.replace("ladle = 1", "ladle = 9"),
        lambda text: text.replace("10000 per day", "plenty"),
        lambda text: text.replace('"swapi/people"', '"swapi/nobody"'),
    ],
    ids=["empty", "torn", "nothing in it", "a list", "a later definition", "a wrong quota", "an unknown dataset"],
)
def test_a_damaged_run_is_told_and_left_out_of_the_list(home: Home, damage: Callable[[str], str]) -> None:
    good, bad = (start(home, "swapi/people", env={}) for _ in range(2))
    path = bad.folder / "run.json"
    path.write_text(damage(path.read_text("utf-8")), "utf-8")
    (home.runs / "notes").mkdir()
    (home.runs / "file.txt").write_text("")
    assert list_runs(home) == [good]
    with pytest.raises(Damaged) as raised:
        open_run(home, bad.id)
    assert str(raised.value) == f"The run {bad.id} can't be read. Start a new one."


async def test_a_run_is_driven_by_one_process_at_a_time(home: Home) -> None:
    run = start(home, "swapi/people", env={})
    assert not run.is_driven()
    with run.lock():
        assert run.is_driven()
        with pytest.raises(Conflict, match="is being driven by another process"):
            await drive(run, env={})
        with pytest.raises(NotFound, match="No run of swapi/people was left unfinished"):
            await asyncio.to_thread(resumable, home, "swapi/people")
    assert resumable(home, "swapi/people") == run
