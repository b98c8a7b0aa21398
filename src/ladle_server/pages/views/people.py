"""Takes a look or a form of staff, gives the pages of users: who there is, and what becomes of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ladle.errors import BadInput, LadleError, NotFound, unknown
from ladle_server.access import audit, people, tokens
from ladle_server.access.kinds import USERS
from ladle_server.access.models import User
from ladle_server.pages.forms import SPAN_KEYS, SpanForm, check_keys
from ladle_server.pages.views.account import token_lines
from ladle_server.pages.views.errors import status_of, told
from ladle_server.pages.views.parts import answer

DOES = ("kind", "disable", "enable", "password", "remove")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@told
def index(request: HttpRequest) -> HttpResponse:
    """All users; a POST adds one, or shows the form again with what is wrong."""
    if request.method != "POST":
        check_keys(request, known=SPAN_KEYS)
        return _index(request)
    name, kind = request.POST.get("name", ""), request.POST.get("kind", "")
    try:
        user = people.add(name, kind=kind, password=request.POST.get("password", ""))
    except LadleError as error:
        return _index(request, error=error, typed=name, kind=kind, status=status_of(error))
    audit.tell(request, "add a user", f"{user.name}, {user.kind}")
    return redirect("pages:people")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@told
def one(request: HttpRequest, *, number: int) -> HttpResponse:
    """One user, to be changed; `do` says what was pressed."""
    user = _user(number)
    if request.method != "POST":
        check_keys(request, known={"ask"})
        return _one(request, user, asking=request.GET.get("ask") == "remove")
    do = request.POST.get("do", "")
    try:
        done = _carry_out(request, user, do)
    except LadleError as error:
        return _one(request, user, error=error, status=status_of(error))
    audit.tell(request, done, f"{user.name}, {request.POST.get('kind')}" if do == "kind" else user.name)
    return redirect("pages:people") if do == "remove" else redirect("pages:person", number)


@require_POST
@told
def revoke(request: HttpRequest, *, number: int, token: int) -> HttpResponse:
    """Make a token of theirs good for nothing."""
    row = tokens.revoke(token, of=_user(number).pk)
    audit.tell(request, "revoke a token", f"{row.name}, of {row.user.name}")
    return redirect("pages:person", number)


def _carry_out(request: HttpRequest, user: User, do: str) -> str:
    """Do it, and give the deed."""
    if do == "kind":
        people.change(user.name, kind=request.POST.get("kind", ""))
        return "change the kind of a user"
    if do == "password":
        people.set_password(user, request.POST.get("password", ""))
        return "set the password of a user"
    if do == "remove":
        people.remove(user.name)
        return "remove a user"
    if do in ("disable", "enable"):
        people.change(user.name, active=do == "enable")
        return f"{do} a user"
    raise BadInput(unknown("change", do, DOES))


def _user(number: int) -> User:
    found = User.objects.filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise NotFound(f"There is no user with the number {number}.", hint="The list of users has all there are.")
    return found


def _index(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    span = SpanForm(request.GET).span(total=User.objects.count(), step=50)
    rows = User.objects.all()[span.offset : span.offset + span.limit]
    context = {"section": "people", "rows": rows, "span": span, "kinds": USERS, **more}
    return answer(request, "pages/people.html", "pages/_people_more.html", context, status=status)


def _one(request: HttpRequest, user: User, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"section": "people", "user": user, "kinds": USERS, "tokens": token_lines(user), **more}
    return render(request, "pages/person.html", context, status=status)
