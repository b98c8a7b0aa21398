"""What has changed, over HTTP: takes two snapshots' ids, gives the rows that differ; takes a key, gives its history."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ladle.errors import BadInput
from ladle.shapes import diff_shape, listed, moment_shape, row_diff_shape
from ladle_server.api import lists, shapes, shapes_of_data
from ladle_server.api.snapshots import IF_NONE_MATCH, KEPT, Kept, find

KEY = OpenApiParameter("_key", many=True, description="A column that tells rows apart; several are one key.")


class DiffOfSnapshots(Kept):
    """What has changed from one snapshot to another."""

    @extend_schema(
        parameters=[
            KEY,
            OpenApiParameter("_only", enum=("added", "removed", "changed")),
            OpenApiParameter("_column", description="Only rows whose cell in this column has changed."),
            *shapes.ROW_WINDOW,
            IF_NONE_MATCH,
        ],
        responses={200: shapes_of_data.DiffShape, **KEPT, **shapes.problems(400, 404)},
    )
    def get(self, request: Request, before: str, after: str) -> Response:
        """Rows that were added, removed and changed, cell by cell, and how many of each there are."""
        part = lists.window(request, prefix="_", known=("_key", "_only", "_column"), repeated=("_key",))
        query = request.query_params
        found = find(before).diff(find(after), key=query.getlist("_key"))
        wanted = {"only": query.get("_only"), "column": query.get("_column")}
        rows = found.rows(**wanted, offset=part.offset, limit=part.limit)
        results = [row_diff_shape(row) for row in rows]
        return lists.answer(request, part, count=found.total(**wanted), results=results, **diff_shape(found))


class HistoryOfRecord(APIView):
    """One record in every snapshot of a dataset."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "key",
                required=True,
                many=True,
                description="The key's value, one for each of its columns.",
                examples=[shapes.example(["Luke Skywalker"])],
            ),
            KEY,
        ],
        responses={200: shapes.listed(shapes_of_data.MomentShape), **shapes.problems(400, 404)},
    )
    def get(self, request: Request, snapshot: str) -> Response:
        """What became of a record from snapshot to snapshot, oldest first; a new snapshot adds to it."""
        query = request.query_params
        lists.check_keys(query, ("key", "_key"), repeated=("key", "_key"))
        if "key" not in query:
            raise BadInput("No record is named.", hint="Say which with key=, its value in the key's column.")
        moments = find(snapshot).history(*query.getlist("key"), key=query.getlist("_key"))
        return Response(listed([moment_shape(moment) for moment in moments]))
