"""`make stack`: takes a folder, starts all of it as processes, and goes the seeds' ways as programs and people do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import sync_playwright
from prometheus_client.parser import text_string_to_metric_families

import ladle
from ladle.demo.serve import Replicas, start_replicas
from tests.browser.flags import FLAGS
from tests.server.site import until
from tests.servers.postgres import programs
from tests.stack.kit import ROOT, USER, Running, started

KEY = "a-key-of-mine"
YEARLY = "0 0 1 1 *"
PEOPLE = "swapi/people"
CITIES = (Path(ladle.__file__).parent / "sources" / "builtin" / "cities.csv").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    with start_replicas(keys=(KEY,)) as running:
        yield running


@pytest.fixture(scope="module")
def settings(replicas: Replicas) -> Iterator[dict[str, str]]:
    """What the stack is told, and a folder that PostgreSQL's user may enter; with three cities."""
    with tempfile.TemporaryDirectory(prefix="ladle-stack-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        programs(folder)  # skips where there is no PostgreSQL
        (folder / "cities.csv").write_text("\n".join(CITIES[:4]), "utf-8")
        yield {
            "LADLE_SWAPI_BASE_URL": replicas.swapi_url,
            "LADLE_OPENWEATHER_BASE_URL": replicas.openweather_url,
            "LADLE_LOG": "json",
            "OPENWEATHER_API_KEY": KEY,
            "OPENWEATHER_CITIES": str(folder / "cities.csv"),
        }


@pytest.fixture(scope="module")
def stack(settings: dict[str, str]) -> Iterator[Running]:
    with started(Path(settings["OPENWEATHER_CITIES"]).parent, **settings) as running:
        yield running


@contextmanager
def other_cities(stack: Running, *lines: str) -> Iterator[None]:
    """The list of cities is another one for a while."""
    path = stack.folder / "cities.csv"
    before = path.read_text("utf-8")
    path.write_text("\n".join((CITIES[0], *lines)), "utf-8")
    yield
    path.write_text(before, "utf-8")


def drives(stack: Running, run: str) -> list[Any]:
    """Tasks that have driven a run, as Flower tells them."""
    return [task for task in stack.tasks() if run in task["args"] and task["state"] == "SUCCESS"]


def test_a_collection_request_is_collected_by_a_worker_and_shown_by_flower(stack: Running) -> None:
    told = stack.post("/collection-request/", {"id": 1})
    assert (told.status, told.json) == (201, {"value": "OK"})
    assert stack.ask("/collection-request/1/progress").json == {"result": 1.0}
    assert len(stack.ask("/collection-request/1").json["city_weather_info"]) == 3
    run = stack.ask("/collection-request/").json["results"][0]["run"]
    assert [stack.ask(path, on=stack.flower).status for path in ("/", "/tasks", "/api/tasks")] == [401, 401, 401]
    assert until(lambda: drives(stack, run))[0]["name"] == "ladle.drive"


def test_who_does_not_wait_is_told_where_to_ask(stack: Running) -> None:
    told = stack.post("/collection-request/", {"id": 2}, Prefer="respond-async")
    assert (told.status, told.headers["Location"]) == (202, "/collection-request/2/progress")
    assert stack.post("/collection-request/", {"id": 2}).status == 409
    assert until(lambda: stack.ask(told.headers["Location"]).json["result"] == 1.0)
    weather = stack.ask("/collection-request/2").json["city_weather_info"]
    assert [str(each["city_id"]) for each in weather] == [line.partition(",")[0] for line in CITIES[1:4]]


def test_what_can_t_be_collected_or_meant_says_so(stack: Running) -> None:
    wrong = ({"id": 0}, {"id": "1"}, {"id": 1 << 63}, {}, [])
    assert {stack.post("/collection-request/", each).status for each in wrong} == {400}
    assert stack.ask("/collection-request/7/progress").status == 404
    with other_cities(stack, CITIES[1], "1,Nowhere,XX,0,0"):
        failed = stack.post("/collection-request/", {"id": 3})
    assert failed.status == 502
    assert "404" in json.dumps(failed.json["gaps"])
    assert len(stack.ask("/collection-request/3").json["city_weather_info"]) == 1  # what there is can be looked at


def test_the_pages_button_collects_the_characters(stack: Running, replicas: Replicas) -> None:
    before = replicas.counts["swapi"].requests
    assert stack.press("/", "/runs/", dataset=PEOPLE).status == 200
    taken = until(lambda: stack.ask(f"/api/v1/snapshots?dataset={PEOPLE}").json["results"])
    assert (taken[0]["rows"], taken[0]["complete"]) == (82, True)
    assert replicas.counts["swapi"].requests - before == 15
    assert "Luke Skywalker" in stack.ask(f"/snapshots/{taken[0]['id']}/").text


@pytest.mark.browser
def test_a_person_collects_looks_and_finds_the_task_in_flower(stack: Running, chromium: Path) -> None:
    user, _, password = USER.partition(":")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page()
        page.goto(stack.site)
        page.locator(f"form:has(input[value='{PEOPLE}'])").get_by_role("button", name="Collect").click()
        page.wait_for_url("**/snapshots/*/")
        run = page.url.rstrip("/").rpartition("/")[2]
        page.get_by_role("link", name="Load 10 more").click()
        page.get_by_text("Showing 1 to 20 of 82").wait_for()
        page.goto(f"{page.url.partition('?')[0]}counts/?by=date&by=homeworld")
        assert page.locator("tbody tr").first.locator("td").all_inner_texts()[:3] == ["2014-12-20", "Naboo", "11"]
        guest = browser.new_page(http_credentials={"username": user, "password": password})
        assert until(lambda: drives(stack, run))
        guest.goto(f"{stack.flower}/tasks")
        row = guest.locator("tbody tr").filter(has_text=run)
        row.get_by_text("ladle.drive").wait_for()
        assert PEOPLE in row.inner_text()
        browser.close()


def test_a_schedule_of_the_page_or_the_api_has_its_run_started_by_a_worker(stack: Running) -> None:
    wish = {"dataset": PEOPLE, "when": "cron", "cron": YEARLY, "time_zone": "Europe/Zurich", "missed": "run"}
    assert stack.press(f"/datasets/{PEOPLE}/", "/schedules/", **wish).status == 200
    assert stack.post("/api/v1/schedules", {"dataset": PEOPLE, "cron": YEARLY}).status == 201
    # A year is put back to now, since no test waits for a minute.
    with psycopg.connect(stack.settings()["DATABASE_URL"]) as database:
        assert database.execute("UPDATE catalog_schedule SET next_at = now()").rowcount == 2
    told = until(lambda: [x["last"] for x in stack.ask("/api/v1/schedules").json["results"] if x["last"]] * 2)[:2]
    assert {last[0]["outcome"] for last in told} <= {"run", "skipped"}
    run = next(last[0]["run"] for last in told)
    assert until(lambda: stack.ask(f"/api/v1/runs/{run}").json["state"] == "complete")
    assert stack.ask(f"/api/v1/runs/{run}").json["requested_by"] == "schedule"
    assert run in stack.ask(f"/datasets/{PEOPLE}/").text


def test_metrics_tell_what_the_workers_did(stack: Running) -> None:
    families = text_string_to_metric_families(stack.ask("/metrics").text)
    samples = {(each.name, *sorted(each.labels.values())): each.value for family in families for each in family.samples}
    assert samples["ladle_requests_total", "openweather"] >= 7
    assert samples["ladle_requests_total", "swapi"] % 15 == 0
    assert samples["ladle_answers_429_total", "swapi"] == 0
    assert samples["ladle_quota_left_requests", "10000 per day", "swapi"] < 10_000
    assert samples["ladle_build_seconds_count", "swapi"] >= 1
    assert samples["ladle_queue_runs",] == 0


def test_each_line_of_a_run_carries_its_id_in_every_worker_and_none_holds_a_password(stack: Running) -> None:
    log = stack.log.read_text()
    lines = [json.loads(line) for part in log.splitlines() if (line := part.partition("| ")[2]).startswith("{")]
    ended = [line for line in lines if line["message"].startswith("The run is complete")]
    assert {line["dataset"] for line in ended} == {PEOPLE, "openweather/cities"}
    assert {line["run"] for line in ended} <= {run["id"] for run in stack.ask("/api/v1/runs?limit=100").json["results"]}
    secrets = json.loads((stack.folder / "data" / "passwords.json").read_text("utf-8"))
    assert [each for each in (*secrets.values(), KEY, USER) if each in log] == []
    assert "***" not in log


def test_the_doctor_finds_everything_good(stack: Running, settings: dict[str, str]) -> None:
    command = (sys.executable, "-m", "ladle", "doctor", "--json")
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), **settings, **stack.settings()}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert {each["what"]: each for each in json.loads(done.stdout)["trials"] if each["state"] != "good"} == {}


def test_nothing_of_it_runs_when_it_is_ended_and_all_is_there_when_it_is_started_again(
    stack: Running, settings: dict[str, str]
) -> None:
    paths = ("/api/v1/snapshots", "/api/v1/runs", "/collection-request/", "/api/v1/schedules")
    stack.post("/collection-request/", {"id": 9})
    before = [stack.ask(path).json["count"] for path in paths]
    assert stack.left()
    assert stack.interrupt() == 0
    assert stack.left() == []
    with started(stack.folder, workers=1, **settings) as again:
        assert [again.ask(path).json["count"] for path in paths] == before
        snapshot = again.ask("/api/v1/snapshots").json["results"][0]["id"]
        assert again.ask(f"/api/v1/snapshots/{snapshot}/rows").json["count"] > 0
