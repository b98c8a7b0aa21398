"""One spelling for addresses that mean the same: takes a path or a query as written, gives it as it is compared.

What may differ and means nothing (RFC 3986, 6.2.2, and what sites do): `%7E` and `~`, `%c3` and `%C3`, a letter and its
bytes, `.` and `..`, a slash twice, the order of parameters, `+` and `%20` in a query, an `&` too many.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNSEEN = dict.fromkeys(map(ord, "\t\r\n"))
_TELLING = frozenset("/?#%&=+;")
"""Signs that mean something else when they stand there in %XX."""


def plain_path(path: str) -> str:
    """A path as it is compared: no slash at either end.

    >>> plain_path("/api/./x/..//caf%c3%a9/%7ea/")
    'api/café/~a'
    """
    return "/".join(part for part in without_dots(_decoded(path)).split("/") if part)


def plain_query(query: str) -> str:
    """A query as it is compared, in the order of names; of one name, in the order written.

    >>> plain_query("b=2&a=%31&&b=1+1")
    'a=1&b=2&b=1 1'
    """
    parts = [_decoded(part.replace("+", " ")) for part in query.split("&") if part]
    return "&".join(sorted(parts, key=lambda part: part.partition("=")[0]))


def without_key(address: str, param: str | None) -> str:
    """An address that an API writes, without the parameter that carries the key; else as written, but for a fragment.

    >>> without_key("/api/planets?page=2&app%69d=abc#top", "appid"), without_key("/api/planets?page=2", None)
    ('/api/planets?page=2', '/api/planets?page=2')
    """
    path, _, rest = address.partition("?")
    if param is None or not rest:
        return address
    # Readers of addresses leave tabs and line breaks out, so none of them may hide the name.
    parts = rest.partition("#")[0].translate(_UNSEEN).split("&")
    kept = "&".join(part for part in parts if unquote_plus(part.partition("=")[0]) != param)
    return f"{path}?{kept}" if kept else path


def without_dots(path: str) -> str:
    """A path without `.` and `..`, else as written.

    >>> without_dots("/api/x/../planets/./1/")
    '/api/planets/1/'
    """
    if "." not in path:
        return path
    kept: list[str] = []
    parts = path.split("/")
    for part in parts:
        if part == ".." and any(kept):
            kept.pop()
        elif part not in (".", ".."):
            kept.append(part)
    return "/".join(kept) + ("/" if parts[-1] in (".", "..") else "")


def _decoded(text: str) -> str:
    return _ENCODED.sub(_decode, text) if "%" in text else text


def _decode(found: re.Match[str]) -> str:
    """The signs that bytes in %XX stand for; those that tell something, and what is no UTF-8, stay as bytes."""
    try:
        signs = bytes.fromhex(found[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return found[0].upper()
    return "".join(f"%{ord(sign):02X}" if sign in _TELLING or ord(sign) < 32 else sign for sign in signs)
