"""`ladle schedule`: takes words, keeps schedules in the site's database, says when they are due, and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from ladle_server import schedule
from ladle_server.access.models import Deed
from tests.cli.command import ladle, process

ADD = ("schedule", "add", "openweather/cities")


def test_a_schedule_is_kept_by_one_process_for_another(tmp_path: Path) -> None:
    home = {"LADLE_HOME": str(tmp_path / "home"), "LADLE_TIME_ZONE": "Europe/Zurich"}
    added = process(*ADD, "--at", "6:30", "--set", "units=imperial", "--missed", "skip", **home)
    assert added.returncode == 0, added.stderr
    assert "The schedule 1 of openweather/cities: At 06:30 every day, Europe/Zurich. Due next: 20" in added.stdout
    listed = json.loads(process("schedule", "list", "--json", **home).stdout)
    (row,) = listed["results"]
    assert (row["cron"], row["parameters"], row["missed"]) == ("30 6 * * *", {"units": "imperial"}, "skip")
    assert row["next"][0].endswith(":30:00Z")


@pytest.fixture
def site(tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str], db: None) -> Any:
    """What the command line starts, in this process, where the site is ready: gives exit code, output and errors."""
    settings.LADLE_HOME = tmp_path / "home"

    def asked(*words: str) -> tuple[int, str, str]:
        code = schedule.carry_out(schedule.arguments(words))
        return (code, *capsys.readouterr())

    return asked


def test_it_is_listed_paused_resumed_and_removed(site: Any, tmp_path: Path) -> None:
    cities = tmp_path / "mine.csv"
    cities.write_text("city_id\n3440781\n")
    words = ("--cron=0 9 * * MON", "--time-zone=Asia/Tokyo", f"--set=cities={cities}", "--", "openweather/cities")
    code, said, _ = site("add", *words)
    assert (code, said.count(" 09:00")) == (0, 6)  # once in the words, and five times
    assert "while one of them is running" in said
    number = json.loads(site("--json", "list")[1])["results"][0]["id"]
    assert json.loads(site("--json", "list")[1])["results"][0]["files"] == ["cities"]
    assert f"is paused. Go on with: ladle schedule resume {number}" in site("pause", str(number))[1]
    line = site("list")[1].splitlines()[1]
    assert line.split() == [str(number), "openweather/cities", *"0 9 * * MON Asia/Tokyo paused –".split()]
    assert json.loads(site("--json", "resume", str(number))[1])["paused"] is False
    assert site("remove", str(number))[1].startswith(f"The schedule {number} is removed.")
    told = [deed.deed for deed in Deed.objects.order_by("id")]
    assert told == [f"{did} a schedule" for did in ("add", "pause", "resume", "remove")]
    assert site("pause", str(number))[::2] == (
        2,
        f'ladle: There is no schedule "{number}". List them with: ladle schedule list\n',
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cron=-1 * * * *",), '"-1" can\'t be its minute'),
        (("--at=25:00",), '"25:00" is no time of day.'),
        (("--cron=@daily", "--set=cities=nowhere.csv"), 'The list "nowhere.csv" can\'t be read.'),
        (("--cron=@daily", "--time-zone=Berlin"), "Did you mean Europe/Berlin?"),
        (("--cron=@daily", "--missed=twice"), "There are: run, skip."),
    ],
)
def test_the_site_tells_what_is_wrong(site: Any, words: tuple[str, ...], said: str) -> None:
    code, nothing, error = site("add", *words, "--", "openweather/cities")
    assert (code, nothing) == (2, "")
    assert said in error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say when, in one way. Take --at 06:30, or --cron"),
        (("--at", "06:30", "--cron", "@daily"), "Say when, in one way."),
        (("--cron", "@daily", "--set", "units"), '--set "units" sets nothing.'),
    ],
)
def test_what_can_t_be_meant_is_told_before_the_site_is_asked(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    refused = ladle(*ADD, *words, LADLE_HOME=str(tmp_path))
    assert refused.returncode == 2
    assert said in refused.stderr


def test_a_file_is_kept_as_a_source_first(tmp_path: Path) -> None:
    refused = ladle("schedule", "add", "own.toml#people", "--cron", "@daily", LADLE_HOME=str(tmp_path))
    assert refused.returncode == 2
    assert "Keep it first: ladle sources add own.toml" in refused.stderr
