"""The bins of a histogram: takes the least and the largest of some values, gives each value's bin in SQL, and the bins.

Dates and times are days and seconds since 1970 here, and so are the values of `told`; pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ladle.sources.source import ColumnType

BINS = 20
EPOCH = date(1970, 1, 1)
_BIN_OF_WHOLE = "CAST(({} :: HUGEINT - $low :: HUGEINT) // $width :: HUGEINT AS INTEGER)"
_BIN_OF_NUMBER = "CAST(greatest(least(floor({} / $width - $low / $width), $last), 0) AS INTEGER)"


def bin_of(value: str, kind: ColumnType, *, low: Any, high: Any) -> tuple[str, dict[str, Any]]:
    """The bin of a value in SQL, and what is bound in it."""
    bins, width = _bins(low, high, whole=kind != "number")
    if kind != "number":
        return _BIN_OF_WHOLE.format(value), {"low": low, "width": width}
    if width:
        return _BIN_OF_NUMBER.format(value), {"low": low, "width": width, "last": bins - 1}
    return "0", {}


def histogram(kind: ColumnType, *, low: Any, high: Any, counts: Mapping[int, int]) -> list[dict[str, Any]]:
    """Each bin from `from` up to `to`, the last one with its `to`."""
    bins, width = _bins(low, high, whole=kind != "number")
    edges = [told(low + width * number, kind) for number in range(bins)] + [told(high, kind)]
    return [{"from": edges[b], "to": edges[b + 1], "count": counts.get(b, 0)} for b in range(bins)]


def told(value: Any, kind: ColumnType) -> Any:
    """A value as plain JSON: days and seconds since 1970 become dates and times in ISO 8601."""
    if value is None or kind not in ("date", "timestamp"):
        return value
    if kind == "date":
        return (EPOCH + timedelta(days=value)).isoformat()
    return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")


def _bins(low: Any, high: Any, *, whole: bool) -> tuple[int, Any]:
    """Number and width of the bins between two values.

    >>> _bins(0, 12, whole=True), _bins(66, 264, whole=True), _bins(0.0, 1.0, whole=False)
    ((13, 1), (20, 10), (20, 0.05))
    """
    if not whole:
        # Halves the overflow of high - low: both ends of a double's range may be in the table.
        width = high / BINS - low / BINS
        return (BINS, width) if width else (1, 0.0)
    span = high - low + 1
    width = -(-span // BINS)
    return -(-span // width), width
