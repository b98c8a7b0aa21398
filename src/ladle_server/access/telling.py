"""Users, tokens and deeds as JSON: takes rows, gives what API and command line show of them, never what is secret."""

from __future__ import annotations

from datetime import UTC, datetime

from ladle_server.access import tokens
from ladle_server.access.models import Deed, Token, User


def user_told(row: User) -> dict[str, object]:
    """A user, without the password's hash."""
    return {
        "name": row.name,
        "kind": row.kind,
        "active": row.is_active,
        "created_at": row.created_at,
        "last_login": row.last_login,
    }


def token_told(row: Token) -> dict[str, object]:
    """A token, by the characters that it begins with."""
    return {
        "id": row.pk,
        "user": row.user.name,
        "name": row.name,
        "scope": row.scope,
        "begins": row.begins,
        "state": tokens.state(row, now=datetime.now(UTC)),
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "used_at": row.used_at,
    }


def deed_told(row: Deed) -> dict[str, object]:
    """A line of the audit log."""
    return {
        "id": row.pk,
        "at": row.at,
        "who": row.who,
        "token": row.token or None,
        "deed": row.deed,
        "thing": row.thing,
        "address": row.address or None,
        "request_id": row.request or None,
    }
