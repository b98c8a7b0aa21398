"""Rows on a map: takes a view's rows and their columns of latitude and longitude, gives places with their rows."""

from __future__ import annotations

from dataclasses import dataclass

from ladle.errors import BadInput
from ladle.explore.charting.asked import Asked, told
from ladle.explore.charting.slots import number_slot, value_slot
from ladle.explore.charting.steps import Steps, covering, round_steps
from ladle.explore.view import Filter

MOST = 5000
"""Places that are told one by one; more are told by the cells of a grid."""
_LONGEST_LABEL = 1000
"""Characters: 5,000 places must not bring as many megabytes."""
_ACROSS = 60
"""Cells at most, either way."""


@dataclass(frozen=True, slots=True)
class Place:
    """Rows at one place, or in a cell of the grid, there at their middle; in degrees. `value` is the colour's mean."""

    lat: float
    lon: float
    count: int
    value: float | None
    label: str
    """The text of its first row, 1,000 characters at most; empty in a grid, and where none was asked for."""
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Places, most rows first. Their counts and `missing` add up to `total`, the view's rows."""

    lat: str
    lon: str
    colour: str
    total: int
    missing: int
    """Rows without a latitude within ±90 and a longitude within ±180."""
    cell: float | None
    """Where there are too many places: how wide the grid's cells are, in degrees."""
    distinct: int
    """Places in all."""
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Columns:
    lat: str
    lon: str
    whole: tuple[bool, bool]


def points(asked: Asked, lat: str, lon: str, *, colour: str, label: str, most: int = MOST) -> Points:
    """Raises BadInput for columns that are not there, or hold no numbers."""
    if type(most) is not int or not 0 < most <= MOST:
        raise BadInput(f"most is {most!r}.", hint=f"Take 1 to {MOST:,}.")
    rows = _rows(asked, lat, lon, colour=colour, label=label)
    ((total, present, distinct, *ends),) = asked.ask(
        f"WITH r AS ({rows}), p AS (SELECT * FROM r WHERE placed) SELECT (SELECT count(*) FROM r), count(*), "  # noqa: S608 - as in Asked.rows
        "(SELECT count(*) FROM (SELECT DISTINCT y, x FROM p)), min(y), max(y), min(x), max(x) FROM p"
    )
    columns = _Columns(lat, lon, (asked.whole(lat), asked.whole(lon)))
    cell: float | None = None
    places: tuple[Place, ...] = ()
    if distinct > most:
        grid = _grid(ends)
        cell, places = grid[0].width, _cells(asked, rows, columns, grid)
    elif present:
        places = _each(asked, rows, columns)
    facts = {"lat": lat, "lon": lon, "colour": colour, "total": total, "missing": total - present}
    return Points(**facts, cell=cell, distinct=distinct, places=places)


def _rows(asked: Asked, lat: str, lon: str, *, colour: str, label: str) -> str:
    y, x = (asked.double(name, for_what="a place on a map") for name in (lat, lon))
    value = asked.double(colour, for_what="told by colour") if colour else "CAST(NULL AS DOUBLE)"
    text = f"left(CAST({asked.value(label)} AS VARCHAR), {_LONGEST_LABEL})" if label else "NULL"
    inner = asked.rows(y=y, x=x, v=value, t=text)
    return f"SELECT *, coalesce(y BETWEEN -90 AND 90 AND x BETWEEN -180 AND 180, false) AS placed FROM ({inner})"  # noqa: S608 - as above


def _each(asked: Asked, rows: str, columns: _Columns) -> tuple[Place, ...]:
    sql = (
        f"SELECT y, x, count(*) AS n, {told('avg(v)')}, arg_min(t, f) FROM ({rows}) WHERE placed "  # noqa: S608 - as above
        "GROUP BY y, x ORDER BY n DESC, min(f)"
    )
    return tuple(Place(y, x, n, v, t or "", _at(columns, y, x)) for y, x, n, v, t in asked.ask(sql))


def _at(columns: _Columns, y: float, x: float) -> tuple[Filter, ...]:
    """The rows at a place: whole numbers are compared as such."""
    return (*value_slot(columns.lat, y).filters, *value_slot(columns.lon, x).filters)


def _grid(ends: list[float]) -> tuple[Steps, Steps]:
    """The same width both ways; what is smaller than the other has fewer cells."""
    low_y, high_y, low_x, high_x = ends
    span = max(high_y - low_y, high_x - low_x)
    bins = round_steps(0, span, most=_ACROSS).bins
    return covering(low_y, high_y, bins), covering(low_x, high_x, bins)


def _cells(asked: Asked, rows: str, columns: _Columns, grid: tuple[Steps, Steps]) -> tuple[Place, ...]:
    sql = (
        f"SELECT {grid[0].sql('y')} AS i, {grid[1].sql('x')} AS j, count(*) AS n, avg(y), avg(x), {told('avg(v)')} "  # noqa: S608 - as above
        f"FROM ({rows}) WHERE placed GROUP BY i, j ORDER BY n DESC, i, j"
    )
    return tuple(
        Place(y, x, n, v, "", _within(columns.lat, grid[0], i) + _within(columns.lon, grid[1], j))
        for i, j, n, y, x, v in asked.ask(sql)
    )


def _within(column: str, steps: Steps, place: int) -> tuple[Filter, ...]:
    return number_slot(column, steps.edge(place), steps.edge(place + 1), whole=False).filters
