"""Who may read metrics? Takes a request's address and LADLE_METRICS_FROM, says yes or no.

An address that a proxy tells of is not believed: whoever comes by one counts as from elsewhere, unless the proxy's own
address is listed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from ladle.errors import SettingError

SETTING, SHARED = "LADLE_METRICS_FROM", "PROMETHEUS_MULTIPROC_DIR"
_BY_PROXY = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")


def may_see(meta: Mapping[str, str], *, env: Mapping[str, str] = os.environ) -> bool:
    """Whether a request, by what Django tells of it, comes from this machine itself or from a listed address."""
    try:
        address = ip_address(meta.get("REMOTE_ADDR", ""))
    except ValueError:  # a socket of this machine's file system, or none at all
        return False
    if any(address in network for network in networks(env.get(SETTING, ""))):
        return True
    return address.is_loopback and not any(header in meta for header in _BY_PROXY)


@lru_cache(maxsize=8)
def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """The addresses and networks of a list with commas; raises SettingError.

    >>> networks("10.0.0.0/8, 192.168.7.5")
    (IPv4Network('10.0.0.0/8'), IPv4Network('192.168.7.5/32'))
    """
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        hint = "Name addresses and networks, with commas: 10.0.0.0/8, 192.168.7.5."
        raise SettingError(f'{SETTING} is "{text}".', hint=hint) from error


def shared_folder(env: Mapping[str, str]) -> str | None:
    """The folder in which several processes add up what they count, None for none; raises SettingError."""
    folder = env.get(SHARED, "")
    if not folder:
        return None
    if not Path(folder).is_dir() or not os.access(folder, os.W_OK):
        hint = "Make it before the site starts, empty, where the site may write."
        raise SettingError(f'{SHARED} is "{folder}", which is no folder to write to.', hint=hint)
    return folder
