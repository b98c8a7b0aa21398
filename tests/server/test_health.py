"""Whether the site can work: takes a site with what it needs and without, asks for its health."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event

import pytest
from django.test import Client
from pytest_django import Settings

import ladle
from ladle_server.operations.health import GOOD, SLOW, Health
from tests.servers.process import free_port
from tests.servers.stack import home_of

SECRET = "postgres://ladle:s3cret@db/ladle"


def test_the_process_says_that_it_answers(client: Client, db: None) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"healthy": True})
    assert answer["Cache-Control"] == "no-store"
    assert client.post("/healthz").status_code == 405


def test_a_site_that_has_what_it_needs_is_ready(client: Client, empty_home: str) -> None:
    answer = client.get("/readyz")
    needs = {"database": "good", "home": "good", "quota ledger": "good"}
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "needs": needs})
    assert [path.name for path in ladle.Home.at(empty_home).path.iterdir() if path.name.startswith("tmp")] == []


@pytest.mark.own_folder
def test_a_site_whose_home_is_gone_is_not_ready_and_says_which_it_is(
    client: Client, tmp_path: Path, settings: Settings, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LADLE_HOME = home_of(tmp_path / "home")
    client.get("/readyz")
    shutil.rmtree(tmp_path / "home")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["needs"]["home"] == "can't be reached"
    assert not (tmp_path / "home").exists()
    assert not [each for each in caplog.records if each.name == "django.request"]  # it is told who asked, not the log


def test_a_quota_ledger_in_redis_that_is_away_is_told(
    client: Client, empty_home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADLE_QUOTA_URL", f"redis://127.0.0.1:{free_port()}/0")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["needs"]["home"]) == (503, "good")
    assert answer.json()["needs"]["quota ledger"] in ("can't be reached", SLOW)


async def test_no_word_of_an_error_is_given_away() -> None:
    def refuse() -> None:
        raise OSError(SECRET)

    told = await Health({"database": refuse, "home": lambda: None})()
    assert told == {"database": "can't be reached", "home": GOOD}


async def test_what_hangs_is_told_in_time_and_not_tried_a_second_time_meanwhile() -> None:
    let_go, tried = Event(), list[int]()

    def hang() -> None:
        tried.append(1)
        let_go.wait(60)

    health = Health({"database": hang, "home": lambda: None}, patience=0.01)
    assert await health() == {"database": SLOW, "home": GOOD}
    assert await health() == {"database": SLOW, "home": GOOD}
    let_go.set()
    while await health() != {"database": GOOD, "home": GOOD}:
        pass
    assert len(tried) <= 2
