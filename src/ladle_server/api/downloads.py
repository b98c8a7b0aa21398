"""A snapshot's files over HTTP: takes an id and a kind, gives the bytes, whole or in part, under a telling name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from django.http import HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import NotFound, unknown
from ladle_server.api import lists, shapes
from ladle_server.api.errors import problem
from ladle_server.api.formats import PROBLEM
from ladle_server.api.snapshots import FOREVER, find, has
from ladle_server.streams import stepwise

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "csv-for-spreadsheets": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MADE = {"csv-for-spreadsheets": "-for-spreadsheets.csv", "ndjson": ".ndjson", "xlsx": ".xlsx"}
"""Those that are no files, but are made as they are sent, and how their names end."""
CHUNK = 1 << 18
"""Bytes of one step of a download: one hop to a thread."""


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to `end`, which is not among them."""

    start: int
    end: int


class Download(APIView):
    """A snapshot as one file."""

    @extend_schema(
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            **shapes.problems(400, 404),
        }
    )
    def get(self, request: Request, snapshot: str, kind: str) -> HttpResponseBase:
        """The whole snapshot in one of these forms; CSV and Parquet in ranges, to go on with a download."""
        lists.check_keys(request.query_params, ())
        if kind not in KINDS:
            raise NotFound(unknown("kind of download", kind, KINDS))
        found = find(snapshot)
        response = _whole_or_part(request, found, kind)
        if response.status_code in (
            HTTPStatus.OK,
            HTTPStatus.PARTIAL_CONTENT,
            HTTPStatus.NOT_MODIFIED,
        ):
            response["ETag"], response["Cache-Control"] = _etag(found, kind), FOREVER
        return response


def _whole_or_part(request: Request, snapshot: ladle.Snapshot, kind: str) -> HttpResponseBase:
    etag = _etag(snapshot, kind)
    if has(request, etag):
        return HttpResponseNotModified()
    if kind in MADE:
        return _named(StreamingHttpResponse(stepwise(snapshot.export(kind))), snapshot, kind)
    path = snapshot.path("csv" if kind == "csv" else "parquet")
    size = path.stat().st_size
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    span = parse_range(wanted, size)
    if span is None:
        return _file(snapshot, kind, path, Span(0, size))
    if span.start >= span.end:
        detail = f'The range "{wanted}" holds nothing of the {size} bytes. Ask for bytes=0- or a part of it.'
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        headers = {"Content-Range": f"bytes */{size}"}
        return Response(problem(status, detail), status=status, content_type=PROBLEM, headers=headers)
    response = _file(snapshot, kind, path, span)
    response.status_code = HTTPStatus.PARTIAL_CONTENT
    response["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{size}"
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


def _etag(snapshot: ladle.Snapshot, kind: str) -> str:
    if kind in MADE:  # the snapshot stays the same, but another Ladle may write it otherwise
        return f'"{snapshot.manifest.files["data.csv"].sha256[:32]}-{kind}-{ladle.__version__}"'
    return f'"{snapshot.manifest.files[f"data.{kind}"].sha256[:32]}-{kind}"'


def _file(snapshot: ladle.Snapshot, kind: str, path: Path, span: Span) -> StreamingHttpResponse:
    response = _named(StreamingHttpResponse(stepwise(_bytes(path, span))), snapshot, kind)
    response["Content-Length"] = str(span.end - span.start)
    response["Accept-Ranges"] = "bytes"
    return response


def _named(response: StreamingHttpResponse, snapshot: ladle.Snapshot, kind: str) -> StreamingHttpResponse:
    name = f"{snapshot.dataset.replace('/', '-')}-{snapshot.id}{MADE.get(kind, f'.{kind}')}"
    response["Content-Type"] = KINDS[kind]
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _bytes(path: Path, span: Span) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(span.start)
        left = span.end - span.start
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
