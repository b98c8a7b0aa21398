"""Where is more? Takes a decoded answer and its headers, gives counts, addresses and tokens as the definition says.

A path that begins with `header:` leads to a header; of `Link` (RFC 8288) it is the address whose relation is "next".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ladle.sources.page import AnswerError, Page
from ladle.sources.paths import dig
from ladle.sources.source import Resource

HEADER = "header:"
LINK = "link"
LARGEST = (1 << 63) - 1
"""No API has more records: a larger count is none."""
_LINK = re.compile(r'<([^<>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)')
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))')
_NO = frozenset({"", "0", "false", "no", "off", "none", "null"})


def headers_read(resource: Resource) -> tuple[str, ...]:
    """The headers that its answers are read by, in small letters: they must be kept with them."""
    paging = resource.paging
    paths = (resource.count, resource.pages, resource.next, paging.more, paging.cursor)
    named = [path[len(HEADER) :].lower() for path in paths if path and path.startswith(HEADER)]
    return tuple(dict.fromkeys([*named, LINK] if paging.style == "header" else named))


def count_of(document: object, path: str | None, headers: Mapping[str, str]) -> int | None:
    """A number of records or pages; None where nothing that can be one is told."""
    if path is None:
        return None
    if path[:7] == HEADER:
        told = headers.get(path[len(HEADER) :].lower(), "").strip()
        count: object = int(told) if told.isascii() and told.isdigit() and len(told) < 20 else None
    else:
        count = dig(document, path)
    return count if type(count) is int and 0 <= count <= LARGEST else None


def next_of(document: object, resource: Resource, headers: Mapping[str, str]) -> str | None:
    """The next page's address: a text, or an object's `href`; None where there is none."""
    path = resource.next
    if path is None:
        return linked(headers) if resource.paging.style == "header" else None
    if path[:7] == HEADER:
        name = path[len(HEADER) :].lower()
        address: object = linked(headers) if name == LINK else headers.get(name)
    else:
        address = dig(document, path)
        if type(address) is dict:
            address = address.get("href")
    return address if isinstance(address, str) and address.strip() else None


def note_more(page: Page, document: object, resource: Resource, headers: Mapping[str, str]) -> None:
    """Note on a page what is told beyond its records, its count and an address."""
    paging = resource.paging
    page.pages = count_of(document, resource.pages, headers)
    page.more = _more(document, paging.more, headers)
    if paging.style == "cursor":
        page.token = _token(page, document, resource, headers)
    elif paging.style == "python":
        page.document = document
    elif paging.style in ("link", "header") and page.more is False:
        page.next = None


def _more(document: object, path: str | None, headers: Mapping[str, str]) -> bool | None:
    """Whether there is more; None where nothing is told."""
    if path is None:
        return None
    told = headers.get(path[len(HEADER) :].lower()) if path.startswith(HEADER) else dig(document, path)
    if told is None:
        return None
    return told.strip().casefold() not in _NO if isinstance(told, str) else bool(told)


def _token(page: Page, document: object, resource: Resource, headers: Mapping[str, str]) -> str | int | None:
    """What the next request takes. Raises AnswerError where there is said to be more, and nothing leads there."""
    paging = resource.paging
    if page.more is False:
        return None
    if paging.last is not None:
        token = dig(page.records[-1], paging.last) if page.records else None
        where = f'"{paging.last}" of its last record'
        if token is None and page.records:
            raise AnswerError(f"The next page can't be asked for: {where} is not there.")
    else:
        path = paging.cursor or ""
        token = headers.get(path[len(HEADER) :].lower()) if path.startswith(HEADER) else dig(document, path)
        where = f'"{path}"'
        # Old APIs count their cursors down to 0, as a number or a text.
        token = None if token in ("", "0", 0) or token is False else token
    if token is None and page.more:
        raise AnswerError(f"The answer says that there is more, but not where: {where} is not there.")
    if token is not None and (isinstance(token, bool) or not isinstance(token, (str, int))):
        raise AnswerError(f"The next page can't be asked for: {where} is neither a text nor a whole number.")
    return token


def linked(headers: Mapping[str, str]) -> str | None:
    """The address that the `Link` header calls the next.

    >>> linked({"link": '</a?page=1>; rel="prev", </a?x=1,2>; rel="last next"; title="a, b"'})
    '/a?x=1,2'
    """
    for address, parameters in _LINK.findall(headers.get(LINK, "")):
        relations = [quoted or bare for name, quoted, bare in _PARAMETER.findall(parameters) if name.lower() == "rel"]
        if relations and "next" in relations[0].lower().split():
            return str(address).strip() or None
    return None
