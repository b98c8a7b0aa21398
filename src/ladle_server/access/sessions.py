"""Who is logged in? Takes a request's session, gives its user; begins one and ends it, with Django's own means."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.crypto import constant_time_compare

from ladle_server.access.kinds import NOBODY, Kind, Who
from ladle_server.access.models import User
from ladle_server.catalog.reaching import storable

_DJANGOS = SessionMiddleware(lambda _request: HttpResponse())
_BACKEND = "ladle_server.access.people"
"""Django writes down who looked at the password; there is one place that does."""


def attach(request: HttpRequest) -> None:
    """Give the request its session; the database is asked when somebody looks into it."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    request.session = SessionStore(key and storable(key))


def user_of(request: HttpRequest) -> User | None:
    """Who is logged in; nobody where the password was changed since, or the user disabled."""
    number = request.session.get(SESSION_KEY)
    user = User.objects.filter(pk=number, is_active=True).first() if number is not None else None
    if user is None:
        return None
    known = request.session.get(HASH_SESSION_KEY, "")
    return user if constant_time_compare(known, user.get_session_auth_hash()) else None


def shown(request: HttpRequest) -> tuple[str, str]:
    """The session's key, and what it knows of the password it was begun with."""
    return request.session.session_key or "", request.session.get(HASH_SESSION_KEY, "")


def who(request: HttpRequest) -> Who:
    """The same, as the door goes by it."""
    user = user_of(request)
    return NOBODY if user is None else as_who(user)


def as_who(user: User) -> Who:
    """A user who came with a password."""
    return Who(kind=Kind(user.kind), name=user.name, user=user.pk)


def begin(request: HttpRequest, user: User) -> None:
    """Log in: the session gets another key, so that none that somebody else laid before is worth anything."""
    now = datetime.now(UTC)
    login(request, user, backend=_BACKEND)
    User.objects.filter(pk=user.pk).update(last_login=now)
    Session.objects.filter(expire_date__lt=now).delete()


def end(request: HttpRequest) -> None:
    """Log out: the session is forgotten, here and in the database."""
    request.session.flush()


def is_changed(request: HttpRequest) -> bool:
    """Whether there is something to be written."""
    session = getattr(request, "session", None)
    return session is not None and bool(session.modified)


def write(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Keep the session, and give the answer its cookie."""
    return _DJANGOS.process_response(request, response)
