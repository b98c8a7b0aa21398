"""Who may do what? Takes a kind of people, a token's scope and an action, says yes or no; pure.

Every route of the site names an action (`access.routes`), and nothing but this table says who may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What a route asks for."""

    OPEN = "open"
    """Nothing: styles, health, the login itself."""
    READ = "read"
    """Looking: lists, rows, counts, charts, SQL, downloads."""
    COLLECT = "collect"
    """Runs: start, pause, cancel, resume, retry; and whatever else spends a quota of a kept source."""
    DEFINE = "define"
    """Sources, schedules and webhooks, and asking addresses of which nothing is known yet."""
    AUDIT = "audit"
    """Reading who did what."""
    OWN = "own"
    """One's own account: password, tokens, logging out."""
    MANAGE = "manage"
    """Other people's accounts and tokens."""


class Kind(StrEnum):
    """Kinds of people."""

    NOBODY = "nobody"
    """Not logged in, where people log in."""
    READER = "reader"
    COLLECTOR = "collector"
    STAFF = "staff"
    OWNER = "owner"
    """Whoever asks where nobody logs in: the site is reached from this machine alone."""


class Scope(StrEnum):
    """What a token is good for, at most."""

    READ = "read"
    COLLECT = "collect"
    DEFINE = "define"


_OPEN = frozenset({Action.OPEN})
_READS = _OPEN | {Action.READ}
_COLLECTS = _READS | {Action.COLLECT}
_DEFINES = _COLLECTS | {Action.DEFINE, Action.AUDIT}
KINDS: Mapping[Kind, frozenset[Action]] = {
    Kind.NOBODY: _OPEN,
    Kind.READER: _READS | {Action.OWN},
    Kind.COLLECTOR: _COLLECTS | {Action.OWN},
    Kind.STAFF: frozenset(Action),
    Kind.OWNER: frozenset(Action) - {Action.OWN},
}
SCOPES: Mapping[Scope, frozenset[Action]] = {
    Scope.READ: _READS,
    Scope.COLLECT: _COLLECTS,
    Scope.DEFINE: _DEFINES,
}
"""No token makes tokens or users: one that was stolen can be revoked, and leaves nothing behind."""
USERS = (Kind.READER, Kind.COLLECTOR, Kind.STAFF)
"""Kinds that somebody with a name can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whom a request comes from."""

    kind: Kind
    name: str = ""
    user: int | None = None
    token: int | None = None
    token_name: str = ""
    scope: Scope | None = None
    """None: no token was shown, so that all holds that the kind may."""

    def may(self, action: Action) -> bool:
        """Whether they may do it.

        >>> Who(kind=Kind.STAFF, scope=Scope.READ).may(Action.COLLECT)
        False
        """
        return action in KINDS[self.kind] and (self.scope is None or action in SCOPES[self.scope])

    def or_else(self, other: str) -> str:
        """The name of who has logged in; where nobody does, another word for whoever it was."""
        return self.name if self.user is not None else other

    @property
    def nobody(self) -> bool:
        """Whether they should log in."""
        return self.kind == Kind.NOBODY

    @property
    def looks_only(self) -> bool:
        """Whether runs are not theirs to start: templates leave the buttons out."""
        return not self.may(Action.COLLECT)

    @property
    def defines_nothing(self) -> bool:
        """Whether sources, schedules and webhooks are not theirs to change."""
        return not self.may(Action.DEFINE)

    @property
    def manages(self) -> bool:
        """Whether users are theirs to add."""
        return self.may(Action.MANAGE)

    @property
    def has_account(self) -> bool:
        """Whether there is a password to change, and somebody to log out."""
        return self.may(Action.OWN)


OWNER = Who(kind=Kind.OWNER, name="this machine")
NOBODY = Who(kind=Kind.NOBODY)


def asker(request: Any) -> Who:
    """Whom a request comes from, as the door has found out."""
    who: Who = request.who
    return who
