"""Takes a request and the answer that a script has for it, gives that answer on the wire, faults and all."""

from __future__ import annotations

import asyncio
import socket
import struct

from aiohttp import web

from ladle.testing.answers import Answer


async def send(request: web.Request, answer: Answer, *, released: asyncio.Event) -> web.StreamResponse:
    """The response, sent as its fault wants it; waits for `released` where it hangs."""
    match answer.fault:
        case "reset":
            return _reset(request)
        case "truncated":
            return await _truncated(request, answer)
        case "cut":
            return await _cut(request, answer)
        case "miscounted":
            return await _miscounted(request, answer)
        case "drip":
            return await _drip(request, answer, released=released)
        case "hang":
            await released.wait()
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


def _reset(request: web.Request) -> web.StreamResponse:
    """Close with unsent data thrown away, so that the other side gets a reset and no polite end."""
    transport = request.transport
    if transport is not None:
        at_once = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        transport.abort()
    return web.Response()


async def _truncated(request: web.Request, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[: answer.kept])
    if request.transport is not None:
        request.transport.close()
    return response


async def _cut(request: web.Request, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(answer.body[: answer.kept])
    if request.transport is not None:
        request.transport.close()
    return response


async def _miscounted(request: web.Request, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = answer.kept
    await response.prepare(request)
    await response.write(answer.body[: answer.kept])
    if request.transport is not None:
        # Past aiohttp, which would keep to the length that was told.
        request.transport.write(answer.body[answer.kept :])
        request.transport.close()
    return response


async def _drip(request: web.Request, answer: Answer, *, released: asyncio.Event) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    for start in range(0, len(answer.body), answer.chunk):
        if not released.is_set():
            await asyncio.sleep(answer.pause)
        await response.write(answer.body[start : start + answer.chunk])
    return response
