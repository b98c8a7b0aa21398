"""Webhooks as people want them: takes addresses, datasets and ends, gives rows of `Webhook`, checked and kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import ladle
from ladle.errors import BadInput, NotFound, unknown
from ladle_server.catalog.free import source_of
from ladle_server.catalog.hooks import secret
from ladle_server.catalog.ids import number_of
from ladle_server.catalog.models import State, Webhook
from ladle_server.catalog.reaching import storable

MOST = 100
"""Webhooks of one site."""
MOST_DATASETS = 100
ALL = "*"
BY_HAND = "Somebody disabled it."
ENDS = (State.COMPLETE.value, State.INCOMPLETE.value, State.FAILED.value, State.CANCELLED.value)
_PATTERN = re.compile(r"\*|[-a-zA-Z0-9_]{1,100}/(?:\*|[-a-zA-Z0-9_]{1,100})")


@dataclass(frozen=True, slots=True)
class Added:
    """A new webhook, and its secret, which is told here and never again."""

    row: Webhook
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a webhook is to be; checked."""

    url: str
    datasets: list[str]
    ends: list[str]


def checked(url: str, *, datasets: Sequence[str] = (), ends: Sequence[str] = ()) -> Wanted:
    """What is asked for: all datasets and all ends where none are named. Looks the address's host up.

    Raises BadInput for what can't be meant, or may not be reached.
    """
    wanted, told = _datasets(datasets or (ALL,)), _ends(ends or ENDS)
    address = ladle.check_address(url)
    if address != storable(address):
        raise BadInput("The address holds a sign that can't be kept.", hint="Leave it out.")
    return Wanted(url=address, datasets=wanted, ends=told)


def add(wanted: Wanted, *, site: str = "", now: datetime | None = None) -> Added:
    """Have an address told of runs' ends from now on; `site` is where its links lead. Raises BadInput."""
    if Webhook.objects.count() >= MOST:
        raise BadInput(f"There are {MOST:,} webhooks already.", hint="Remove some.")
    made = secret.make()
    row = Webhook.objects.create(
        url=wanted.url,
        datasets=wanted.datasets,
        ends=wanted.ends,
        salt=made.salt,
        mark=made.mark,
        site=site.rstrip("/"),
        created_at=now or datetime.now(UTC),
    )
    return Added(row, made.secret)


def get(number: int | str) -> Webhook:
    """The webhook of that number; raises NotFound, also for what can't be one."""
    found = Webhook.objects.filter(pk=number_of(number)).first()
    if found is None:
        raise NotFound(f'There is no webhook "{str(number)[:40]}".', hint="List them with: ladle webhooks list")
    return found


def remove(number: int | str) -> None:
    """Tell the address nothing more; what was to be delivered is forgotten. Raises NotFound."""
    get(number).delete()


def disable(number: int | str, disabled: bool, *, now: datetime | None = None) -> Webhook:
    """Let it rest, or go on with the next run that ends; what was still to be delivered waits. Raises NotFound."""
    row = get(number)
    if disabled and row.disabled_at is None:
        row.disabled_at, row.reason = now or datetime.now(UTC), BY_HAND
    elif not disabled:
        row.disabled_at, row.reason = None, ""
    row.save(update_fields=["disabled_at", "reason"])
    return row


def wants(row: Webhook, *, dataset: str, end: str) -> bool:
    """Whether it is to be told of such an end."""
    source = source_of(dataset)
    return end in row.ends and bool({ALL, f"{source}/*", dataset} & set(row.datasets))


def _datasets(given: Iterable[str]) -> list[str]:
    """Which datasets need not be there yet: a source may be added later."""
    found = list(dict.fromkeys(each.strip() for each in given))
    if len(found) > MOST_DATASETS:
        raise BadInput(f"{len(found):,} datasets are named.", hint=f"Name {MOST_DATASETS} at most, or a source's all.")
    for each in found:
        if not _PATTERN.fullmatch(each):
            hint = 'It is "*" for all, "swapi/*" for those of a source, or one like "swapi/people".'
            raise BadInput(f'"{each[:100]}" names no datasets.', hint=hint)
    return found


def _ends(given: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(given))
    for each in found:
        if each not in ENDS:
            raise BadInput(unknown("end of a run", each[:100], ENDS))
    return [end for end in ENDS if end in found]
