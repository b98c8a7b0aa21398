"""Around every request: takes it, gives its answer, counted by route and status, and an error with the request's id.

A proxy that has given the request an id keeps it (`X-Request-ID`); lines of the log about the request carry it.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from ladle_server import logs
from ladle_server.middleware import Answer, AsyncAnswer
from ladle_server.operations.metrics import HTTP, note_questions
from ladle_server.streams import Live

HEADER = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LONG = 0.1
"""Seconds from which a request may have asked a long question."""


@sync_and_async_middleware
def watched(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    """Middleware: the outermost, so that what others refuse is counted too."""
    if iscoroutinefunction(get_response):
        answer_later = cast(AsyncAnswer, get_response)

        async def on_the_loop(request: HttpRequest) -> HttpResponse:
            with _named(request) as name:
                begun = time.perf_counter()
                response = await answer_later(request)
                return _told(request, response, name, time.perf_counter() - begun)

        return on_the_loop
    answer = cast(Answer, get_response)

    def in_a_thread(request: HttpRequest) -> HttpResponse:
        with _named(request) as name:
            begun = time.perf_counter()
            response = answer(request)
            # What is made at once and turns out to be a stream is thrown away, and asked for again (`at_once`).
            again = response.streaming and not isinstance(response, Live)
            return response if again else _told(request, response, name, time.perf_counter() - begun)

    return in_a_thread


@contextmanager
def _named(request: HttpRequest) -> Iterator[str]:
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    name = given if _ID.fullmatch(given) else secrets.token_hex(8)
    request.__dict__["request_id"] = name  # Django logs some errors when all middleware is behind it
    with logs.about(request=name):
        yield name


def _told(request: HttpRequest, response: HttpResponse, name: str, took: float) -> HttpResponse:
    match = request.resolver_match
    route = "/" + match.route if match is not None else "none"
    method = request.method if request.method in _METHODS else "other"
    HTTP.labels(method, route, response.status_code).observe(took)
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        response.headers.setdefault(HEADER, name)
    if took >= LONG or response.status_code == HTTPStatus.ACCEPTED:
        note_questions()
    return response
