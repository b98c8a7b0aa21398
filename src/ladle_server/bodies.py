"""Bodies of requests: takes an ASGI application, gives one that is never sent more than so much.

Django writes a body to a file before it looks at it, however long it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from ladle_server.api.errors import problem_response
from ladle_server.sending import GUARDS

MOST = 16 << 20
"""Bytes: a list of a million ids. JSON may have less (`api.formats`)."""
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[..., Awaitable[None]]


async def within(application: Application, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Have the request answered; with 413 as soon as its body is too large."""
    if _told_length(scope) > MOST:
        await _too_large(send)
        return
    come = 0
    over = False

    async def counted() -> Mapping[str, Any]:
        nonlocal come, over
        message = await receive()
        come += len(message.get("body", b""))
        over = over or come > MOST
        # To Django it looks as if the client had gone: it stops reading, and says nothing.
        return {"type": "http.disconnect"} if over else message

    await application(scope, counted, send)
    if over:
        await _too_large(send)


def _told_length(scope: Mapping[str, Any]) -> int:
    told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(told) if told.isdigit() and len(told) < 20 else 0


async def _too_large(send: Send) -> None:
    detail = f"The body is larger than {MOST:,} bytes, which is all that is taken here."
    await refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


async def refuse(send: Send, status: HTTPStatus, detail: str, **headers: str) -> None:
    """An answer that no middleware sees; the connection ends with it. `Retry_After` is the header Retry-After."""
    response = problem_response(status, detail)
    told = {"content-type": response["Content-Type"], "content-length": str(len(response.content)), **GUARDS}
    told |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
    sent = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": sent})
    await send({"type": "http.response.body", "body": response.content})
