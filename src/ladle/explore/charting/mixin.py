"""What a snapshot's pictures show: takes columns and a view, gives bins, values, pairs, times and places."""

from __future__ import annotations

from pathlib import Path

from ladle.explore.charting.asked import asked
from ladle.explore.charting.bars import MOST as MOST_BARS
from ladle.explore.charting.bars import Bars, bars
from ladle.explore.charting.heat import Heat, heat
from ladle.explore.charting.histogram import Histogram, histogram
from ladle.explore.charting.line import Line, line
from ladle.explore.charting.points import MOST as MOST_PLACES
from ladle.explore.charting.points import Points, points
from ladle.explore.view import WHOLE, View
from ladle.snapshots.manifest import Manifest


class Charting:
    """The questions that a chart answers, all within a view's filters and search; errors as a snapshot's others."""

    __slots__ = ()
    folder: Path
    manifest: Manifest

    def histogram(self, column: str, *, view: View = WHOLE, bins: int | None = None) -> Histogram:
        """How a column's numbers are spread over at most `bins` round bins, or 10 to 40 as there are rows."""
        return histogram(asked(self.folder, self.manifest, view), column, bins=bins)

    def bars(self, column: str, *, view: View = WHOLE, most: int = MOST_BARS) -> Bars:
        """A column's most frequent values, and how many rows have others."""
        return bars(asked(self.folder, self.manifest, view), column, most=most)

    def heat(self, down: str, across: str, *, view: View = WHOLE) -> Heat:
        """How many rows each pair of two columns' values has: the 20 most frequent values of each, or 20 round bins."""
        return heat(asked(self.folder, self.manifest, view), down, across)

    def line(self, column: str, *, view: View = WHOLE, value: str = "", how: str = "", unit: str = "") -> Line:
        """Rows over the time in `column`, by minute, hour, day, week, month, quarter, year or decade.

        With `value`, a column of numbers, its mean in each bin, or `how`: `mean`, `min`, `max` or `sum`.
        """
        return line(asked(self.folder, self.manifest, view), column, value=value, how=how, unit=unit)

    def points(
        self,
        lat: str,
        lon: str,
        *,
        view: View = WHOLE,
        colour: str = "",
        label: str = "",
        most: int = MOST_PLACES,
    ) -> Points:
        """The rows' places in degrees, with the mean of a number and a text; beyond `most` places, by cells."""
        return points(asked(self.folder, self.manifest, view), lat, lon, colour=colour, label=label, most=most)
