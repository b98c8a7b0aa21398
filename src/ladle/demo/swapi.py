"""Takes requests for the Star Wars API, gives what swapi.dev answers: pages of ten, 10,000 calls a day an address."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from math import ceil
from string import ascii_lowercase
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from ladle.demo.door import Answering, json_answer
from ladle.demo.limits import SlidingLog
from ladle.demo.records import Collections, Record

PAGE_SIZE = 10
HOME = "https://swapi.dev/api/"
"""How the recorded references begin; each answer names the host that was asked instead, as Django does."""
PATH = re.compile(r"/api(?:/(?P<name>people|planets|films|species|vehicles|starships)(?:/(?P<key>[^/]+))?)?(?P<end>/?)")
SEARCHED = {"films": ("title",), "starships": ("name", "model"), "vehicles": ("name", "model")}
"""The fields that `?search=` looks in, where it is not `name` alone."""
_SOUNDS = "ra rh oa wa wo ww rr ac ah sh or an sc wh oo ak rq rc c ao hu ho oh k ro uf"
_WOOKIEE = dict(zip(ascii_lowercase, _SOUNDS.split(), strict=True))
_SPOKEN = str.maketrans({**_WOOKIEE, **{letter.upper(): sound.capitalize() for letter, sound in _WOOKIEE.items()}})


def swapi(collections: Collections, *, limiter: SlidingLog, clock: Callable[[], float]) -> Answering:
    """The API as a function of requests. `clock` gives seconds and never goes back.

    Redirects to the form with a slash and unknown paths cost nothing: they never reach the throttle of the real one.
    """

    def answer(request: web.Request) -> web.Response:
        path = PATH.fullmatch(request.path)
        if path is None:
            return _no_such_path()
        if not path["end"]:
            return _redirect(request)
        wait = limiter.take(request.remote or "", at=clock())
        if wait is not None:
            return _throttled(wait)
        if request.method not in ("GET", "HEAD"):
            return _framed(json_answer({"detail": f"Method '{request.method}' not allowed."}, status=405))
        return _read(request, collections, name=path["name"], key=path["key"])

    return answer


def _read(request: web.Request, collections: Collections, *, name: str | None, key: str | None) -> web.Response:
    style = request.query.get("format", "json")
    found = _find(request, collections, name=name, key=key) if style in ("json", "wookiee") else None
    if found is None:
        return _framed(json_answer({"detail": "Not found"}, status=404))
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    text = text.replace(HOME, f"{request.scheme}://{request.host}/api/")
    return _conditional(request, (to_wookiee(text) if style == "wookiee" else text).encode())


def _find(request: web.Request, collections: Collections, *, name: str | None, key: str | None) -> Record | None:
    """What the path names: the list of collections, a page of one, or a record. None: nothing goes by it."""
    if name is None:
        return {name: f"{HOME}{name}/" for name in collections}
    if key is None:
        found = _matching(collections[name], name, request.query.get("search", ""))
        return page(found, name, request.query_string)
    return next((record for record in collections[name] if record["url"] == f"{HOME}{name}/{key}/"), None)


def _matching(records: list[Record], name: str, search: str) -> list[Record]:
    """Records where each of the words is in some searched field, in any case of letters."""
    fields = SEARCHED.get(name, ("name",))
    words = search.lower().replace(",", " ").split()
    texts = ["\n".join(str(record[field]) for field in fields).lower() for record in records]
    return [record for record, text in zip(records, texts, strict=True) if all(word in text for word in words)]


def page(records: list[Record], name: str, query: str) -> Record | None:
    """The page that the query asks for, in the API's own frame; None past the end or where the number is none."""
    asked = dict(parse_qsl(query)).get("page", "1")
    last = max(1, ceil(len(records) / PAGE_SIZE))
    number = last if asked == "last" else int(asked) if re.fullmatch(r"[0-9]{1,9}", asked) else 0
    if not 1 <= number <= last:
        return None
    return {
        "count": len(records),
        "next": _page_address(name, query, number + 1) if number < last else None,
        "previous": _page_address(name, query, number - 1) if number > 1 else None,
        "results": records[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
    }


def _page_address(name: str, query: str, number: int) -> str:
    return f"{HOME}{name}/?{urlencode({**dict(parse_qsl(query)), 'page': number})}"


def to_wookiee(text: str) -> str:
    """The text letter by letter in Shyriiwook. JSON's own `null` too: where there is one, nobody can read the answer.

    >>> to_wookiee('{"next":null}')
    '{"whwokao":whhuanan}'
    """
    return text.translate(_SPOKEN)


def _conditional(request: web.Request, body: bytes) -> web.Response:
    """200 with the body, or 304 to somebody who has it already (that too was a call of the quota)."""
    tag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    known = [given.strip().removeprefix("W/") for given in request.headers.get("If-None-Match", "").split(",")]
    if tag in known or known == ["*"]:
        return _framed(web.Response(status=304, headers={"ETag": tag}))
    return _framed(web.Response(body=body, headers={"Content-Type": "application/json", "ETag": tag}))


def _redirect(request: web.Request) -> web.Response:
    query = f"?{request.rel_url.raw_query_string}" if request.query_string else ""
    address = f"{request.scheme}://{request.host}{request.rel_url.raw_path}/{query}"
    return web.Response(status=301, headers={"Location": address, "Content-Type": "text/html; charset=utf-8"})


def _no_such_path() -> web.Response:
    text = "<h1>Not Found</h1><p>The requested URL was not found on this server.</p>"
    return web.Response(status=404, text=text, content_type="text/html")


def _throttled(wait: float) -> web.Response:
    seconds = ceil(wait)
    text = f"Request was throttled. Expected available in {seconds} second{'' if seconds == 1 else 's'}."
    return _framed(json_answer({"detail": text}, status=429, headers={"Retry-After": str(seconds)}))


def _framed(response: web.Response) -> web.Response:
    """With the headers that every answer of the real API carries."""
    response.headers.update(
        {"Server": "nginx", "Vary": "Accept, Cookie", "Allow": "GET, HEAD, OPTIONS", "X-Frame-Options": "SAMEORIGIN"}
    )
    return response
