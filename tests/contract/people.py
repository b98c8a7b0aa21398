"""`python -m tests.contract.people`: takes a site's settings, gives the headers by which each kind asks it, as JSON.

It is a process of its own, since a site's settings are those of a process.
"""

from __future__ import annotations

import json
import sys

from ladle_server.ready import make_ready


def headers() -> dict[str, dict[str, str]]:
    """By the kind's name; a session comes with the secret that a browser's form would send."""
    from django.test import Client

    from ladle_server.access.kinds import Scope
    from tests.server.entered import log_in, token, user

    scopes = {"reader": Scope.READ, "collector": Scope.COLLECT, "staff": Scope.DEFINE}
    told = {kind: {"Authorization": f"Bearer {token(user(kind), scope)}"} for kind, scope in scopes.items()}
    browser, answer = log_in("staff", browser=Client(enforce_csrf_checks=True, SERVER_NAME="localhost"))
    assert answer.status_code == 302, answer.content
    cookies = {name: browser.cookies[name].value for name in ("ladle-session", "ladle-csrf")}
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return told | {"session": {"Cookie": cookie, "X-CSRFToken": cookies["ladle-csrf"]}}


if __name__ == "__main__":
    make_ready(None)
    sys.stdout.write(json.dumps(headers()))
