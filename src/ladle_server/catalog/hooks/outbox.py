"""What is to be delivered: takes a run whose end is being written down, gives a row for each webhook that wants it.

To be called in the transaction that writes the end, so that there is no end without its deliveries and no delivery
without an end, whenever the process dies.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from ladle.errors import Conflict
from ladle_server.catalog.hooks.webhooks import wants
from ladle_server.catalog.models import Delivery, Run, Webhook

TEST = "test"


def put(runs: Iterable[Run]) -> None:
    """Deliveries of these runs' ends, as the rows tell them. The same end twice is harmless.

    A webhook is told of what ended after it was added: a home that comes from a backup is no news.
    """
    ended = [run for run in runs if run.ended_at is not None]
    if not ended:
        return
    hooks = list(Webhook.objects.filter(disabled_at=None))
    rows = [_row(hook, run) for run in ended for hook in hooks if _is_news(hook, run)]
    if rows:
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def put_test(hook: Webhook, *, now: datetime | None = None, busy_until: datetime | None = None) -> Delivery:
    """A call that tells of nothing, to see whether it arrives. Raises Conflict where the webhook is disabled.

    With `busy_until` whoever asks makes the first attempt, and no worker before that time.
    """
    refuse_disabled(hook)
    now = now or datetime.now(UTC)
    attempts = 0 if busy_until is None else 1
    return Delivery.objects.create(
        key=new_key(),
        webhook=hook,
        end=TEST,
        ended_at=now,
        due_at=now,
        busy_until=busy_until,
        attempts=attempts,
        tries=attempts,
    )


def refuse_disabled(hook: Webhook) -> None:
    """Raise Conflict for a webhook that tells nothing."""
    if hook.disabled_at is not None:
        raise Conflict(f"The webhook {hook.pk} is disabled. {hook.reason}".strip(), hint="Let it go on first.")


def new_key() -> str:
    """A header webhook-id, which has no dot in it: what is signed is told apart by dots."""
    return f"msg_{secrets.token_hex(16)}"


def _is_news(hook: Webhook, run: Run) -> bool:
    fresh = run.ended_at is not None and run.ended_at >= hook.created_at
    return fresh and wants(hook, dataset=run.dataset, end=run.state)


def _row(hook: Webhook, run: Run) -> Delivery:
    at = run.ended_at or datetime.now(UTC)
    return Delivery(
        key=new_key(),
        webhook=hook,
        run=run,
        end=run.state,
        ended_at=at,
        snapshot=run.snapshot,
        why=run.reason,
        due_at=at,
    )
