"""Takes whoever is logged in, gives the page of their account: tokens, password, the way out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ladle.errors import BadInput, LadleError, NotFound
from ladle_server.access import audit, people, sessions, throttle, tokens
from ladle_server.access.kinds import KINDS, SCOPES, Kind
from ladle_server.access.models import Token, User
from ladle_server.pages.views.errors import status_of, told

SPANS = ("30 days", "90 days", "365 days", "never")


@require_http_methods(["GET", "HEAD", "POST"])
@told
def account(request: HttpRequest) -> HttpResponse:
    """The account; a POST makes a token, which the answer alone shows."""
    user = _user(request)
    if request.method != "POST":
        return _page(request, user)
    try:
        row, text = tokens.make(
            user,
            name=request.POST.get("name", ""),
            scope=request.POST.get("scope", ""),
            expires=request.POST.get("expires", ""),
        )
    except LadleError as error:
        return _page(request, user, token_error=error, status=status_of(error))
    audit.tell(request, "make a token", f"{row.name}, {row.scope}, of {user.name}")
    return _page(request, user, made=row, text=text)


@require_POST
@told
def revoke(request: HttpRequest, *, number: int) -> HttpResponse:
    """Make a token of one's own good for nothing; anybody else's is not found."""
    row = tokens.revoke(number, of=_user(request).pk)
    audit.tell(request, "revoke a token", f"{row.name}, of {row.user.name}")
    return redirect("pages:account")


@require_POST
@sensitive_post_parameters()
@told
def password(request: HttpRequest) -> HttpResponse:
    """Another password. Every other session of theirs has ended then."""
    user = _user(request)
    try:
        _change(request, user)
    except LadleError as error:
        return _page(request, user, password_error=error, status=status_of(error))
    audit.tell(request, "change the password", user.name)
    sessions.begin(request, user)
    return _page(request, user, changed=True)


def _change(request: HttpRequest, user: User) -> None:
    address, new = request.META.get("REMOTE_ADDR", ""), request.POST.get("new", "")
    if throttle.attempt(user.name, address) > 0:
        raise BadInput("Too many passwords were wrong.", hint="Wait a while, and try again.")
    if not people.has_password(user, request.POST.get("old", "")):
        raise BadInput("The present password is another.", hint="Type it again.")
    throttle.succeeded(user.name, address)
    if new != request.POST.get("again", ""):
        raise BadInput("The new password was typed in two ways.", hint="Type it again, twice.")
    people.set_password(user, new)


def token_lines(user: User) -> list[dict[str, Any]]:
    """A user's tokens, with what is to be said of each."""
    now = datetime.now(UTC)
    return [{"row": row, "state": tokens.state(row, now=now)} for row in user.tokens.all()]


def _user(request: Any) -> User:
    """Who asks. Raises NotFound for one who was removed since the request came in."""
    found = User.objects.filter(pk=request.who.user).first()
    if found is None:
        raise NotFound("This account was removed.", hint="Ask one of the kind staff for another.")
    return found


def _page(
    request: HttpRequest, user: User, *, status: int = 200, made: Token | None = None, **more: Any
) -> HttpResponse:
    context = {
        "section": "account",
        "user": user,
        "tokens": token_lines(user),
        "scopes": [scope for scope in SCOPES if SCOPES[scope] <= KINDS[Kind(user.kind)]],
        "spans": SPANS,
        "made": made,
        **more,
    }
    response = render(request, "pages/account.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
