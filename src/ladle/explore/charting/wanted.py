"""Can a chart be asked for so? Takes its kind, columns and what else was said, gives nothing, or the error; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ladle.errors import BadInput, unknown
from ladle.explore.charting.chart import KINDS

_TAKES = {"histogram": 1, "bars": 1, "heatmap": 2, "line": 1, "map": 2}
_CALLED = {
    "histogram": "A histogram",
    "bars": "Bars",
    "heatmap": "A heatmap",
    "line": "A line over time",
    "map": "A map",
}
_NAME = {
    "histogram": "Name one column of numbers.",
    "bars": "Name one column.",
    "heatmap": "Name two columns.",
    "line": "Name one column of dates or times.",
    "map": "Name the columns of latitude and longitude.",
}
_OPTIONS = {
    "bins": ("histogram", "number of bins"),
    "value": ("line", "column to be told"),
    "how": ("line", "way to sum up"),
    "unit": ("line", "unit of time"),
    "colour": ("map", "colour"),
}


def check(kind: str, columns: Sequence[str], *, said: Mapping[str, object]) -> None:
    """Raises BadInput for another kind, for columns too many or too few, and for what the kind takes none of.

    `said` are the other options by name; None and the empty text stand for nothing said.
    """
    if not kind:
        raise BadInput("No kind of chart is named.", hint=f"Take one of: {', '.join(KINDS)}.")
    if kind not in KINDS:
        raise BadInput(unknown("kind of chart", kind, KINDS))
    verb, takes = ("are", "take") if kind == "bars" else ("is", "takes")
    if len(columns) != _TAKES[kind]:
        wanted = "one column" if _TAKES[kind] == 1 else "two columns"
        named = f"{len(columns)}: {', '.join(columns)}" if columns else "none"
        raise BadInput(f"{_CALLED[kind]} {verb} of {wanted}, not of {named}.", hint=_NAME[kind])
    if len(set(columns)) < len(columns):
        raise BadInput(f'The column "{columns[0]}" is named twice.', hint=_NAME[kind])
    for name, value in said.items():
        of, what = _OPTIONS[name]
        if of != kind and value not in (None, ""):
            hint = f"Leave it out, or draw {_CALLED[of][0].lower()}{_CALLED[of][1:]}."
            raise BadInput(f'{_CALLED[kind]} {takes} no {what}: "{value}".', hint=hint)
