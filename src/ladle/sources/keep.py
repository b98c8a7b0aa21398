"""How many snapshots a dataset keeps: takes `30`, `90 days` or `all`, gives a Keep; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ladle.errors import BadInput

MOST = 10**6
"""Snapshots or days: beyond it everything is meant."""
REMEDY = 'Write how many snapshots are kept, like 30, or for how long, like "90 days", or "all".'
_FORM = re.compile(r"([0-9]{1,9})\s*(days?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Keep:
    """So many snapshots, or those of so many days; neither: all. The latest complete one is kept in any case."""

    number: int | None = None
    days: int | None = None

    @property
    def is_all(self) -> bool:
        """Nothing is ever removed."""
        return self.number is None and self.days is None

    @property
    def text(self) -> str:
        """As people write it: `30`, `90 days`, `all`."""
        if self.days is not None:
            return f"{self.days} day" if self.days == 1 else f"{self.days} days"
        return "all" if self.number is None else str(self.number)


ALL = Keep()


def parse_keep(text: str) -> Keep:
    """What a text says; raises BadInput.

    >>> parse_keep("30"), parse_keep("90 days"), parse_keep("all").is_all
    (Keep(number=30, days=None), Keep(number=None, days=90), True)
    """
    if text.strip().lower() == "all":
        return ALL
    form = _FORM.fullmatch(text.strip())
    if form is None or not 1 <= int(form[1]) <= MOST:
        raise BadInput(f'To keep "{text[:100]}" can\'t be meant.', hint=REMEDY)
    number = int(form[1])
    return Keep(days=number) if form[2] else Keep(number=number)
