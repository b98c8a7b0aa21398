"""Takes lines of CSV or the results of a list, gives the response: a file to keep, or JSON as the API gives lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse

import ladle
from ladle_server.pages.span import Span
from ladle_server.streams import stepwise

FOR_SPREADSHEETS = "csv-for-spreadsheets"
KINDS = ("csv", FOR_SPREADSHEETS, "json")
"""In which a page's table comes."""


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[object]], *, kind: str, name: str) -> StreamingHttpResponse:
    """A table as one of those kinds of CSV, under a name without an ending."""
    for_spreadsheets = kind == FOR_SPREADSHEETS
    lines = ladle.csv_lines(columns, rows, for_spreadsheets=for_spreadsheets)
    return csv_response(lines, name=f"{name}{'-for-spreadsheets' * for_spreadsheets}.csv")


def csv_response(lines: Iterable[bytes], *, name: str) -> StreamingHttpResponse:
    """A CSV file to keep, under a name."""
    response = StreamingHttpResponse(stepwise(iter(lines)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def json_response(
    request: HttpRequest, span: Span, results: Sequence[object], *, head: Mapping[str, object] | None = None
) -> JsonResponse:
    """A list as the API gives lists: what `head` says of all of it, then count, next, previous, results."""
    following = span.end if span.more else None
    earlier = max(0, span.offset - span.limit) if span.offset else None
    return JsonResponse(
        {
            **(head or {}),
            "count": span.total,
            "next": _address(request, following, span.limit),
            "previous": _address(request, earlier, span.limit),
            "results": results,
        }
    )


def _address(request: HttpRequest, offset: int | None, limit: int) -> str | None:
    if offset is None:
        return None
    query = request.GET.copy()
    query["_offset"], query["_limit"] = str(offset), str(limit)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
