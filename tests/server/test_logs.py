"""What the log says: takes runs, errors and keys, reads the lines of real processes and of the formatters."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from ladle.errors import SettingError
from ladle.testing import Request, ScriptedApi, answer
from ladle_server import logs
from tests.apis import cities, weather
from tests.server.site import Site, bad_run, until
from tests.servers.stack import current

KEY = "k3y/of+the=api"
LINE = "ladle_server.tests"


@pytest.fixture
def said(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A logger in the style that the test names, and a function that gives what it has said."""
    env = {
        "LADLE_LOG": getattr(request, "param", "text"),
        "OPENWEATHER_API_KEY": KEY,
        "DATABASE_URL": "postgres://a:p%40ss@b/c",
        "LADLE_BROKER_URL": "redis://mq:6379/0?password=0f%40query",
    }
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(env))
    logger = logging.getLogger(LINE)
    logger.addHandler(handler)
    yield logger, stream.getvalue
    logger.removeHandler(handler)


def test_a_line_for_people_says_what_it_is_about(said: Any) -> None:
    logger, text = said
    with logs.about(run="7f", dataset="swapi/people"):
        logger.warning("It is %s.", "there")
    logger.warning("Nothing in particular.")
    first, second = text().splitlines()
    assert first.endswith(f"WARNING {LINE}: It is there. (run 7f, dataset swapi/people)")
    assert second.endswith("Nothing in particular.")


@pytest.mark.parametrize("said", ["json"], indirect=True)
def test_a_line_for_machines_is_one_object_with_the_errors_trace(said: Any) -> None:
    logger, text = said
    with logs.about(run="7f"):
        try:
            raise ValueError("two\nlines")
        except ValueError:
            logger.exception("It failed")
    told = json.loads(text())
    assert (told["level"], told["logger"], told["message"], told["run"]) == ("error", LINE, "It failed", "7f")
    assert told["error"].endswith("ValueError: two\nlines")
    assert told["time"].endswith("+00:00")


@pytest.mark.parametrize("said", ["text", "json"], indirect=True)
@pytest.mark.parametrize("written", [KEY, "k3y%2Fof%2Bthe%3Dapi", "p@ss", "0f@query", "0f%40query", "of-one-run"])
def test_no_line_holds_a_key(said: Any, written: str) -> None:
    logger, text = said
    with logs.without("of-one-run"):
        try:
            raise ValueError(f"GET /x?appid={written}")
        except ValueError as error:
            logger.exception("It failed: %s", error)
    assert written not in text()
    assert "***" in text()


def test_a_name_of_a_key_is_no_secret_and_what_follows_a_users_name_is() -> None:
    env = {"AWS_ACCESS_KEY_ID": "ladle", "AWS_SECRET_ACCESS_KEY": "w4s-s3cret", "FLOWER_BASIC_AUTH": "ada:b10om"}
    assert logs.keys_of(env) == {"w4s-s3cret", "ada:b10om", "b10om"}


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_key_that_is_an_everyday_word_breaks_no_line(style: str) -> None:
    keys = {"A_KEY": "message", "B_KEY": "warning", "C_KEY": "ladle_server", "LADLE_LOG": style}
    made = logs.formatter(keys)
    record = logging.LogRecord(
        "ladle_server.away", logging.WARNING, "", 0, "The message is %s.", ("ladle_server",), None
    )
    line = made.format(record)
    assert "ladle_server.away" in line
    assert "The *** is ***." in line
    if style == "json":
        assert json.loads(line)["level"] == "warning"


def test_a_style_that_is_not_known_is_told_by_its_value() -> None:
    with pytest.raises(SettingError, match='LADLE_LOG is "yaml"'):
        logs.style({"LADLE_LOG": "yaml"})


def echo(request: Request) -> object:
    """The weather once, then a refusal that says the key."""
    if request.query["id"] == "1":
        return weather(1)
    return answer({"cod": 401, "message": f"Invalid API key {request.query['appid']}."}, status=401)


def test_each_line_of_a_run_that_is_driven_says_which_run_it_is_and_none_holds_its_key(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with ScriptedApi({"/data/2.5/weather": echo}) as api:
        settings = {
            "LADLE_LOG": "json",
            "OPENWEATHER_API_KEY": KEY,
            "OPENWEATHER_CITIES": str(cities(tmp_path, 2)),
            "LADLE_OPENWEATHER_BASE_URL": f"{api.url}data/2.5/",
            "LADLE_OPENWEATHER_QUOTA": "none",
        }
        with Site(tmp_path / "home", log=log, **settings) as site:
            run = site.post("/api/v1/runs", {"dataset": "openweather/cities"}).json["id"]
            assert site.ended(run)["state"] == "failed"
            metrics = site.get("/metrics").body.decode()
            # Its end is in the database a moment before it is in the log.
            said = until(lambda: "The run is failed" in (told := log.read_text() + site.worker_said()) and told)
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    driven = [line for line in lines if line["logger"] == "ladle_server.catalog.driving"]
    assert [line["message"][:20] for line in driven] == ["The run is taken up.", "The run is failed: 2"]
    assert {(line["run"], line["dataset"]) for line in driven} == {(run, "openweather/cities")}
    assert KEY not in said
    assert 'ladle_requests_total{source="openweather"} 2.0' in metrics
    assert 'ladle_runs{source="openweather",state="failed"} 1.0' in metrics
    assert elsewhere(site) == of_runs(metrics)


def elsewhere(site: Site) -> list[str]:
    """What another process of the same home says of its runs."""
    code = (
        "import django; django.setup(); from ladle_server.operations.metrics import scraped; print(scraped().decode())"
    )
    told = {
        "DJANGO_SETTINGS_MODULE": "ladle_server.settings",
        "LADLE_HOME": site.home,
        "PYTHONPATH": ":".join(sys.path),
    }
    env = current().settings(site.home) | told
    done = subprocess.run((sys.executable, "-c", code), env=env, capture_output=True, text=True, check=True)
    return of_runs(done.stdout)


def of_runs(text: str) -> list[str]:
    """The lines of metrics that are the same in every process."""
    names = ("ladle_runs", "ladle_requests", "ladle_answers", "ladle_build", "ladle_snapshots")
    return [line for line in text.splitlines() if line.startswith(names)]


def test_an_error_has_the_requests_id_in_its_answer_and_in_the_log(
    empty_home: str,
) -> None:
    client = Client(raise_request_exception=False)
    found = client.get("/runs/7/")
    assert found.status_code == 404
    assert len(found["X-Request-ID"]) == 16
    assert client.get("/runs/8/")["X-Request-ID"] != found["X-Request-ID"]
    assert client.get("/runs/7/", headers={"X-Request-ID": "from-a-proxy:1"})["X-Request-ID"] == "from-a-proxy:1"
    assert client.get("/runs/7/", headers={"X-Request-ID": "a b<c>"})["X-Request-ID"] != "a b<c>"
    assert "X-Request-ID" not in client.get("/").headers


def test_an_error_that_nobody_foresaw_names_the_request_under_which_the_log_has_it(
    empty_home: str, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(bad_run(on_sqlite=connection.vendor == "sqlite"))
    failed = Client(raise_request_exception=False).get("/api/v1/runs")
    assert failed.status_code == 500
    assert failed.json()["request_id"] == failed["X-Request-ID"]
    assert [each.request.request_id for each in caplog.records] == [failed["X-Request-ID"]]
    line = logs.formatter({"LADLE_LOG": "json"}).format(caplog.records[0])
    assert json.loads(line)["request"] == failed["X-Request-ID"]
