"""Lists in pages: takes a query string, gives its checked values; takes a page of results, gives the list's JSON.

Plain lists take `limit` and `offset`. Lists of a snapshot's own rows take `_limit` and `_offset`, since `limit` could
be the name of a column. A key that a route does not know is refused: ignored, it would give a wrong answer that looks
right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from rest_framework.request import Request
from rest_framework.response import Response

from ladle.errors import BadInput, unknown

W = TypeVar("W", bound=str)
DEFAULT_LIMIT = 10
MOST = 1000
LONGEST_LINK = 4000
LARGEST = 2**63 - 1
"""The largest number that the database can count to."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: `limit` results from `offset` on, asked for under names that begin with `prefix`."""

    limit: int
    offset: int
    prefix: str = ""


def check_keys(query: QueryDict, known: Collection[str], *, repeated: Collection[str] = ()) -> None:
    """Raise BadInput for a key that is not `known`, or that is given twice and not `repeated`."""
    for key, values in query.lists():
        if key not in known and not known:
            raise BadInput(f'There is no query key "{key}": this address takes none.')
        if key not in known:
            raise BadInput(unknown("query key", key, sorted(known)))
        if len(values) > 1 and key not in repeated:
            raise BadInput(
                f'The query key "{key}" is given {len(values)} times.',
                hint="Give it once.",
            )


def whole_number(query: QueryDict, key: str, *, default: int, least: int, most: int) -> int:
    """The value of `key`, a whole number from `least` to `most`; BadInput names what it is instead."""
    text = query.get(key)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,19}", text) or not least <= int(text) <= most:
        upper = f"to {most}" if most < LARGEST else "on"
        raise BadInput(f'{key}="{text}" is not a whole number from {least} {upper}.')
    return int(text)


def word(query: QueryDict, key: str, known: Sequence[W], *, of: str) -> W | None:
    """The value of `key`, None where it is not given; BadInput for none of the `known` words `of` a kind."""
    text = query.get(key)
    if text is None:
        return None
    found = next((each for each in known if each == text), None)
    if found is None:
        raise BadInput(unknown(of, text, known))
    return found


def window(
    request: Request,
    *,
    prefix: str = "",
    known: Collection[str] = (),
    repeated: Collection[str] = (),
) -> Window:
    """The window that a request asks for, after all its query keys have been checked."""
    query = request.query_params
    check_keys(query, {f"{prefix}limit", f"{prefix}offset", *known}, repeated=repeated)
    limit = whole_number(query, f"{prefix}limit", default=DEFAULT_LIMIT, least=1, most=MOST)
    return Window(
        limit,
        whole_number(query, f"{prefix}offset", default=0, least=0, most=LARGEST),
        prefix,
    )


def page(request: Request, part: Window, *, count: int, results: Sequence[Any]) -> dict[str, Any]:
    """`{"count", "next", "previous", "results"}`, the links with everything else that was asked for."""
    following, before = part.offset + part.limit, max(0, part.offset - part.limit)
    here = address(request, request.path)
    return {
        "count": count,
        "next": f"{here}?{_query(request, part, following)}" if following < count else None,
        "previous": f"{here}?{_query(request, part, before)}" if part.offset else None,
        "results": results,
    }


def answer(request: Request, part: Window, *, count: int, results: Sequence[Any], **more: Any) -> Response:
    """The page as an answer, `more` before its own keys; its links stand in a Link header too."""
    body = {**more, **page(request, part, count=count, results=results)}
    return Response(body, headers=link_header(request, part, count=count))


def link_header(request: Request, part: Window, *, count: int) -> dict[str, str]:
    """The header; none where the address is so long that servers on the way might refuse the answer for it."""
    told = links(request, part, count=count)
    return {"Link": told} if len(told) <= LONGEST_LINK else {}


def links(request: Request, part: Window, *, count: int) -> str:
    """The list's pages as a Link header (RFC 8288): first, last, and prev and next where they are."""
    last = (max(count, 1) - 1) // part.limit * part.limit
    places = {"first": 0, "prev": max(0, part.offset - part.limit) if part.offset else None}
    places |= {"next": part.offset + part.limit if part.offset + part.limit < count else None, "last": last}
    here = address(request, request.path)
    told = {rel: f"{here}?{_query(request, part, offset)}" for rel, offset in places.items() if offset is not None}
    return ", ".join(f'<{url}>; rel="{rel}"' for rel, url in told.items())


def _query(request: Request, part: Window, offset: int) -> str:
    window = {f"{part.prefix}limit": [str(part.limit)], f"{part.prefix}offset": [str(offset)]}
    return urlencode({**dict(request.query_params.lists()), **window}, doseq=True)


def address(request: Request | HttpRequest, path: str) -> str:
    """An absolute address on this site; a path that begins with `?` is the same place with another query."""
    return request.build_absolute_uri(f"{request.path}{path}" if path.startswith("?") else path)
