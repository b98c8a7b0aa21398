"""What the door says to whom it does not let in: takes a request and a reason, gives a page or `problem+json`."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from ladle_server.access.routes import SAFE
from ladle_server.api.errors import BEARER, is_for_api, problem_response

_DATA = (".json", ".csv", ".csv-for-spreadsheets")


def refused(
    request: HttpRequest, status: HTTPStatus, heading: str, detail: str, hint: str = "", **headers: str
) -> HttpResponse:
    """Why not, and what to do; `Retry_After` is the header Retry-After."""
    if is_program(request):
        response = problem_response(status, f"{detail} {hint}".rstrip())
    else:
        context = {"heading": heading, "message": detail, "hint": hint}
        response = render(request, "pages/error.html", context, status=status)
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    response["Cache-Control"] = "no-store"
    return response


def log_in(request: HttpRequest) -> HttpResponse:
    """Whoever is nobody yet is led to the login, and back afterwards; a program is told that it needs a token."""
    if is_program(request):
        detail = "This site asks who you are. Send a token: Authorization: Bearer ladle_…"
        hint = "Make one on the page Account, or with: ladle tokens add."
        return refused(request, HTTPStatus.UNAUTHORIZED, "", detail, hint, WWW_Authenticate=BEARER)
    address = f"{reverse('pages:login')}?{urlencode({'next': _back(request)})}"
    if request.headers.get("HX-Request") == "true":  # a part of a page would show the login in its place
        response = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        response["HX-Redirect"], response["WWW-Authenticate"] = address, BEARER
        return response
    response = redirect(address)
    response["Cache-Control"] = "no-store"
    return response


def bad_token(request: HttpRequest) -> HttpResponse:
    """A token that opens nothing; which of the reasons it is, only its owner learns."""
    detail = "That token is unknown, revoked or expired."
    hint = "See the page Account, or ladle tokens list."
    told = f'{BEARER}, error="invalid_token"'
    return refused(request, HTTPStatus.UNAUTHORIZED, "That token is not good", detail, hint, WWW_Authenticate=told)


def is_program(request: HttpRequest) -> bool:
    """Whether a program asks, not a person."""
    asks_data = request.path.endswith(_DATA) and "text/html" not in request.headers.get("Accept", "")
    return is_for_api(request) or asks_data


def _back(request: HttpRequest) -> str:
    """Where to go after the login. A form that was sent is not sent again."""
    if request.headers.get("HX-Request") == "true":  # a page asks for a part of itself
        with suppress(ValueError):
            return urlsplit(request.headers.get("HX-Current-URL", "/"))._replace(scheme="", netloc="").geturl()
    return request.get_full_path() if request.method in SAFE else "/"
