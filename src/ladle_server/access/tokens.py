"""API tokens: takes a user, a scope and a span, gives a text that is told once; takes a text, gives whose it is."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta

from ladle.errors import BadInput, NotFound, unknown
from ladle_server.access.kinds import Kind, Scope, Who
from ladle_server.access.models import Token, User
from ladle_server.catalog.ids import number_of

BEGINS = "ladle_"
SHOWN = len(BEGINS) + 4
"""Characters by which an owner knows a token again; 41 others are left to guess."""
MOST, LONGEST_NAME = 100, 100
"""Tokens of one user that are good, and characters of a name."""
USED_EVERY = timedelta(hours=1)
_TEXT = re.compile(r"ladle_[A-Za-z0-9_-]{43}")
_SPAN = re.compile(r"([1-9][0-9]{0,3}) ?(h|hours?|d|days?)")


def make(user: User, *, name: str, scope: str, expires: str = "", now: datetime | None = None) -> tuple[Token, str]:
    """A new token and its text, which nobody can find out again. `expires`: `90 days`, or nothing for never."""
    now = now or datetime.now(UTC)
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInput("A token needs a name of up to 100 characters.", hint="Say what it is for: nightly export.")
    if scope not in list(Scope):
        raise BadInput(unknown("scope", scope, list(Scope)))
    if good(user, now=now) >= MOST:
        raise BadInput(f"{user.name} has {MOST} tokens already.", hint="Revoke some.")
    text = BEGINS + secrets.token_urlsafe(32)
    row = Token.objects.create(
        user=user,
        name=name,
        scope=scope,
        digest=digest(text),
        begins=text[:SHOWN],
        created_at=now,
        expires_at=_end(expires, now=now),
    )
    return row, text


def holder(text: str, *, now: datetime | None = None) -> Who | None:
    """Whom a token speaks for; None for one that is unknown, revoked or expired, or whose user is disabled."""
    now = now or datetime.now(UTC)
    if not _TEXT.fullmatch(text):
        return None
    # Found by its digest: how long that takes tells nothing about any other token.
    row = Token.objects.select_related("user").filter(digest=digest(text), revoked_at=None).first()
    if row is None or not row.user.is_active or (row.expires_at is not None and row.expires_at <= now):
        return None
    if row.used_at is None or now - row.used_at >= USED_EVERY:
        Token.objects.filter(pk=row.pk).update(used_at=now)
    return Who(
        kind=Kind(row.user.kind),
        name=row.user.name,
        user=row.user_id,
        token=row.pk,
        token_name=row.name,
        scope=Scope(row.scope),
    )


def revoke(number: int | str, *, of: int | None = None, now: datetime | None = None) -> Token:
    """The token, good for nothing any more. `of`: the user whose it must be. Raises NotFound."""
    rows = Token.objects.select_related("user")
    rows = rows if of is None else rows.filter(user_id=of)
    found = rows.filter(pk=number_of(number)).first()
    if found is None:
        raise NotFound(f'There is no token "{str(number)[:40]}".', hint="List them with: ladle tokens list")
    if found.revoked_at is None:
        found.revoked_at = now or datetime.now(UTC)
        found.save(update_fields=["revoked_at"])
    return found


def good(user: User, *, now: datetime) -> int:
    """How many tokens of theirs are good."""
    return sum(state(row, now=now) == "good" for row in user.tokens.all())


def state(row: Token, *, now: datetime) -> str:
    """`good`, `revoked` or `expired`."""
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "good"


def digest(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def _end(expires: str, *, now: datetime) -> datetime | None:
    words = expires.strip().lower()
    if not words or words == "never":
        return None
    if not (found := _SPAN.fullmatch(words)):
        raise BadInput(f'"{expires[:40]}" is no span of time.', hint="Say it as: 90 days, 12 hours, or never.")
    number = int(found[1])
    return now + (timedelta(hours=number) if found[2].startswith("h") else timedelta(days=number))
