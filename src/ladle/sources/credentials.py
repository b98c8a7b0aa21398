"""Credentials and headers of a definition: takes `auth` and `headers`, gives where a credential goes and what is sent.

A definition names environment variables and never holds a credential, so what looks like one is not shown.
"""

from __future__ import annotations

import re

from ladle.sources.addresses import can_be_called, without_password
from ladle.sources.places import Filler
from ladle.sources.source import Auth
from ladle.sources.toml import Table

_WAYS = ("query", "header", "bearer", "basic", "oauth2")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name (RFC 9110, 5.6.2)."""
TEXT = re.compile(r"[\x20-\x7e\xa1-\xac\xae-\xff]*")
"""A header's value: what can be seen of Latin-1, which a tab, a no-break space and a soft hyphen can't."""
_SECRET = re.compile(
    r"(?:^|[-_])(?:authorization|authentication|auth|cookie2?|password|passwd|secret|token|api-?key|app-?key|access-?key)"
    r"(?:$|[-_])",
    re.IGNORECASE,
)
OURS = frozenset(
    "host content-length transfer-encoding connection te trailer upgrade expect accept-encoding range if-none-match "
    "if-modified-since keep-alive proxy-connection".split()
)
"""What Ladle, or the connection itself, says."""


def read_auth(top: Table) -> Auth | None:
    """Where the credential goes; None where the API needs none."""
    table = top.table("auth")
    if not table.names():
        return None
    said = {way: table.raw(way) for way in _WAYS if way in table and table.raw(way) is not False}
    for way in _WAYS:
        table.raw(way)
    env, client, scope = table.text("env"), table.maybe("id"), table.text("scope", "")
    table.done()
    _check_variable(table, "env", env)
    if len(said) != 1:
        what = "says several places for the key" if said else "says no place for the key"
        if said or all(name in (*_WAYS, "env", "id", "scope") for name in table.names()):  # else one is misspelt
            top.refuse("auth", what, hint="Say one of query, header, bearer, basic or oauth2.")
        return None
    (way,) = said
    if way != "oauth2":
        for name in ("id", "scope"):
            if name in table:
                table.refuse(name, f"goes with {way}", hint="It belongs to oauth2.")
    return _auth(table, way, env=env, client=client or "", scope=scope)


def _auth(table: Table, way: str, *, env: str, client: str, scope: str) -> Auth:
    if way == "query":
        return Auth(place="query", name=table.text("query"), env=env)
    if way == "header":
        name = table.text("header")
        if table.sound("header") and not _HEADER.fullmatch(name):
            # As with the variable: "X-Key: …" may hold the key itself.
            hint = "A header's name is letters, digits and -; never write the key itself here."
            table.refuse("header", "is no name of a header", hint=hint)
        return Auth(place="header", name=name, env=env)
    if way == "bearer":
        table.flag("bearer")
        return Auth(place="bearer", name="Authorization", env=env)
    if way == "basic":
        return Auth(place="basic", name="Authorization", env=env, user=_user(table))
    return _oauth2(table, env=env, client=client, scope=scope)


def _user(table: Table) -> str:
    if table.raw("basic") is True:
        return ""
    user = table.text("basic") if isinstance(table.raw("basic"), str) else ""
    if not isinstance(table.raw("basic"), str):
        table.refuse("basic", "is no name", hint="It must be true, or the user's name.")
    elif re.search(r"[:\x00-\x1f\x7f]", user):
        hint = "A user's name holds no colon; the password goes into the environment variable."
        table.refuse("basic", "holds a colon or a control character", hint=hint)
    return user


def _oauth2(table: Table, *, env: str, client: str, scope: str) -> Auth:
    address = table.text("oauth2")
    if table.sound("oauth2") and not can_be_called(address):
        hint = 'Give the address that gives tokens, like "https://auth.example.org/token".'
        table.refuse("oauth2", f'is "{without_password(address)}"', hint=hint)
    if "id" not in table:
        hint = "Name the environment variable that holds the client's id."
        table.refuse("id", "is missing", hint=hint, missing=True)
    elif table.sound("id"):
        _check_variable(table, "id", client)
    return Auth(place="oauth2", name="Authorization", env=env, id_env=client, token_url=address, scope=scope)


def _check_variable(table: Table, key: str, name: str) -> None:
    if table.sound(key) and not _VARIABLE.fullmatch(name):
        # What is written may be the key itself: it is not shown.
        table.refuse(key, "is no name of an environment variable", hint="Name one; never write the key itself here.")


def read_headers(top: Table, auth: Auth | None, fill: Filler) -> dict[str, str]:
    """What is sent with every request: one line each, no credential, nothing that Ladle says itself."""
    inside, headers = top.inside("headers", {}), {}
    seen: set[str] = set()
    for name, written in top.texts("headers").items():
        value = fill.text(inside, name, written).strip()
        small = name.lower()
        if not TOKEN.fullmatch(name):
            inside.refuse(name, "is no name of a header", hint="A header's name is letters, digits and -.")
        elif _SECRET.search(name) or (auth and auth.place == "header" and small == auth.name.lower()):
            # The value may be the credential itself: it is not shown.
            hint = 'Say it as "auth", by the name of an environment variable; never write the key itself here.'
            inside.refuse(name, "would carry a credential", hint=hint)
        elif small in OURS:
            inside.refuse(name, "is not for a definition", hint="Ladle says it itself: leave it out.")
        elif small in seen:
            inside.refuse(name, "stands there a second time", hint="Capital letters make no other header.")
        elif not TEXT.fullmatch(value):
            hint = "A header is one line, in letters of Latin-1."
            inside.refuse(name, "breaks its line, or holds a sign that no header can", hint=hint)
        headers[name] = value
        seen.add(small)
    return headers
