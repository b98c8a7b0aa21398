"""The one door to Celery's broker: takes LADLE_BROKER_URL, gives an app that puts offers of runs into its queue."""

from __future__ import annotations

from functools import cache

import celery
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from ladle_server.catalog.offers import BrokerAway

DRIVE, DRIVES = "ladle.drive", "ladle.drives"
"""The task that drives a run for a slice, and the queue of its messages."""
SHARE, SHARES = "ladle.share", "ladle.shares"
"""The task that helps with a run that somebody else drives, and its queue."""
CLEAR, CHORES = "ladle.clear", "ladle.chores"
"""The task that makes room in the home if a day is over, and its queue: the other one holds offers alone."""
VISIBLE = max(1200.0, 4 * settings.LADLE_SLICE)
"""Seconds after which Redis gives a message again that was taken and not acknowledged: much longer than a slice.

A dead worker's run goes on long before: its lease is over after seconds, and it is offered anew.
"""

app = celery.Celery("ladle")
app.conf.update(
    broker_url=settings.LADLE_BROKER_URL,
    broker_connection_max_retries=None,  # a worker waits for its broker, however long
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": VISIBLE,
        # Looked for each second: with the defaults what a killed worker held lies for minutes.
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
    },
    task_default_queue=DRIVES,
    task_routes={DRIVE: {"queue": DRIVES}, SHARE: {"queue": SHARES}, CLEAR: {"queue": CHORES}},
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,  # what became of a run is in the database
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_send_task_events=True,  # for Flower
    task_send_sent_event=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # its slices need no broker
    worker_hijack_root_logger=False,
    worker_soft_shutdown_timeout=10.0,
)


class Celery:
    """The broker as `catalog.offers` wants it."""

    def send(self, run_id: str, dataset: str) -> None:
        """Put an offer into the queue, with the dataset for people who look on; raises BrokerAway."""
        try:
            app.send_task(DRIVE, (run_id, dataset), retry=False)
        except _AWAY as error:
            raise BrokerAway(str(error)) from error

    def call_for_help(self, run_id: str, dataset: str, *, within: float) -> None:
        """Have a worker help with the run; raises BrokerAway. Nobody does so after `within` seconds."""
        try:
            app.send_task(SHARE, (run_id, dataset), expires=within, retry=False)
        except _AWAY as error:
            raise BrokerAway(str(error)) from error

    def tell_to_clear(self, *, within: float) -> None:
        """Have a worker make room in the home, if a day is over; raises BrokerAway. Nobody does so after `within`."""
        try:
            app.send_task(CLEAR, expires=within, retry=False)
        except _AWAY as error:
            raise BrokerAway(str(error)) from error

    def queued(self) -> int:
        """How many offers are in the queue; raises BrokerAway."""
        try:
            return client(str(settings.LADLE_BROKER_URL)).llen(DRIVES)
        except _AWAY as error:
            raise BrokerAway(str(error)) from error


@cache
def client(url: str) -> Redis:
    """Redis itself: Celery's way to the length of a queue is a new connection each time."""
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5)


_AWAY = (OperationalError, RedisError, OSError)
