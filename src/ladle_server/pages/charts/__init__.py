"""Pictures as SVG: takes plain numbers, gives shapes and labels as data for templates; pure, knows no snapshot."""

from ladle_server.pages.charts.spark import HEIGHT, WIDTH, Bar, histogram, widths

__all__ = ["HEIGHT", "WIDTH", "Bar", "histogram", "widths"]
