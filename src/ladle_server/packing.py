"""Takes an answer and what its client can read, gives a page to it compressed: a fifth of the bytes.

Pages alone: data is for programs, which may want ranges of it, and a stream is sent as it comes. gzip, since Python
has it and every browser reads it. Of a page that repeats what was typed beside something secret, the length must not
tell the secret (BREACH): Django masks the forms' secret anew each time, and bytes by chance are added here.
"""

from __future__ import annotations

import re
from typing import cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware
from django.utils.text import compress_string

from ladle_server.middleware import Answer, AsyncAnswer

LEAST = 1000
"""Bytes below which an answer is one packet anyway."""
_BY_CHANCE = 100
"""Bytes by chance at most, as Django's own middleware adds them."""
_GZIP = re.compile(r"(?:^|[,\s])gzip\s*(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))(?:[;,]|$)")


def reads_gzip(request: HttpRequest) -> bool:
    """Whether the client says that it reads gzip."""
    return _GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "").lower()) is not None


@sync_and_async_middleware
def packed(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    """Middleware: pages go out compressed to those who read that. It is worked out in the request's own thread."""
    if iscoroutinefunction(get_response):
        answer_later = cast(AsyncAnswer, get_response)

        async def on_the_loop(request: HttpRequest) -> HttpResponse:
            response = await answer_later(request)
            return await sync_to_async(_pack)(response) if _worth_it(request, response) else response

        return on_the_loop
    answer = cast(Answer, get_response)

    def in_a_thread(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        return _pack(response) if _worth_it(request, response) else response

    return in_a_thread


def _worth_it(request: HttpRequest, response: HttpResponse) -> bool:
    if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
        return False
    if response.has_header("Content-Encoding") or len(response.content) < LEAST:
        return False
    patch_vary_headers(response, ["Accept-Encoding"])
    return reads_gzip(request)


def _pack(response: HttpResponse) -> HttpResponse:
    response.content = compress_string(response.content, max_random_bytes=_BY_CHANCE)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
    if "ETag" in response.headers:
        response.headers["ETag"] = f"W/{response.headers['ETag'].removeprefix('W/')}"
    return response
