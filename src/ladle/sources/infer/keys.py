"""Where a credential goes, in a person's words: takes `header` and `X-Key=MY_KEY`, gives an Auth; and back."""

from __future__ import annotations

import re

from ladle.errors import BadInput
from ladle.sources.source import Auth

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def auth_given(way: str, word: str) -> Auth:
    """`word` is the variable's name for bearer and basic, `NAME=VARIABLE` for header and query. Raises BadInput.

    >>> auth_given("query", "appid=WEATHER_KEY").name
    'appid'
    """
    name, sign, env = word.rpartition("=") if way in ("header", "query") else ("Authorization", "=", word)
    if not sign or not name:
        raise BadInput(f"--{way} wants a name and a variable.", hint=f"Write it like --{way} NAME=MY_API_KEY.")
    if not _VARIABLE.fullmatch(env):
        # What is written may be the key itself: it is not shown.
        hint = "Set a variable to the key, and name it here: capital letters, digits and _."
        raise BadInput(f"What --{way} names is no environment variable.", hint=hint)
    if not _NAME.fullmatch(name) or (way == "header" and re.search(r"[_.]", name)):
        raise BadInput(f'"{name}" can be no {"header" if way == "header" else "parameter"} that takes a key.')
    if way == "query":
        return Auth(place="query", name=name, env=env)
    if way == "header":
        return Auth(place="header", name=name, env=env)
    return Auth(place="basic" if way == "basic" else "bearer", name="Authorization", env=env)


def auth_table(auth: Auth) -> dict[str, object]:
    """Authentication as a definition writes it."""
    if auth.place == "oauth2":
        said: dict[str, object] = {"oauth2": auth.token_url, "id": auth.id_env, "env": auth.env}
        return {**said, "scope": auth.scope} if auth.scope else said
    if auth.place == "basic":
        return {"basic": auth.user or True, "env": auth.env}
    return {"bearer": True, "env": auth.env} if auth.place == "bearer" else {auth.place: auth.name, "env": auth.env}
