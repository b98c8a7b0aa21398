"""Takes what a list's page shows, gives the whole page, or for "Load more" the rows to append."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from ladle_server.pages.frames import framed


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
