"""What the API's bodies about access look like, and how each operation may be refused: takes nothing, gives both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from rest_framework import serializers

from ladle_server.access.kinds import KINDS, SCOPES, USERS, Action
from ladle_server.access.routes import SAFE, asked, resolved
from ladle_server.api.formats import PROBLEM

_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token, `ladle_…`: see the page Account."},
    "session": {"type": "apiKey", "in": "cookie", "name": "ladle-session", "description": "Of who has logged in."},
}
_BY_LOGIN: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
_BY_ANYBODY: list[dict[str, list[str]]] = [{}, {"token": []}]
"""Where nobody logs in, nothing is needed; a token that is shown must be good all the same."""
_SPENDS = "api-preview"
"""A GET that spends a quota: refused from another site's page, which any other GET is not (`api.guard`)."""
_WAITS = ("api-run-events GET", "collection-requests POST")
"""What may keep its client waiting, which one client may have only so often at a time."""
_STRANGE = "a page of another site asks"


class DeedShape(serializers.Serializer[Any]):
    """A line of the audit log."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    who = serializers.CharField()
    token = serializers.CharField(allow_null=True)
    deed = serializers.CharField()
    thing = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_null=True)
    request_id = serializers.CharField(allow_null=True)


def guarded(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """The description, each operation with who may use it and how this site refuses (a hook of drf-spectacular)."""
    result["components"]["securitySchemes"] = _SCHEMES
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            match = resolved(path)
            action = asked(match, method.upper()).action
            operation["security"] = _BY_LOGIN if settings.LADLE_LOGIN else _BY_ANYBODY
            operation["x-ladle-action"] = action.value
            guards = method.upper() not in SAFE or (match is not None and match.view_name == _SPENDS)
            waits = match is not None and f"{match.view_name} {method.upper()}" in _WAITS
            operation["responses"] |= dict(_refusals(action, guards=guards, waits=waits))
    return result


def _refusals(action: Action, *, guards: bool, waits: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Status and answer of every refusal that comes before a view has a say; none that can't come."""
    lacking = "Nobody has logged in, or the token is not good." if settings.LADLE_LOGIN else "The token is not good."
    yield "401", _problem(lacking, "WWW-Authenticate", "`Bearer`, and what is wrong with the token.")
    if told := "; or ".join(_why_not(action, guards=guards)):
        yield "403", _problem(f"{told[:1].upper()}{told[1:]}.")
    if settings.LADLE_RATE is not None or (waits and settings.LADLE_WAITING.each is not None):
        yield "429", _problem("Too many requests.", "Retry-After", "Seconds after which to ask again.")
    away = "Database or files can't be reached, there is no room for more, or the site ends."
    yield "503", _problem(away, "Retry-After", "Seconds after which to ask again.")


def _why_not(action: Action, *, guards: bool) -> Iterator[str]:
    """For what somebody who is known is refused: all may look, by any token."""
    kinds = [kind.value for kind in USERS if action in KINDS[kind]]
    scopes = [scope.value for scope, may in SCOPES.items() if action in may]
    if len(kinds) < len(USERS):
        yield f"this is for {_listed(kinds, 'and')}, by a token of the scope {_listed(scopes, 'or')}"
    if guards:
        yield _STRANGE


def _listed(words: list[str], joined: str) -> str:
    return f" {joined} ".join(f"`{word}`" for word in words)


def _problem(told: str, header: str = "", means: str = "") -> dict[str, Any]:
    described = {header: {"description": means, "required": True, "schema": {"type": "string"}}} if header else {}
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": told, "content": content, **({"headers": described} if described else {})}
