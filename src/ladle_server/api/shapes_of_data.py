"""What snapshots and what is asked of them look like, for the OpenAPI description: takes nothing, gives serializers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ladle_server.api.shapes import GapShape


class SnapshotFacts(serializers.Serializer[Any]):
    """A snapshot in short; its size is that of its CSV file in bytes."""

    id = serializers.CharField()
    dataset = serializers.CharField()
    taken_at = serializers.DateTimeField()
    rows = serializers.IntegerField()
    columns = serializers.IntegerField()
    requests = serializers.IntegerField()
    complete = serializers.BooleanField()
    size_csv = serializers.IntegerField()


class SnapshotLine(SnapshotFacts):
    """A snapshot in the list."""

    url = serializers.CharField()


class ColumnShape(serializers.Serializer[Any]):
    """A column of a snapshot."""

    name = serializers.CharField()
    type = serializers.ChoiceField(["text", "integer", "number", "boolean", "date", "timestamp"])


class ImportedShape(serializers.Serializer[Any]):
    """A file that was made elsewhere, and how it was read."""

    file = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    settings = serializers.DictField(child=serializers.CharField())


class FileShape(serializers.Serializer[Any]):
    """A file of a snapshot."""

    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class ManifestShape(serializers.Serializer[Any]):
    """Where a snapshot came from and what it holds."""

    id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of the base class goes by that name
    dataset = serializers.CharField()
    title = serializers.CharField()
    run = serializers.CharField()
    definition_sha256 = serializers.CharField()
    base_url = serializers.CharField(help_text="Where the API was; empty of a file that was imported.")
    license = serializers.CharField()
    quotas = serializers.ListField(child=serializers.CharField())
    requests = serializers.IntegerField()
    started = serializers.DateTimeField()
    finished = serializers.DateTimeField()
    rows = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    claimed = serializers.IntegerField(allow_null=True)
    found = serializers.IntegerField()
    complete = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    gaps = GapShape(many=True)
    columns = ColumnShape(many=True)
    files = serializers.DictField(child=FileShape())
    made_by = serializers.CharField()
    unchanged = serializers.IntegerField()
    format = serializers.IntegerField()
    readings = serializers.IntegerField(help_text="How often the page that was read most often was read.")
    reread = serializers.IntegerField(help_text="Requests for pages that had been read before, since they moved.")
    notes = serializers.ListField(child=serializers.CharField())
    continues = serializers.CharField(allow_null=True, help_text="The run whose gaps were filled.")
    parameters = serializers.DictField(child=serializers.CharField(), help_text="The source's, as they were set.")
    definition_version = serializers.IntegerField(allow_null=True, help_text="Of a source of one's own.")
    filtered = serializers.IntegerField(help_text="Records left out as the definition says.")
    key = serializers.CharField(allow_null=True, help_text="The column that holds the key.")
    imported = ImportedShape(allow_null=True, help_text="The file that it was made from, where no run collected it.")


class Row(serializers.Serializer[Any]):
    """One row: a value for each of the snapshot's columns, by the column's name."""


def numbers() -> serializers.ListField:
    """Where the rows of a page stand in the table."""
    return serializers.ListField(child=serializers.IntegerField(), help_text="Each row's number in the table, from 1.")


class QueryShape(serializers.Serializer[Any]):
    """One SELECT on the table `data`."""

    query = serializers.CharField()


class SelectedShape(serializers.Serializer[Any]):
    """A page of a query's result; `count` is the number of its rows, or at least so many where it is not `exact`."""

    columns = ColumnShape(many=True)
    exact = serializers.BooleanField()
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True, help_text="Post the same query there.")
    previous = serializers.URLField(allow_null=True)
    results = Row(many=True)


class CountShape(serializers.Serializer[Any]):
    """One combination of values: how many rows have it, and what share of all rows that is."""

    values = serializers.DictField(child=serializers.JSONField())
    count = serializers.IntegerField()
    share = serializers.FloatField()


class RestShape(serializers.Serializer[Any]):
    """The combinations after those of the page, summed up."""

    combinations = serializers.IntegerField()
    count = serializers.IntegerField()
    share = serializers.FloatField()


class Running(serializers.Serializer[Any]):
    """The answer is still being worked out: ask the same address again."""

    state = serializers.ChoiceField(["running"])
    progress = serializers.FloatField(allow_null=True, help_text="From 0 to 1; null where that is not known.")
    question = serializers.URLField(allow_null=True, help_text="Its own address; DELETE there stops it for all.")


class Counts(serializers.Serializer[Any]):
    """A page of combinations; `count` is the number of combinations, `total_rows` of the rows counted.

    A value that is a bin is `{"low": 50, "high": 100, "text": "50 to 100"}`.
    """

    columns = serializers.ListField(child=serializers.CharField())
    total_rows = serializers.IntegerField()
    rest = RestShape()
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CountShape(many=True)


class ColumnDiffShape(serializers.Serializer[Any]):
    """A column of either snapshot; the type is null where it lacks."""

    name = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)
    fate = serializers.ChoiceField(["kept", "added", "removed", "retyped"])
    changed = serializers.IntegerField(help_text="Rows whose cell in it has changed.")


class RowDiffShape(serializers.Serializer[Any]):
    """A row that differs: as it was, as it is, and the columns whose cells have changed."""

    kind = serializers.ChoiceField(["added", "removed", "changed"])
    changed = serializers.ListField(child=serializers.CharField())
    before = Row(allow_null=True)
    after = Row(allow_null=True)


class DiffShape(serializers.Serializer[Any]):
    """How two snapshots differ, and a page of the rows that do; `count` is their number."""

    dataset = serializers.CharField()
    before = SnapshotFacts()
    after = SnapshotFacts()
    key = serializers.ListField(child=serializers.CharField())
    key_from = serializers.ChoiceField(["resource", "chosen", "unique"])
    unique = serializers.ListField(child=serializers.CharField(), help_text="Columns that are unique in both.")
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    columns = ColumnDiffShape(many=True)
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RowDiffShape(many=True)


class OneRowShape(serializers.Serializer[Any]):
    """One row alone."""

    snapshot = serializers.CharField()
    number = serializers.IntegerField(help_text="In the table, from 1.")
    rows = serializers.IntegerField(help_text="How many rows the table has.")
    row = Row()


class MomentShape(serializers.Serializer[Any]):
    """A record in one snapshot, and what became of it since the one before."""

    snapshot = serializers.CharField()
    taken_at = serializers.DateTimeField()
    fate = serializers.ChoiceField(["first", "added", "same", "changed", "removed", "absent", "unknown"])
    changed = serializers.ListField(child=serializers.CharField())
    row = Row(allow_null=True)
    before = Row(allow_null=True)
    note = serializers.CharField()
