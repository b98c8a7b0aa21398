"""A snapshot as a file over HTTP: takes an id, a kind and a view, gives the bytes under a telling name."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from django.http import HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import NotFound, unknown
from ladle_server.api import shapes
from ladle_server.api.errors import problem
from ladle_server.api.formats import PROBLEM
from ladle_server.api.snapshots import FOREVER, IF_NONE_MATCH, KEPT, find, has
from ladle_server.naming import view_name, whole_name
from ladle_server.streams import stepwise

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "csv-for-spreadsheets": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FILES = ("csv", "parquet")
"""Those that the whole table has as files; the others, and views, are made as they are sent."""


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to `end`, which is not among them."""

    start: int
    end: int


class Download(APIView):
    """A snapshot, or a view of it, as one file."""

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", enum=tuple(KINDS), location="path"),
            *shapes.VIEW,
            IF_NONE_MATCH,
            OpenApiParameter("Range", location="header", description="Of a whole CSV or Parquet: `bytes=0-999`."),
            OpenApiParameter("If-Range", location="header", description="The ETag of what the range is a part of."),
        ],
        responses={
            **{(200, kind.partition(";")[0]): OpenApiTypes.BINARY for kind in KINDS.values()},
            **{(206, KINDS[kind].partition(";")[0]): OpenApiTypes.BINARY for kind in FILES},
            **KEPT,
            **shapes.problems(400, 404, 416),
        },
    )
    def get(self, request: Request, snapshot: str, kind: str) -> HttpResponseBase:
        """The whole snapshot in one of these forms, CSV and Parquet in ranges; or all rows of a view, as they come."""
        if kind not in KINDS:
            raise NotFound(unknown("kind of download", kind, KINDS))
        found = find(snapshot)
        view = found.view((key, value) for key, values in request.query_params.lists() for value in values)
        etag = f'"{found.tag(kind, view=view)}"'
        response = HttpResponseNotModified() if has(request, etag) else _answer(request, found, kind, view, etag)
        if response.status_code in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED):
            response["ETag"], response["Cache-Control"] = etag, FOREVER
        return response


def _answer(request: Request, snapshot: ladle.Snapshot, kind: str, view: ladle.View, etag: str) -> HttpResponseBase:
    if view == ladle.View() and kind in FILES:
        return _whole_or_part(request, snapshot, kind, etag)
    pieces = snapshot.export(kind, view=view)
    name = whole_name if view == ladle.View() else view_name
    return _named(_streamed(request, pieces), kind, name(snapshot, kind))


def _whole_or_part(request: Request, snapshot: ladle.Snapshot, kind: str, etag: str) -> HttpResponseBase:
    snapshot.export(kind)  # which refuses a file whose size is no longer the one kept
    file: Literal["csv", "parquet"] = "csv" if kind == "csv" else "parquet"
    kept = snapshot.manifest.files[f"data.{file}"]
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    span = parse_range(wanted, kept.size)
    if span is not None and span.start >= span.end:
        detail = f'The range "{wanted}" holds nothing of the {kept.size} bytes. Ask for bytes=0- or a part of it.'
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        headers = {"Content-Range": f"bytes */{kept.size}"}
        return Response(problem(status, detail), status=status, content_type=PROBLEM, headers=headers)
    part = span or Span(0, kept.size)
    response = _named(
        _streamed(request, snapshot.part(file, start=part.start, end=part.end)), kind, whole_name(snapshot, kind)
    )
    response["Content-Length"] = str(part.end - part.start)
    response["Accept-Ranges"] = "bytes"
    # Of the whole file, whatever part of it is sent (RFC 9530): who puts parts together can hold them against it.
    response["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(kept.sha256)).decode()}:"
    if span is not None:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{kept.size}"
    return response


def parse_range(header: str, size: int) -> Span | None:
    """The one range that a Range header asks for; empty when it lies outside; None for everything (RFC 9110, 14.2)."""
    match = re.fullmatch(r"bytes=\s*([0-9]{0,19})-([0-9]{0,19})\s*", header)
    if match is None or match[0].endswith("=-"):
        return None  # several ranges or another unit: a server may give the whole instead
    first, last = match[1], match[2]
    if not first:
        return Span(max(0, size - int(last)), size)
    end = min(size, int(last) + 1) if last else size
    return None if last and int(last) < int(first) else Span(int(first), end)


def _streamed(request: Request, pieces: Iterator[bytes]) -> StreamingHttpResponse:
    """The pieces, as they are made; to HEAD none, and so none is made."""
    return StreamingHttpResponse(stepwise(iter(()) if request.method == "HEAD" else pieces))


def _named(response: StreamingHttpResponse, kind: str, name: str) -> StreamingHttpResponse:
    response["Content-Type"] = KINDS[kind]
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
