"""Sources and plans: takes a source's name, gives what it is, what it allows and what a collection would cost."""

from __future__ import annotations

import os
from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import NotFound, unknown
from ladle_server.api import lists, shapes, shapes_of_data


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
        known = ladle.all_sources()
        results = [told(source) for source in known[part.offset : part.offset + part.limit]]
        return Response(lists.page(request, part, count=len(known), results=results))


class OneSource(APIView):
    """One source."""

    @extend_schema(responses={200: shapes_of_data.SourceShape, **shapes.problems(404)})
    def get(self, request: Request, source: str) -> Response:
        """What a source is, what it allows, and its datasets."""
        lists.check_keys(request.query_params, ())
        return Response(told(find(source)))


class PlanOfDataset(APIView):
    """The price of a collection."""

    @extend_schema(responses={200: shapes_of_data.PlanShape, **shapes.problems(400, 404)})
    def get(self, request: Request, source: str, dataset: str) -> Response:
        """The requests that a run would make, from which quotas, and how long it would take; nothing is asked for."""
        lists.check_keys(request.query_params, ())
        return Response(asdict(ladle.plan(f"{source}/{dataset}")))


def find(name: str) -> ladle.Source:
    """The source of that name; raises NotFound."""
    known = {source.name: source for source in ladle.all_sources()}
    if name not in known:
        raise NotFound(unknown("source", name, known))
    return known[name]


def told(source: ladle.Source) -> dict[str, object]:
    """A source as JSON. Of a credential it tells where it goes and whether it is there, never what it is."""
    auth = source.auth and {
        "place": source.auth.place,
        "name": source.auth.name,
        "setting": source.auth.env,
        "present": bool(os.environ.get(source.auth.env)),
    }
    return {
        "name": source.name,
        "title": source.title,
        "homepage": source.homepage,
        "license": source.license,
        "base_url": source.base_url,
        "quotas": [quota.text for quota in source.quotas],
        "pace": source.pace,
        "auth": auth,
        "settings": [
            source.base_url_setting,
            source.quota_setting,
            source.pace_setting,
        ],
        "datasets": [
            {
                "name": dataset.name,
                "title": dataset.title,
                "resource": dataset.resource,
                "columns": [column.name for column in dataset.columns],
            }
            for dataset in source.datasets.values()
        ],
    }
