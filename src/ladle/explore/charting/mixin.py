"""What a snapshot's pictures show: takes columns and a view, gives bins, values, pairs, times and places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ladle.explore.answers import Answers
from ladle.explore.charting.asked import Asked, asked
from ladle.explore.charting.bars import MOST as MOST_BARS
from ladle.explore.charting.bars import Bars, bars
from ladle.explore.charting.chart import Chart, of_bars, of_heat, of_histogram, of_line, of_points
from ladle.explore.charting.heat import Heat, heat
from ladle.explore.charting.histogram import Histogram, histogram
from ladle.explore.charting.line import Line, line
from ladle.explore.charting.points import MOST as MOST_PLACES
from ladle.explore.charting.points import Points, points
from ladle.explore.charting.wanted import check
from ladle.explore.desk import Desk
from ladle.explore.view import WHOLE, View
from ladle.explore.work import within
from ladle.snapshots.files import CSV
from ladle.snapshots.manifest import Manifest

T = TypeVar("T")
_ANSWERS = Answers(Desk("charts", most=2), most=32)
_AT_ONCE = 100_000
"""Rows of a table that is gone through in milliseconds: who asks need not wait behind a large one."""
_MOST_DRAWN = 2000
"""Places that a map draws one by one, each with its link: more would weigh half a megabyte on a page."""


class Charting:
    """The questions that a chart answers, all within a view's filters and search; errors as a snapshot's others.

    Each raises StillRunning where `wait` seconds are given and the answer is not there by then; it is worked on once
    for all who ask, and the latest answers are kept in memory.
    """

    __slots__ = ()
    folder: Path
    manifest: Manifest

    def chart(
        self,
        kind: str,
        *columns: str,
        view: View = WHOLE,
        bins: int | None = None,
        value: str = "",
        how: str = "",
        unit: str = "",
        colour: str = "",
        wait: float | None = None,
    ) -> Chart:
        """The table of a chart of a view's rows, as page, API and command line show it.

        `kind` is `histogram` (of a column of numbers, over at most `bins` round bins), `bars` (a column's 20 most
        frequent values), `heatmap` (of two columns), `line` (over a column of dates or times; `value`, `how` and `unit`
        as for `line`) or `map` (of the columns of latitude and longitude in degrees, with the mean of the column
        `colour`, each place labelled by the first column of text; beyond 2,000 places by the cells of a grid).

        Raises BadInput for another kind, columns too many or too few, and what the kind takes none of.
        """
        check(kind, columns, said={"bins": bins, "value": value, "how": how, "unit": unit, "colour": colour})
        if kind == "histogram":
            return of_histogram(self.histogram(*columns, view=view, bins=bins, wait=wait))
        if kind == "bars":
            return of_bars(self.bars(*columns, view=view, wait=wait))
        if kind == "heatmap":
            return of_heat(self.heat(*columns, view=view, wait=wait))
        if kind == "line":
            return of_line(self.line(*columns, view=view, value=value, how=how, unit=unit, wait=wait))
        label = next((column.name for column in self.manifest.columns if column.type == "text"), "")
        told = {"colour": colour, "label": label, "most": _MOST_DRAWN}
        return of_points(self.points(*columns, view=view, **told, wait=wait), label=label)  # type: ignore[arg-type]

    def histogram(
        self, column: str, *, view: View = WHOLE, bins: int | None = None, wait: float | None = None
    ) -> Histogram:
        """How a column's numbers are spread over at most `bins` round bins, or 10 to 40 as there are rows."""
        return self._drawn(lambda rows: histogram(rows, column, bins=bins), view, "histogram", column, bins, wait=wait)

    def bars(self, column: str, *, view: View = WHOLE, most: int = MOST_BARS, wait: float | None = None) -> Bars:
        """A column's most frequent values, and how many rows have others."""
        return self._drawn(lambda rows: bars(rows, column, most=most), view, "bars", column, most, wait=wait)

    def heat(self, down: str, across: str, *, view: View = WHOLE, wait: float | None = None) -> Heat:
        """How many rows each pair of two columns' values has: the 20 most frequent values of each, or 20 round bins."""
        return self._drawn(lambda rows: heat(rows, down, across), view, "heat", down, across, wait=wait)

    def line(
        self,
        column: str,
        *,
        view: View = WHOLE,
        value: str = "",
        how: str = "",
        unit: str = "",
        wait: float | None = None,
    ) -> Line:
        """Rows over the time in `column`, by minute, hour, day, week, month, quarter, year or decade.

        With `value`, a column of numbers, its mean in each bin, or `how`: `mean`, `min`, `max` or `sum`.
        """
        told = ("line", column, value, how, unit)
        return self._drawn(lambda rows: line(rows, column, value=value, how=how, unit=unit), view, *told, wait=wait)

    def points(
        self,
        lat: str,
        lon: str,
        *,
        view: View = WHOLE,
        colour: str = "",
        label: str = "",
        most: int = MOST_PLACES,
        wait: float | None = None,
    ) -> Points:
        """The rows' places in degrees, with the mean of a number and a text; beyond `most` places, by cells."""
        told = ("points", lat, lon, colour, label, most)
        return self._drawn(
            lambda rows: points(rows, lat, lon, colour=colour, label=label, most=most), view, *told, wait=wait
        )

    def _drawn(self, draw: Callable[[Asked], T], view: View, *told: object, wait: float | None) -> T:
        """What `draw` makes of the view's rows; `told` is all that it depends on besides."""
        found = asked(self.folder, self.manifest, view)
        read = replace(view, sort=(), columns=())
        key = repr((str(self.folder.absolute()), self.manifest.files[CSV].sha256, read, told))
        small = self.manifest.rows <= _AT_ONCE
        work = _ANSWERS.ask(key, lambda meter: draw(found if small else replace(found, meter=meter)), at_once=small)
        return within(work, wait)
