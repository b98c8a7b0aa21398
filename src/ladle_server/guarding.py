"""Who must log in, and how much may be asked? Takes the settings, gives what the site's door goes by; pure.

Where nobody but this machine reaches the site, nobody logs in. As soon as others may, by an address, by a name or by a
proxy that stands before it, everybody does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from ladle.errors import SettingError
from ladle_server.access import places
from ladle_server.access.rates import NORMAL, SETTING, Rate, rate
from ladle_server.listening import ALLOWED, HOST, Listening

LOGIN, PROXIES, AUDIT_DAYS = "LADLE_LOGIN", "LADLE_PROXIES", "LADLE_AUDIT_DAYS"
FIRST_USER, FIRST_PASSWORD = "LADLE_FIRST_USER", "LADLE_FIRST_PASSWORD"
_DAYS = re.compile("[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarding:
    """How the door is set."""

    why: str
    """Why people log in, as a clause; empty: nobody does."""
    rate: Rate | None
    """Of each client; None: no limit."""
    proxies: tuple[str, ...]
    """Addresses and networks whose word on a client's address and on https is believed."""
    room: places.Room
    """How many clients may wait at once."""
    audit_days: int
    """After these a deed is forgotten."""
    first: tuple[str, str] | None
    """Name and password of the user that is made where there is none."""


def guarding(env: Mapping[str, str], *, at: Listening) -> Guarding:
    """What is set; raises SettingError for what can't be meant."""
    proxies = _proxies(env.get(PROXIES, ""))
    why = _why(env.get(LOGIN, "").strip().lower() or "auto", at=at, proxies=proxies)
    return Guarding(
        why=why,
        rate=rate(env.get(SETTING, ""), otherwise=NORMAL if why else "none"),
        proxies=proxies,
        room=places.room(env, login=bool(why)),
        audit_days=_days(env.get(AUDIT_DAYS, "").strip()),
        first=_first(env.get(FIRST_USER, "").strip(), env.get(FIRST_PASSWORD, "").strip()),
    )


def _why(wanted: str, *, at: Listening, proxies: tuple[str, ...]) -> str:
    if wanted not in ("auto", "always"):
        hint = 'It can be "auto" (people log in where other machines reach the site) or "always".'
        raise SettingError(f'{LOGIN} is "{wanted[:60]}".', hint=hint)
    if wanted == "always":
        return f'{LOGIN} is "always"'
    if not ip_address(at.host).is_loopback:
        return f'{HOST} is "{at.host}", where other machines reach the site'
    if at.foreign:
        return f'{ALLOWED} names "{at.foreign[0]}", by which others reach the site'
    return f"{PROXIES} names a proxy, by which others reach the site" if proxies else ""


def _proxies(text: str) -> tuple[str, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        try:
            ip_network(part)
        except ValueError as error:
            hint = "Name the proxy's address, or its network, with commas: 127.0.0.1, 10.0.0.0/8."
            raise SettingError(f'{PROXIES} has "{part[:60]}".', hint=hint) from error
    return tuple(parts)


def _days(text: str) -> int:
    if text and not _DAYS.fullmatch(text):
        raise SettingError(f'{AUDIT_DAYS} is "{text[:60]}".', hint="Set it to days, such as 365.")
    return int(text or 365)


def _first(name: str, password: str) -> tuple[str, str] | None:
    if bool(name) != bool(password):
        lacking = FIRST_PASSWORD if name else FIRST_USER
        raise SettingError(f"{lacking} is not set.", hint=f"Set {FIRST_USER} and {FIRST_PASSWORD}, or neither.")
    return (name, password) if name else None
