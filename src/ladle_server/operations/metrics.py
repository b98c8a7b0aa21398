"""Metrics for Prometheus: takes one look at runs, quotas and questions, gives them under the names of the reference.

What is of runs comes from database and files, so it is the same whichever process is asked. What is of this process
alone (HTTP requests, long questions) is added up over all of the site's where PROMETHEUS_MULTIPROC_DIR names a folder
that they share.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

import ladle
from ladle.errors import LadleError
from ladle_server.catalog import runs
from ladle_server.catalog.queries import LINE
from ladle_server.operations.figures import Came, Figures, look, seconds_since
from ladle_server.operations.patience import HOME
from ladle_server.operations.reach import SHARED

log = logging.getLogger(__name__)
SOURCES_EVERY = 60.0
"""Seconds that definitions are remembered."""
MOST_SOURCES = 200
disable_created_metrics()  # type: ignore[no-untyped-call]  # a line for each of a histogram's, of which nobody makes anything
_OWN = CollectorRegistry()
"""What this process counts."""
HTTP = Histogram(
    "ladle_http_request_seconds",
    "HTTP requests by route and status, and how long their answers took to begin.",
    ("method", "route", "status"),
    buckets=(0.005, 0.025, 0.1, 0.5, 1, 5, 10, 30),
    registry=_OWN,
)
QUESTIONS = Gauge(
    "ladle_questions",
    "Long questions that are worked on, or stand in line.",
    ("state",),
    multiprocess_mode="livesum",
    registry=_OWN,
)


def scraped() -> bytes:
    """Everything, as Prometheus reads it."""
    note_questions()
    looked = CollectorRegistry()
    looked.register(_Looked())
    return generate_latest(looked) + generate_latest(_counted())


def note_questions() -> None:
    """Set how many long questions there are in this process."""
    working, waiting = ladle.questions()
    QUESTIONS.labels("worked on").set(working + LINE.served)
    QUESTIONS.labels("in line").set(waiting + LINE.waiting)


def _counted() -> CollectorRegistry:
    """What this process has counted, or all of the site's have."""
    if SHARED not in os.environ:
        return _OWN
    all_of_them = CollectorRegistry()
    MultiProcessCollector(all_of_them)  # type: ignore[no-untyped-call]  # it registers itself
    return all_of_them


class _Looked(Collector):
    """One look, at the time of a scrape."""

    def collect(self) -> Iterator[Metric]:
        figures = look()
        yield from _runs(figures)
        yield from _came(figures.came)
        yield from _quotas()
        yield from _snapshots(figures)
        yield _gauge("ladle_info", "The version of Ladle; always 1.", ["version"], [([ladle.__version__], 1)])

    def describe(self) -> list[Metric]:
        """Nothing: to know the names it would have to look."""
        return []


def _runs(figures: Figures) -> Iterator[Metric]:
    states = figures.states.items()
    by_source = [([source, state], number) for source, told in sorted(states) for state, number in told.items()]
    yield _gauge("ladle_runs", "Runs by source and state.", ["source", "state"], by_source)
    yield _gauge("ladle_queue_runs", "Runs that wait for a worker.", [], [([], figures.queued)])
    oldest = seconds_since(figures.queued_since)
    yield _gauge("ladle_queue_oldest_seconds", "How long the first of them has been there.", [], [([], oldest)])


def _came(came: dict[str, Came]) -> Iterator[Metric]:
    requests = CounterMetricFamily("ladle_requests", "Requests made, failed ones included.", labels=["source"])
    refused = CounterMetricFamily("ladle_answers_429", "Answers of 429 (too many requests).", labels=["source"])
    built = SummaryMetricFamily("ladle_build_seconds", "From last answers to snapshots.", labels=["source"])
    for source, each in sorted(came.items()):
        requests.add_metric([source], each.requests)
        refused.add_metric([source], each.refused)
        built.add_metric([source], each.builds, each.building)
    yield from (requests, refused, built)


def _quotas() -> Iterator[Metric]:
    try:
        lines = ladle.quotas_left(_sources.known(), home=runs.home())
    except LadleError as error:  # all else is worth knowing, then above all
        log.warning("The quota ledger can't be read: %s", error)
        lines = []
    labels = ["source", "window"]
    limits = [([line.source, line.window], line.limit) for line in lines]
    left = [([line.source, line.window], line.left) for line in lines]
    yield _gauge("ladle_quota_limit_requests", "Requests that a window of a quota allows.", labels, limits)
    yield _gauge("ladle_quota_left_requests", "Requests that are left in it now.", labels, left)


def _snapshots(figures: Figures) -> Iterator[Metric]:
    kept = [([str(complete).lower()], number) for complete, number in figures.snapshots.items()]
    yield _gauge("ladle_snapshots", "Snapshots, complete ones and others.", ["complete"], kept)
    taken = [([dataset], at.timestamp()) for dataset, at in figures.latest.items()]
    told = "When a dataset's latest complete snapshot was taken, in seconds since 1970."
    yield _gauge("ladle_latest_snapshot_timestamp_seconds", told, ["dataset"], taken)


def _gauge(name: str, told: str, labels: list[str], values: Iterable[tuple[list[str], float]]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=labels)
    for given, value in values:
        family.add_metric(given, value)
    return family


class _Sources:
    """The sources at hand, read now and then."""

    def __init__(self) -> None:
        self._read: list[ladle.Source] = []
        self._at = 0.0
        self._home = ""

    def known(self) -> list[ladle.Source]:
        here = str(runs.home().path)
        if not self._at or time.monotonic() - self._at >= SOURCES_EVERY or here != self._home:
            self._read = HOME.ask(lambda: ladle.all_sources(home=runs.home())[:MOST_SOURCES], self._read)
            self._at, self._home = time.monotonic(), here
        return self._read


_sources = _Sources()
