"""Takes a snapshot and a query in the address, gives the page of its result, or the result as CSV or JSON.

A query that some other page of the web leads to is shown and not run before somebody presses the button.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import uuid4

from asgiref.sync import sync_to_async
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput, LadleError
from ladle.shapes import selected_shape
from ladle_server.access.origins import Sender, sender_of
from ladle_server.catalog import queries, runs
from ladle_server.catalog.turns import Full
from ladle_server.for_now import for_now
from ladle_server.pages.carrying import KEY, carried_view, pairs_of
from ladle_server.pages.columns import described, heads
from ladle_server.pages.examples import examples
from ladle_server.pages.forms import SPAN_KEYS, SpanForm, check_keys
from ladle_server.pages.span import Span
from ladle_server.pages.tables import FOR_SPREADSHEETS, KINDS, csv_response, json_response
from ladle_server.pages.views import errors
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.parts import answer
from ladle_server.pages.views.snapshots import data_address, file_name, opened

SOON = 0.5
"""Seconds that a page waits for its turn before it says that it waits."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What an address asks."""

    snapshot: ladle.Snapshot
    text: str
    span: Span
    view: ladle.View
    """Of the rows that one came from; the query asks the whole table."""

    def run(self, wanted: queries.Wanted) -> ladle.Selected:
        """The page of the result."""
        return self.snapshot.sql(self.text, offset=self.span.offset, limit=self.span.limit, wanted=wanted)


class Asked(HttpResponse):
    """The answer to an address that is right: never sent, it says what to run."""

    def __init__(self, query: Query) -> None:
        super().__init__()
        self.query = query


@require_safe
async def sql(request: HttpRequest, *, snapshot_id: str) -> HttpResponseBase:
    """A query and the rows of its result; while it waits for its turn, its place in the line."""
    asked = await sync_to_async(_asked)(request, snapshot_id=snapshot_id)
    if not isinstance(asked, Asked):
        return asked
    query, ticket = asked.query, _ticket(request)
    if not query.text.strip() or _is_strange(request):
        return await sync_to_async(_shown)(request, query, strange=bool(query.text))
    patience = queries.PATIENCE if "_from" in request.GET else SOON
    try:
        found = await queries.in_turn(query.run, ticket=ticket, patience=patience)
    except queries.InLine as in_line:
        if patience == SOON:
            return await sync_to_async(_shown)(request, query, status=202, place=in_line.place)
        return await sync_to_async(_wrong)(request, query, queries.sent_away(ticket, in_line))
    except LadleError as error:
        return await sync_to_async(_wrong)(request, query, error)
    return await sync_to_async(_answered)(request, query, found)


@require_safe
async def sql_data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponseBase:
    """The same as data; CSV is the whole result."""
    if kind not in KINDS:
        raise Http404
    if _is_strange(request):
        raise PermissionDenied("A page of another site may not run a query here.")
    asked = await sync_to_async(_asked)(request, snapshot_id=snapshot_id, known=SPAN_KEYS if kind == "json" else ())
    if not isinstance(asked, Asked):
        return asked
    query = asked.query
    try:
        if kind == "json":
            return _as_json(request, query, await _in_turn(query.run))
        safe = kind == FOR_SPREADSHEETS
        lines = await _in_turn(lambda wanted: query.snapshot.sql_csv(query.text, for_spreadsheets=safe, wanted=wanted))
        return csv_response(lines, name=file_name(query.snapshot, f"sql{'-for-spreadsheets' * safe}.csv"))
    except LadleError as error:
        return await sync_to_async(errors.page)(request, error)


async def _in_turn(query: Callable[[queries.Wanted], T]) -> T:
    ticket = uuid4().hex
    try:
        return await queries.in_turn(query, ticket=ticket)
    except queries.InLine as in_line:
        raise queries.sent_away(ticket, in_line) from None


@told
def _asked(request: HttpRequest, *, snapshot_id: str, known: Any = SPAN_KEYS) -> HttpResponse:
    check_keys(request, known={"q", KEY, *known})
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    text = request.GET.get("q", "").replace("\r\n", "\n")
    span, view = SpanForm(request.GET).span(total=0), carried_view(request, snapshot)
    return Asked(Query(snapshot=snapshot, text=text, span=span, view=view))


def _ticket(request: HttpRequest) -> str:
    """The same for every look of one person at one page, so that the place in the line is kept between two."""
    return hashlib.sha256(f"{request.META.get('REMOTE_ADDR')} {request.get_full_path()}".encode()).hexdigest()


def _is_strange(request: HttpRequest) -> bool:
    return sender_of(request) is Sender.STRANGE


def _as_json(request: HttpRequest, query: Query, found: ladle.Selected) -> HttpResponse:
    shape = selected_shape(found)
    head = {name: shape[name] for name in ("columns", "exact")}
    return json_response(request, replace(query.span, total=found.total), shape["results"], head=head)


def _answered(request: HttpRequest, query: Query, found: ladle.Selected) -> HttpResponse:
    span = replace(query.span, total=found.total, exact=found.exact)
    rows = [(span.offset + place, list(row.values())) for place, row in enumerate(found.rows, start=1)]
    return _shown(request, replace(query, span=span), found=found, rows=rows, result_columns=heads(found.columns))


def _wrong(request: HttpRequest, query: Query, error: LadleError) -> HttpResponse:
    """What was typed stays, with what is wrong with it; an error that it has no part in gets a page of its own."""
    if isinstance(error, BadInput):
        return _shown(request, query, status=400, problem=error)
    if isinstance(error, Full):
        return for_now(_shown(request, query, status=errors.status_of(error), problem=error))
    return errors.page(request, error)


def _shown(request: HttpRequest, query: Query, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page; `more` is a result, a problem or a place in the line."""
    columns = described(query.snapshot)
    offered, carried = examples(columns), pairs_of(query.snapshot, query.view)
    kept = urlencode([("q", query.text), *carried])
    context = {
        **opened(query.snapshot, tab="sql", view=query.view),
        "carried": carried,
        "words": query.snapshot.words(query.view),
        "query": query.text or offered[0].query,
        "lines": min(max(len(query.text.splitlines()), 5), 20),
        "examples": [(each, urlencode([("q", each.query), *carried])) for each in offered],
        "table_columns": columns,
        "span": query.span,
        "columns": more.get("result_columns", ()),
        "kept": kept,
        "kept_query": f"{kept}&",
        "data": urlencode({"q": query.text}),
        "data_address": data_address("sql-data", query.snapshot, urlencode({"q": query.text}) + "&"),
        **more,
    }
    return answer(request, "pages/sql.html", "pages/_rows_more.html", context, status=status)
