"""Takes a kind of people, gives a browser in which one of them has logged in by the form, or a token of theirs."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from ladle_server.access import people, tokens
from ladle_server.access.kinds import Scope
from ladle_server.access.models import User

PASSWORD = "three words apart"
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""Of passwords in tests: a good hash takes a fifth of a second, by design."""


def user(kind: str, *, name: str = "") -> User:
    """Somebody of that kind, who goes by its name."""
    return people.add(name or kind, kind=kind, password=PASSWORD)


def log_in(name: str, password: str = PASSWORD, *, back: str = "", browser: Client | None = None) -> tuple[Client, Any]:
    """A browser (that keeps to CSRF), and what the login's form answered."""
    browser = browser or Client(enforce_csrf_checks=True)
    form = {"name": name, "password": password, "next": back, "csrfmiddlewaretoken": secret(browser, "/login/")}
    return browser, browser.post("/login/", form)


def entered(kind: str) -> Client:
    """A new user's browser."""
    browser, answer = log_in(user(kind).name)
    assert answer.status_code == 302, answer.content
    return browser


def secret(browser: Client, path: str) -> str:
    """What a form on a page carries against other sites' pages."""
    page = browser.get(path).content.decode()
    return re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)[0]


def token(owner: User, scope: str = Scope.READ, **more: str) -> str:
    """A token's text."""
    return tokens.make(owner, name="a test", scope=scope, **more)[1]


def bearer(text: str) -> Client:
    """A program that sends a token."""
    return Client(headers={"Authorization": f"Bearer {text}"})
