"""Sources and plans: takes a source's name, gives what it is, what it allows and what a collection would cost."""

from __future__ import annotations

import os
from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import NotFound
from ladle.shapes_of_sources import plan_shape, source_shape, version_shape
from ladle_server.api import lists, own, shapes, shapes_of_sources
from ladle_server.api.once import KEY
from ladle_server.catalog import own as kept
from ladle_server.catalog import runs


class Sources(APIView):
    """The sources at hand."""

    @extend_schema(
        responses={
            200: shapes.listed(shapes_of_sources.SourceShape),
            **shapes.problems(400),
        },
        parameters=shapes.WINDOW,
    )
    def get(self, request: Request) -> Response:
        """All sources."""
        part = lists.window(request)
        known = ladle.all_sources(home=runs.home())
        results = [source_shape(source, env=os.environ) for source in known[part.offset : part.offset + part.limit]]
        return lists.answer(request, part, count=len(known), results=results)

    @extend_schema(
        request=shapes_of_sources.DefinitionShape,
        parameters=[KEY],
        responses={201: shapes_of_sources.SourceShape, **shapes.problems(400, 409, 415)},
    )
    def post(self, request: Request) -> Response:
        """Keep a definition, to be used by its name at once; a name of one's own that is there gets a new version."""
        lists.check_keys(request.query_params, ())
        return own.save(request)


class OneSource(APIView):
    """One source."""

    @extend_schema(responses={200: shapes_of_sources.OneSourceShape, **shapes.problems(400, 404)})
    def get(self, request: Request, source: str) -> Response:
        """What a source is, what it allows, its datasets, its definition, and of one's own its versions."""
        lists.check_keys(request.query_params, ())
        found = ladle.source(source, home=runs.home())
        versions = [version_shape(each) for each in kept.versions(source)]
        told = source_shape(found, env=os.environ)
        return Response({**told, "definition": found.text, "versions": versions})

    @extend_schema(responses={204: None, **shapes.problems(400, 404, 409)})
    def delete(self, request: Request, source: str) -> Response:
        """Let nothing go by the name of a source of one's own any more; versions, runs and snapshots stay."""
        lists.check_keys(request.query_params, ())
        kept.remove(source)
        return Response(status=HTTPStatus.NO_CONTENT)


class Versions(APIView):
    """What went by a name."""

    @extend_schema(
        parameters=shapes.WINDOW,
        responses={200: shapes.listed(shapes_of_sources.VersionShape), **shapes.problems(400, 404)},
    )
    def get(self, request: Request, source: str) -> Response:
        """All versions of a source of one's own, newest first; of one that was removed too."""
        part = lists.window(request)
        known = ladle.source_versions(source, home=runs.home())
        results = [version_shape(each) for each in known[part.offset : part.offset + part.limit]]
        return lists.answer(request, part, count=len(known), results=results)


class OneVersion(APIView):
    """One of them."""

    @extend_schema(
        parameters=[shapes.numbered("version")],
        responses={200: shapes_of_sources.OneVersionShape, **shapes.problems(400, 404)},
    )
    def get(self, request: Request, source: str, version: str) -> Response:
        """A version with its definition, as it was kept."""
        lists.check_keys(request.query_params, ())
        known = ladle.source_versions(source, home=runs.home())
        found = next((each for each in known if str(each.number) == version), None)
        if found is None:
            numbers = ", ".join(str(each.number) for each in reversed(known))
            raise NotFound(f'{source} has no version "{version[:40]}".', hint=f"There are: {numbers}.")
        return Response({**version_shape(found), "definition": found.text})


class PlanOfDataset(APIView):
    """The price of a collection."""

    @extend_schema(
        parameters=[shapes_of_sources.PARAMETERS],
        responses={200: shapes_of_sources.PlanShape, **shapes.problems(400, 404)},
    )
    def get(self, request: Request, source: str, dataset: str) -> Response:
        """The requests that a run would make, from which quotas, and how long it would take; nothing is asked for.

        Parameters of the source go by their names: `?units=imperial`.
        """
        values = own.parameters(request.query_params)
        return Response(
            plan_shape(ladle.plan(f"{source}/{dataset}", parameters=values, home=runs.home(), trusted=False))
        )
