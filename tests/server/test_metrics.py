"""What /metrics says: takes homes with runs, quotas and snapshots, holds it against them and against its reference."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

import ladle
from ladle.testing import answer
from ladle_server.catalog import runs
from ladle_server.catalog.models import Run
from ladle_server.operations.figures import MOST, count_ended
from ladle_server.operations.reach import may_see
from tests.apis import drive, good, start, swapi
from tests.server.site import Site
from tests.servers.stack import current, home_of

ALERTS = Path(__file__).parents[2] / "deploy" / "alerts.yml"
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Scrape = Callable[[], dict[tuple[str, str], float]]


@pytest.fixture
def scrape(client: Client) -> Scrape:
    """Every sample by its name and its labels' values."""

    def scraped() -> dict[tuple[str, str], float]:
        told = client.get("/metrics")
        assert told.status_code == 200
        families = text_string_to_metric_families(told.content.decode())
        samples = [sample for family in families for sample in family.samples]
        return {(each.name, " ".join(each.labels.values())): each.value for each in samples}

    return scraped


def test_every_metric_is_in_the_reference_and_every_one_of_the_reference_is_given(
    client: Client, read_home: str
) -> None:
    client.get("/metrics")  # the second one tells of the first
    families = list(text_string_to_metric_families(client.get("/metrics").content.decode()))
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\|", REFERENCE.read_text("utf-8"), re.M)
    said = {
        name.removesuffix("_total"): (kind, frozenset(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows
    }
    assert {each.name: each.type for each in families} == {name: kind for name, (kind, _) in said.items()}
    given = {(each.name, frozenset(sample.labels) - {"le"}) for each in families for sample in each.samples}
    assert given <= {(name, labels) for name, (_, labels) in said.items()}


def test_every_alert_asks_for_metrics_and_labels_that_there_are() -> None:
    """Prometheus tells nobody of a rule whose metric is not there: it never fires."""
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| ([^|]*)\|", REFERENCE.read_text("utf-8"), re.M)
    known = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    (group,) = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    assert len(group["rules"]) >= 7
    for rule in group["rules"]:
        assert {"summary", "remedy"} <= set(rule["annotations"])
        asked = re.findall(r"(ladle_\w+)(?:\{([^}]*)\})?", rule["expr"])
        names = [name if name in known else name.removesuffix("_count") for name, _ in asked]
        assert [name for name in names if name not in known] == []
        labels = {label for _, told in asked for label in re.findall(r"(\w+)=", told)}
        shown = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert labels | shown <= {label for name in names for label in known[name]} | {"job"}


def test_runs_of_any_process_are_counted_with_their_requests_and_refusals(empty_home: str, scrape: Scrape) -> None:
    with swapi(people3=[answer({}, status=429, headers={"Retry-After": "1"}), good("people")]) as api:
        progress = drive(start(api, empty_home))
    told = scrape()
    assert progress.state == "complete"
    assert (told["ladle_requests_total", "swapi"], told["ladle_answers_429_total", "swapi"]) == (16, 1)
    assert told["ladle_runs", "swapi complete"] == 1
    assert told["ladle_build_seconds_count", "swapi"] == 1
    assert 0 < told["ladle_build_seconds_sum", "swapi"] < 60
    assert scrape()["ladle_requests_total", "swapi"] == 16


def test_a_run_that_goes_on_is_counted_too_and_once(empty_home: str, scrape: Scrape) -> None:
    run = runs.start("swapi/people", requested_by="site")
    told = scrape()
    assert (told["ladle_queue_runs", ""], told["ladle_runs", "swapi queued"]) == (1, 1)
    claimed = runs.claim("me")
    assert claimed is not None
    assert scrape()["ladle_queue_runs", ""] == 0
    progress = drive(ladle.open_run(runs.home(), run.pk))
    assert scrape()["ladle_requests_total", "swapi"] == 15
    runs.finish(claimed, state=progress.state, snapshot=progress.snapshot or "")
    for _ in range(2):
        assert scrape()["ladle_requests_total", "swapi"] == 15


def test_a_run_that_failed_and_goes_on_is_counted_once(empty_home: str, scrape: Scrape) -> None:
    with swapi(people3=[answer({}, status=401), good("people")]) as api:
        run = start(api, empty_home)
        assert drive(run).state == "failed"
        before = scrape()["ladle_requests_total", "swapi"]
        ladle.resume(run)
        Run.objects.filter(pk=run.id).update(ended_at=None, state="queued")
        assert scrape()["ladle_requests_total", "swapi"] == before
        assert drive(run).state == "complete"
    assert scrape()["ladle_requests_total", "swapi"] == 16
    Run.objects.filter(pk=run.id).update(ended_at=NOW, state="complete")
    assert scrape()["ladle_requests_total", "swapi"] == 16


def test_what_a_run_continues_is_not_counted_a_second_time(empty_home: str, scrape: Scrape) -> None:
    with swapi(people3=[answer({}, status=404), good("people")]) as api:
        first = drive(start(api, empty_home))
        assert first.state == "incomplete"
        second = drive(ladle.retry(ladle.Home.open(empty_home), first.run))
    asked = len(api.requests)
    assert (first.requests, second.requests) == (asked - second.requests, second.requests)
    assert scrape()["ladle_requests_total", "swapi"] == asked


def test_the_quota_that_is_left_comes_from_the_ledger(
    empty_home: str, scrape: Scrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADLE_SWAPI_QUOTA", "60 per hour, 500 per day")
    drive(ladle.start(ladle.Home.open(empty_home), "swapi/people"))
    told = scrape()
    assert (
        told["ladle_quota_limit_requests", "swapi 60 per hour"],
        told["ladle_quota_left_requests", "swapi 60 per hour"],
    ) == (60, 45)
    assert told["ladle_quota_left_requests", "swapi 500 per day"] == 485
    assert not [window for name, window in told if window.startswith("openweather")]  # without a key nothing is asked


def test_snapshots_and_the_latest_of_each_dataset_are_told(
    read_home: str, people: ladle.Snapshot, client: Client, scrape: Scrape
) -> None:
    client.get("/snapshots/")
    told = scrape()
    assert (told["ladle_snapshots", "true"], told["ladle_snapshots", "false"]) == (1, 0)
    taken = told["ladle_latest_snapshot_timestamp_seconds", "swapi/people"]
    assert taken == pytest.approx(people.manifest.finished.timestamp(), abs=0.001)


def test_http_requests_are_counted_by_route_and_status(client: Client, read_home: str, scrape: Scrape) -> None:
    one, none = "GET /runs/<slug:run_id>/ 404", "GET none 404"
    before = scrape()
    for path in ("/runs/7/", "/runs/8/", "/nowhere/at/all"):
        client.get(path)
    after = scrape()
    for labels, number in ((one, 2), (none, 1)):
        name = ("ladle_http_request_seconds_count", labels)
        assert after[name] - before.get(name, 0) == number
    assert [
        value for name, value in after.items() if name[0].endswith("_bucket") and "+Inf" in name[1] and one in name[1]
    ]


@pytest.mark.parametrize("shared", ["metrics", ""], ids=["a folder", "set but empty"])
def test_what_several_processes_of_a_site_count_is_added_up_in_a_folder(tmp_path: Path, shared: str) -> None:
    home, folder = home_of(tmp_path / "home"), str(tmp_path / shared) if shared else ""
    if folder:
        Path(folder).mkdir()
    env = {
        "DJANGO_SETTINGS_MODULE": "ladle_server.settings",
        **current().settings(home),
        "LADLE_HOME": home,
        "PROMETHEUS_MULTIPROC_DIR": folder,
        "PYTHONPATH": ":".join(sys.path),
    }
    code = """
import ladle; ladle.Home.open()
import django; django.setup()
from django.core.management import call_command; call_command("migrate", verbosity=0)
from django.test import Client; Client(SERVER_NAME="localhost").get("/healthz")
from ladle_server.operations.metrics import scraped; print(scraped().decode())
"""
    for times in (1, 2):
        done = subprocess.run((sys.executable, "-c", code), env=env, capture_output=True, text=True, check=True)
        counted = 'ladle_http_request_seconds_count{method="GET",route="/healthz",status="200"}'
        assert f"{counted} {times if shared else 1}.0" in done.stdout
        assert "ladle_queue_runs 0.0" in done.stdout


def test_a_folder_that_is_set_to_nothing_is_none(tmp_path: Path) -> None:
    with Site(tmp_path / "home", PROMETHEUS_MULTIPROC_DIR="") as site:
        told = site.get("/metrics")
    assert (told.status, b"ladle_info" in told.body) == (200, True)


def test_a_scrape_of_ten_thousand_runs_reads_few_files_and_asks_little(
    client: Client, empty_home: str, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    Run.objects.bulk_create(
        Run(id=f"20261101-000000-{number:06x}", dataset="swapi/people", state="complete", requested_by="site",
            created_at=NOW, ended_at=NOW + timedelta(seconds=number))
        for number in range(10_000)
    )  # fmt: skip
    Run.objects.bulk_create(
        Run(id=f"20261102-000000-{number:06x}", dataset="swapi/people", state="running", requested_by="site",
            created_at=NOW, started_at=NOW)
        for number in range(100)
    )  # fmt: skip
    with django_assert_max_num_queries(30):  # type: ignore[attr-defined]
        assert client.get("/metrics").status_code == 200
    assert count_ended() == MOST


@pytest.mark.parametrize(
    ("meta", "listed", "seen"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, "", True),
        ({"REMOTE_ADDR": "::1"}, "", True),
        ({"REMOTE_ADDR": "10.1.2.3"}, "", False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, "", False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"}, "127.0.0.1", True),
        ({"REMOTE_ADDR": "10.1.2.3"}, "192.168.0.0/16, 10.0.0.0/8", True),
        ({"REMOTE_ADDR": "11.1.2.3"}, "10.0.0.0/8", False),
        ({"REMOTE_ADDR": ""}, "0.0.0.0/0", False),
        ({}, "", False),
    ],
)
def test_metrics_are_for_this_machine_and_for_those_who_are_listed(
    meta: dict[str, str], listed: str, seen: bool
) -> None:
    assert may_see(meta, env={"LADLE_METRICS_FROM": listed}) is seen


def test_who_comes_from_elsewhere_is_told_which_setting_lets_in(client: Client, db: None) -> None:
    refused = client.get("/metrics", REMOTE_ADDR="10.1.2.3")
    assert refused.status_code == 403
    assert b"LADLE_METRICS_FROM" in refused.content


def test_a_wrong_list_is_told_by_its_value(settings: Settings) -> None:
    with pytest.raises(ladle.SettingError, match=r'LADLE_METRICS_FROM is "10[.]0[.]0"'):
        may_see({"REMOTE_ADDR": "127.0.0.1"}, env={"LADLE_METRICS_FROM": "10.0.0"})
