"""What a snapshot's profile looks like, for the OpenAPI description: takes nothing, gives serializers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

SHARES = "The least values that 0.05, 0.25, 0.5, 0.75 and 0.95 of all values do not exceed, by these shares."


class TopShape(serializers.Serializer[Any]):
    """A value and how many rows have it."""

    value = serializers.JSONField()
    count = serializers.IntegerField()


class LengthShape(serializers.Serializer[Any]):
    """Characters of a column's texts; null where there is none."""

    min = serializers.IntegerField(allow_null=True)
    max = serializers.IntegerField(allow_null=True)
    mean = serializers.FloatField(allow_null=True)


# "from" is a word of Python's, so that this class can only be made by its name.
BinShape = type(
    "BinShape",
    (serializers.Serializer,),
    {
        "__doc__": "How many values lie from `from` up to `to`; the last bin has its `to`.",
        "from": serializers.JSONField(),
        "to": serializers.JSONField(),
        "count": serializers.IntegerField(),
    },
)


class NumbersShape(serializers.Serializer[Any]):
    """Numbers that are written as text, and the most frequent texts of the column that are none."""

    count = serializers.IntegerField()
    min = serializers.FloatField()
    max = serializers.FloatField()
    mean = serializers.FloatField()
    quantiles = serializers.DictField(child=serializers.FloatField(), help_text=SHARES)
    histogram = BinShape(many=True)
    others = TopShape(many=True)
    other_count = serializers.IntegerField()


class ColumnProfileShape(serializers.Serializer[Any]):
    """What is in a column. Text has `blank` and `length`, perhaps `numbers`; numbers, dates and times have the rest."""

    name = serializers.CharField()
    type = serializers.ChoiceField(["text", "integer", "number", "boolean", "date", "timestamp"])
    missing = serializers.IntegerField()
    distinct = serializers.IntegerField()
    top = TopShape(many=True)
    blank = serializers.IntegerField(required=False)
    length = LengthShape(required=False)
    numbers = NumbersShape(required=False)
    min = serializers.JSONField(required=False, allow_null=True)
    max = serializers.JSONField(required=False, allow_null=True)
    mean = serializers.FloatField(required=False, allow_null=True)
    histogram = BinShape(many=True, required=False)
    quantiles = serializers.DictField(child=serializers.JSONField(), required=False, help_text=SHARES)


class ProfileShape(serializers.Serializer[Any]):
    """What is in each column. Snapshots of older versions of Ladle lack `quantiles_exact`, quantiles and numbers."""

    rows = serializers.IntegerField()
    distinct_exact = serializers.BooleanField()
    quantiles_exact = serializers.BooleanField(required=False, help_text="Else they are those of a million rows.")
    columns = ColumnProfileShape(many=True)
