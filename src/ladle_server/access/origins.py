"""Whose page sends a request? Takes its headers and the site's names, says ours, another's or nobody's.

Browsers say it of every POST, by `Origin`, and to places they trust by `Sec-Fetch-Site` too; programs say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


class Sender(Enum):
    """Whose page it is."""

    OURS = "ours"
    STRANGE = "strange"
    UNTOLD = "untold"


def sender_of(request: HttpRequest) -> Sender:
    """Whose page sends a request, by all names that the site goes by; raises DisallowedHost for a Host that is none."""
    return sender(request.headers, host=request.get_host(), trusted=settings.CSRF_TRUSTED_ORIGINS)


def sender(headers: Mapping[str, str], *, host: str, trusted: Iterable[str] = ()) -> Sender:
    """Whose page sends these headers to `host`; pure. `trusted`: origins, as Django's CSRF_TRUSTED_ORIGINS has them.

    >>> sender({"Origin": "https://evil.example"}, host="localhost:8000")
    <Sender.STRANGE: 'strange'>
    """
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        return Sender.STRANGE
    if origin is not None:
        return Sender.OURS if _netloc(origin) == host or _is_one_of(origin, trusted) else Sender.STRANGE
    return Sender.UNTOLD if site is None else Sender.OURS


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _is_one_of(origin: str, trusted: Iterable[str]) -> bool:
    """`https://*.example.com` stands for all names below example.com, and itself."""
    for each in trusted:
        scheme, _, name = each.partition("://*")
        if origin == each:
            return True
        if name and origin.startswith(f"{scheme}://") and f".{_netloc(origin)}".endswith(name):
            return True
    return False
