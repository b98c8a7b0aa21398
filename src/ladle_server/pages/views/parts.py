"""Takes what a page shows or was asked, gives the whole page, the rows to append, or the address of a form."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from ladle_server.pages.choices import named_by
from ladle_server.pages.frames import framed

View = Callable[..., HttpResponse]


def answer(
    request: HttpRequest,
    page: str,
    part: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    depends: Hashable | None = None,
) -> HttpResponse:
    """The whole page, or for "Load more" the rows to append, with the address under which a reload shows them all.

    `depends`: the page is kept, but for its holes, and is another where this is (`pages.frames`).
    """
    more = request.META.get("HTTP_HX_REQUEST") == "true" and "_from" in request.GET
    if depends is None or more:
        response = render(request, part if more else page, context, status=status)
    else:
        response = HttpResponse(framed(request, page, context, depends=depends), status=status)
    patch_vary_headers(response, ["HX-Request"])
    query = context["span"].address_query()
    if more and query is not None:
        response["HX-Replace-Url"] = f"{request.path}?{context.get('kept_query', '')}{query}"
    return response


def choosing(form_key: str, *, key: str) -> Callable[[View], View]:
    """Of a page whose form adds a column under a key of its own: sends on to the address that has it under `key`.

    There a column without a name is an empty value, which in the form is the blank choice (`pages.choices`).
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def chosen(request: HttpRequest, **place: Any) -> HttpResponse:
            if form_key not in request.GET:
                return view(request, **place)
            own = [*request.GET.getlist(key), *(named_by(each) for each in request.GET.getlist(form_key) if each)]
            rest = [(name, values) for name, values in request.GET.lists() if name not in (key, form_key)]
            query = urlencode([(key, own), *rest], doseq=True)
            return redirect(f"{request.path}?{query}" if query else request.path)

        return chosen

    return decorated


def without_blanks(*keys: str) -> Callable[[View], View]:
    """Of a page whose form sends blank choices under these keys: sends on to the address that has none of them."""

    def decorated(view: View) -> View:
        @wraps(view)
        def cleaned(request: HttpRequest, **place: Any) -> HttpResponse:
            pairs = [(key, value) for key, values in request.GET.lists() for value in values]
            left = [(key, value) for key, value in pairs if value or key not in keys]
            if left == pairs:
                return view(request, **place)
            return redirect(f"{request.path}?{urlencode(left)}" if left else request.path)

        return cleaned

    return decorated
