"""Takes columns and rows, gives them as CSV (written like a snapshot's own) or as the JSON of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse

from ladle_server.pages.span import Span
from ladle_server.streams import stepwise


def text_of(value: object) -> str:
    """A typed value as the CSV has it; None is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%SZ")
    return str(value)


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """CSV, a line each; text is quoted and null is not, so that the empty string and null stay apart."""
    yield _line(columns)
    for row in rows:
        yield _line(row)


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


def _line(values: Iterable[object]) -> bytes:
    return (",".join(_quoted(value) for value in values) + "\n").encode()


def _quoted(value: object) -> str:
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else text_of(value)


def _address(request: HttpRequest, offset: int | None, limit: int) -> str | None:
    if offset is None:
        return None
    query = request.GET.copy()
    query["_offset"], query["_limit"] = str(offset), str(limit)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
