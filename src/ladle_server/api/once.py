"""Idempotency over HTTP: takes a request that makes something, gives its key, for `catalog.once`, and what was made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from ladle.errors import BadInput, Conflict, NotFound
from ladle_server.access.kinds import asker

Made = TypeVar("Made")
LONGEST_KEY = 255
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    location="header",
    description="Sent again by its sender, the same wish with the same key makes nothing new and gets what was made.",
)


def idempotency_key(request: Request) -> str | None:
    """The request's key, which is its sender's alone; raises BadInput for one that is none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY:
        raise BadInput(f"The Idempotency-Key has {len(key)} characters; it must have 1 to {LONGEST_KEY}.")
    # Who guesses another's key learns nothing of what was made under it, and takes nothing away from them.
    who = asker(request)
    return key if who.user is None else f"{key} (of {who.name})"


def still_there(find: Callable[[str], Made], made: str, *, what: str) -> Made:
    """What a request made, now or when it was sent first; raises Conflict where it has been removed since."""
    try:
        return find(made)
    except NotFound as gone:
        problem = f'The {what} "{made}", which was made for this Idempotency-Key, has been removed since.'
        raise Conflict(problem, hint="Send a new key to have another made.") from gone
