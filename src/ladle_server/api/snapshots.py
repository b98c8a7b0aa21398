"""Snapshots over HTTP: takes an id, gives its manifest, rows, counts and profile, to be cached for ever."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from http import HTTPStatus
from typing import get_args

from django.http import HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import BadInput, NotFound
from ladle.shapes import counts_shape, one_row_shape
from ladle_server.api import lists, shapes, shapes_of_data, shapes_of_profile
from ladle_server.api.answering import still_running
from ladle_server.catalog import runs
from ladle_server.catalog.discover import discover
from ladle_server.catalog.models import Snapshot
from ladle_server.catalog.reaching import storable
from ladle_server.catalog.telling_runs import snapshot_line

FOREVER = "public, max-age=31536000, immutable"
WINDOW_KEYS = {"_limit", "_offset"}
_ORDERS: tuple[ladle.CountOrder, ...] = get_args(ladle.CountOrder)
IF_NONE_MATCH = OpenApiParameter("If-None-Match", location="header", description="The ETag of what is at hand already.")
KEPT = {304: OpenApiResponse(description="It is what is at hand already.")}
COUNT_KEYS = WINDOW_KEYS | {"by", "_order"}
BY = OpenApiParameter(
    "by",
    required=True,
    many=True,
    description="A column, or a column and a bin: `height:50`, `height:auto`, `created:month` (year, quarter, month, "
    "day, hour). Repeat it for combinations.",
    examples=[shapes.example(["homeworld", "gender"])],
)


class Snapshots(APIView):
    """All snapshots."""

    @extend_schema(
        parameters=[
            *shapes.WINDOW,
            OpenApiParameter("dataset", description="Only of this one: `swapi/people`."),
        ],
        responses={
            200: shapes.listed(shapes_of_data.SnapshotLine),
            **shapes.problems(400),
        },
    )
    def get(self, request: Request) -> Response:
        """All snapshots, newest first."""
        part = lists.window(request, known=("dataset",))
        discover()
        known = Snapshot.objects.all()
        if wanted := request.query_params.get("dataset"):
            source, _, dataset = wanted.partition("/")
            known = known.filter(source=storable(source), dataset=storable(dataset))
        results = [snapshot_line(each) for each in known[part.offset : part.offset + part.limit]]
        return lists.answer(request, part, count=known.count(), results=results)


class Kept(APIView):
    """Something of a snapshot: the same for ever, so it is sent once and then told to be unchanged."""

    def dispatch(self, request: Request, *args: str, **kwargs: str) -> HttpResponseBase:  # type: ignore[override]
        """Answer, with an ETag of what was asked for; 304 to a client that has it."""
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code == HTTPStatus.OK:
            etag = _etag(request.get_full_path(), "..".join(kwargs.values()))
            if has(request, etag):
                response = HttpResponseNotModified()
            response["ETag"], response["Cache-Control"] = etag, FOREVER
        return response


class OneSnapshot(Kept):
    """One snapshot."""

    @extend_schema(
        responses={200: shapes_of_data.ManifestShape, **KEPT, **shapes.problems(400, 404)}, parameters=[IF_NONE_MATCH]
    )
    def get(self, request: Request, snapshot: str) -> Response:
        """The manifest: where every row came from, whether it is complete, checksums."""
        lists.check_keys(request.query_params, ())
        return Response(find(snapshot).manifest.to_json())


class Rows(Kept):
    """A snapshot's rows."""

    @extend_schema(
        parameters=[*shapes.VIEW, *shapes.ROW_WINDOW, IF_NONE_MATCH],
        responses={
            200: shapes.listed(shapes_of_data.Row, numbers=shapes_of_data.numbers()),
            202: shapes_of_data.Running,
            **KEPT,
            **shapes.problems(400, 404, 409, 503),
        },
    )
    def get(self, request: Request, snapshot: str) -> Response:
        """Rows, typed: all in the order of the collection, or those that filters and a search leave, sorted.

        `numbers` says where each of them stands in the table, from 1.
        A view that takes longer than a moment is worked on and answered with 202: ask again.
        """
        found = find(snapshot)
        query = request.query_params
        view = view_of(found, request, reserved=WINDOW_KEYS)
        part = lists.window(request, prefix="_", known=query, repeated=set(query) - WINDOW_KEYS)
        if (running := still_running(request, found.prepare(view))) is not None:
            return running
        looked = found.look(view, offset=part.offset, limit=part.limit)
        return lists.answer(request, part, count=looked.total, results=looked.rows, numbers=looked.numbers)


