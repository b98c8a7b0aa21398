"""Takes a snapshot's address and a row's number, gives the page of that row alone, or the row as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput
from ladle.shapes import one_row_shape
from ladle_server.catalog import runs
from ladle_server.pages import viewing
from ladle_server.pages.forms import check_keys
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.history import address as history_address
from ladle_server.pages.views.snapshots import opened
from ladle_server.pages.whole import Whole, whole

_PLACE = "_place"
"""Where the row stands in the view that the address holds, from 1."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column, its type, and what the row has in it."""

    name: str
    type: str
    value: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Where to go from a row: the addresses of its neighbours, empty where there are none, and its place in words."""

    before: str
    after: str
    words: str


@require_safe
@told
def row(request: HttpRequest, *, snapshot_id: str, number: int) -> HttpResponse:
    """Every column of a row and its whole value; its neighbours are those of the view in the address."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    pairs = ((key, value) for key, values in request.GET.lists() for value in values)
    view = snapshot.view(pairs, reserved={_PLACE})
    values = snapshot.row(number)
    query = viewing.query_of(snapshot, view)
    steps = _in_table(snapshot, number)
    if not view.whole and _PLACE in request.GET:
        steps = _in_view(snapshot, view, number, query=query, typed=request.GET[_PLACE])
    context = {
        **opened(snapshot, tab="rows", view=view),
        "number": number,
        "fields": [Field(column.name, column.type, whole(values[column.name])) for column in snapshot.columns],
        "steps": steps,
        "query": query,
        "history": _history(snapshot, values, view=view),
    }
    return render(request, "pages/row.html", context)


@require_safe
@told
def row_data(request: HttpRequest, *, snapshot_id: str, number: int, kind: str) -> HttpResponse:
    """The same row as the API gives it."""
    if kind != "json":
        raise Http404
    check_keys(request, known=())
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    return JsonResponse(one_row_shape(snapshot.manifest, number, snapshot.row(number)))


def _in_table(snapshot: ladle.Snapshot, number: int) -> Steps:
    rows = snapshot.manifest.rows
    return Steps(
        before=_address(snapshot, number - 1) if number > 1 else "",
        after=_address(snapshot, number + 1) if number < rows else "",
        words=f"of {rows:,}",
    )


def _in_view(snapshot: ladle.Snapshot, view: ladle.View, number: int, *, query: str, typed: str) -> Steps:
    """The neighbours in a view. Raises BadInput where the row does not stand there."""
    place = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else 0
    first = max(1, place - 1)
    looked = snapshot.look(view, offset=first - 1, limit=3)
    at = dict(enumerate(looked.numbers, start=first))
    if at.get(place) != number:
        hint = f"Leave {_PLACE} out, or go on from the rows' page."
        raise BadInput(f'Row {number:,} is not at place "{typed}" of these rows.', hint=hint)
    near = {to: f"{_address(snapshot, at[to])}?{query}&{_PLACE}={to}" for to in (place - 1, place + 1) if to in at}
    words = f"{place:,} of {looked.total:,} {snapshot.words(view)}"
    return Steps(before=near.get(place - 1, ""), after=near.get(place + 1, ""), words=words)


def _history(snapshot: ladle.Snapshot, values: Mapping[str, Any], *, view: ladle.View) -> str:
    """Where to see the record in all snapshots; empty where nothing tells it apart."""
    key = snapshot.key()
    known = bool(key) and all(values[name] is not None for name in key)
    return history_address(snapshot, [(name, values[name]) for name in key], view=view) if known else ""


def _address(snapshot: ladle.Snapshot, number: int) -> str:
    return reverse("pages:row", args=[snapshot.id, number])
