"""Errors over HTTP: takes whatever was raised, gives `application/problem+json` (RFC 9457) for the API.

| raised | status |
|---|---|
| BadInput, SettingError, DefinitionError | 400 |
| NotFound | 404 |
| Conflict | 409 |
| UpstreamError | 502 |
| TooMany | 429, with Retry-After |
| Busy, Ending, Unreachable, a database that is away (`ladle_server.away`) | 503, with Retry-After |
| Damaged, anything else | 500 |
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import (
    APIException,
    MethodNotAllowed,
    UnsupportedMediaType,
)
from rest_framework.response import Response

from ladle.errors import BadInput, Busy, Conflict, Ending, LadleError, NotFound, Unreachable, UpstreamError
from ladle_server import logs
from ladle_server.access.places import TooMany
from ladle_server.api.formats import PROBLEM
from ladle_server.for_now import for_now

STATUS: tuple[tuple[type[LadleError], HTTPStatus], ...] = (
    (BadInput, HTTPStatus.BAD_REQUEST),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (UpstreamError, HTTPStatus.BAD_GATEWAY),
    (TooMany, HTTPStatus.TOO_MANY_REQUESTS),
    (Busy, HTTPStatus.SERVICE_UNAVAILABLE),
    (Ending, HTTPStatus.SERVICE_UNAVAILABLE),
    (Unreachable, HTTPStatus.SERVICE_UNAVAILABLE),
)
BEARER = 'Bearer realm="Ladle"'
"""What a 401 says in WWW-Authenticate."""
API_PATHS = ("/api/", "/collection-request")


def status_of(error: LadleError) -> HTTPStatus:
    """The status of one of Ladle's errors, by its branch of the family."""
    return next(
        (status for kind, status in STATUS if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def problem(status: int, detail: str, **more: object) -> dict[str, object]:
    """The body of an error: what happened to which value and what to do, in `detail`."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        # Half a surrogate pair is a JSON string, but no Unicode text: it can't be sent back as it came.
        "detail": detail.encode("utf-8", "replace").decode(),
        **more,
    }


def problem_response(status: int, detail: str, **more: object) -> HttpResponse:
    """An error outside of the REST framework."""
    return HttpResponse(
        orjson.dumps(problem(status, detail, **more)),
        content_type=PROBLEM,
        status=status,
    )


def as_problem(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """The REST framework's exception handler; None leaves an unforeseen error to `ladle_server.refusals`."""
    if isinstance(error, LadleError):
        return _of_ladle(error)
    if isinstance(error, Http404):
        return _response(HTTPStatus.NOT_FOUND, str(error))
    if isinstance(error, APIException):
        headers = {"Allow": ", ".join(_allowed(_context))} if isinstance(error, MethodNotAllowed) else {}
        return _response(error.status_code, _sentence(error), headers)
    return None


def _of_ladle(error: LadleError) -> Response:
    return for_now(_response(status_of(error), str(error)), error)


def _response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        problem(status, detail, **in_log(status)),
        status=status,
        content_type=PROBLEM,
        headers=dict(headers or {}),
    )


def in_log(status: int) -> dict[str, object]:
    """Under which id the log has the request that went wrong."""
    return {"request_id": logs.current("request")} if status == HTTPStatus.INTERNAL_SERVER_ERROR else {}


def _allowed(context: Mapping[str, Any]) -> list[str]:
    methods: list[str] = context["view"].allowed_methods
    return methods


def _sentence(error: APIException) -> str:
    if isinstance(error, UnsupportedMediaType):
        return "The body's Content-Type is not application/json. Send JSON and say so in the Content-Type header."
    return str(error.detail)


def is_for_api(request: HttpRequest) -> bool:
    """Whether a program asks, not a person."""
    return request.path.startswith(API_PATHS)
