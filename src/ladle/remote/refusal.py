"""What did the server mean? Takes an answer that is none, gives the library's error with the server's words; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import orjson

from ladle.errors import (
    BadInput,
    Busy,
    Conflict,
    Damaged,
    LadleError,
    NotFound,
    SettingError,
    Unreachable,
    UpstreamError,
)
from ladle.home import SERVER_SETTING
from ladle.remote.server import TOKEN, Server
from ladle.remote.wire import Head
from ladle.version import VERSION

P = ParamSpec("P")
T = TypeVar("T")
PROBLEM = "application/problem+json"
_NO_ROUTE = 'There is nothing at "'
"""So begins what Ladle says of an address that it has not."""
_KINDS: Mapping[int, type[LadleError]] = {
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.TOO_MANY_REQUESTS: Busy,
    HTTPStatus.INTERNAL_SERVER_ERROR: Damaged,
    HTTPStatus.BAD_GATEWAY: UpstreamError,
    HTTPStatus.SERVICE_UNAVAILABLE: Busy,
}
_UPDATE = f"This is Ladle {VERSION}: update whichever of the two is older."
_PASSING = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


def refusal(server: Server, head: Head, body: bytes) -> LadleError:
    """The error that an answer stands for which is not the one that was asked for."""
    status = head.status
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return _sent_on(server, head)
    detail = _detail(head, body).replace(server.token or "\0", "…")
    if not detail:
        return _not_ours(server, status)
    if status == HTTPStatus.UNAUTHORIZED:
        return _who(server)
    if status == HTTPStatus.FORBIDDEN:
        hint = f"Set {TOKEN} to a token that may: its owner and its scope decide."
        return SettingError(f"{server.address} refuses that: {detail}", hint=hint)
    if detail.startswith(_NO_ROUTE) or status == HTTPStatus.METHOD_NOT_ALLOWED:
        return other_version(server, f"does not know what was asked of it ({status})")
    return _KINDS.get(status, BadInput if status < HTTPStatus.INTERNAL_SERVER_ERROR else UpstreamError)(detail)


def other_version(server: Server, does: str) -> UpstreamError:
    """The server is another Ladle than this one can speak with."""
    return UpstreamError(f"{server.address} {does}.", hint=_UPDATE)


class Shape(dict[str, Any]):
    """A document; what lacks in it is an error in words."""

    def __missing__(self, key: str) -> Any:
        raise unread(f'"{key}" lacks')


def unread(why: str) -> UpstreamError:
    """An answer has another form than this Ladle knows."""
    return UpstreamError(f"The server's answer has a form that is not known here: {why}.", hint=_UPDATE)


def known(read: Callable[P, T]) -> Callable[P, T]:
    """A reader of shapes that says so where an answer has another form than it knows."""

    @wraps(read)
    def careful(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise unread(f"{error!r}"[:200]) from error

    return careful


def not_json(server: Server, head: Head) -> LadleError:
    """An answer that is good and says nothing that Ladle says."""
    return _no_ladle(server, f"it answers with {head.headers.get('content-type', 'nothing').partition(';')[0][:60]}")


def away(server: Server, why: str) -> Unreachable:
    """No answer came."""
    hint = f"See that it runs and that {SERVER_SETTING} is right; then try again."
    return Unreachable(f"{server.address} can't be reached: {why}.", hint=hint)


def _detail(head: Head, body: bytes) -> str:
    """What the server says is wrong; nothing where it says it in another way than Ladle."""
    if head.headers.get("content-type", "").partition(";")[0].strip() != PROBLEM:
        return ""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    detail = told.get("detail") if isinstance(told, dict) else None
    return detail if isinstance(detail, str) else ""


def _not_ours(server: Server, status: int) -> LadleError:
    """Something that stands before the server has answered, or there is another site."""
    if status in _PASSING:
        return away(server, f"what stands before it answers {status}")
    return _no_ladle(server, f"it answers {status}, and not as Ladle does")


def _no_ladle(server: Server, why: str) -> SettingError:
    hint = f"Set {SERVER_SETTING} to the address under which its front page is."
    return SettingError(f"{server.address} is no Ladle: {why}.", hint=hint)


def _sent_on(server: Server, head: Head) -> LadleError:
    """The token goes to no other address than the one that was set, so nobody is followed anywhere."""
    there = urlsplit(head.headers.get("location", ""))
    where = f"{there.scheme}://{there.hostname}" if there.hostname else "another address"
    hint = f"Nothing was sent there. If that is the server's address, set {SERVER_SETTING} to it."
    return SettingError(f"{server.address} sends on to {where}.", hint=hint)


def _who(server: Server) -> SettingError:
    if server.token:
        hint = f"Make another on the server's page Account, and set {TOKEN} to it."
        return SettingError(f"{server.address} does not take {TOKEN}: it is unknown, revoked or expired.", hint=hint)
    hint = f"Set {TOKEN} to an API token of that server: its page Account makes one."
    return SettingError(f"{server.address} asks who you are.", hint=hint)
