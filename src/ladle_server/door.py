"""Around every request: takes it, finds out who sends it and whether they may, gives its answer, tells the audit log.

    whose page? → who? (token, session, or the owner) → not too often? → may they? → the view → who did what

Where nobody logs in, and no token is shown, none of this touches the database but the last, and that for deeds and
refusals alone.
"""

from __future__ import annotations

import math
import time
from http import HTTPStatus
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware

from ladle_server.access import audit, sessions, tokens
from ladle_server.access.counting import clients
from ladle_server.access.kinds import NOBODY, OWNER, Action, Kind, asker
from ladle_server.access.origins import Sender, sender_of
from ladle_server.access.rates import Rate, client
from ladle_server.access.routes import ITSELF, SAFE, Asks, asked, resolved
from ladle_server.api.errors import is_for_api
from ladle_server.away import away
from ladle_server.catalog.reaching import AWAY
from ladle_server.middleware import Answer, AsyncAnswer, Csrf
from ladle_server.shut import bad_token, log_in, refused

_SENT = "HTTP_AUTHORIZATION"
"""Looked for in what the request came with: to make all headers of it takes longer than all else here."""


@sync_and_async_middleware
def door(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    """Middleware. What asks the database happens in the request's lane."""
    if iscoroutinefunction(get_response):
        answer_later = cast(AsyncAnswer, get_response)

        async def on_the_loop(request: HttpRequest) -> HttpResponse:
            ask = begun(request)
            early = await sync_to_async(enter)(request, ask) if _waits(request, ask) else enter(request, ask)
            response = early or await answer_later(request)
            if _leaves_something(request, response, ask):
                response = await sync_to_async(leave)(request, response, ask)
            return finished(request, response)

        return on_the_loop
    answer = cast(Answer, get_response)

    def in_a_thread(request: HttpRequest) -> HttpResponse:
        ask = begun(request)
        response = enter(request, ask) or answer(request)
        if _leaves_something(request, response, ask):
            response = leave(request, response, ask)
        return finished(request, response)

    return in_a_thread


def begun(request: Any) -> Asks:
    """What the request asks for; until it is known whom it comes from, from nobody."""
    request.who = NOBODY if settings.LADLE_LOGIN else OWNER
    if settings.LADLE_LOGIN:
        sessions.attach(request)
    match = resolved(request.path_info)
    return asked(match, request.method)


def enter(request: Any, ask: Asks) -> HttpResponse | None:
    """None for a request that may go on, else why it may not."""
    whose = sender_of(request) if request.method not in SAFE else Sender.UNTOLD
    if whose is Sender.STRANGE:
        origin = request.headers.get("Origin", "another site")[:100]
        told = f'A page of "{origin}" may not do that here.'
        return refused(request, HTTPStatus.FORBIDDEN, "That came from another site", told)
    if ask.action == Action.OPEN:
        return None
    try:
        early = _who(request)
        return early or _too_often(request) or _may_not(request, ask, whose)
    except AWAY as error:
        return away(request, error)


def leave(request: HttpRequest, response: HttpResponse, ask: Asks) -> HttpResponse:
    """Tell the audit log, and keep the session."""
    if _is_done(request, response, ask):
        match = resolved(request.path_info)
        place = match.kwargs if match is not None else {}
        location = response.headers.get("Location", "")
        audit.tell(request, ask.deed, lambda: audit.thing_of(place, location))
    if sessions.is_changed(request):
        response = cast(HttpResponse, sessions.write(request, response))
    return response


def finished(request: Any, response: HttpResponse) -> HttpResponse:
    """The answer with what its client should know; where people log in, no cache that they share keeps it."""
    if (taken := getattr(request, "taken", None)) is not None:
        response["RateLimit-Policy"], response["RateLimit"] = cast(Rate, settings.LADLE_RATE).policy, taken.told
    if settings.LADLE_LOGIN and not request.path_info.startswith("/static/"):
        patch_vary_headers(response, ("Cookie", "Authorization"))
        told = response.headers.get("Cache-Control", "private, no-cache")
        response["Cache-Control"] = told.replace("public", "private")
    return response


def _waits(request: HttpRequest, ask: Asks) -> bool:
    """Whether database or Redis are asked, for which the event loop has no time."""
    if ask.action == Action.OPEN:
        return False
    counted_together = settings.LADLE_RATE is not None and settings.LADLE_QUOTA is not None
    will_refuse = not asker(request).may(ask.action)  # which the audit log is told
    return settings.LADLE_LOGIN or counted_together or _SENT in request.META or will_refuse


def _leaves_something(request: HttpRequest, response: HttpResponse, ask: Asks) -> bool:
    return _is_done(request, response, ask) or sessions.is_changed(request)


def _is_done(request: HttpRequest, response: HttpResponse, ask: Asks) -> bool:
    """Whether something was done that the log is to tell, for the first time. A form that was taken leads on."""
    if request.method in SAFE or ask.deed in ("", ITSELF) or getattr(request, "is_again", False):
        return False
    return response.status_code // 100 == (2 if is_for_api(request) else 3)


def _who(request: Any) -> HttpResponse | None:
    """Find out; an answer where a token is shown that is not good."""
    scheme, _, text = request.META.get(_SENT, "").partition(" ")
    if scheme.lower() == "bearer":
        found = tokens.holder(text.strip())
        if found is None:
            return _too_often(request) or bad_token(request)
        request.who = found
    elif settings.LADLE_LOGIN:
        request.who = sessions.who(request)
    return None


def _too_often(request: Any) -> HttpResponse | None:
    rate: Rate | None = settings.LADLE_RATE
    if rate is None:
        return None
    request.taken = clients().take(client(request), rate, now=time.monotonic())
    if not request.taken.wait:
        return None
    seconds = math.ceil(request.taken.wait)
    told = f"That were more than {rate.limit:,} requests in {rate.window:,} seconds."
    hint = f"Ask again in {seconds} seconds."
    return refused(request, HTTPStatus.TOO_MANY_REQUESTS, "Too many requests", told, hint, Retry_After=str(seconds))


def _may_not(request: Any, ask: Asks, whose: Sender) -> HttpResponse | None:
    who = request.who
    if not who.may(ask.action):
        if who.nobody:
            return log_in(request)
        audit.tell(request, "was refused", f"{request.method} {request.path}")
        if who.kind == Kind.OWNER:
            told = "This site is reached from this machine alone, so there are no accounts."
            return refused(request, HTTPStatus.FORBIDDEN, "Nobody logs in here", told)
        return refused(request, HTTPStatus.FORBIDDEN, "That is not yours to do", _why(who.kind, who.scope, ask.action))
    by_session = settings.LADLE_LOGIN and who.token is None
    if by_session and whose is Sender.UNTOLD and request.method not in SAFE and is_for_api(request):
        return _without_proof(request)
    return None


def _without_proof(request: HttpRequest) -> HttpResponse | None:
    """A browser says whose page sends a request; who shows its cookie and says nothing needs the form's secret."""
    csrf = Csrf(_any_view)
    csrf.process_request(request)
    if csrf.process_view(request, _any_view, (), {}) is None:
        return None
    hint = "Send the cookie ladle-csrf as X-CSRFToken too, or a token in place of a cookie."
    return refused(request, HTTPStatus.FORBIDDEN, "", "Nothing says that this comes from a page of this site.", hint)


def _any_view(_request: HttpRequest) -> HttpResponse:
    """One that is not exempt, as the API's are."""
    return HttpResponse()


def _why(kind: str, scope: str | None, action: Action) -> str:
    needed = {Action.COLLECT: "collectors and staff", Action.OWN: "people who have logged in"}.get(action, "staff")
    shown = f' by a token with the scope "{scope}"' if scope else ""
    return f"You are here as {kind}{shown}, and this is for {needed}."
