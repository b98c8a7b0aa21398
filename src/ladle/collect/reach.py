"""What a source may reach: takes it and the operator's word, says of addresses whether they may be connected to.

A definition that came from a browser or the API must not lead Ladle to what only this machine can see: its own
services, the network it stands in, a cloud's metadata. So names are looked up once, all that is found must be public,
requests go to what was found (`Site`), and each socket's address is looked at once more before it is opened. No
spelling of an address, no redirect and no change of DNS gets past that last look.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from ladle.errors import BadInput, SettingError
from ladle.sources.source import Source

Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""From a host and a port the addresses behind them; raises OSError where there are none."""

SETTING = "LADLE_ALLOW_ADDRESSES"
HINT = (
    f"This source may reach public addresses alone. To allow another, start Ladle again with {SETTING}=127.0.0.1, say."
)
ALL = "all"
LOOPBACK = ("127.0.0.1", "::1")

# https://www.iana.org/assignments/iana-ipv4-special-registry and the same for IPv6. Python's own is_global has changed
# its mind between releases.
NOT_PUBLIC = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # "this network": Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by a carrier's customers; some clouds' metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # what a machine in Azure asks about itself, though it looks public
        "169.254.0.0/16",  # link-local, with most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
]
PUBLIC_6 = IPv6Network("2000::/3")
"""All that has been given out: ::1, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10 and ff00::/8 lie outside."""
NOT_PUBLIC_6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, among them Teredo, which holds an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4 holds an IPv4 address
        "3fff::/20",
    )
]
_NUMBERS = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}", re.IGNORECASE)


def looked_up(host: str, port: int) -> list[str]:
    """As this machine resolves names; raises OSError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError(f"{host} is no name of a host.") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What may be reached. `everywhere`: nothing is looked at."""

    everywhere: bool = False
    networks: tuple[Network, ...] = ()
    """Reached besides public addresses."""
    resolve: Resolve = looked_up

    def allows(self, address: str) -> bool:
        """Whether a socket may be opened to it: an address as the system writes it, no name."""
        try:
            given = ip_address(address)
        except ValueError:
            return False
        inner = given.ipv4_mapped if isinstance(given, IPv6Address) else None
        return self.everywhere or is_public(given) or any((inner or given) in network for network in self.networks)

    def found(self, host: str, port: int) -> list[str]:
        """The addresses of a host, as numbers in any spelling or by name. Raises OSError where there are none."""
        if (number := as_number(host)) is not None:
            return [str(number)]
        if is_here(host):  # by its name, RFC 6761: whatever a resolver says
            return [address for address in LOOPBACK if self.allows(address)] or list(LOOPBACK)
        return list(self.resolve(host, port))

    def why_not(self, host: str, addresses: Sequence[str]) -> str | None:
        """In words; None where all of the addresses are allowed. What a name leads to is not told."""
        if all(self.allows(address) for address in addresses):
            return None
        return f"{host} is no public address." if as_number(host) else f"{host} leads to an address that is not public."

    def refuse(self, url: str, *, look_up: bool = True) -> None:
        """Raise BadInput, with the remedy, for an address that may not be reached; what can't be found passes.

        Without `look_up` nothing leaves this machine: only what is written is judged, at no cost.
        """
        if self.everywhere:
            return
        try:
            host, port = host_and_port(url)
        except ValueError as error:
            raise BadInput(f'"{url}" is no address.', hint='Give one like "https://api.example.org/".') from error
        if not look_up and as_number(host) is None and not is_here(host):
            return
        try:
            addresses = self.found(host, port)
        except OSError:
            return
        if (why_not := self.why_not(host, addresses)) is not None:
            raise BadInput(f'"{url}" can\'t be used: {why_not}', hint=HINT)


EVERYWHERE = Reach(everywhere=True)


def reach_of(source: Source, env: Mapping[str, str] = os.environ) -> Reach:
    """Everything for a trusted source; for another public addresses and what LADLE_ALLOW_ADDRESSES says."""
    if source.trusted:
        return EVERYWHERE
    return allowed_by(env.get(SETTING, ""))


def allowed_by(text: str) -> Reach:
    """From `127.0.0.1, 10.0.0.0/8`, or `all`. Raises SettingError."""
    words = text.replace(",", " ").split()
    if words == [ALL]:
        return EVERYWHERE
    return Reach(networks=tuple(_network(word) for word in words))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is one of the open Internet's own."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC)
    return address in PUBLIC_6 and not any(address in network for network in NOT_PUBLIC_6)


def as_number(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is in numbers, however they are written; None for a name.

    >>> [str(as_number(host)) for host in ("127.1", "2130706433", "0177.0.0.1", "0x7f.1", "::1", "localhost")]
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1', '::1', 'None']
    """
    host = _plain(host)
    with suppress(ValueError):
        return ip_address(host)
    try:
        return IPv4Address(socket.inet_aton(host)) if _NUMBERS.fullmatch(host) else None
    except OSError:
        return None


def is_here(host: str) -> bool:
    """Whether it is a name of this machine for itself."""
    host = _plain(host).lower()
    return host == "localhost" or host.endswith(".localhost")


def host_and_port(url: str) -> tuple[str, int]:
    """Of an absolute address; its scheme's port where it tells none."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _plain(host: str) -> str:
    """Without percent signs, full-width digits and other dots, which resolvers and curl read as the usual ones."""
    return normalize("NFKC", unquote(host)).replace("\u3002", ".").removesuffix(".")


def _network(word: str) -> Network:
    try:
        return ip_network(word)
    except ValueError as error:
        hint = 'It is a list such as "127.0.0.1, 10.0.0.0/8", or "all".'
        with suppress(ValueError):
            hint = f'Did you mean "{ip_network(word, strict=False)}"? {hint}'
        raise SettingError(f'{SETTING}: "{word}" is no address and no network.', hint=hint) from error
