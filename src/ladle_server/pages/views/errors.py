"""Takes an error of the library, gives the page that says what happened and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

import ladle
from ladle.errors import BadInput, Busy, Conflict, Damaged, Ending, LadleError, NotFound, Unreachable, UpstreamError
from ladle_server.catalog import runs
from ladle_server.catalog.models import Run
from ladle_server.catalog.reaching import storable
from ladle_server.for_now import for_now

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

_STATUS: tuple[tuple[type[LadleError], int, str], ...] = (
    (BadInput, 400, "That can't be done"),
    (NotFound, 404, "There is nothing here"),
    (Conflict, 409, "That can't be done now"),
    (UpstreamError, 502, "The API did not answer as it should"),
    (Busy, 503, "Many questions wait already"),
    (Ending, 503, "Ladle is being ended"),
    (Unreachable, 503, "What is kept can't be reached now"),
    (Damaged, 500, "A kept file is damaged"),
)


def told(view: View[P]) -> View[P]:
    """A view whose errors of the library become pages in the same design, each with its own status."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except LadleError as error:
            return page(request, error)

    return answer


def status_of(error: LadleError) -> int:
    """The status of one of the library's errors."""
    return next((status for kind, status, _ in _STATUS if isinstance(error, kind)), 500)


def page(request: HttpRequest, error: LadleError) -> HttpResponse:
    """The page of one error."""
    status, title = next(
        ((status, title) for kind, status, title in _STATUS if isinstance(error, kind)), (500, "Something went wrong")
    )
    context = {"heading": title, "message": error.message, "hint": error.hint, **_gone(request, error)}
    return for_now(render(request, "pages/error.html", context, status=status), error)


def _gone(request: HttpRequest, error: LadleError) -> dict[str, str]:
    """Of a snapshot that is not there: that it is not, and the dataset that it was of where its run is known."""
    asked = request.resolver_match.kwargs.get("snapshot_id", "") if request.resolver_match else ""
    if not asked or not isinstance(error, NotFound) or asked in ladle.snapshot_ids(home=runs.home()):
        return {}
    of = Run.objects.filter(snapshot=storable(asked)).values_list("dataset", flat=True).first()
    hint = "It is not kept any more." if of else "Perhaps it was removed, or its address was cut off."
    return {"message": f'There is no snapshot "{asked[:64]}".', "hint": hint, "of": of or ""}
