"""Addresses of a definition: takes a text, gives whether it can be called, and the base URL as Ladle keeps it."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from ladle.errors import BadInput

BASE_URL_HINT = 'Give an address like "https://api.example.org/v1/", without a query and without a password.'


def check_base_url(value: str) -> str:
    """An absolute http or https address without a query, ending in a slash; raises BadInput."""
    if not can_be_called(value):
        raise BadInput(f'The base URL "{without_password(value)}" can\'t be used.', hint=BASE_URL_HINT)
    return value if value.endswith("/") else value + "/"


def can_be_called(address: str) -> bool:
    """An absolute http or https address without query, fragment, user and odd signs."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a bracket without its other half
        return False
    return bool(usable and not parts.query and not parts.fragment and not parts.username) and not re.search(
        r"[\s{}<>\\\x00-\x1f\x7f]", address
    )


def stays(base_url: str, path: str) -> bool:
    """The path leads to a place at the base URL's site."""
    try:
        return urljoin(base_url, path).startswith(urljoin(base_url, "/"))
    except ValueError:  # a bracket without its other half, where a host would stand
        return False


def without_password(value: str) -> str:
    """An address that can be shown."""
    return re.sub(r"//[^/@]*@", "//…@", value)
