"""What a picture shows: takes a snapshot's columns within a view, gives counts and means by bins, values and places."""

from ladle.explore.charting.bars import Bars
from ladle.explore.charting.chart import KINDS, Chart, ChartRow, Kind
from ladle.explore.charting.heat import Heat
from ladle.explore.charting.histogram import Histogram
from ladle.explore.charting.line import Line, LinePoint
from ladle.explore.charting.mixin import Charting
from ladle.explore.charting.points import Place, Points
from ladle.explore.charting.slots import Counted, Slot

__all__ = [
    "KINDS",
    "Bars",
    "Chart",
    "ChartRow",
    "Charting",
    "Counted",
    "Heat",
    "Histogram",
    "Kind",
    "Line",
    "LinePoint",
    "Place",
    "Points",
    "Slot",
]
