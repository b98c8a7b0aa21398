"""What the OpenAPI description says beyond the views: takes it, gives names that clients can bear, and exact bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema

from ladle_server.api.formats import PROBLEM

HEADERS = {
    "webhook-id": "Of this end of the run, the same at every attempt: what came twice is known by it.",
    "webhook-timestamp": "Seconds since 1970, of the attempt.",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of `id.timestamp.body` under the secret's bytes, in base64.",
}
"""What every call of a webhook carries; drf-spectacular tells of no parameters there."""
OPEN = {"NewCollectionRequest"}
"""What may be sent with keys that nobody knows: clients of the first interface were never refused for them."""
TOO_LARGE = {
    "description": "Content Too Large",
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Schema(AutoSchema):
    """Operations are named by method and view: `get_one_run`."""

    def get_operation_id(self) -> str:
        """`GET` and `OneRun` → `get_one_run`."""
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__)
        return f"{self.method}_{words}".lower()


def exact(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """A postprocessing hook: the description says as much as the API does.

    An object that is sent has no other keys than those named, since any other is refused; any body may be too large.
    """
    for operation in _operations(result):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            _close(content["schema"], result)
            operation["responses"]["413"] = TOO_LARGE
    for webhook in result.get("webhooks", {}).values():
        webhook["post"]["parameters"] = [
            {"in": "header", "name": name, "schema": {"type": "string"}, "required": True, "description": told}
            for name, told in HEADERS.items()
        ]
    return result


def _operations(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in result["paths"].values():
        yield from path.values()


def _close(schema: dict[str, Any], result: Mapping[str, Any]) -> None:
    name = schema.get("$ref", "").rpartition("/")[2]
    found = result["components"]["schemas"][name] if name else schema
    if name not in OPEN and found.get("type") == "object" and "properties" in found:
        found["additionalProperties"] = False
        for each in found["properties"].values():
            _close(each, result)
