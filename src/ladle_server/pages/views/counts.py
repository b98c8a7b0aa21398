"""Takes a snapshot and columns to count by, gives the counts of their combinations as a page, CSV or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput
from ladle.shapes import counts_shape
from ladle_server.catalog import runs
from ladle_server.pages.charts import widths
from ladle_server.pages.columns import described
from ladle_server.pages.forms import SPAN_KEYS, SpanForm, check_keys
from ladle_server.pages.span import Span
from ladle_server.pages.tables import csv_lines, csv_response, json_response, text_of
from ladle_server.pages.viewing import rows_where
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.parts import answer
from ladle_server.pages.views.snapshots import data_address, file_name, opened

_LONGEST_QUERY = 4000
"""Characters; servers take addresses of about 8,000."""
_KEYS = SPAN_KEYS | {"by", "_order"}
Order = Literal["count", "first"]
_ORDERS: dict[str, Order] = {"count": "count", "first": "first"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One chosen column, and the query without it."""

    name: str
    without: str


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
def counts(request: HttpRequest, *, snapshot_id: str) -> HttpResponse:
    """The counts by the chosen columns, largest first; without columns, what to choose."""
    check_keys(request, known=_KEYS)
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    by, order, problem = _by(request), _order(request), ""
    shown: dict[str, Any] = {"span": Span(offset=0, limit=1, total=0, first=0)}
    try:
        if by:
            shown = _shown(snapshot, by, order=order, span=SpanForm(request.GET).span(total=0))
    except BadInput as error:
        # What was typed stays: the columns that do exist are still chosen, and the sentence says what is wrong.
        by, problem = [name for name in dict.fromkeys(by) if name in _names(snapshot)], str(error)
    context = {**opened(snapshot, tab="counts"), **_choice(snapshot, by, order=order), **shown, "problem": problem}
    return answer(request, "pages/counts.html", "pages/_counts_more.html", context, status=400 if problem else 200)


@require_safe
@told
def counts_data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponseBase:
    """The same counts as data; CSV without a part asked for has every combination."""
    if kind not in ("csv", "json"):
        raise Http404
    check_keys(request, known=_KEYS)
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    by, order, span = _by(request), _order(request), SpanForm(request.GET).span(total=0)
    whole = kind == "csv" and not SPAN_KEYS & set(request.GET)
    part: dict[str, int] = {} if whole else {"offset": span.offset, "limit": span.limit}
    found = snapshot.count(*by, order=order, **part)
    if kind == "json":
        shape = counts_shape(found)
        results = shape.pop("results")
        return json_response(request, replace(span, total=found.combinations), results, head=shape)
    rows = ([*row.values, row.count, row.share] for row in found.rows)
    return csv_response(csv_lines([*by, "count", "share"], rows), name=file_name(snapshot, "counts.csv"))


def _names(snapshot: ladle.Snapshot) -> list[str]:
    return [column.name for column in snapshot.columns]


def _by(request: HttpRequest) -> list[str]:
    """The chosen columns; the blank choice of the form's select is none."""
    return [name for name in request.GET.getlist("by") if name]


def _order(request: HttpRequest) -> Order:
    order = request.GET.get("_order", "count")
    if order in _ORDERS:
        return _ORDERS[order]
    raise BadInput(f'"{order}" is no order for counts.', hint="Take count (largest first) or first (as first seen).")


def _shown(snapshot: ladle.Snapshot, by: Sequence[str], *, order: Order, span: Span) -> dict[str, Any]:
    found = snapshot.count(*by, order=order, offset=span.offset, limit=span.limit)
    first = snapshot.count(*by, limit=1).rows
    bars = widths([row.count for row in found.rows], largest=first[0].count if first else 0)
    lines = [
        Line(
            number=number,
            values=row.values,
            count=row.count,
            share=row.share,
            width=width,
            rows_query=_rows_query(snapshot, by, row.values),
        )
        for number, (row, width) in enumerate(zip(found.rows, bars, strict=True), start=span.offset + 1)
    ]
    return {"counted": found, "lines": lines, "span": replace(span, total=found.combinations)}


def _rows_query(snapshot: ladle.Snapshot, by: Sequence[str], values: Sequence[object]) -> str:
    """What asks for the rows of a combination."""
    texts = [None if value is None else text_of(value) for value in values]
    query = rows_where(snapshot, zip(by, texts, strict=True))
    return query if len(query) <= _LONGEST_QUERY else ""


def _choice(snapshot: ladle.Snapshot, by: Sequence[str], *, order: Order) -> dict[str, Any]:
    """What the form shows: the chosen columns, each with the way to drop it, and those that can be added."""
    kept: dict[str, str] = {} if order == "count" else {"_order": order}
    chosen = [Chosen(name=name, without=_query([other for other in by if other != name], kept)) for name in by]
    shown = {column.name: column for column in described(snapshot)}
    return {
        "chosen": chosen,
        "chosen_columns": [shown[name] for name in by if name in shown],
        "addable": [column for name, column in shown.items() if name not in by],
        "suggested": [column for column in shown.values() if column.countable],
        "order": order,
        "query": _query(by, kept),
        "other_order": _query(by, {"_order": "first"} if order == "count" else {}),
        "kept_query": _query(by, kept) + "&",
        "data_address": data_address("counts-data", snapshot, _query(by, kept) + "&"),
    }


def _query(by: Sequence[str], kept: dict[str, str]) -> str:
    return urlencode([*(("by", name) for name in by), *kept.items()])
