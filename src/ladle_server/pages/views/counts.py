"""Takes a snapshot, columns to count by and a view, gives the counts of their combinations as a page, CSV or JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput
from ladle.shapes import counts_shape
from ladle_server.catalog import runs
from ladle_server.for_now import for_now
from ladle_server.pages import viewing
from ladle_server.pages.charts import widths
from ladle_server.pages.columns import Described, described
from ladle_server.pages.counting import ORDERS, Asked, chosen, column_of, heads, removable, rows_query
from ladle_server.pages.forms import SPAN_KEYS, SpanForm
from ladle_server.pages.patience import done_by_now, meanwhile
from ladle_server.pages.span import Span
from ladle_server.pages.tables import KINDS, csv_of, json_response
from ladle_server.pages.views.errors import status_of, told
from ladle_server.pages.views.parts import answer, choosing
from ladle_server.pages.views.snapshots import data_address, file_name, opened

_KEYS = SPAN_KEYS | {"by", "_order"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One combination: its values, how often it is there, and its bar in percent of the longest."""

    number: int
    values: tuple[object, ...]
    count: int
    share: float
    width: float
    rows_query: str
    """The query of the page of its rows; empty where a value is too long for an address."""


@require_safe
@told
@choosing("_add", key="by")
def counts(request: HttpRequest, *, snapshot_id: str) -> HttpResponse:
    """The counts by the chosen columns, largest first; without columns, what to choose."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    asked, problem, status = _asked(request, snapshot), "", 200
    columns = {column.name: column for column in described(snapshot)}
    shown: dict[str, Any] = {"span": Span(offset=0, limit=1, total=0, first=0)}
    try:
        if asked.by:
            span = SpanForm(request.GET).span(total=0)
            work = snapshot.prepare_count(*asked.by, view=asked.view, order=_order(asked))
            if not done_by_now(work):
                context = {**meanwhile(request, work), "query": asked.query(snapshot)}
                return render(
                    request, "pages/counts_sought.html", {**opened(snapshot, tab="counts", view=asked.view), **context}
                )
            shown = _shown(snapshot, asked, columns, span=span)
    except BadInput as error:
        # What was typed stays: the columns that do exist are still chosen, and the sentence says what is wrong.
        names = [column_of(term, list(columns)) for term in asked.by]
        asked = replace(asked, by=tuple(name for name in dict.fromkeys(names) if name in columns))
        problem, status = str(error), 400
    except (ladle.Busy, ladle.Stopped) as error:
        problem, status = str(error), status_of(error)
    head = opened(snapshot, tab="counts", view=asked.view)
    context = {**head, **_choice(snapshot, asked, columns), **shown, "problem": problem}
    return for_now(answer(request, "pages/counts.html", "pages/_counts_more.html", context, status=status))


@require_safe
@told
def counts_data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponseBase:
    """The same counts as data; CSV without a part asked for has every combination."""
    if kind not in KINDS:
        raise Http404
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    asked, span = _asked(request, snapshot), SpanForm(request.GET).span(total=0)
    order = _order(asked)
    if kind != "json" and not SPAN_KEYS & set(request.GET):
        snapshot.prepare_count(*asked.by, view=asked.view, order=order).result()  # refused before the first byte
        found = snapshot.count_every(*asked.by, view=asked.view, order=order)
    else:
        part = snapshot.count(*asked.by, view=asked.view, order=order, offset=span.offset, limit=span.limit)
        if kind == "json":
            shape = counts_shape(part)
            results = shape.pop("results")
            return json_response(request, replace(span, total=part.combinations), results, head=shape)
        found = iter(part.rows)
    rows = ([*row.values, row.count, row.share] for row in found)
    return csv_of([*asked.by, "count", "share"], rows, kind=kind, name=file_name(snapshot, "counts"))


def _asked(request: HttpRequest, snapshot: ladle.Snapshot) -> Asked:
    """What the address asks for."""
    pairs = ((key, value) for key, values in request.GET.lists() for value in values)
    view = snapshot.view(pairs, reserved=_KEYS)
    by = tuple(request.GET.getlist("by"))
    order = request.GET.get("_order", "count")
    if order not in ORDERS:
        hint = "Take count (largest first), first (as first seen) or value."
        raise BadInput(f'"{order}" is no order for counts.', hint=hint)
    return Asked(by, order, replace(view, sort=(), columns=()))


def _order(asked: Asked) -> ladle.CountOrder:
    return cast(ladle.CountOrder, asked.order)


def _shown(snapshot: ladle.Snapshot, asked: Asked, columns: dict[str, Described], *, span: Span) -> dict[str, Any]:
    found = snapshot.count(*asked.by, view=asked.view, order=_order(asked), offset=span.offset, limit=span.limit)
    largest = max([found.largest, *(row.count for row in found.rows)])
    bars = widths([row.count for row in found.rows], largest=largest)
    lines = [
        Line(
            number=number,
            values=row.values,
            count=row.count,
            share=row.share,
            width=width,
            rows_query=rows_query(snapshot, asked, row.values),
        )
        for number, (row, width) in enumerate(zip(found.rows, bars, strict=True), start=span.offset + 1)
    ]
    return {"counted": found, "lines": lines, "span": replace(span, total=found.combinations)}


def _choice(snapshot: ladle.Snapshot, asked: Asked, columns: dict[str, Described]) -> dict[str, Any]:
    """What the form shows: the chosen columns, each with the way to drop it, and those that can be added."""
    picked = chosen(snapshot, asked, columns)
    taken = {each.column for each in picked}
    readable = {each.column for each in picked if each.readable}
    carried = replace(asked.view, numbers=tuple(name for name in asked.view.numbers if name not in readable))
    query = asked.query(snapshot)
    return {
        "chosen": picked,
        "heads": heads(asked, columns),
        "addable": [column for name, column in columns.items() if name not in taken],
        "suggested": [
            (column, asked.query(snapshot, by=(name,))) for name, column in columns.items() if column.countable
        ],
        "order": asked.order,
        "orders": [
            (words, asked.query(snapshot, order=order)) for order, words in ORDERS.items() if order != asked.order
        ],
        "chips": removable(snapshot, asked),
        "words": snapshot.words(asked.view),
        "carried": viewing.counts_pairs(snapshot, carried),
        "query": query,
        "kept_query": query + "&",
        "data_address": data_address("counts-data", snapshot, query + "&"),
        "whole": asked.query(snapshot, view=ladle.View()),
    }
