"""Reading an answer: takes a resource, a body and headers, gives records, the API's own count and where more is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from ladle.sources.functions import transformed
from ladle.sources.leads import count_of, next_of, note_more
from ladle.sources.page import AnswerError, Page, Record
from ladle.sources.paths import dig
from ladle.sources.records import gathered, tells_apart
from ladle.sources.said import said_by
from ladle.sources.source import Resource
from ladle.sources.spelling import plain_path, plain_query

__all__ = ["AnswerError", "Page", "Record", "canonical", "dig", "join", "read_answer", "same_origin"]

NONE: Mapping[str, str] = MappingProxyType({})
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some servers put it before their JSON."""

TOO_DEEP = "The answer is nested too deep to be read."
_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG = b"0" * 19
"""So many digits may be an integer beyond 64 bits."""


def read_answer(resource: Resource, body: bytes, headers: Mapping[str, str] = NONE) -> Page:
    """Read a body as the resource says; `headers` by their names in small letters.

    Raises AnswerError when it isn't JSON, says that it is an error, or has no records where it should.
    """
    if not body.strip():
        raise AnswerError("The answer was empty.")
    document = _decoded(body.removeprefix(BYTE_ORDER_MARK))
    found = dig(document, resource.records)
    if (said := said_by(document, resource, found)) is not None:
        raise AnswerError(said.reason, means=said.means, said=True)
    if resource.columnar or "*" in resource.records:
        found = gathered(resource, found)
    records = found if isinstance(found, list) else [found]
    if not set(map(type, records)) <= {dict}:
        where = f'"{resource.records}"' if resource.records else "the top"
        raise AnswerError(f"The answer has no records at {where}.")
    if found == {}:
        raise AnswerError("The answer is an empty object, {}, and no record.")
    page = Page(records, count_of(document, resource.count, headers), next_of(document, resource, headers))
    paging = resource.paging
    if paging.style not in ("page", "link", "none") or paging.more or resource.pages:
        note_more(page, document, resource, headers)
    if resource.transform:
        page.raw = tells_apart(resource, records)
        page.records = transformed(resource, records)
    return page


def _decoded(body: bytes) -> Any:
    """The body's JSON, every integer exact: orjson makes floats of those beyond 64 bits, Python's own reader doesn't.

    orjson reads every body first, since it refuses what is no JSON (NaN, Infinity, half characters) and Python doesn't.
    """
    try:
        document = orjson.loads(body)
        # A tenth of the time that a search by a regular expression takes.
        return json.loads(body) if _LONG in body.translate(_DIGITS) else document
    except orjson.JSONDecodeError as error:
        raise AnswerError(_not_json(body, error)) from error
    except RecursionError as error:
        raise AnswerError(TOO_DEEP) from error


def _not_json(body: bytes, error: orjson.JSONDecodeError) -> str:
    if "surrogate in" in error.msg:
        half = error.doc[error.pos : error.pos + 6]
        return f"A text in the answer holds {half}, a lone surrogate: half of a character, which no file can keep."
    if "infinity" in error.msg:
        return f"The answer holds a number beyond 1.8e308; it begins with {error.doc[error.pos : error.pos + 20]!r}."
    if "depth" in error.msg:
        return TOO_DEEP
    start = body[:40].decode("utf-8", "replace")
    return f"The answer is not JSON; it begins with {start!r}."


@lru_cache(maxsize=4096)
def canonical(reference: str, base_url: str) -> str:
    """One name for all spellings of a record's address: its path under the base URL; as it is where it is no address.

    SWAPI has sent `http` for `https`, mirrors leave the last slash out and hand on the first site's addresses: so
    neither scheme, host, port nor the last slash tells two records apart; nor does what `spelling` makes one of.

    >>> canonical("http://swapi.dev/api/planets/1", "https://swapi.dev/api/")
    'planets/1'
    """
    absolute = join(base_url, reference.strip())
    if absolute is None:
        return reference.strip()
    address = urlsplit(absolute)
    path = plain_path(address.path)
    base = plain_path(urlsplit(base_url).path)
    if base and (path == base or path.startswith(base + "/")):
        path = path[len(base) :].strip("/")
    query = plain_query(address.query)
    return f"{path}?{query}" if query else path


def join(base_url: str, address: str) -> str | None:
    """The absolute address, also of a relative one; None for what is no address (a bracket without its other half)."""
    try:
        absolute = urljoin(base_url, address)
        urlsplit(absolute)
    except ValueError:
        return None
    return absolute


def same_origin(address: str, base_url: str) -> bool:
    """Whether an address has the base URL's host and port; http and https of a host count as one (SWAPI mixes them)."""
    try:
        return _origin(address) == _origin(base_url)
    except ValueError:  # no address, or a port that is no number
        return False


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    web = parts.scheme in ("http", "https")
    return "web" if web else parts.scheme, parts.hostname, 443 if web and parts.port in (None, 80) else parts.port
