"""Which server is meant? Takes LADLE_URL and LADLE_TOKEN, or an address in a home's place, gives a Server; pure."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from ladle.collect.line import is_here
from ladle.errors import SettingError
from ladle.home import SERVER_SETTING, Home, is_server

TOKEN = "LADLE_TOKEN"  # noqa: S105 - the setting's name
_TOKEN = re.compile(r"[\x21-\x7e]{1,500}")
"""What can stand in a header: an API token has 49 signs of these."""
_EXAMPLE = "Write it as https://ladle.example.org."


@dataclass(frozen=True, slots=True)
class Server:
    """A Ladle that serves, and the token that is shown to it alone."""

    address: str
    """`https://ladle.example.org`, without a slash at its end."""
    token: str = field(default="", repr=False)
    """Empty where nobody logs in."""

    @classmethod
    def open(cls, address: str | None = None, *, env: Mapping[str, str] = os.environ) -> Server:
        """The server at an address, else at LADLE_URL; nothing is asked yet. Raises SettingError.

        LADLE_TOKEN is a token of the server at LADLE_URL: one at another address is not shown it.
        """
        usual = env.get(SERVER_SETTING, "").strip()
        wanted = address or usual
        if not wanted:
            raise SettingError(f"{SERVER_SETTING} is not set.", hint="Set it to the address of a server.")
        parts = _read(wanted, called=f'The address "{_shown(wanted)}"' if address else SERVER_SETTING)
        theirs = not address or not usual or _origin(_read(usual, called=SERVER_SETTING)) == _origin(parts)
        token = env.get(TOKEN, "").strip() if theirs else ""
        found = cls(parts.geturl().rstrip("/"), _checked(token))
        if token and parts.scheme != "https" and not is_here(parts.hostname or ""):
            told = f"{TOKEN} is not sent to {found.address}: without TLS anybody on the way could read it."
            raise SettingError(told, hint="Take the server's address with https://.")
        return found

    @property
    def host(self) -> str:
        """Its name or address, without the port."""
        return urlsplit(self.address).hostname or ""


Place = Home | Server | str | Path | None
"""A home, or its folder or address; or a server that has one, or its address. None: what is set, else `~/.ladle`."""


def server_of(home: Place, *, env: Mapping[str, str] = os.environ) -> Server | None:
    """The server that is meant by what somebody names as a home; None where it is one on this machine, or on S3."""
    if isinstance(home, Server):
        return home
    if isinstance(home, str) and is_server(home):
        return Server.open(home, env=env)
    return Server.open(env=env) if home is None and env.get(SERVER_SETTING, "").strip() else None


def _read(address: str, *, called: str) -> SplitResult:
    """An address in its parts; raises SettingError for what can be none, without showing what may be a password."""
    try:
        parts = urlsplit(address.rstrip("/"))
        _ = parts.port
    except ValueError:
        raise SettingError(f"{called} can't be read.", hint=_EXAMPLE) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.netloc.isascii():
        raise SettingError(f'{called} is no address of a server: "{_shown(address)}".', hint=_EXAMPLE)
    if parts.username is not None or parts.password is not None:
        raise SettingError(f"{called} holds a name or a password.", hint=f"Leave it out, and set {TOKEN} instead.")
    if parts.query or parts.fragment or re.search(r"[\x00-\x20\x7f-\uffff]", address):
        raise SettingError(f'{called} holds more than an address: "{_shown(address)}".', hint=_EXAMPLE)
    return parts


def _shown(address: str) -> str:
    """An address without what stands before an @, which may be a password, and without what may be a key."""
    plain = address.partition("?")[0].partition("#")[0]
    scheme, sign, rest = plain.partition("://")
    return f"{scheme}{sign}{rest.rpartition('@')[2]}"[:200]


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or {"https": 443}.get(parts.scheme, 80)


def _checked(token: str) -> str:
    if token and not _TOKEN.fullmatch(token):
        raise SettingError(f"{TOKEN} holds what no token does.", hint="Copy it again: it begins with ladle_.")
    return token
