"""Takes the addresses of two snapshots, gives what has changed between them as a page, CSV or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput
from ladle.shapes import diff_shape, row_diff_shape
from ladle_server.catalog import runs
from ladle_server.pages.columns import Head
from ladle_server.pages.forms import SPAN_KEYS, SpanForm, check_keys
from ladle_server.pages.pairing import candidates
from ladle_server.pages.span import MOST, Span
from ladle_server.pages.tables import KINDS, csv_of, json_response
from ladle_server.pages.viewing import names_of
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.parts import answer
from ladle_server.pages.views.snapshots import opened

_KEYS = SPAN_KEYS | {"_key", "_only", "_column", "_columns"}
_PAIR = frozenset({"_before", "_after"})
"""Keys of the form that chooses which two."""
_SIGNS = {"added": "+", "removed": "−", "changed": "~"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a diff: the key, one kind or one column, and whether only changed columns are shown."""

    key: tuple[str, ...]
    only: str | None
    column: str | None
    narrow: bool

    @property
    def rows(self) -> dict[str, str | None]:
        """Which rows."""
        return {"only": self.only, "column": self.column}

    @property
    def query(self) -> str:
        """The query that asks for the same."""
        parts = [*(("_key", name) for name in self.key)]
        parts += [(f"_{name}", value) for name, value in self.rows.items() if value]
        return urlencode([*parts, *([("_columns", "changed")] if self.narrow else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A link to some of the rows, and how many those are."""

    title: str
    count: int
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row that differs, with its number among those that are asked for."""

    number: int
    row: ladle.RowDiff

    @property
    def sign(self) -> str:
        """`+`, `−` or `~`."""
        return _SIGNS[self.row.kind]


@require_safe
@told
def page(request: HttpRequest, *, before: str, after: str) -> HttpResponse:
    """Rows that were added, removed and changed, old values beside new ones."""
    check_keys(request, known=_KEYS | _PAIR)
    old, new = _two(request.GET.get("_before", before), request.GET.get("_after", after))
    if _PAIR & set(request.GET):
        return _to_the_pair(request, old, new)
    asked, span = _asked(request), SpanForm(request.GET).span(total=0)
    keys = [name for name in names_of(new) if name in names_of(old)]
    context: dict[str, Any] = opened(new, tab="diff") | {"previous": old, "before": old, "after": new}
    context |= {"keys": keys, "key": asked.key, "compared": (old, new), "candidates": candidates(old, new)}
    context |= {"span": replace(span, total=0), "narrow": asked.narrow, "problem": ""}
    try:
        context |= _shown(old.diff(new, key=asked.key), asked, span)
    except BadInput as error:
        if old.dataset != new.dataset:
            raise
        # What was chosen stays, and the sentence says what is wrong with it.
        context["problem"] = str(error)
    status = 400 if context["problem"] else 200
    return answer(request, "pages/diff.html", "pages/_diff_more.html", context, status=status)


@require_safe
@told
def data(request: HttpRequest, *, before: str, after: str, kind: str) -> HttpResponseBase:
    """The same rows as data; CSV without a part asked for has all that differ."""
    if kind not in KINDS:
        raise Http404
    check_keys(request, known=_KEYS)
    old, new = _two(before, after)
    asked, span = _asked(request), SpanForm(request.GET).span(total=0)
    found = old.diff(new, key=asked.key)
    span = replace(span, total=found.total(**asked.rows))
    if kind == "json":
        rows = found.rows(**asked.rows, offset=span.offset, limit=span.limit)
        return json_response(request, span, [row_diff_shape(row) for row in rows], head=diff_shape(found))
    whole = not SPAN_KEYS & set(request.GET)
    name = f"{new.dataset.replace('/', '-')}-{old.id}..{new.id}"
    return csv_of(_header(found), _csv(found, asked, span, whole=whole), kind=kind, name=name)


def _to_the_pair(request: HttpRequest, old: ladle.Snapshot, new: ladle.Snapshot) -> HttpResponse:
    """To the address of the two that the form chose, with the key that it chose."""
    query = urlencode([(key, value) for key in ("_key", "_columns") for value in request.GET.getlist(key) if value])
    response = redirect("pages:diff", old.id, new.id)
    response["Location"] += f"?{query}" if query else ""
    return response


def _two(before: str, after: str) -> tuple[ladle.Snapshot, ladle.Snapshot]:
    return ladle.snapshot(before, home=runs.home()), ladle.snapshot(after, home=runs.home())


def _asked(request: HttpRequest) -> Asked:
    """What the address asks for; a select's blank choice is none."""
    columns = request.GET.get("_columns", "all")
    if columns not in ("all", "changed"):
        raise BadInput(f'_columns is "{columns}".', hint="It is all or changed.")
    return Asked(
        key=tuple(name for name in request.GET.getlist("_key") if name),
        only=request.GET.get("_only"),
        column=request.GET.get("_column"),
        narrow=columns == "changed",
    )


def _shown(found: ladle.Diff, asked: Asked, span: Span) -> dict[str, Any]:
    total = found.total(**asked.rows)
    rows = found.rows(**asked.rows, offset=span.offset, limit=span.limit)
    query, everything = asked.query, replace(asked, only=None, column=None)
    return {
        "diff": found,
        "key": found.key,
        "fates": [column for column in found.columns if column.fate != "kept"],
        "choices": [_choice(found, everything, asked, "All", None), *_kinds(found, everything, asked)],
        "cells": _cells(found, everything, asked),
        "only": asked.only,
        "column": asked.column,
        "columns": _columns(found, narrow=asked.narrow),
        "lines": [Line(number, row) for number, row in enumerate(rows, start=span.offset + 1)],
        "span": replace(span, total=total),
        "kept_query": f"{query}&" if query else "",
        "data_query": query,
        "all_query": everything.query,
        "narrow_query": replace(asked, narrow=not asked.narrow).query,
    }


def _kinds(found: ladle.Diff, everything: Asked, asked: Asked) -> Iterator[Choice]:
    for kind in _SIGNS:
        yield _choice(found, everything, asked, kind.capitalize(), kind)


def _choice(found: ladle.Diff, everything: Asked, asked: Asked, title: str, only: str | None) -> Choice:
    chosen = asked.only == only and asked.column is None
    query = replace(everything, only=only).query
    return Choice(title=title, count=found.total(only=only), query=query, chosen=chosen)


def _cells(found: ladle.Diff, everything: Asked, asked: Asked) -> list[Choice]:
    """The columns in which cells have changed, those with the most first."""
    changed = sorted((column for column in found.columns if column.cells), key=lambda column: -column.cells)
    return [
        Choice(
            title=column.name,
            count=column.cells,
            query=replace(everything, column=column.name).query,
            chosen=asked.column == column.name,
        )
        for column in changed
    ]


def _columns(found: ladle.Diff, *, narrow: bool) -> list[Head]:
    """The key's columns, then the others; `narrow`: of those only the ones in which a cell has changed."""
    types = {column.name: column.after or column.before or "text" for column in found.columns}
    others = [each.name for each in found.columns if each.name not in found.key and (each.cells or not narrow)]
    return [Head(name, types[name]) for name in (*found.key, *others)]


def _header(found: ladle.Diff) -> list[str]:
    others = (f"{each.name} {when}" for each in found.columns if each.name not in found.key for when in _WHEN)
    return ["change", *found.key, *others]


_WHEN = ("before", "after")


def _csv(found: ladle.Diff, asked: Asked, span: Span, *, whole: bool) -> Iterator[Sequence[object]]:
    """A line for each row: its kind, its key, and each other column before and after."""
    others = [each.name for each in found.columns if each.name not in found.key]
    first, last = (0, span.total) if whole else (span.offset, span.end)
    for offset in range(first, last, MOST):
        for row in found.rows(**asked.rows, offset=offset, limit=min(MOST, last - offset)):
            sides = [side or {} for side in (row.before, row.after)]
            yield [
                row.kind,
                *(row.row[name] for name in found.key),
                *(side.get(name) for name in others for side in sides),
            ]
