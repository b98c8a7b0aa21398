"""Where does the site listen, and to which names does it answer? Takes the settings, gives both; pure.

It listens on this machine's loopback alone, where nobody logs in, unless the operator says that others may reach it: by
an address, by the names that it goes by there, and by a secret. Then people log in (`ladle_server.guarding`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from ladle.errors import SettingError

HOST, ALLOWED, SECRET = "LADLE_HOST", "LADLE_ALLOWED_HOSTS", "LADLE_SECRET_KEY"
LOOPBACK = "127.0.0.1"
OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine only: a foreign page that points its own name here (DNS rebinding) is refused."""
SHORTEST_SECRET = 50
_NAME = re.compile(r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"


@dataclass(frozen=True, slots=True)
class Listening:
    """An address, and the names by which requests may ask for the site."""

    host: str
    """An IPv4 or IPv6 address."""
    names: tuple[str, ...]
    """As Django's ALLOWED_HOSTS has them: `.example.com` for a name and all below it."""

    @property
    def origins(self) -> list[str]:
        """Whose forms are ours where a proxy speaks https for the site, as Django's CSRF_TRUSTED_ORIGINS has them."""
        return [f"https://{'*' if name.startswith('.') else ''}{name}" for name in self.foreign]

    @property
    def foreign(self) -> list[str]:
        """Names by which other machines may ask for it."""
        return [name for name in self.names if name not in OWN_NAMES and not _is_loopback(name)]

    def url(self, port: int) -> str:
        """Where somebody on this machine finds it."""
        address = ip_address(self.host)
        if address.is_unspecified:
            address = ip_address("::1" if address.version == 6 else LOOPBACK)
        return f"http://{_in_url(str(address))}:{port}/"


def listening(env: Mapping[str, str]) -> Listening:
    """What is set; raises SettingError for what can't be meant, and where others would reach a site without a secret.

    >>> listening({}).host
    '127.0.0.1'
    """
    host, names = _host(env.get(HOST, "").strip()), _names(env.get(ALLOWED, ""))
    address = ip_address(host)
    if not address.is_loopback:
        _refuse_unprotected(host, names, env.get(SECRET, "").strip())
    own = () if address.is_unspecified else (_in_url(host),)  # an address is nobody else's name for it
    return Listening(host, tuple(dict.fromkeys((*OWN_NAMES, *own, *names))))


def _host(text: str) -> str:
    if text in ("", "localhost"):
        return LOOPBACK
    try:
        return str(ip_address(text))
    except ValueError as error:
        hint = "Name an address of this machine: 127.0.0.1 for itself alone, 0.0.0.0 for all who can reach it."
        raise SettingError(f'{HOST} is "{text}".', hint=hint) from error


def _names(text: str) -> list[str]:
    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    for name in names:
        if not _NAME.fullmatch(name) and not _is_address(name):
            hint = "List names without scheme or port, with commas: ladle.example, 192.168.7.5; .example for all below."
            raise SettingError(f'{ALLOWED} has "{name}".', hint=hint)
    return names


def _is_address(name: str) -> bool:
    if not (name.startswith("[") and name.endswith("]")):
        return False  # one of IPv4 looks like a name
    try:
        return isinstance(ip_address(name[1:-1]), IPv6Address)
    except ValueError:
        return False


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _refuse_unprotected(host: str, names: list[str], secret: str) -> None:
    reached = f'{HOST} is "{host}", where other machines reach the site'
    if not names:
        hint = (
            "Set it to the names that people will type: ladle.example. Any other is refused, so that no foreign page "
        )
        hint += "can point a name of its own here."
        raise SettingError(f"{reached}, and {ALLOWED} is not set.", hint=hint)
    if len(secret) < SHORTEST_SECRET:
        found = f"has only {len(secret)} characters" if secret else "is not set"
        hint = f"Set it to {SHORTEST_SECRET} characters or more that nobody can guess: {_MAKE_ONE}"
        raise SettingError(f"{reached}, and {SECRET} {found}.", hint=hint)


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address
