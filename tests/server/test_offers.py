"""Which runs are offered to workers, with the time as an argument: each once, fairly, and again where it was lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ladle_server.catalog import offers, runs
from ladle_server.catalog.free import SHARE
from ladle_server.catalog.models import Run

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Queue:
    """A broker that keeps its offers in a list, and is away when it is told to be."""

    def __init__(self) -> None:
        self.offers: list[str] = []
        self.away = False

    def send(self, run_id: str, _dataset: str) -> None:
        if self.away:
            raise offers.BrokerAway("Connection refused")
        self.offers.append(run_id)

    def queued(self) -> int:
        if self.away:
            raise offers.BrokerAway("Connection refused")
        return len(self.offers)


@pytest.fixture
def queue() -> Queue:
    return Queue()


def started(dataset: str = "swapi/people") -> Run:
    return runs.start(dataset, requested_by="api")


def offer(queue: Queue, after: timedelta = timedelta()) -> int:
    try:
        return offers.offer(queue, now=NOW + after)
    except offers.BrokerAway:
        return -1


def test_a_run_is_offered_once(empty_home: str, queue: Queue) -> None:
    run = started()
    assert [offer(queue), offer(queue), offer(queue, offers.AGAIN)] == [1, 0, 0]
    assert queue.offers == [run.pk]


def test_a_run_that_was_driven_for_a_slice_is_offered_again(empty_home: str, queue: Queue) -> None:
    run = started()
    offer(queue)
    claimed = runs.claim("one", only=run.pk, now=NOW)
    assert claimed
    assert offer(queue) == 0
    runs.put_down(claimed)
    assert offer(queue) == 1


def test_the_run_of_a_dead_worker_is_offered_when_its_lease_is_over(empty_home: str, queue: Queue) -> None:
    started()
    offer(queue)
    runs.claim("dead", now=NOW)
    assert offer(queue, runs.LEASE - timedelta(seconds=1)) == 0
    assert offer(queue, runs.LEASE) == 1


def test_a_run_that_waits_is_offered_when_it_is_time(empty_home: str, queue: Queue) -> None:
    started()
    claimed = runs.claim("one", now=NOW)
    assert claimed
    runs.put_down(claimed, state="waiting", wake_at=NOW + timedelta(hours=1))
    assert [offer(queue, timedelta(minutes=59)), offer(queue, timedelta(hours=1))] == [0, 1]


def test_of_one_source_no_more_are_offered_than_may_be_driven(
    empty_home: str, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENWEATHER_API_KEY", "x")
    for _ in range(SHARE + 2):
        started()
    cities = started("openweather/cities")
    assert offer(queue) == SHARE + 1
    assert cities.pk in queue.offers
    assert offer(queue) == 0


def test_what_a_broker_that_was_away_did_not_hear_is_offered_when_it_is_back(empty_home: str, queue: Queue) -> None:
    run = started()
    queue.away = True
    assert offer(queue) == -1
    queue.away = False
    assert offer(queue) == 1
    assert queue.offers == [run.pk]


def test_what_the_broker_lost_is_offered_again_after_a_while(empty_home: str, queue: Queue) -> None:
    started()
    started()
    offer(queue)
    queue.offers.clear()
    assert [offer(queue), offer(queue, offers.AGAIN)] == [0, 2]


def test_a_declined_offer_is_made_again_only_when_the_run_is_free(empty_home: str, queue: Queue) -> None:
    run = started()
    offer(queue)
    assert runs.claim("one", only=run.pk, now=NOW)
    assert runs.claim("two", only=run.pk, now=NOW) is None
    offers.decline(run.pk)
    assert [offer(queue), offer(queue, runs.LEASE)] == [0, 1]
