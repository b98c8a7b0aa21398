"""A database that can't be reached: takes what a view raised for it, gives a 503 that says when to ask again."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ladle_server.api.errors import is_for_api, problem_response
from ladle_server.catalog.reaching import AWAY
from ladle_server.for_now import for_now
from ladle_server.middleware import OnTheLoop

SAID = "The database can't be reached at the moment. Nothing is lost; ask again in a few seconds."


class DatabaseAway(OnTheLoop):
    """Middleware: pages and API say so themselves where they need the database; what is in files they answer."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer, where that is what went wrong."""
        return away(request, error) if isinstance(error, AWAY) else None


def away(request: HttpRequest, error: Exception) -> HttpResponse:
    """The 503."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    response = problem_response(status, SAID) if is_for_api(request) else render(request, "503.html", status=status)
    return for_now(response, error)
