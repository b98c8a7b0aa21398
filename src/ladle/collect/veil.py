"""Keeps keys out of what is kept: takes what an API sent and the keys it may echo, gives it without them."""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from urllib.parse import quote, quote_plus

HIDDEN = b"***"
LONG = 8
"""Characters from which a key can't be mistaken for data: a shorter one is left alone in good answers."""
_SCHEME = re.compile(r"(?:basic|bearer|token|apikey|key)\s+(\S{4,})", re.IGNORECASE)
"""A whole header as the key: what follows the scheme is the credential."""


def veiled(body: bytes, *, secrets: tuple[str, ...], good: bool) -> bytes:
    """The body with `***` for each of the keys, as it is, and as URLs, JSON, HTML and base64 write it.

    A good answer is data: in it a key of less than 8 characters may be a part of somebody's name, and stays.

    >>> veiled(b'{"next": "/people?page=2&token=a%2Fb-c-d-e"}', secrets=("a/b-c-d-e",), good=True)
    b'{"next": "/people?page=2&token=***"}'
    """
    for written in _spellings(secrets, LONG if good else 1):
        body = body.replace(written, HIDDEN)
    return body


def without_keys(text: str, *, keys: tuple[str, ...]) -> str:
    """A text for people, a line of a log say, without any of the keys, the short ones too.

    >>> without_keys("GET /people?token=a%2Fb-c", keys=("a/b-c",))
    'GET /people?token=***'
    """
    return veiled(text.encode("utf-8", "replace"), secrets=keys, good=False).decode("utf-8", "replace")


@lru_cache(maxsize=64)
def _spellings(secrets: tuple[str, ...], least: int) -> tuple[bytes, ...]:
    """Longest first, so that none is left over within another; what holds a shorter spelling is hidden with that."""
    long = [secret for secret in secrets if len(secret) >= least]
    found = {each for secret in long for part in _credentials(secret) for each in _written(part) if each}
    # Those that were given stay, each of them: of base64 a sign may be left of what holds another.
    given = {secret.encode() for secret in long}
    needed = {each for each in found if not any(other != each and other in each for other in found)} | given
    return tuple(sorted(needed, key=lambda each: (-len(each), each)))


def _credentials(secret: str) -> Iterator[str]:
    """The key itself, and what is secret within a header that was given whole (`Basic dXNlcjpwYXNz`)."""
    yield secret
    if (header := _SCHEME.fullmatch(secret)) is None:
        return
    yield header[1]
    try:
        _, _, password = b64decode(header[1], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return
    if len(password) >= LONG:
        yield password


def _written(secret: str) -> Iterator[bytes]:
    once = quote(secret, safe="")
    texts = [secret, quote(secret), once, quote_plus(secret), quote(once), secret.replace("/", "\\/")]
    texts += [re.sub("%..", lambda sign: sign[0].lower(), each) for each in texts[1:4]]
    texts += [json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    texts += [escape(secret), escape(secret, quote=False)]
    yield from (text.encode() for text in texts)
    if len(secret) >= LONG:
        yield from _in_base64(secret.encode())


def _in_base64(secret: bytes) -> Iterator[bytes]:
    """What every base64 text holds that has the secret in it, wherever that begins among its groups of three bytes."""
    for before in range(3):
        packed = b64encode(bytes(before) + secret)
        # The signs at both ends depend on the neighbours too.
        core = packed[(0, 2, 3)[before] : len(packed) - (0, 3, 2)[(before + len(secret)) % 3]]
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")
