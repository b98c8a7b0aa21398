"""Sources of one's own over HTTP: takes definitions and addresses, gives mistakes, prices, first rows and sources."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import BadInput, DefinitionError
from ladle.shapes_of_sources import inferred_shape, mistake_shape, plan_shape, preview_shape, source_shape
from ladle_server.api import lists, shapes, shapes_of_sources
from ladle_server.api.formats import boolean, object_of, shown, texts
from ladle_server.api.guard import refuse_strangers
from ladle_server.api.once import made_once
from ladle_server.catalog import own, runs

BY = "the API"
PLACES = ("query", "header", "bearer", "basic")


class CheckDefinition(APIView):
    """What is wrong with a definition, and what it would cost."""

    @extend_schema(
        request=shapes_of_sources.DefinitionShape,
        responses={200: shapes_of_sources.CheckedShape, **shapes.problems(400, 415)},
    )
    def post(self, request: Request) -> Response:
        """Every mistake with its place, and where there is none the price of each dataset. Nobody is asked anything."""
        lists.check_keys(request.query_params, ())
        text, files = definition_of(request.data)
        draft = own.draft(text, files, ask=False)
        return Response(
            {
                "mistakes": [mistake_shape(each) for each in draft.checked.mistakes],
                "plans": [plan_shape(each.plan) for each in draft.datasets],
            }
        )


class PreviewDefinition(APIView):
    """The first rows that a definition brings."""

    @extend_schema(
        request=shapes_of_sources.DefinitionShape,
        responses={200: shapes_of_sources.PreviewsShape, **shapes.problems(400, 415, 502)},
    )
    def post(self, request: Request) -> Response:
        """First rows of each dataset, for one request to each of its resources; or why there are none."""
        lists.check_keys(request.query_params, ())
        text, files = definition_of(request.data)
        draft = own.draft(text, files, ask=True)
        if draft.checked.source is None:
            raise DefinitionError.of(draft.checked.mistakes)
        results = [
            {"dataset": each.name, "error": str(each.trouble)} if each.preview is None else preview_shape(each.preview)
            for each in draft.datasets
        ]
        return Response({"results": results})


class InferDefinition(APIView):
    """From an address to a definition."""

    @extend_schema(
        request=shapes_of_sources.InferShape,
        responses={200: shapes_of_sources.InferredShape, **shapes.problems(400, 415, 502)},
    )
    def post(self, request: Request) -> Response:
        """Asks the address two or three times; says how sure it is of each finding, and what could not be found."""
        lists.check_keys(request.query_params, ())
        body = object_of(request.data, ("url", "openapi", "auth", "name"))
        url, name = body.get("url"), body.get("name")
        if not isinstance(url, str):
            raise BadInput(f'"url" is {shown(url)}.', hint='Send {"url": "https://api.example.org/v1/things"}.')
        openapi = boolean(body, "openapi") or False
        if name is not None and not isinstance(name, str):
            raise BadInput(f'"name" is {shown(name)}.', hint="It is a text, or left out.")
        return Response(inferred_shape(own.infer(url, openapi=openapi, auth=_auth(body.get("auth")), name=name)))


class PreviewOfDataset(APIView):
    """The first rows of a dataset."""

    @extend_schema(
        parameters=[shapes_of_sources.PARAMETERS],
        responses={200: shapes_of_sources.PreviewShape, **shapes.problems(400, 404, 502)},
    )
    def get(self, request: Request, source: str, dataset: str) -> Response:
        """Rows as a run would bring them, for one request to each resource; parameters go by name, `?units=metric`."""
        refuse_strangers(request)
        values = parameters(request.query_params)
        return Response(preview_shape(own.preview(f"{source}/{dataset}", values)))


def save(request: Request) -> Response:
    """Keep a definition under its name; 201 with its Location."""
    text, files = definition_of(request.data)
    wish = {"definition": text, "files": files}

    def make() -> str:
        return own.save(text, files, made_by=BY).name

    def find(name: str) -> ladle.Source:
        return ladle.source(name, home=runs.home())

    kept = made_once(request, make, find=find, what="sources", wish=wish)
    headers = {"Location": reverse("api-source", args=[kept.name])}
    return Response(source_shape(kept, env=os.environ), status=HTTPStatus.CREATED, headers=headers)


def parameters(query: QueryDict) -> dict[str, str]:
    """A source's parameters by name; which there are is for the source to say. Raises BadInput for one given twice."""
    lists.check_keys(query, query)
    return {name: str(query[name]) for name in query}


def definition_of(body: Any) -> tuple[str, dict[str, str]]:
    """A definition and the lists that it names, from a request's body; raises BadInput for another shape."""
    told = object_of(body, ("definition", "files"))
    text, files = told.get("definition"), told.get("files", {})
    if not isinstance(text, str):
        hint = 'Send {"definition": "ladle = 1 …"}, the text of the TOML file.'
        raise BadInput(f'"definition" is {shown(text)}.', hint=hint)
    return text, texts(files, "files")


def _auth(value: Any) -> ladle.Auth | None:
    """`{"place": "header", "name": "X-Key", "env": "API_KEY"}`."""
    if value is None:
        return None
    hint = f'Send {{"place": …, "name": …, "env": …}}; places: {", ".join(PLACES)}. Never send the key itself.'
    if not isinstance(value, dict) or value.get("place") not in PLACES or value.keys() - {"place", "name", "env"}:
        raise BadInput('"auth" does not say where a key goes.', hint=hint)
    env, name = value.get("env"), value.get("name", "Authorization")
    if not isinstance(env, str) or not isinstance(name, str) or not env.isupper() or not env.isascii():
        raise BadInput('"auth" names no environment variable.', hint=hint)
    return ladle.Auth(place=value["place"], name=name, env=env)
