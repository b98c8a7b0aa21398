"""Making the calls of webhooks: takes the time, has one worker make each that is due, notes what came of it.

    due → claim (number of the attempt, a lease) → body, signature → POST → note → delivered
                ↑                                                          ├→ due again, later
                └── the lease ran out: its worker died                     └→ given up, or the webhook disabled

A worker that dies between call and note leaves its lease: when that is over the call is made again, under the same
webhook-id, by which receivers know it. Of one webhook a run's ends are told one after the other.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

import ladle
from ladle.errors import LadleError, Unreachable
from ladle_server.catalog.hooks import outbox, secret
from ladle_server.catalog.models import Delivery, Webhook
from ladle_server.catalog.posting import signing, waits
from ladle_server.catalog.posting.body import text_of
from ladle_server.catalog.reaching import storable

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
"""A call takes 25 s at most: 5 to connect, 10 for a head, 10 for a body."""
KEPT = 200
"""Deliveries of a webhook that are kept, beside those that are still to be made."""
OTHER_KEY = "The site's secret key is another than when this webhook was added, so nobody could know the signature."
OTHER_KEY_HINT = "Add the webhook anew."


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is to be made: everything about it, so that nothing more is asked of the database."""

    delivery: int
    webhook: int
    attempt: int
    tries: int
    url: str
    key: str
    body: bytes
    headers: Mapping[str, str]


def claim(*, but: Collection[int] = (), only: int | None = None, now: datetime | None = None) -> Call | None:
    """The delivery that has been due for longest, now this worker's for a lease; None when there is none.

    `but`: webhooks that are to wait; `only`: the delivery of that number or none. One whose call can't even be made is
    given up, and the next one looked at.
    """
    now = now or datetime.now(UTC)
    due = _due(now).exclude(webhook__in=but) if only is None else _due(now).filter(pk=only)
    # Asked outside of a transaction first: one of SQLite's keeps all others from writing.
    while due.all().exists():
        row = _take(due.all(), now)
        if row is None:
            return None
        try:
            return _call(row, now)
        except Unreachable:
            raise  # the lease runs out, and it is as due as it was
        except LadleError as error:
            _give_up(row, str(error), now)
    return None


def call_for_test(hook: Webhook, *, now: datetime | None = None) -> tuple[Delivery, Call | None]:
    """A test that this process is to call for, and nobody else; no call where it can't even be made.

    Raises Conflict where the webhook is disabled.
    """
    now = now or datetime.now(UTC)
    row = outbox.put_test(hook, now=now, busy_until=now + LEASE)
    try:
        return row, _call(row, now)
    except LadleError as error:
        _give_up(row, str(error), now)
        return row, None


def note(call: Call, posted: ladle.Posted, *, now: datetime | None = None, chance: float | None = None) -> bool:
    """Write down what came of a call; False where a later attempt has been made meanwhile, which is then heard."""
    now = now or datetime.now(UTC)
    then = waits.after(posted, tries=call.tries, chance=random.random() if chance is None else chance)
    with transaction.atomic():
        row = Delivery.objects.select_for_update().filter(pk=call.delivery, attempts=call.attempt).first()
        if row is None or row.state != Delivery.State.PENDING:
            return False
        row.told_at, row.status, row.reason, row.busy_until = now, posted.status, storable(then.reason), None
        if then.do == "rest":
            row.state = Delivery.State.DELIVERED
        elif then.do == "again":
            row.due_at = now + timedelta(seconds=then.wait)
        else:
            row.state = Delivery.State.GIVEN_UP
        row.save()
        if then.do == "disable":
            _disable(row.webhook_id, then.reason, now)
        _forget(row.webhook_id)
    _say(row, then)
    return True


async def make(call: Call) -> ladle.Posted:
    """Make the call; whatever goes wrong is an answer in words."""
    try:
        return await ladle.post(call.url, call.body, headers=call.headers)
    except LadleError as error:
        return ladle.Posted(status=None, reason=str(error))


def again(row: Delivery, *, now: datetime | None = None) -> Delivery:
    """Have a delivery sent once more, under the same webhook-id; its tries begin anew.

    Raises Conflict where the webhook is disabled.
    """
    outbox.refuse_disabled(row.webhook)
    now = now or datetime.now(UTC)
    # Where it is being made at this moment, that is waited for: its lease stays.
    Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.PENDING, tries=0, due_at=now, reason="")
    row.refresh_from_db()
    return row


def _pending() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=Delivery.State.PENDING, webhook__disabled_at=None)


def _due(now: datetime) -> QuerySet[Delivery]:
    """Those that are due and that nobody makes, but for a run's second end while its first is not told."""
    before = _pending().filter(webhook=OuterRef("webhook"), run=OuterRef("run"), pk__lt=OuterRef("pk"))
    free = Q(busy_until=None) | Q(busy_until__lte=now)
    return _pending().filter(free, ~Exists(before), due_at__lte=now).order_by("due_at", "id")


def _take(due: QuerySet[Delivery], now: datetime) -> Delivery | None:
    with transaction.atomic():
        row = due.select_for_update(skip_locked=True, of=("self",)).first()
        if row is not None:
            row.attempts, row.tries, row.busy_until = row.attempts + 1, row.tries + 1, now + LEASE
            row.save(update_fields=["attempts", "tries", "busy_until"])
        return row


def _call(row: Delivery, now: datetime) -> Call:
    hook = row.webhook
    signer = secret.secret_of(hook.salt)
    if secret.mark_of(signer) != hook.mark:
        raise LadleError(OTHER_KEY, hint=OTHER_KEY_HINT)
    if not row.body:
        row.body = text_of(row)
        row.save(update_fields=["body"])
    body = row.body.encode()
    headers = signing.signed(row.key, body, secret=signer, now=now.timestamp())
    return Call(row.pk, hook.pk, row.attempts, row.tries, hook.url, row.key, body, headers)


def _give_up(row: Delivery, reason: str, now: datetime) -> None:
    told = {"state": Delivery.State.GIVEN_UP, "reason": storable(reason), "told_at": now, "status": None}
    Delivery.objects.filter(pk=row.pk, attempts=row.attempts).update(**told, busy_until=None)
    log.warning("The delivery %s of webhook %s is given up: %s", row.key, row.webhook_id, reason)


def _disable(number: int, reason: str, now: datetime) -> None:
    Webhook.objects.filter(pk=number, disabled_at=None).update(disabled_at=now, reason=reason)


def _forget(number: int) -> None:
    done = Delivery.objects.filter(webhook=number).exclude(state=Delivery.State.PENDING).order_by("-id")
    old = done.values_list("pk", flat=True)[KEPT : KEPT + 1].first()
    if old is not None:
        done.filter(pk__lte=old).delete()


def _say(row: Delivery, then: waits.Next) -> None:
    """For the log: numbers alone, since an address may hold what is nobody's business."""
    if then.do == "rest":
        log.info("The delivery %s of webhook %s arrived at attempt %d.", row.key, row.webhook_id, row.attempts)
        return
    words = {"again": f"is tried again in {then.wait:.0f} s"}.get(then.do, "is given up")
    log.warning("The delivery %s of webhook %s %s: %s", row.key, row.webhook_id, words, then.reason)
