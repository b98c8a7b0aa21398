"""The map of a snapshot's rows: takes a scope and the columns of latitude and longitude, gives land and points."""

from __future__ import annotations

from ladle_server.pages.charts import map as map_of
from ladle_server.pages.pictures.picture import Mark, Picture, Scope, named, rows
from ladle_server.pages.words import figure

MOST = 2000
"""Points that a page draws one by one, each with its link: more would weigh half a megabyte."""


def places(scope: Scope, lat: str, lon: str, *, colour: str, label: str) -> Picture:
    """Every place, or where there are too many of them the cells of a grid."""
    found = scope.snapshot.points(lat, lon, view=scope.view, colour=colour, label=label, most=MOST)
    marks = []
    for place in found.places:
        shown = "–" if place.value is None else figure(place.value)
        where = ((lat, f"{place.lat:.6g}", True), (lon, f"{place.lon:.6g}", True))
        cells: tuple[tuple[str, object, bool], ...] = where + (((colour, shown, True),) if colour else ())
        words = named(place.label) if place.label else f"{lat} {place.lat:.6g}, {lon} {place.lon:.6g}"
        record: dict[str, object] = {lat: place.lat, lon: place.lon, "count": place.count}
        if colour:
            record |= {f"{colour} mean": place.value}
        if label and found.cell is None:
            cells, record = ((label, place.label, False), *cells), {label: place.label, **record}
        text = f"{words}, {colour} {shown}" if colour else words
        marks.append(Mark(text=text, count=place.count, filters=place.filters, cells=cells, record=record))
    lines = scope.lines(marks, total=found.total)
    shape = map_of.drawn(
        [(place.lat, place.lon) for place in found.places],
        counts=[place.count for place in found.places],
        values=[place.value for place in found.places],
    )
    facts = [(f"{rows(found.missing)} without a place", "")] if found.missing else []
    if found.cell is not None:
        cells_words = f"{found.distinct:,} places are told by the cells of a grid of {figure(found.cell)}°"
        facts.append((f"{cells_words}, each dot at the middle of its rows", ""))
    told = {"total_rows": found.total, "missing": found.missing, "distinct": found.distinct, "cell": found.cell}
    return Picture(
        template="map",
        title="Map of the rows" + (f", by {colour}" if colour else ""),
        total=found.total,
        shape=shape,
        shapes=tuple(zip(shape.dots, lines, strict=True)),
        lines=lines,
        records=tuple(mark.record for mark in marks),
        facts=tuple(facts),
        head=told,
    )
