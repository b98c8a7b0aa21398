"""What the API's bodies about access look like, and what every operation has of it: takes nothing, gives both."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ladle_server.access.routes import asked, resolved
from ladle_server.api.formats import PROBLEM

_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token, `ladle_…`: see the page Account."},
    "session": {"type": "apiKey", "in": "cookie", "name": "ladle-session", "description": "Of who has logged in."},
}
_MORE = {
    "401": "Where people log in: nobody is, or the token is not good.",
    "403": "Not for this kind of people, or not by this token; or a page of another site asks.",
    "413": "The body is too large.",
    "429": "Too many requests; `Retry-After` says when to ask again.",
}


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
    """The description, each operation with who may use it and how they are refused (a hook of drf-spectacular)."""
    result["components"]["securitySchemes"] = _SCHEMES
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            action = asked(resolved(path), method.upper()).action
            # The last: where nobody logs in, nothing is needed.
            operation["security"] = [{"token": []}, {"session": []}, {}]
            operation["x-ladle-action"] = action.value
            for status, told in _MORE.items():
                if status == "413" and "requestBody" not in operation:
                    continue
                operation["responses"].setdefault(status, _problem(told))
    return result


def _problem(told: str) -> dict[str, Any]:
    return {"description": told, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
