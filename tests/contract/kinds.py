"""As whom the API is tried: takes a kind's name, gives what it may do, and the settings of the site that it asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ladle_server.access.kinds import KINDS, SCOPES, Action, Kind, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A kind of people, by a token or by a browser's session, or whoever asks where nobody logs in."""

    name: str
    may: frozenset[Action]
    login: bool = True
    """Whether the site asks for a login."""
    hurried: bool = False
    """Whether more is asked than the site's rate allows: nearly all is a 429, and nothing need succeed."""
    settings: Mapping[str, str] = field(default_factory=dict)


LOGIN = {"LADLE_LOGIN": "always", "LADLE_FIRST_USER": "first", "LADLE_FIRST_PASSWORD": "four words and more"}
WIDE, NARROW = {"LADLE_RATE_LIMIT": "100000000 per second"}, {"LADLE_RATE_LIMIT": "300 per day"}
"""Rates of requests that nobody reaches, and that everybody does."""


def _known(name: str, kind: Kind, scope: Scope | None) -> Asker:
    may = KINDS[kind] & SCOPES[scope] if scope else KINDS[kind]
    return Asker(name=name, may=may, settings=LOGIN | WIDE)


ASKERS = {
    each.name: each
    for each in (
        _known("nobody", Kind.NOBODY, None),
        _known("reader", Kind.READER, Scope.READ),
        _known("collector", Kind.COLLECTOR, Scope.COLLECT),
        _known("staff", Kind.STAFF, Scope.DEFINE),
        _known("session", Kind.STAFF, None),
        Asker(name="owner", may=KINDS[Kind.OWNER], login=False),
        Asker(name="hurried", may=KINDS[Kind.OWNER], login=False, hurried=True, settings=NARROW),
    )
}
"""By name: `session` is staff by a browser's cookie, `owner` whoever asks a site on loopback."""
