"""Idempotency over HTTP: takes a request that makes something, gives what was made, the first time and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from ladle.errors import BadInput, Conflict, NotFound
from ladle_server.access.kinds import asker
from ladle_server.catalog.once import once

Made = TypeVar("Made")
LONGEST_KEY = 255
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    location="header",
    description="Sent again by its sender, the same wish with the same key makes nothing new and gets what was made.",
)


def _idempotency_key(request: Request) -> str | None:
    """The request's key, which is its sender's alone; raises BadInput for one that is none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY:
        raise BadInput(f"The Idempotency-Key has {len(key)} characters; it must have 1 to {LONGEST_KEY}.")
    # Who guesses another's key learns nothing of what was made under it, and takes nothing away from them.
    who = asker(request)
    return key if who.user is None else f"{key} (of {who.name})"


def made_once(
    request: Request, make: Callable[[], str], *, find: Callable[[str], Made], what: str, wish: object
) -> Made:
    """What the request makes; sent again with its key, what it made when it was sent first, which is no deed.

    Raises BadInput for a key that is none, Conflict for one of another wish and where what was made has been removed.
    """
    for_the_log: Any = request._request
    for_the_log.is_again = True

    def make_now() -> str:
        made = make()
        for_the_log.is_again = False
        return made

    made = once(_idempotency_key(request), make_now, what=what, wish=wish)
    try:
        return find(made)
    except NotFound as gone:
        problem = f'What was made for this Idempotency-Key, "{made}", has been removed since.'
        raise Conflict(problem, hint="Send a new key to have another made.") from gone
