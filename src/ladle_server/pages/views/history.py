"""Takes a snapshot's address and a key's value, gives the record in every snapshot of the dataset: a page, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput
from ladle.shapes import listed, moment_shape
from ladle_server.catalog import runs
from ladle_server.pages.carrying import KEY as VIEW
from ladle_server.pages.carrying import along, carried_view, pairs_of
from ladle_server.pages.columns import Head
from ladle_server.pages.viewing import rows_where
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.snapshots import opened
from ladle_server.pages.whole import Whole, whole

_KEY, _VALUE = "_key", "_value"
"""A form says so what an address says as `name=Luke`; so does a link, where a column's own name begins with `_`."""
_TOLD = {
    "first": "first seen",
    "added": "came",
    "same": "the same",
    "changed": "changed",
    "removed": "gone",
    "absent": "not there",
    "unknown": "can't be told",
}
_TONES = {"first": "good", "added": "good", "changed": "warn", "removed": "bad"}


@dataclass(frozen=True, slots=True)
class Change:
    """A cell as it was and as it is."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of the record, in one snapshot or in several on end in which nothing did."""

    first: ladle.Moment
    last: ladle.Moment
    count: int = 1
    rows_query: str = ""

    @property
    def words(self) -> str:
        """What became of it."""
        return _TOLD[self.first.fate]

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return _TONES.get(self.first.fate, "")

    @property
    def changes(self) -> list[Change]:
        """The cells that changed."""
        before, row = self.first.before, self.first.row
        if before is None or row is None:
            return []
        return [Change(name, before[name], row[name]) for name in self.first.changed]

    @property
    def fields(self) -> list[tuple[Head, Whole]]:
        """The whole record, where it is new."""
        row = self.first.row if self.first.fate in ("first", "added") else None
        types = {column.name: column.type for column in self.first.snapshot.columns}
        return [(Head(name, types[name]), whole(value)) for name, value in (row or {}).items()]


@require_safe
@told
def page(request: HttpRequest, *, snapshot_id: str) -> HttpResponse:
    """One record through time; without a key, a form that asks for one."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    pairs, view = _asked(request), carried_view(request, snapshot)
    if _KEY in request.GET and pairs and not any(name.startswith("_") for name, _ in pairs):
        return redirect(address(snapshot, pairs, view=view))
    key = [name for name, _ in pairs]
    context = {**opened(snapshot, tab="rows", view=view), "carried": pairs_of(snapshot, view)}
    context |= {"key": (key or [*snapshot.key(), ""])[0], "pairs": pairs, "problem": ""}
    context["value"] = pairs[0][1] if pairs else ""
    try:
        moments = snapshot.history(*(value for _, value in pairs), key=key) if pairs else []
        context |= {"steps": _steps(snapshot, moments, pairs), "moments": moments}
        context["seen"] = sum(moment.row is not None for moment in moments)
    except BadInput as error:
        context["problem"] = str(error)
    context["query"] = _query(pairs)
    return render(request, "pages/history.html", context, status=400 if context["problem"] else 200)


@require_safe
@told
def data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponse:
    """The same as the API gives it."""
    if kind != "json":
        raise Http404
    snapshot, pairs = ladle.snapshot(snapshot_id, home=runs.home()), _asked(request)
    if not pairs:
        raise BadInput("No record is named.", hint="Say which by its key: ?name=Luke Skywalker.")
    moments = snapshot.history(*(value for _, value in pairs), key=[name for name, _ in pairs])
    return JsonResponse(listed([moment_shape(moment) for moment in moments]))


def address(snapshot: ladle.Snapshot, pairs: Iterable[tuple[str, object]], *, view: ladle.View) -> str:
    """Where the record is shown whose key's columns have these values; the view of the rows goes along."""
    query, kept = _query([(name, ladle.text_of(value)) for name, value in pairs]), along(snapshot, view)
    return reverse("pages:history", args=[snapshot.id]) + f"?{query}" + (f"&{kept}" if kept else "")


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    if any(name.startswith("_") for name, _ in pairs):
        return urlencode([each for name, value in pairs for each in ((_KEY, name), (_VALUE, value))])
    return urlencode(pairs)


def _asked(request: HttpRequest) -> list[tuple[str, str]]:
    """The key's columns and their values; raises BadInput where there is a value too few."""
    query = request.GET
    names, values = [name for name in query.getlist(_KEY) if name], query.getlist(_VALUE)
    own = (_KEY, _VALUE, VIEW)
    pairs = [(key, value) for key in query if key not in own for value in query.getlist(key)]
    if not names:
        return pairs
    values = values if any(values) else []
    if len(names) != len(values):
        raise BadInput(f"No value is given for {', '.join(names[len(values) :] or names)}.", hint="Give one for each.")
    return [*pairs, *zip(names, values, strict=True)]


def _steps(snapshot: ladle.Snapshot, moments: Sequence[ladle.Moment], pairs: Sequence[tuple[str, str]]) -> list[Step]:
    """The moments, those on end in which nothing happened as one."""
    found: list[Step] = []
    for moment in moments:
        if found and moment.fate in ("same", "absent") and found[-1].first.fate == moment.fate:
            found[-1] = replace(found[-1], last=moment, count=found[-1].count + 1)
        else:
            query = rows_where(snapshot, pairs) if moment.row is not None else ""
            found.append(Step(first=moment, last=moment, rows_query=query))
    return found
