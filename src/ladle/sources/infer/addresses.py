"""Addresses taken apart: takes an API's URL, gives its base URL, path and parameters, and others like it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from ladle.errors import BadInput
from ladle.sources.paging import join, same_origin

_VERSION = re.compile(r"(?i)(?:api|rest|services?|odata|wp-json|wp|\d(?:\.\d+)*|v\d+[\w.]*)")
"""A part of a path that stands before the collections: `/api/`, `/v2/`, `/wp-json/wp/v2/`."""
SECRETS = re.compile(
    r"(?i)(?:(?:api|app|access|auth|subscription|client)[_-]?)?(?:key|token|secret|appid)|password|apikey|auth"
)
"""Parameters that hold a credential."""
HINT = "Give an address like https://api.example.org/v1/people."


class Address(NamedTuple):
    """A base URL that ends in a slash, the path under it, and the query's parameters."""

    base_url: str
    path: str
    params: dict[str, str]

    @property
    def url(self) -> str:
        """The whole."""
        return with_params(urljoin(self.base_url, self.path or "."), self.params)


def apart(url: str) -> Address:
    """An address in its parts; raises BadInput for what no API can be asked at.

    >>> apart("https://api.example.org/v1/people?page=2")
    Address(base_url='https://api.example.org/v1/', path='people', params={'page': '2'})
    """
    written = url.strip().replace(" ", "%20")  # as browsers read it
    try:
        parts = urlsplit(written)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable or re.search(r"[\s<>\\]", written) or not written.isprintable():
        raise BadInput(f'"{_harmless(written)}" is no address that can be asked.', hint=HINT)
    if parts.username or parts.password:
        raise BadInput("The address holds a name or password.", hint="Leave it out, and name a variable: --basic ENV.")
    segments = [part for part in parts.path.split("/") if part]
    known = [number for number, part in enumerate(segments[:5]) if _VERSION.fullmatch(part)]
    cut = _base_length(segments, known)
    base = f"{parts.scheme}://{parts.netloc}/" + "".join(f"{part}/" for part in segments[:cut])
    slash = "/" if parts.path.endswith("/") and segments[cut:] else ""
    path = "/".join(segments[cut:]) + slash
    return Address(base, path, dict(parse_qsl(parts.query, keep_blank_values=True)))


def _base_length(segments: list[str], known: list[int]) -> int:
    """Parts of the path that belong to the base URL: to the last that names a version, else none.

    A record's number at the end (`/pokemon/1`) is no version.
    """
    while known and known[-1] > 0 and segments[known[-1]].isdigit() and known[-1] == len(segments) - 1:
        known = known[:-1]
    return known[-1] + 1 if known else 0


def _harmless(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", "".join(sign for sign in url if sign.isprintable()))[:200]


def with_params(url: str, params: Mapping[str, str]) -> str:
    """An address with these parameters in place of those of the same names.

    >>> with_params("https://a.org/x?page=1&q=b", {"page": "2"})
    'https://a.org/x?page=2&q=b'
    """
    parts = urlsplit(url)
    named = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(params)
    return urlunsplit(parts._replace(query=urlencode(named, quote_via=quote), fragment=""))


def params_of(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def is_address(value: object, *, like: str) -> bool:
    """Whether a value is an address at the site of `like`: absolute, or a path from the root."""
    if not isinstance(value, str) or not 1 < len(value) < 2000 or re.search(r"[\s{}<>]", value):
        return False
    if value.startswith(("http://", "https://")):
        return same_origin(value, like)
    return value.startswith("/") and not value.startswith("//") and join(like, value) is not None


def is_web(value: object) -> bool:
    """Whether it is an address of any site."""
    return isinstance(value, str) and value.startswith(("http://", "https://")) and not re.search(r"[\s<>]", value)


def under(url: str, base_url: str) -> str | None:
    """An address's path under a base URL, decoded, with its slash; None where it is elsewhere.

    >>> under("http://a.org/api/planets/1/", "https://a.org/api/")
    'planets/1/'
    """
    try:
        absolute = urljoin(base_url, url)
        path = unquote(urlsplit(absolute).path)
    except ValueError:
        return None
    base = unquote(urlsplit(base_url).path)
    return path[len(base) :] if same_origin(absolute, base_url) and path.startswith(base) else None
