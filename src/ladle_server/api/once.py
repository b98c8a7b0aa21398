"""Idempotency over HTTP: takes a request that makes something, gives its key, for `catalog.once`."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from ladle.errors import BadInput

LONGEST_KEY = 255
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    location="header",
    description="Sent again with the same key, the same wish makes nothing new and gets what was made.",
)


def idempotency_key(request: Request) -> str | None:
    """The request's key; raises BadInput for one that is none."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        raise BadInput(f"The Idempotency-Key has {len(key)} characters; it must have 1 to {LONGEST_KEY}.")
    return key
