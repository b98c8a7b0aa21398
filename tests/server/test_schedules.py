"""Schedules by API and pages: takes when to collect and the time as an argument, looks what runs, and what is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

import ladle
from ladle_server.catalog import firing, runs, schedules
from ladle_server.catalog.models import Occasion, Run, Schedule
from ladle_server.catalog.schedules import Wish

NOW = datetime(2026, 11, 21, 12, 20, tzinfo=UTC)
DUE = datetime(2026, 11, 21, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = "/datasets/swapi/people/"


def hourly(dataset: str = "swapi/people", **wished: Any) -> Schedule:
    return schedules.add(dataset, Wish(cron="@hourly", **wished), now=NOW)


def history(row: Schedule) -> list[tuple[str, str, int]]:
    """What came of it, in the order in which it came."""
    found = Occasion.objects.filter(schedule=row).order_by("id")
    return [(each.outcome, f"{each.due_at:%d %H:%M}", each.times) for each in found]


def end(run: Run) -> None:
    claimed = runs.claim("one", only=run.pk)
    assert claimed is not None
    runs.finish(claimed, state="complete")


def test_a_schedule_that_is_due_starts_its_run_once(client: Client, empty_home: str) -> None:
    row = hourly()
    assert firing.fire(now=DUE - timedelta(seconds=1)) == 0
    assert [firing.fire(now=DUE), firing.fire(now=DUE)] == [1, 0]
    (run,) = Run.objects.all()
    assert (run.dataset, run.requested_by, run.state) == ("swapi/people", "schedule", "queued")
    assert history(row) == [("run", "21 13:00", 1)]
    assert client.get(f"/api/v1/runs/{run.pk}").json()["requested_by"] == "schedule"
    assert "started by a schedule" in client.get(f"/runs/{run.pk}/").content.decode()
    assert Schedule.objects.get().next_at == DUE + HOUR


def test_a_time_at_which_a_run_of_it_still_goes_on_is_skipped_and_told(empty_home: str) -> None:
    row = hourly()
    firing.fire(now=DUE)
    firing.fire(now=DUE + HOUR)
    assert history(row) == [("run", "21 13:00", 1), ("skipped", "21 14:00", 1)]
    skipped = Occasion.objects.first()
    assert skipped
    assert (skipped.run, skipped.reason) == (Run.objects.get(), "A run of it was still queued.")
    end(Run.objects.get())
    firing.fire(now=DUE + 2 * HOUR)
    assert history(row)[-1] == ("run", "21 15:00", 1)


def test_a_run_with_other_parameters_is_in_nobodys_way(empty_home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENWEATHER_API_KEY", "x")
    city = "city_id\n3440781\n"
    lists: list[dict[str, str]] = [{}, {"cities": city}, {"cities": city + "1\n"}]
    rows = [hourly("openweather/cities", parameters={"units": units}) for units in ("metric", "imperial")]
    rows += [hourly("openweather/cities", files=files) for files in lists]
    firing.fire(now=DUE)
    # The first and the third say the same, the one by naming what is so by itself.
    assert [history(row)[0][0] for row in rows] == ["run", "run", "skipped", "run", "run"]
    kept = [ladle.open_run(runs.home(), run.pk).source for run in Run.objects.order_by("created_at")]
    assert [source.values["units"] for source in kept] == ["metric", "imperial", "metric", "metric"]


def test_a_run_of_a_command_line_that_goes_on_counts_and_one_that_was_killed_does_not(empty_home: str) -> None:
    row = hourly()
    run = ladle.start(runs.home(), "swapi/people")
    firing.fire(now=DUE)
    assert history(row) == [("skipped", "21 13:00", 1)]
    told = ladle.Progress(run=run.id, dataset=run.dataset, state="running", updated=1.0)
    (run.folder / "progress.json").write_bytes(told.to_json())
    firing.fire(now=DUE + HOUR)
    assert history(row)[-1] == ("run", "21 14:00", 1)


@pytest.mark.parametrize(("missed", "then"), [("run", [("run", "21 15:30", 1)]), ("skip", [])])
def test_what_was_due_while_nobody_looked_is_told_and_run_once_or_not_at_all(
    empty_home: str, missed: str, then: list[tuple[str, str, int]]
) -> None:
    row = hourly(missed=missed)
    firing.fire(now=DUE + 2 * HOUR + timedelta(minutes=30))
    assert history(row) == [("missed", "21 13:00", 3), *then]
    assert Run.objects.count() == len(then)
    assert Schedule.objects.get().next_at == DUE + 3 * HOUR


@pytest.mark.parametrize("missed", ["run", "skip"])
def test_what_is_due_just_now_runs_once_whatever_was_missed_before(empty_home: str, missed: str) -> None:
    row = hourly(missed=missed)
    firing.fire(now=DUE + 2 * HOUR + timedelta(seconds=30))
    assert history(row) == [("missed", "21 13:00", 2), ("run", "21 15:00", 1)]
    assert Run.objects.count() == 1


def test_while_it_is_paused_nothing_is_due_and_nothing_is_missed(client: Client, empty_home: str) -> None:
    row = hourly()
    schedules.change(row.pk, Wish(paused=True), now=NOW)
    assert firing.fire(now=DUE + 5 * HOUR) == 0
    assert client.get(f"/api/v1/schedules/{row.pk}").json()["next"] == []
    schedules.change(row.pk, Wish(paused=False), now=DUE + 5 * HOUR)
    assert firing.fire(now=DUE + 6 * HOUR) == 1
    assert history(row) == [("run", "21 19:00", 1)]


def test_a_run_that_can_t_be_started_is_told_with_the_reason_and_tried_at_the_next_time(
    empty_home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = hourly("openweather/cities")
    firing.fire(now=DUE)
    assert history(row) == [("failed", "21 13:00", 1)]
    assert "Set the environment variable OPENWEATHER_API_KEY" in Occasion.objects.get().reason
    monkeypatch.setenv("OPENWEATHER_API_KEY", "x")
    firing.fire(now=DUE + HOUR)
    assert history(row)[-1] == ("run", "21 14:00", 1)


def test_no_more_is_kept_of_the_past_than_a_hundred_times(empty_home: str) -> None:
    row = hourly("openweather/cities")
    for number in range(firing.KEPT + 3):
        firing.fire(now=DUE + number * HOUR)
    assert len(history(row)) == firing.KEPT
    assert history(row)[-1][1] == f"{DUE + (firing.KEPT + 2) * HOUR:%d %H:%M}"


def test_what_a_worker_left_in_the_middle_is_due_as_before(empty_home: str) -> None:
    row = hourly()
    with connection.execute_wrapper(_cut), pytest.raises(firing.AWAY):
        firing.fire(now=DUE)
    assert (Schedule.objects.get().next_at, history(row), Run.objects.count()) == (DUE, [], 0)
    (left,) = ladle.list_runs(runs.home())  # its folder, which the next look finds as a command line's
    ladle.cancel(left)
    firing.fire(now=DUE)
    assert history(row) == [("run", "21 13:00", 1)]


def _cut(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """The database goes away before what came of it can be told."""
    if sql.startswith("INSERT") and "occasion" in sql:
        raise firing.AWAY[0]("server closed the connection unexpectedly")
    return execute(sql, params, many, context)


def new(client: Client, **body: Any) -> Any:
    return client.post("/api/v1/schedules", body, content_type="application/json")


def test_the_api_keeps_changes_and_forgets_a_schedule(client: Client, empty_home: str, settings: Settings) -> None:
    settings.LADLE_TIME_ZONE = "Europe/Zurich"
    made = new(client, dataset="swapi/people", cron="30 6 * * *")
    assert made.status_code == 201
    told = client.get(made["Location"]).json()
    assert told == made.json()
    assert (told["cron"], told["time_zone"], told["words"]) == ("30 6 * * *", "Europe/Zurich", "At 06:30 every day")
    assert (told["missed"], told["paused"], told["last"], len(told["next"])) == ("run", False, [], 5)
    assert all(re.fullmatch(r"20..-..-..T0[45]:30:00Z", each) for each in told["next"])
    changed = client.patch(made["Location"], {"missed": "skip", "paused": True}, content_type="application/json").json()
    assert (changed["missed"], changed["paused"], changed["next"], changed["cron"]) == ("skip", True, [], "30 6 * * *")
    listed = client.get("/api/v1/schedules?dataset=swapi/people").json()
    assert (listed["count"], listed["results"]) == (1, [changed])
    assert client.get("/api/v1/schedules?dataset=swapi/planets").json()["count"] == 0
    assert client.delete(made["Location"], headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.delete(made["Location"]).status_code == 204
    assert client.get(made["Location"]).status_code == 404


def test_the_api_tells_what_came_of_each_time(client: Client, empty_home: str) -> None:
    row = hourly()
    firing.fire(now=DUE + timedelta(minutes=30))
    run, missed = client.get(f"/api/v1/schedules/{row.pk}").json()["last"]
    assert (missed["outcome"], missed["times"], missed["due_at"]) == ("missed", 1, "2026-11-21T13:00:00Z")
    assert (run["outcome"], run["told_at"], run["run"]) == ("run", "2026-11-21T13:30:00Z", Run.objects.get().pk)
    assert run["reason"] == "In place of what was missed."


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"dataset": "swapi/people", "cron": "* * *"}, 400, "it has 3 fields, not 5"),
        ({"dataset": "swapi/people", "cron": "@daily", "time_zone": "Mars"}, 400, 'no time zone "Mars"'),
        ({"dataset": "swapi/people"}, 400, "No time was said"),
        ({"dataset": "swapi/people", "cron": 5}, 400, '"cron" is 5'),
        ({"dataset": "swapi/people", "cron": "@daily", "missed": "twice"}, 400, "There are: run, skip"),
        ({"dataset": "swapi/people", "cron": "@daily", "paused": "no"}, 400, '"paused" is "no". It is true or false'),
        ({"dataset": "swapi/people", "cron": "@daily", "crom": 1}, 400, 'no key "crom". Did you mean "cron"?'),
        ({"dataset": "swapi/people", "cron": "@daily", "parameters": {"units": "x"}}, 400, "units"),
        ({"dataset": "swapi/people", "cron": "@daily", "parameters": []}, 400, '"parameters" is […]'),
        ({"dataset": "openweather/cities", "cron": "@daily", "files": {"cities": "a\0"}}, 400, "can't be kept"),
        ({"dataset": "swapi/peeple", "cron": "@daily"}, 404, 'Did you mean "swapi/people"?'),
        ({"cron": "@daily"}, 400, "The dataset is null"),
    ],
)
def test_the_api_refuses_what_can_t_be_meant_and_keeps_nothing(
    client: Client, empty_home: str, body: dict[str, Any], status: int, words: str
) -> None:
    refused = new(client, **body)
    assert (refused.status_code, refused["Content-Type"]) == (status, "application/problem+json")
    assert words in refused.json()["detail"]
    assert Schedule.objects.count() == 0


@pytest.mark.parametrize("number", ["0", "7", "-1", "x", "9" * 30, "²"])
def test_a_number_that_no_schedule_has_is_not_found(client: Client, empty_home: str, number: str) -> None:
    answer = client.patch(f"/api/v1/schedules/{number}", {"paused": True}, content_type="application/json")
    assert answer.status_code == 404


FORM = {"dataset": "swapi/people", "when": "daily", "at": "06:30", "time_zone": "Europe/Zurich", "missed": "skip"}


def test_the_page_of_a_dataset_makes_a_schedule_and_shows_when_it_is_due(client: Client, empty_home: str) -> None:
    before = client.get(PAGE).content.decode()
    assert "It is collected when somebody asks for it." in before
    assert 'name="time_zone" value="UTC"' in before
    kept = client.post("/schedules/", FORM)
    assert (kept.status_code, kept["Location"]) == (302, f"{PAGE}#schedules")
    row = Schedule.objects.get()
    assert (row.cron, row.time_zone, row.missed) == ("30 6 * * *", "Europe/Zurich", "skip")
    page = client.get(PAGE).content.decode()
    assert "At 06:30 every day" in page
    assert len(re.findall(r"<time [^>]*T06:30:00\+0[12]:00", page)) == 5


def test_times_that_are_over_are_shown_in_the_schedules_own_zone_too(client: Client, empty_home: str) -> None:
    row = hourly(time_zone="Europe/Zurich")
    firing.fire(now=DUE)
    for page in (PAGE, f"/schedules/{row.pk}/", "/schedules/"):
        assert "Sat 21 Nov 2026 14:00" in client.get(page).content.decode()


def test_a_form_that_can_t_be_meant_is_shown_again_as_it_was_filled_in(client: Client, empty_home: str) -> None:
    answer = client.post("/schedules/", {**FORM, "when": "cron", "cron": "61 * * * *"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "&quot;61&quot; can&#x27;t be its minute." in page
    for kept in ('value="61 * * * *"', 'value="Europe/Zurich"', 'value="cron" checked', 'value="skip" selected'):
        assert kept in page
    for wrong in ({"at": ""}, {"when": "cron", "cron": ""}, {"when": "never"}, {"time_zone": "Mars"}, {"missed": "x"}):
        assert client.post("/schedules/", {**FORM, **wrong}).status_code == 400
    assert client.post("/schedules/", {**FORM, "dataset": "../x"}).status_code == 400
    assert client.post("/schedules/", {**FORM, "dataset": "swapi/x"}).status_code == 404
    assert Schedule.objects.count() == 0


def test_a_schedules_own_page_changes_it_and_tells_what_came_of_it(client: Client, empty_home: str) -> None:
    row = hourly()
    firing.fire(now=DUE)
    firing.fire(now=DUE + 3 * HOUR + timedelta(minutes=30))
    page = client.get(f"/schedules/{row.pk}/").content.decode()
    assert "missed 3 times" in page
    assert "A run of it was still queued." in page
    assert f'href="/runs/{Run.objects.get().pk}/"' in page
    assert client.post(f"/schedules/{row.pk}/", FORM).status_code == 302
    assert Schedule.objects.get().cron == "30 6 * * *"
    wrong = client.post(f"/schedules/{row.pk}/", {**FORM, "at": "25:00"})
    assert wrong.status_code == 400
    assert 'value="25:00"' in wrong.content.decode()
    assert Schedule.objects.get().cron == "30 6 * * *"


def test_its_buttons_pause_resume_and_ask_once_before_they_remove(client: Client, empty_home: str) -> None:
    row = hourly()
    assert Client(enforce_csrf_checks=True).post(f"/schedules/{row.pk}/pause/").status_code == 403
    assert client.post(f"/schedules/{row.pk}/pause/")["Location"] == f"{PAGE}#schedules"
    assert "paused</span>" in client.get(PAGE).content.decode()
    assert client.post(f"/schedules/{row.pk}/resume/", {"back": "own"})["Location"] == f"/schedules/{row.pk}/"
    assert Schedule.objects.get().next_at is not None
    assert "Remove this schedule of swapi/people?" in client.get(f"/schedules/{row.pk}/remove/").content.decode()
    assert client.post(f"/schedules/{row.pk}/remove/").status_code == 302
    assert Schedule.objects.count() == 0
    assert client.get(f"/schedules/{row.pk}/").status_code == 404


def test_a_form_sets_parameters_and_a_list_that_stay_when_it_is_changed(
    client: Client, empty_home: str, tmp_path: Path
) -> None:
    cities = tmp_path / "mine.csv"
    cities.write_text("city_id\n3440781\n")
    with cities.open("rb") as file:
        form = {**FORM, "dataset": "openweather/cities", "set.units": "imperial", "set.cities": file}
        assert client.post("/schedules/", form).status_code == 302
    row = Schedule.objects.get()
    assert row.files == {"cities": "city_id\n3440781\n"}
    assert row.parameters["units"] == "imperial"
    assert "imperial</option>" in client.get(f"/schedules/{row.pk}/").content.decode()
    client.post(f"/schedules/{row.pk}/", {**FORM, "set.units": "standard"})
    row.refresh_from_db()
    assert row.parameters["units"] == "standard"
    assert row.files == {"cities": "city_id\n3440781\n"}


def test_all_schedules_are_listed_the_next_first(client: Client, empty_home: str) -> None:
    assert "There is none yet." in client.get("/schedules/").content.decode()
    daily = schedules.add("swapi/people", Wish(cron="@daily"))
    paused = schedules.add("swapi/people", Wish(cron="@hourly", paused=True))
    first = schedules.add("swapi/people", Wish(cron="* * * * *"))
    page = client.get("/schedules/").content.decode()
    assert re.findall(r'href="/schedules/(\d+)/"', page) == [str(each.pk) for each in (first, daily, paused)]
    assert page.count('href="/datasets/swapi/people/"') == 3
    assert 'href="/schedules/"' in client.get("/runs/").content.decode()


def test_a_schedule_of_a_source_that_was_removed_can_still_be_seen_and_removed(client: Client, empty_home: str) -> None:
    row = hourly()
    Schedule.objects.update(dataset="gone/away")
    assert client.get(f"/schedules/{row.pk}/").status_code == 200
    firing.fire(now=DUE)
    assert 'There is no source "gone"' in Occasion.objects.get().reason
    assert client.post(f"/schedules/{row.pk}/remove/").status_code == 302
