"""What is said of a webhook and of a delivery: takes a row, gives its JSON, for the API and the command line alike."""

from __future__ import annotations

from typing import Any

from ladle_server.catalog.models import Delivery, Webhook


def told_webhook(row: Webhook, *, secret: str | None = None) -> dict[str, Any]:
    """`secret` is told by who has just added it, and by nobody else; `last` is the latest delivery."""
    last = row.deliveries.first()
    return {
        "id": row.pk,
        "url": row.url,
        "datasets": row.datasets,
        "ends": row.ends,
        "created_at": row.created_at,
        "disabled": row.disabled_at is not None,
        "disabled_at": row.disabled_at,
        "reason": row.reason,
        "last": told_delivery(last) if last else None,
        "secret": secret,
    }


def told_delivery(row: Delivery) -> dict[str, Any]:
    """`due_at` is when it is tried next, null once nothing is to be tried any more."""
    return {
        "id": row.pk,
        "webhook": row.webhook_id,
        "key": row.key,
        "type": kind_of(row),
        "run": row.run_id,
        "state": row.state,
        "attempts": row.attempts,
        "status": row.status,
        "reason": row.reason,
        "ended_at": row.ended_at,
        "told_at": row.told_at,
        "due_at": row.due_at if row.state == Delivery.State.PENDING else None,
    }


def kind_of(row: Delivery) -> str:
    """`run.complete`, or `webhook.test`."""
    return f"run.{row.end}" if row.run_id else "webhook.test"
