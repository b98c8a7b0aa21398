"""Takes a name and a password, gives a session and the page that somebody came for; and ends it again."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ladle.words import duration
from ladle_server.access import audit, people, sessions, throttle
from ladle_server.access.models import User
from ladle_server.catalog.reaching import storable
from ladle_server.pages.back import own_address

WRONG = "That name and password do not belong together."


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    """The form, and what follows from it. Nothing tells whether there is a user of that name, nor how long it took."""
    if not settings.LADLE_LOGIN:
        return redirect("pages:index")
    back = own_address((request.POST if request.method == "POST" else request.GET).get("next", ""))
    if request.method != "POST":
        return _form(request, back)
    name, address = storable(request.POST.get("name", "")).strip(), request.META.get("REMOTE_ADDR", "")
    wait = throttle.attempt(name, address)
    if wait > 0:
        return _too_soon(request, back, wait)
    user = people.check(name, request.POST.get("password", ""))
    if user is None:
        # What was typed as a name may be a password.
        known = User.objects.filter(name=name.lower()).first()
        audit.tell(request, "failed to log in", who=known.name if known else "an unknown name")
        return _form(request, back, name=name, message=WRONG, status=HTTPStatus.UNAUTHORIZED)
    throttle.succeeded(name, address)
    sessions.begin(request, user)
    audit.tell(request, "log in", who=user.name)
    return redirect(back or "pages:index")


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Forget the session."""
    audit.tell(request, "log out")
    sessions.end(request)
    return redirect("pages:login")


def _too_soon(request: HttpRequest, back: str, wait: float) -> HttpResponse:
    told = f"Too many logins have failed. Try again in {duration(math.ceil(wait))}."
    response = _form(request, back, message=told, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(math.ceil(wait))
    return response


def _form(request: HttpRequest, back: str, *, status: int = 200, **more: Any) -> HttpResponse:
    response = render(request, "pages/login.html", {"back": back, **more}, status=status)
    response["Cache-Control"] = "no-store"
    return response
