"""A whole cluster, and each of its parts killed, hung or gone in the middle of runs: nothing is lost, nobody helps.

The same at full length, with figures: `make cluster-faults`.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from random import Random

import pytest

from tests.cluster import quota
from tests.cluster.fleet import Fleet, fleet, undisturbed
from tests.cluster.outages import disturbed
from tests.cluster.takeover import killed
from tests.cluster.upstream import LETTERS, Upstream
from tests.processes import alive, family, send
from tests.server.site import until

QUICK = {"LADLE_LEASE_SECONDS": "2"}
KILLS = 3
SECONDS = 3.0
"""For which a part is away: longer than a lease."""
Files = dict[str, dict[str, bytes]]
both = pytest.mark.parametrize("where", ["in_folder", "on_s3"])


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """An API that lets 40 requests through in two seconds, by the log."""
    with Upstream(limit=40, window=2.0, pages=24) as running:
        yield running


@pytest.fixture(scope="module")
def expected(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """What runs come to that nothing happens to."""
    return undisturbed(LETTERS, upstream=upstream, folder=tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(scope="module")
def in_folder(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A cluster with two workers, its home in a folder."""
    with fleet(upstream, tmp_path_factory.mktemp("cluster"), workers=2, runs=2, **QUICK) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def on_s3(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """The same, its home on S3."""
    with fleet(upstream, tmp_path_factory.mktemp("cluster"), workers=2, runs=2, on_s3=True, **QUICK) as cluster:
        yield cluster


@pytest.fixture
def running(request: pytest.FixtureRequest, where: str) -> Fleet:
    """One of the two."""
    return rested(request.getfixturevalue(where))


def rested(cluster: Fleet) -> Fleet:
    """The cluster, once the API's window holds nothing of the other one, which has a ledger of its own."""
    api = cluster.upstream
    until(lambda: all(each.at < time.time() - api.window for each in api.asked()[-1:]))
    return cluster


@both
def test_schedules_come_due_after_the_process_beside_each_worker_was_killed(running: Fleet, expected: Files) -> None:
    for worker in running.site.workers:
        until(lambda worker=worker: len(family(worker.pid)) == 4)  # itself, two that drive, and that one
        send(min(family(worker.pid)[1:]), signal.SIGKILL)  # it is begun before the others
    running.due_in("limited/a", 0.0)
    (run,) = until(running.all_runs)
    assert running.site.ended(run["id"])["state"] == "complete"
    assert running.files("a") == expected["a"]
    assert running.site.worker_log.read_text().count(f"ended with {-signal.SIGKILL}") == 2
    assert [worker.poll() for worker in running.site.workers] == [None, None]


@both
def test_another_worker_goes_on_for_one_that_is_killed_and_asks_again_for_what_was_under_way(
    running: Fleet, expected: Files
) -> None:
    came = killed(running, "celery", letter="b", expected=expected["b"])
    running.start_worker()
    assert (came.state, came.same, came.repeated) == ("complete", True, [])
    assert came.again <= came.flying


@both
def test_all_its_processes_end_with_a_worker_whose_first_process_is_killed(running: Fleet) -> None:
    worker = running.site.workers.pop(0)
    children = family(worker.pid)[1:]
    worker.kill()
    worker.wait()
    running.start_worker()
    until(lambda: not any(alive(each) for each in children))


def test_a_quota_is_kept_while_workers_are_killed_and_started(in_folder: Fleet, expected: Files) -> None:
    chance, since = Random(20261122), len(rested(in_folder).upstream.asked())
    runs = in_folder.begin("mnop")
    for number in range(1, KILLS + 1):
        due = since + 20 * number + chance.randrange(20)
        until(lambda due=due: len(in_folder.upstream.asked()) >= due)
        in_folder.kill(chance.choice(in_folder.site.workers))
        in_folder.start_worker(runs=2)
    files = {letter: expected[letter] for letter in "mnop"}
    came = quota.figures(in_folder, in_folder.states(runs), kills=KILLS, since=since, expected=files)
    assert (set(came.states), came.same) == ({"complete"}, True)
    assert (came.refused, came.most <= in_folder.upstream.limit) == (0, True)


@pytest.mark.parametrize(
    ("where", "part", "way", "letters"),
    [
        ("in_folder", "postgres", "hung", "cdefg"),
        ("in_folder", "valkey", "gone", "hijkl"),
        ("on_s3", "s3", "gone", "cdefg"),
    ],
)
def test_a_part_that_is_away_in_the_middle_of_runs_costs_nothing_but_time(
    running: Fleet, part: str, way: str, letters: str, expected: Files
) -> None:
    files = {letter: expected[letter] for letter in letters}
    came = disturbed(running, part, way, seconds=SECONDS, begin_at=20, expected=files)
    assert came.unkind == []
    assert (set(came.states), came.left, came.same) == ({"complete"}, [], True)
    assert (came.refused, came.repeated) == (0, 0)
    assert came.most <= running.upstream.limit
    assert came.workers == len(running.site.workers)
