"""What a chart's address asks: takes a request, gives the view and the chart's own keys apart, and addresses again.

The view stands under the keys of the page of rows. A filter of a column that is called as one of the chart's keys is
written with its operator: `kind__exact=spare`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

import ladle
from ladle.errors import BadInput
from ladle_server.pages.chips import Chip, narrowing
from ladle_server.pages.choices import called
from ladle_server.pages.forms import SPAN_KEYS

CHART_KEYS = frozenset({"kind", "of", "value", "_how", "_bin", "_bins"})
MAP_KEYS = frozenset({"lat", "lon", "colour"})
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A choice of the form: its key, its label, its options with what stands for each, and the one that is chosen."""

    key: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Asking:
    """The view, and the chart's own keys with their values; `keys` are all that it may have."""

    snapshot: ladle.Snapshot
    view: ladle.View
    own: QueryDict
    keys: frozenset[str]

    def get(self, key: str) -> str:
        """The value of a key that may be given once, a blank one being none; raises BadInput where it stands twice."""
        values = [value for value in self.own.getlist(key) if value]
        if len(values) > 1:
            raise BadInput(f'The query key "{key}" is given {len(values)} times.', hint="Give it once.")
        return values[0] if values else ""

    def all(self, key: str) -> list[str]:
        """The values of a key; an empty one is the column without a name."""
        return list(self.own.getlist(key))

    def view_pairs(self, view: ladle.View | None = None) -> Pairs:
        """The view's keys and values, none of which is one of the chart's."""
        return carried(self.snapshot, self.view if view is None else view, keys=self.keys)

    def query(self, own: Iterable[tuple[str, str]], view: ladle.View | None = None) -> str:
        """Of an address that asks this of the chart, and the view, or another."""
        return urlencode([*own, *self.view_pairs(view)])

    def chips(self, own: Sequence[tuple[str, str]]) -> list[Chip]:
        """The filters and the search that narrow the view, each with the query without it."""
        return narrowing(self.snapshot, self.view, lambda left: self.query(own, left))


def asking(request: HttpRequest, snapshot: ladle.Snapshot, *, keys: frozenset[str]) -> Asking:
    """What the address asks; raises BadInput for a view that can't be. How rows are sorted does not matter here."""
    own = QueryDict(mutable=True)
    for key in keys & set(request.GET):
        own.setlist(key, request.GET.getlist(key))
    pairs = ((key, value) for key, values in request.GET.lists() for value in values)
    view = snapshot.view(pairs, reserved=keys | SPAN_KEYS)
    return Asking(snapshot, replace(view, columns=(), sort=()), own, keys)


def carried(snapshot: ladle.Snapshot, view: ladle.View, *, keys: frozenset[str]) -> Pairs:
    """A view's keys and values for the address of a page that has keys of its own."""
    bare = replace(view, columns=(), sort=())
    return [(f"{key}__exact" if key in keys | SPAN_KEYS else key, value) for key, value in snapshot.pairs(bare)]


def drawn_query(snapshot: ladle.Snapshot, view: ladle.View) -> str:
    """Of a chart, or a map, of the view's rows."""
    return urlencode(carried(snapshot, view, keys=CHART_KEYS | MAP_KEYS))


def options(names: Iterable[str], *, none: str = "") -> tuple[tuple[str, str], ...]:
    """Columns to choose from, with words for none of them."""
    return (*((("", none),) if none else ()), *((name, called(name)) for name in names))
