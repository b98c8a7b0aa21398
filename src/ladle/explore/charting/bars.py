"""A column's most frequent values: takes a view's rows, gives the first few and what the rest has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ladle.errors import BadInput
from ladle.explore.charting.asked import Asked
from ladle.explore.charting.slots import Counted, value_slot
from ladle.explore.values import EPOCH, at_second

MOST = 20
_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Values by count, largest first, ties by first appearance, null as one of them; `rest` rows have `others` more."""

    column: str
    total: int
    distinct: int
    bars: tuple[Counted, ...]

    @property
    def rest(self) -> int:
        """Rows whose value is not among the bars."""
        return self.total - sum(bar.count for bar in self.bars)

    @property
    def others(self) -> int:
        """Values that are not among the bars."""
        return self.distinct - len(self.bars)


def bars(asked: Asked, column: str, *, most: int) -> Bars:
    """At most `most` values."""
    if type(most) is not int or not 0 < most <= _LIMIT:
        raise BadInput(f"most is {most!r}.", hint=f"Take 1 to {_LIMIT}.")
    sql = (
        f"WITH g AS MATERIALIZED (SELECT x, count(*) AS n, min(f) AS f FROM ({asked.rows(x=asked.value(column))}) "  # noqa: S608 - as in Asked.rows
        f"GROUP BY x) SELECT x, n, (SELECT count(*) FROM g), (SELECT sum(n) FROM g) FROM g "
        f"ORDER BY n DESC, f LIMIT {most}"
    )
    found = asked.ask(sql)
    counted = tuple(Counted(value_slot(column, typed(asked, column, x)), n) for x, n, _, _ in found)
    distinct, total = (found[0][2], int(found[0][3])) if found else (0, 0)
    return Bars(column=column, total=total, distinct=distinct, bars=counted)


def typed(asked: Asked, column: str, value: Any) -> Any:
    """A value as Python has it: a time came in seconds."""
    return at_second(value) if value is not None and asked.column(column).type == "timestamp" else value


def epoch(value: Any) -> Any:
    """The reverse of `typed`."""
    return int((value - EPOCH).total_seconds()) if isinstance(value, datetime) else value
