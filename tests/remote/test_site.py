"""Schedules, webhooks and the audit log of a server from here: the words and documents that a home's commands have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ladle.errors import Unreachable, UpstreamError
from ladle.remote import site as there
from ladle.testing import ScriptedApi, answer
from tests.cli.command import Done, process
from tests.cli.command import ladle as command
from tests.remote.conftest import Served, serving
from tests.servers.stack import current, home_of

ALLOWED = {"LADLE_ALLOW_ADDRESSES": "127.0.0.1", "LADLE_TIME_ZONE": "Europe/Zurich"}


@dataclass(frozen=True)
class Asked:
    """A site that calls a receiver of this machine."""

    served: Served
    receiver: ScriptedApi

    def do(self, *words: str, scope: str = "define") -> Done:
        """A command with LADLE_URL."""
        return command(*words, **self.served.as_(scope))

    def told(self, *words: str) -> Any:
        """Its document."""
        done = self.do(*words, "--json")
        return json.loads(done.stdout)

    def here(self, *words: str) -> Done:
        """The same command where the server runs."""
        return process(*words, LADLE_HOME=self.served.home, **current().settings(self.served.home), **ALLOWED)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("site")
    with (
        ScriptedApi({"/hook": answer(b"")}) as receiver,
        serving(home_of(folder / "home"), log=folder / "log", **ALLOWED) as served,
    ):
        yield Asked(served, receiver)


def test_a_schedule_is_kept_there_and_told_as_in_its_home(site: Asked, tmp_path: Path) -> None:
    cities = tmp_path / "mine.csv"
    cities.write_text("city_id\n3440781\n")
    added = site.do("schedule", "add", "openweather/cities", "--at", "6:30", "--set", f"cities={cities}")
    assert added.stdout.startswith("The schedule 1 of openweather/cities: At 06:30 every day, Europe/Zurich. Due next:")
    other = site.told("schedule", "add", "swapi/people", "--cron", "@daily", "--time-zone", "UTC", "--missed", "skip")
    assert (other["id"], other["words"], other["missed"]) == (2, "At 00:00 every day", "skip")
    assert site.do("schedule", "pause", "2").stdout == (
        "The schedule 2 of swapi/people is paused. Go on with: ladle schedule resume 2\n"
    )
    home = site.here("schedule", "list")
    assert (site.do("schedule", "list").stdout, home.returncode) == (home.stdout, 0), home.stderr
    assert site.told("schedule", "list") == json.loads(site.here("schedule", "list", "--json").stdout)
    assert site.told("schedule", "list")["results"][0]["files"] == ["cities"]
    assert site.told("schedule", "resume", "2")["paused"] is False
    assert site.told("schedule", "remove", "2") == {"id": 2, "removed": True}
    assert site.do("schedule", "remove", "1").stdout == "The schedule 1 is removed. Its runs and snapshots stay.\n"
    assert site.told("schedule", "list")["count"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "swapi/people", "--at", "25:00"), '"25:00" is no time of day.'),
        (("add", "swapi/people", "--cron", "-1 * * * *"), '"-1" can\'t be its minute'),
        (("add", "swapi/people", "--cron", "@daily", "--time-zone", "Berlin"), "Did you mean Europe/Berlin?"),
        (("add", "openweather/cities", "--cron", "@daily", "--set", "cities=no.csv"), 'The list "no.csv" can\'t'),
        (("add", "no/such", "--cron", "@daily"), "There is no source"),
        (("add", "own.toml", "--cron", "@daily"), "Keep it first: ladle sources add own.toml"),
        (("pause", "77"), 'There is no schedule "77". List them with: ladle schedule list'),
    ],
)
def test_what_is_wrong_with_a_schedule_is_told(site: Asked, words: tuple[str, ...], said: str) -> None:
    done = site.do("schedule", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_webhook_is_kept_tried_and_removed_there(site: Asked) -> None:
    url = f"{site.receiver.url}hook"
    added = site.told("webhooks", "add", url, "--dataset", "swapi/*", "--end", "failed", "--site", "https://other.org")
    assert (added["datasets"], added["ends"], added["secret"][:6]) == (["swapi/*"], ["failed"], "whsec_")
    number = str(added["id"])
    tried = site.do("webhooks", "test", number)
    assert (tried.returncode, tried.stdout) == (0, "The call arrived: the receiver answered 200.\n"), tried.stderr
    assert json.loads(site.receiver.requests[-1].body)["type"] == "webhook.test"
    site.receiver.fail("/hook", answer(b"", status=410))
    failed = site.do("webhooks", "test", number)
    assert (failed.returncode, failed.stdout[:26]) == (1, "The call did not arrive. T"), failed.stderr
    gone = site.do("webhooks", "test", number)
    assert (gone.returncode, "is disabled" in gone.stderr) == (1, True)
    home = site.here("webhooks", "list")
    assert (site.do("webhooks", "list").stdout, home.returncode) == (home.stdout, 0), home.stderr
    assert site.told("webhooks", "list") == json.loads(site.here("webhooks", "list", "--json").stdout)
    assert site.do("webhooks", "remove", number).stdout == f"The webhook {number} is removed.\n"
    assert site.do("webhooks", "remove", number).returncode == 2
    assert site.do("webhooks", "add", "http://10.0.0.1/").returncode == 2
    assert site.do("webhooks", "add", url, "--site", "nonsense").returncode == 2


def test_a_call_that_no_worker_makes_is_not_waited_for_for_ever(site: Asked) -> None:
    server = site.served.server("define")
    number = there.add_webhook(server, f"{site.receiver.url}hook", datasets=(), ends=(), site=None)["id"]
    with pytest.raises(Unreachable, match="No worker"):
        there.try_webhook(server, number, patience=-1)
    there.removed(server, "webhooks", number)


def test_the_audit_log_is_the_one_there(site: Asked) -> None:
    site.do("schedule", "add", "swapi/people", "--cron", "@daily")
    told = site.told("audit", "--limit", "1")
    assert [(each["who"], each["token"], each["deed"]) for each in told["results"]] == [
        ("boss", "a test", "add a schedule")
    ]
    assert told["count"] > 1
    assert site.do("audit").stdout == site.here("audit").stdout
    assert site.told("audit", "--who", "nobody")["results"] == []
    site.do("schedule", "remove", str(site.told("schedule", "list")["results"][0]["id"]))


@pytest.mark.parametrize("words", [("schedule", "remove", "1"), ("webhooks", "list"), ("audit",)], ids=" ".join)
def test_a_token_of_too_small_a_scope_is_told_so(site: Asked, words: tuple[str, ...]) -> None:
    done = site.do(*words, scope="collect")
    assert (done.returncode, "refuses that" in done.stderr, "LADLE_TOKEN" in done.stderr) == (2, True, True)


def test_a_secret_that_was_lost_on_the_way_is_said() -> None:
    lost = {"id": 7, "secret": None}
    with (
        ScriptedApi({"/api/v1/webhooks": answer(lost)}) as api,
        pytest.raises(UpstreamError, match="webhooks remove 7"),
    ):
        there.add_webhook(there.Server(api.url.rstrip("/")), "https://example.org", datasets=(), ends=(), site=None)
