"""Every address with or without its last slash: takes a request, gives it the spelling that the routes know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.urls import is_valid_path
from django.utils.decorators import sync_and_async_middleware

Answer = Callable[[HttpRequest], HttpResponse]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponse]]


def spelled(path: str) -> str:
    """`path`, or its twin with or without the last slash where only that one leads somewhere.

    No redirect: clients follow one with a GET, and the body of a POST would be lost.
    """
    twin = path[:-1] if path.endswith("/") else f"{path}/"
    if twin and not is_valid_path(path) and is_valid_path(twin):
        return twin
    return path


@sync_and_async_middleware
def optional_slash(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    """Middleware: the rest of the site sees each path as its routes spell it."""
    if iscoroutinefunction(get_response):
        answer_later = cast(AsyncAnswer, get_response)

        async def on_the_loop(request: HttpRequest) -> HttpResponse:
            request.path_info = spelled(request.path_info)
            return await answer_later(request)

        return on_the_loop
    answer = cast(Answer, get_response)

    def in_a_thread(request: HttpRequest) -> HttpResponse:
        request.path_info = spelled(request.path_info)
        return answer(request)

    return in_a_thread
