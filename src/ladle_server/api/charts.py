"""Charts over HTTP: takes a snapshot's or a dataset's name and what to draw, gives the numbers that a chart shows."""

from __future__ import annotations

import os

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.shapes_of_charts import chart_shape, series_shape
from ladle_server.api import lists, shapes, shapes_of_charts, shapes_of_data
from ladle_server.api.answering import not_yet
from ladle_server.api.snapshots import IF_NONE_MATCH, KEPT, Kept, find, view_of
from ladle_server.catalog import runs
from ladle_server.environment import answer_seconds

ONCE = frozenset({"kind", "value", "_how", "_bin", "_bins", "colour"})
KEYS = ONCE | {"of"}
OF = OpenApiParameter(
    "of",
    required=True,
    many=True,
    description="A column; of a heatmap two, of a map those of latitude and longitude. A filter of a column that is "
    "called as one of these keys is written with its operator: `of__exact=1`.",
    examples=[shapes.example(["gender"])],
)
PARAMETERS = (
    OpenApiParameter("kind", required=True, enum=shapes_of_charts.KINDS, examples=[shapes.example("bars")]),
    OF,
    OpenApiParameter(
        "_bins", int, description="A histogram's bins at most, 2 to 200; else 10 to 40 as there are rows."
    ),
    OpenApiParameter("value", description="A line's column of numbers; without it rows are counted."),
    OpenApiParameter(
        "_how", enum=shapes_of_charts.HOWS, description="What a line tells of `value`, else its mean; else count."
    ),
    OpenApiParameter("_bin", enum=shapes_of_charts.UNITS, description="A line's bins; else such that 100 are enough."),
    OpenApiParameter("colour", description="A map's column of numbers, whose mean is told of each place."),
)


class ChartOfSnapshot(Kept):
    """What a chart of a snapshot's rows shows."""

    @extend_schema(
        parameters=[*PARAMETERS, *(each for each in shapes.VIEW if each.name not in ("_sort", "_col")), IF_NONE_MATCH],
        responses={
            200: shapes_of_charts.ChartShape,
            202: shapes_of_data.Running,
            **KEPT,
            **shapes.problems(400, 404, 409, 503),
        },
    )
    def get(self, request: Request, snapshot: str) -> Response:
        """The numbers of a histogram, bars, a heatmap, a line over time or a map of a view's rows, all in one piece.

        Each mark tells what it stands for, how many rows it has and which share of the view's. What takes longer than
        a moment is worked on and answered with 202: ask again.
        """
        found, query = find(snapshot), request.query_params
        view = view_of(found, request, reserved=KEYS)
        lists.check_keys(query, set(query), repeated=set(query) - ONCE)
        how = lists.word(query, "_how", shapes_of_charts.HOWS, of="way to sum up")
        unit = lists.word(query, "_bin", shapes_of_charts.UNITS, of="unit of time")
        bins = lists.whole_number(query, "_bins", default=0, least=2, most=shapes_of_charts.MOST_BINS)
        try:
            drawn = found.chart(
                query.get("kind", ""),
                *query.getlist("of"),
                view=view,
                bins=bins or None,
                value=query.get("value", ""),
                how=how or "",
                unit=unit or "",
                colour=query.get("colour", ""),
                wait=answer_seconds(os.environ),
            )
        except ladle.StillRunning as running:
            return not_yet(request, progress=running.progress, question=running.question)
        return Response(chart_shape(drawn))


class SeriesOfDataset(APIView):
    """A dataset's snapshots one after another."""

    @extend_schema(
        parameters=[OpenApiParameter("of", description="A column, whose figures are told too.")],
        responses={200: shapes_of_charts.SeriesShape, **shapes.problems(400, 404)},
    )
    def get(self, request: Request, source: str, dataset: str) -> Response:
        """The latest 200 snapshots, oldest first: their rows, and a column's mean, missing and distinct values."""
        lists.check_keys(request.query_params, {"of"})
        name, of = f"{source}/{dataset}", request.query_params.get("of", "")
        return Response(series_shape(name, ladle.series(name, of=of, home=runs.home()), of=of))
