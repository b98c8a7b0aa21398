"""What charts look like, for the OpenAPI description: takes nothing, gives serializers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

KINDS = ("histogram", "bars", "heatmap", "line", "map")
HOWS = ("count", "mean", "min", "max", "sum")
UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year", "decade")
MOST_BINS = 200


class MarkShape(serializers.Serializer[Any]):
    """A mark of a chart: what it stands for, and how many rows it has."""

    values = serializers.DictField(
        child=serializers.JSONField(),
        help_text='By column: a value, null, or a bin such as `{"low": 50, "high": 100, "text": "50 to 100"}`.',
    )
    count = serializers.IntegerField()
    share = serializers.FloatField(help_text="Of the view's rows, from 0 to 1.")
    value = serializers.FloatField(
        allow_null=True, help_text="What is told of the numbers of its rows; null where there is none."
    )
    label = serializers.CharField(  # type: ignore[assignment]  # a field of the base class goes by that name
        allow_null=True, help_text="Of a place on a map: its first row's text."
    )


class ChartShape(serializers.Serializer[Any]):
    """A chart. The marks' counts, `missing` and `rest` add up to `total_rows`, the rows of the view."""

    kind = serializers.ChoiceField(KINDS)
    of = serializers.ListField(child=serializers.CharField())
    value = serializers.CharField(allow_null=True, help_text="The column of numbers that is told of each mark.")
    how = serializers.ChoiceField(HOWS)
    unit = serializers.ChoiceField(UNITS, allow_null=True, help_text="Of a line's bins.")
    width = serializers.FloatField(
        allow_null=True, help_text="Of a histogram's bins; of the cells of a map's grid, in degrees."
    )
    distinct = serializers.IntegerField(
        allow_null=True, help_text="Of bars all values, of a map all places, shown or not."
    )
    total_rows = serializers.IntegerField()
    missing = serializers.IntegerField(help_text="Rows without a number, a time or a place.")
    rest = serializers.IntegerField(help_text="Rows with other values than those shown.")
    count = serializers.IntegerField(help_text="Of the marks.")
    next = serializers.URLField(allow_null=True, help_text="Always null: a chart comes in one piece.")
    previous = serializers.URLField(allow_null=True)
    results = MarkShape(many=True)


class SeriesLine(serializers.Serializer[Any]):
    """A snapshot and what it says of the column; null where it has no such column, or no numbers in it."""

    id = serializers.CharField()
    taken_at = serializers.DateTimeField()
    complete = serializers.BooleanField()
    rows = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    missing = serializers.IntegerField(allow_null=True)
    distinct = serializers.IntegerField(allow_null=True)


class SeriesShape(serializers.Serializer[Any]):
    """A dataset's snapshots, oldest first."""

    dataset = serializers.CharField()
    of = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True, help_text="Always null.")
    previous = serializers.URLField(allow_null=True)
    results = SeriesLine(many=True)
