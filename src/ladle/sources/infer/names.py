"""Names for what was found: takes hosts, paths and keys, gives names that a definition allows."""

from __future__ import annotations

import re
from collections.abc import Container
from urllib.parse import urlsplit

_COMMON = {"api", "www", "rest", "data", "v1", "v2", "services", "service", "public", "open", "gateway"}
_ENDINGS = {"com", "org", "net", "io", "co", "dev", "gov", "edu", "app", "info", "tech", "ai", "uk", "ac", "local"}
_LOCAL = re.compile(r"[\d.]+|\[?[0-9a-f:]+\]?|localhost")
LONGEST = 40


def source_name(url: str, taken: Container[str] = ()) -> str:
    """A source's name from its host; its ending goes along where the name is taken.

    >>> source_name("https://api.github.com/repos"), source_name("https://swapi.info/api", taken=["swapi"])
    ('github', 'swapi-info')
    """
    host = (urlsplit(url).hostname or "").lower()
    if _LOCAL.fullmatch(host):
        return _free("local", taken)
    parts = [part for part in host.split(".") if part]
    told = [part for part in parts[:-1] if part not in _COMMON] or parts
    while len(told) > 1 and told[-1] in _ENDINGS:
        told.pop()
    name = plain(told[-1])
    return name if name not in taken else _free(plain("-".join([told[-1], parts[-1]])), taken)


def plain(text: str, otherwise: str = "source") -> str:
    """A text as a name: small letters, digits, - and _, a letter first.

    >>> plain("Star Wars/People"), plain("2nd list"), plain("…")
    ('star_wars_people', 'x2nd_list', 'source')
    """
    name = re.sub(r"[^a-z0-9-]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()).strip("_-")
    if not name:
        return otherwise
    return (name if name[0].isalpha() else f"x{name}")[:LONGEST].rstrip("_-")


def resource_name(path: str, taken: Container[str] = ()) -> str:
    """A resource's name from its path: the last part that is a word.

    >>> resource_name("repos/python/cpython/issues"), resource_name("fdsnws/event/1/query"), resource_name("")
    ('issues', 'query', 'records')
    """
    parts = [
        part.removesuffix(".json") for part in path.split("/") if part and not re.fullmatch(r"[\d.]+|\{.*\}", part)
    ]
    return _free(plain(parts[-1], "records") if parts else "records", taken)


def env_name(source: str, what: str) -> str:
    """The environment variable for a source's credential.

    >>> env_name("swapi-info", "token")
    'SWAPI_INFO_TOKEN'
    """
    return f"{source}_{what}".upper().replace("-", "_")


def unique(name: str, taken: Container[str]) -> str:
    """A column's name that none has yet."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _free(name: str, taken: Container[str]) -> str:
    return unique(name, taken)
