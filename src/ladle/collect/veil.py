"""Keeps the key out of what is kept: takes what an API sent and the key it may echo, gives it without the key."""

from __future__ import annotations

import json
from functools import lru_cache
from urllib.parse import quote, quote_plus

HIDDEN = b"***"
LONG = 8
"""Characters from which a key can't be mistaken for data: a shorter one is left alone in good answers."""


def veiled(body: bytes, *, secret: str | None, good: bool) -> bytes:
    """The body with `***` for the key, as it is, as URLs write it and as JSON does.

    A good answer is data: in it a key of less than 8 characters may be a part of somebody's name, and stays.

    >>> veiled(b'{"next": "/people?page=2&token=a%2Fb-c-d-e"}', secret="a/b-c-d-e", good=True)
    b'{"next": "/people?page=2&token=***"}'
    """
    if not secret or (good and len(secret) < LONG):
        return body
    for written in _spellings(secret):
        body = body.replace(written, HIDDEN)
    return body


@lru_cache(maxsize=8)
def _spellings(secret: str) -> list[bytes]:
    """Longest first, so that none is left over within another."""
    in_json = (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    found = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), secret.replace("/", "\\/"), *in_json}
    return sorted((text.encode() for text in found), key=len, reverse=True)
