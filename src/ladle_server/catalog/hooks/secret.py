"""A webhook's secret: takes its salt and the site's own secret, gives what calls are signed with; nothing keeps it.

Whoever reads the database, or a copy of it, can sign nothing: there is a salt, and a mark by which the secret can be
known again. So it need not be encrypted, and there is no second key to look after. The price: with another
LADLE_SECRET_KEY every webhook has another secret, and is to be added anew; that is told, and nothing wrongly signed.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

from django.utils.crypto import salted_hmac

PREFIX = "whsec_"
"""https://github.com/standard-webhooks/standard-webhooks: 24 to 64 bytes in base64, behind this prefix."""
_PURPOSE = "ladle.webhook"


@dataclass(frozen=True, slots=True)
class Made:
    """A new secret, and what is kept in its place."""

    secret: str
    salt: str
    mark: str


def make() -> Made:
    """One that nobody has had before."""
    salt = secrets.token_urlsafe(24)
    secret = secret_of(salt)
    return Made(secret, salt, mark_of(secret))


def secret_of(salt: str) -> str:
    """`whsec_…`, 32 bytes in base64, as long as the site's secret key is the same."""
    return PREFIX + b64encode(salted_hmac(_PURPOSE, salt, algorithm="sha256").digest()).decode()


def mark_of(secret: str) -> str:
    """What tells two secrets apart and leads back to neither: they are random, and cannot be tried through."""
    return sha256(secret.encode()).hexdigest()[:16]


def key_of(secret: str) -> bytes:
    """The bytes that sign."""
    return b64decode(secret.removeprefix(PREFIX))
