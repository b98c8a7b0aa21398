"""Takes what an address asks to be drawn, gives the page of the chart or the map with its table, or its data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

import ladle
from ladle.errors import BadInput
from ladle.shapes_of_charts import chart_shape
from ladle_server.for_now import for_now
from ladle_server.pages.forms import SPAN_KEYS, SpanForm
from ladle_server.pages.patience import meanwhile
from ladle_server.pages.pictures.asking import Asking, Pairs
from ladle_server.pages.pictures.kinds import drawn
from ladle_server.pages.pictures.picture import Scope
from ladle_server.pages.tables import KINDS, csv_of, json_response
from ladle_server.pages.viewing import short_query, tidy
from ladle_server.pages.views.errors import status_of
from ladle_server.pages.views.parts import answer
from ladle_server.pages.views.snapshots import file_name, opened

Draw = Callable[[Scope], ladle.Chart]
"""Gives the chart of a scope; raises BadInput for what can't be drawn, StillRunning for what takes longer."""


def scope_of(asked: Asking, numbers: list[str], *, wait: float | None = None) -> Scope:
    """The view, texts read as numbers where a chart needs that; the pages of rows that it leads to read them so too."""
    known = dict.fromkeys((*asked.view.numbers, *numbers))
    return Scope(asked.snapshot, replace(asked.view, numbers=tuple(known)), wait)


def page(
    request: HttpRequest, asked: Asking, own: Pairs, draw: Draw, *, scope: Scope, tab: str, context: dict[str, Any]
) -> HttpResponse:
    """The chart, or the sentence that says why there is none; what was asked for stays chosen."""
    span, problem, status, picture = SpanForm(request.GET).span(total=0), "", 200, None
    try:
        if not context.get("nothing"):
            picture = drawn(scope, draw(scope))
            span = replace(span, total=len(picture.lines))
    except (BadInput, ladle.Busy, ladle.Stopped) as error:
        problem, status = str(error), status_of(error)
    except ladle.StillRunning as running:
        so_far = {**meanwhile(request, running), "query": request.GET.urlencode()}
        return render(request, "pages/chart_sought.html", opened(asked.snapshot, tab=tab, view=asked.view) | so_far)
    query, drawn_view = asked.query(own), tidy(scope.view)  # where filters read texts as numbers too, that is said
    context |= {
        **opened(asked.snapshot, tab=tab, view=asked.view),
        "picture": picture,
        "lines": picture.lines[span.offset : span.end] if picture else (),
        "span": span,
        "problem": problem,
        "query": query,
        "here": request.path,
        "kept_query": f"{query}&",
        "carried": asked.view_pairs(),
        "chips": asked.chips(own),
        "whole": asked.query(own, ladle.View()),
        "words": asked.snapshot.words(drawn_view),
        "rows_query": short_query(asked.snapshot, drawn_view),
    }
    return for_now(answer(request, "pages/chart.html", "pages/_chart_more.html", context, status=status))


def data(request: HttpRequest, asked: Asking, chart: ladle.Chart, *, kind: str, name: str) -> HttpResponseBase:
    """What it shows as the API gives it, a part at a time; CSV without a part asked for is all of it."""
    if kind not in KINDS:
        raise Http404
    span = SpanForm(request.GET).span(total=len(chart.rows))
    if kind == "json":
        shape = chart_shape(chart)
        results = shape.pop("results")
        return json_response(request, span, results[span.offset : span.end], head=shape)
    heads, lines = chart.table()
    shown = lines[span.offset : span.end] if SPAN_KEYS & set(request.GET) else lines
    return csv_of(heads, shown, kind=kind, name=file_name(asked.snapshot, name))
