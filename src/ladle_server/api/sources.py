"""Sources and plans: takes a source's name, gives what it is, what it allows and what a collection would cost."""

from __future__ import annotations

import os

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import NotFound, unknown
from ladle.shapes import plan_shape, source_shape
from ladle_server.api import lists, shapes, shapes_of_data
from ladle_server.catalog.runs import home


class Sources(APIView):
    """The sources at hand."""

    @extend_schema(
        responses={
            200: shapes.listed(shapes_of_data.SourceShape),
            **shapes.problems(400),
        },
        parameters=shapes.WINDOW,
    )
    def get(self, request: Request) -> Response:
        """All sources."""
        part = lists.window(request)
        known = ladle.all_sources(home=home())
        results = [source_shape(source, env=os.environ) for source in known[part.offset : part.offset + part.limit]]
        return Response(lists.page(request, part, count=len(known), results=results))


class OneSource(APIView):
    """One source."""

    @extend_schema(responses={200: shapes_of_data.SourceShape, **shapes.problems(404)})
    def get(self, request: Request, source: str) -> Response:
        """What a source is, what it allows, and its datasets."""
        lists.check_keys(request.query_params, ())
        return Response(source_shape(find(source), env=os.environ))


class PlanOfDataset(APIView):
    """The price of a collection."""

    @extend_schema(responses={200: shapes_of_data.PlanShape, **shapes.problems(400, 404)})
    def get(self, request: Request, source: str, dataset: str) -> Response:
        """The requests that a run would make, from which quotas, and how long it would take; nothing is asked for."""
        lists.check_keys(request.query_params, ())
        return Response(plan_shape(ladle.plan(f"{source}/{dataset}", home=home())))


def find(name: str) -> ladle.Source:
    """The source of that name; raises NotFound."""
    known = {source.name: source for source in ladle.all_sources(home=home())}
    if name not in known:
        raise NotFound(unknown("source", name, known))
    return known[name]
