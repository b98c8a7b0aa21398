"""What the OpenAPI description says beyond the views: takes it, gives names that clients can bear, and exact bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema

from ladle_server.api.formats import PROBLEM, STREAM

HEADERS = {
    "webhook-id": "Of this end of the run, the same at every attempt: what came twice is known by it.",
    "webhook-timestamp": "Seconds since 1970, of the attempt.",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of `id.timestamp.body` under the secret's bytes, in base64.",
}
"""What every call of a webhook carries; drf-spectacular tells of no parameters there."""
OPEN = {"NewCollectionRequest"}
"""What may be sent with keys that nobody knows: clients of the first interface were never refused for them."""
ON_THE_WIRE = {
    "408": "The request was not there in time: `LADLE_REQUEST_SECONDS`. The connection is closed.",
    "413": "The body is larger than is taken here.",
    "431": "The address and headers are longer than is taken here. The connection is closed.",
    "500": "A file is damaged, or something went wrong that nobody foresaw; the log has it under `request_id`.",
}
"""What may be answered whatever is asked for, mostly before any view has a say."""


class Schema(AutoSchema):
    """Operations are named by method and view: `get_one_run`."""

    def get_summary(self) -> str:
        """The first sentence of what is said of it: what stands beside its path where all are listed."""
        first = re.match(r"[^\n]*?(?:[.:;](?=\s|$)|$)", str(self.get_description()).strip())
        return first[0].rstrip(".:;") if first else ""

    def get_operation_id(self) -> str:
        """`GET` and `OneRun` → `get_one_run`."""
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__)
        return f"{self.method}_{words}".lower()


def exact(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """A postprocessing hook: the description says as much as the API does.

    An object that is sent has no other keys than those named, since any other is refused; what the site answers on the
    wire every operation names.
    """
    for operation in _operations(result):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            _close(content["schema"], result)
        operation["responses"] |= {status: _problem(told) for status, told in _on_the_wire(operation)}
    for webhook in result.get("webhooks", {}).values():
        webhook["post"]["parameters"] = [
            {"in": "header", "name": name, "schema": {"type": "string"}, "required": True, "description": told}
            for name, told in HEADERS.items()
        ]
    return result


def _operations(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in result["paths"].values():
        yield from path.values()


def _on_the_wire(operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Status and meaning. Whoever asks for a stream may send what they like with it: nobody reads it."""
    is_stream = STREAM in operation["responses"].get("200", {}).get("content", {})
    return ((status, told) for status, told in ON_THE_WIRE.items() if not (is_stream and status == "413"))


def _problem(told: str) -> dict[str, Any]:
    return {"description": told, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _close(schema: dict[str, Any], result: Mapping[str, Any]) -> None:
    name = schema.get("$ref", "").rpartition("/")[2]
    found = result["components"]["schemas"][name] if name else schema
    if name not in OPEN and found.get("type") == "object" and "properties" in found:
        found["additionalProperties"] = False
        for each in found["properties"].values():
            _close(each, result)