class OneRow(Kept):
    """One of a snapshot's rows."""

    @extend_schema(
        parameters=[shapes.numbered("number"), IF_NONE_MATCH],
        responses={200: shapes_of_data.OneRowShape, **KEPT, **shapes.problems(400, 404)},
    )
    def get(self, request: Request, snapshot: str, number: str) -> Response:
        """The row of that number in the table, counted from 1: every column and its whole value."""
        lists.check_keys(request.query_params, ())
        found = find(snapshot)
        if not re.fullmatch("[0-9]{1,18}", number):
            raise BadInput(f'"{number}" is no row.', hint=f"Rows are numbered from 1 to {found.manifest.rows:,}.")
        return Response(one_row_shape(found.manifest, int(number), found.row(int(number))))


class CountsOfSnapshot(Kept):
    """Counts of combinations of values."""

    @extend_schema(
        parameters=[
            BY,
            *(each for each in shapes.VIEW if each.name not in ("_sort", "_col")),
            *shapes.ROW_WINDOW,
            OpenApiParameter("_order", enum=_ORDERS, default="count"),
            IF_NONE_MATCH,
        ],
        responses={
            200: shapes_of_data.Counts,
            202: shapes_of_data.Running,
            **KEPT,
            **shapes.problems(400, 404, 409, 503),
        },
    )
    def get(self, request: Request, snapshot: str) -> Response:
        """How often each combination of values occurs among a view's rows, and the rest beyond those shown summed up.

        Most frequent first, ties by first appearance; or all by first appearance, or by value. What takes longer than
        a moment is worked on and answered with 202: ask again.
        """
        found = find(snapshot)
        query = request.query_params
        view = view_of(found, request, reserved=COUNT_KEYS)
        part = lists.window(request, prefix="_", known=query, repeated=set(query) - WINDOW_KEYS - {"_order"})
        terms, order = query.getlist("by"), lists.word(query, "_order", _ORDERS, of="order") or "count"
        if (running := still_running(request, found.prepare_count(*terms, view=view, order=order))) is not None:
            return running
        counts = found.count(*terms, view=view, limit=part.limit, offset=part.offset, order=order)
        shape = counts_shape(counts)
        return lists.answer(request, part, **{**shape, "count": counts.combinations})


class Profile(Kept):
    """A snapshot's profile."""

    @extend_schema(
        responses={200: shapes_of_profile.ProfileShape, **KEPT, **shapes.problems(400, 404)}, parameters=[IF_NONE_MATCH]
    )
    def get(self, request: Request, snapshot: str) -> Response:
        """For each column: type, missing, distinct, most frequent values, range, mean, quantiles, histogram."""
        lists.check_keys(request.query_params, ())
        return Response(find(snapshot).profile())


class Latest(APIView):
    """A dataset's latest snapshot."""

    @extend_schema(responses={307: None, **shapes.problems(400, 404)})
    def get(self, request: Request, source: str, dataset: str) -> HttpResponseBase:
        """Where the latest snapshot of a dataset is."""
        lists.check_keys(request.query_params, ())
        found = ladle.snapshot(f"{source}/{dataset}", home=runs.home())
        headers = {
            "Location": reverse("api-snapshot", args=[found.id]),
            "Cache-Control": "no-store",
        }
        return Response(None, status=HTTPStatus.TEMPORARY_REDIRECT, headers=headers)


def find(snapshot_id: str) -> ladle.Snapshot:
    """The snapshot of that id; raises NotFound."""
    if not re.fullmatch(r"[\w.-]+", snapshot_id):  # a dataset's name is not an id, and neither is a pattern
        raise NotFound(f"There is no snapshot {snapshot_id!r}.", hint="See /api/v1/snapshots for all of them.")
    return ladle.snapshot(snapshot_id, home=runs.home())


def has(request: Request, etag: str) -> bool:
    """Whether the client has what goes by that ETag already (RFC 9110, 13.1.2)."""
    sent = request.META.get("HTTP_IF_NONE_MATCH")
    named = parse_etags(sent.replace("W/", "")) if sent else []
    return "*" in named or etag in named


def _etag(path: str, snapshot_id: str) -> str:
    """Snapshots never change, but what a newer Ladle tells of them may."""
    digest = hashlib.sha256(f"{ladle.__version__} {path}".encode()).hexdigest()[:16]
    return f'"{snapshot_id}-{digest}"'


def view_of(found: ladle.Snapshot, request: Request, *, reserved: Collection[str]) -> ladle.View:
    """The view that the query asks for, whose `reserved` keys mean something else."""
    pairs = ((key, value) for key, values in request.query_params.lists() for value in values)
    return found.view(pairs, reserved=reserved)
