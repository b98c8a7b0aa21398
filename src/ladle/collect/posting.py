"""One POST to somebody's address: takes it, a body and what may be reached, gives what was answered, or why nothing.

The same door as collecting goes through, without its quotas: names are looked up once and held on to, each socket's
address is looked at once more before it is opened, no redirect is followed, and of the answer little is read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from ladle.collect.line import TOO_LARGE, Bounds
from ladle.collect.reach import SETTING, Reach, allowed_by
from ladle.collect.request import AS_IT_IS
from ladle.collect.sending import lines
from ladle.collect.site import Site
from ladle.collect.troubles import told
from ladle.errors import BadInput
from ladle.version import VERSION

WHOLE = Bounds(connect=5.0, silence=10.0, whole=10.0, size=64 * 1024)
"""Ten seconds for an answer's head and as many for its body, of which 64 KB are read and none is kept."""
SCHEMES = ("http", "https")
LONGEST = 2_000
HINT = f"Only public addresses are sent to, unless whoever runs Ladle allows others in {SETTING}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What came of a POST."""

    status: int | None
    """None: no answer came."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By their names in small letters."""
    reason: str = ""
    """Why no answer came, in a sentence without the address."""


def check_address(url: str, *, env: Mapping[str, str] = os.environ, look_up: bool = True) -> str:
    """The address as it will be sent to. Raises BadInput for one that is none, or may not be reached."""
    url = url.strip()
    shown = url[:100]
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadInput(f'"{shown}" is no address.', hint='Give one like "https://example.org/hook".') from error
    if parts.scheme not in SCHEMES or not host or len(url) > LONGEST or not url.isprintable() or " " in url:
        raise BadInput(f'"{shown}" is no address.', hint='Give one like "https://example.org/hook".')
    if parts.username is not None or parts.password is not None:
        raise BadInput("The address holds a user or a password.", hint="Leave them out: what is sent is signed.")
    try:
        _reach(env).refuse(url, look_up=look_up)
    except BadInput as error:
        raise BadInput(error.message, hint=HINT) from error
    return url


async def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    env: Mapping[str, str] = os.environ,
    bounds: Bounds = WHOLE,
) -> Posted:
    """Send the body once. What may be reached is what LADLE_ALLOW_ADDRESSES says when it is called."""
    ours = {"User-Agent": f"ladle/{VERSION}", "Accept": "*/*", **headers}
    site = Site(url, reach=_reach(env), headers=lines(ours), connections=1, bounds=bounds)
    try:
        if not site.is_open and (closed := await site.open()) is not None:
            return Posted(status=None, reason=closed[1])
        address = quote(url.partition("#")[0], safe=f"{AS_IT_IS}[]").encode()
        came = await site.wires.send(address, body=body, headed=lambda: None)
    finally:
        site.close()
    if came.code and not (came.code == TOO_LARGE and came.status):
        return Posted(status=None, reason=told(came, host=site.host, bounds=bounds)[1])
    return Posted(status=came.status, headers=came.headers())


def _reach(env: Mapping[str, str]) -> Reach:
    return allowed_by(env.get(SETTING, ""))
