"""What happens around every request: takes it, gives it the spelling that the routes know, and its answer safe headers.

Django runs the steps of its own middleware in a thread, one hop each, some ten for a request. None of them waits for
anything, and a hop costs more than the step: the classes here take them on the event loop. Where 200 clients come at
once, that is half of the time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import cast

from asgiref.sync import iscoroutinefunction
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import is_valid_path
from django.utils.decorators import sync_and_async_middleware
from django.utils.deprecation import MiddlewareMixin

from ladle_server.remembered import by_path

Answer = Callable[[HttpRequest], HttpResponse]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponse]]


class OnTheLoop(MiddlewareMixin):
    """Middleware whose steps are taken where they are called: for those that neither wait nor touch the database."""

    async def __acall__(self, request: HttpRequest) -> HttpResponse:
        """The request's way through this middleware, as MiddlewareMixin has it but for the threads."""
        before, after = getattr(self, "process_request", None), getattr(self, "process_response", None)
        early = before(request) if before else None
        response = early or await cast(AsyncAnswer, self.get_response)(request)
        return cast(HttpResponse, after(request, response)) if after else response


class Security(OnTheLoop, SecurityMiddleware):
    """No guessing of types, no referrer to other sites, nothing of ours within theirs; by https, nothing without it."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The headers, and cookies that go by https alone where they came by it."""
        response = super().process_response(request, response)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response


class ContentSecurityPolicy(OnTheLoop, CSPMiddleware):
    """Nothing is loaded from elsewhere, no script or style in the page itself.

    The same policy for every answer: put together once, not twice at each.
    """

    def process_request(self, request: HttpRequest) -> None:
        """No script carries a nonce."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The policy as a header."""
        response.headers.setdefault(HEADER, _policy())
        return response


@cache
def _policy() -> str:
    return build_policy()


class Common(OnTheLoop, CommonMiddleware):
    """The Host must be one of this machine's names, but for files that everybody may read: the page that says so, too,
    has a style."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """What is refused."""
        is_public = request.path_info.startswith(settings.STATIC_URL)
        return None if is_public else super().process_request(request)


class Csrf(OnTheLoop, CsrfViewMiddleware):
    """A form must come from our own pages."""


class NoFrames(OnTheLoop, XFrameOptionsMiddleware):
    """No page shows ours within its own."""


@by_path
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
