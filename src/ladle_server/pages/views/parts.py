"""Takes what a list's page shows, gives the whole page, or for "Load more" the rows to append."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def answer(request: HttpRequest, page: str, part: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The whole page, or for "Load more" the rows to append, with the address under which a reload shows them all."""
    more = request.headers.get("HX-Request") == "true" and "_from" in request.GET
    response = render(request, part if more else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    query = context["span"].address_query()
    if more and query is not None:
        response["HX-Replace-Url"] = f"{request.path}?{context.get('kept_query', '')}{query}"
    return response
