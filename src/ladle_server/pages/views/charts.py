"""Takes a snapshot's address, a view and what to draw, gives a chart with its table as a page, or its data."""

from __future__ import annotations

import re
from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput, unknown
from ladle_server.catalog import runs
from ladle_server.pages import patience
from ladle_server.pages.pictures.asking import CHART_KEYS, Asking, Field, Pairs, asking, options
from ladle_server.pages.pictures.choosing import KINDS, Fitting, fitting
from ladle_server.pages.pictures.picture import Scope
from ladle_server.pages.views import drawing
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.parts import without_blanks

_HOWS = ("mean", "min", "max", "sum")
_BINS = ("10", "20", "50", "100", "200")
_FITTING = {"_bins": "histogram", "value": "line", "_how": "line", "_bin": "line"}
_UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year", "decade")


@require_safe
@told
@without_blanks(*_FITTING)
def chart(request: HttpRequest, *, snapshot_id: str) -> HttpResponse:
    """A histogram, bars, a heatmap or a line; without a word of which, a good guess."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    asked = asking(request, snapshot, keys=CHART_KEYS)
    fits = fitting(snapshot.profile(), read=asked.view.numbers)
    own = _chart_own(asked, fits)
    context = {
        "kinds": [(name, label, asked.query(_of_kind(name, fits)), name == own[0][1]) for name, label in KINDS.items()],
        "fields": _chart_fields(own, fits),
        "kind": own[0][1],
        "nothing": "" if _enough(own) else _NOTHING[own[0][1]],
        "others": [(name, asked.query([("kind", "bars"), ("of", name)])) for name in fits.values[:6]],
    }
    scope = _scope(asked, own, fits, wait=patience.PATIENCE)
    return drawing.page(request, asked, own, partial(_chart, own), scope=scope, tab="chart", context=context)


@require_safe
@told
def chart_data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponseBase:
    """What a chart shows as data; CSV without a part asked for is all of it."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    asked = asking(request, snapshot, keys=CHART_KEYS)
    fits = fitting(snapshot.profile(), read=asked.view.numbers)
    own = _chart_own(asked, fits)
    return drawing.data(request, asked, _chart(own, _scope(asked, own, fits)), kind=kind, name="chart")


def _chart_own(asked: Asking, fits: Fitting) -> Pairs:
    """The chart's keys with what was not said filled in; the first is its kind."""
    kind, of = asked.get("kind"), asked.all("of")
    if kind and kind not in KINDS:
        raise BadInput(unknown("kind of chart", kind, KINDS))
    if not kind:
        kind = fits.kind() if not of else next((each for each in KINDS if of[0] in fits.of(each)[:99]), "bars")
        kind = "heatmap" if len(of) > 1 else kind
    most = 2 if kind == "heatmap" else 1
    if len(of) > most:
        raise BadInput(f'"of" is given {len(of)} times.', hint=_TAKES[kind])
    of += [name for name in fits.of(kind) if name not in of][: most - len(of)]
    rest = [(key, asked.get(key)) for key in _FITTING]
    for key, value in rest:
        if value and _FITTING[key] != kind:
            raise BadInput(f'"{key}" means nothing to {_CALLED[kind]}.', hint="Leave it out.")
    return [("kind", kind), *(("of", name) for name in of), *((key, value) for key, value in rest if value)]


def _enough(own: Pairs) -> bool:
    """Whether the kind has the columns that it takes."""
    return len([key for key, _ in own if key == "of"]) == (2 if dict(own)["kind"] == "heatmap" else 1)


def _of_kind(kind: str, fits: Fitting) -> Pairs:
    """The keys of another kind of chart, its columns guessed."""
    return [("kind", kind), *(("of", name) for name in fits.of(kind)[: 2 if kind == "heatmap" else 1])]


def _chart_fields(own: Pairs, fits: Fitting) -> list[Field]:
    """What the form lets choose for a kind of chart."""
    chosen, of = dict(own), [value for key, value in own if key == "of"]
    columns = options(dict.fromkeys((*fits.of(chosen["kind"]), *of)))
    of += ["", ""]
    fields = [Field(key="of", label="Of", options=columns, chosen=of[0])]
    if chosen["kind"] == "heatmap":
        fields.append(Field(key="of", label="Against", options=columns, chosen=of[1]))
    if chosen["kind"] == "histogram":
        own_bins = [chosen["_bins"]] if "_bins" in chosen else []
        bins = (("", "as fits"), *((each, f"up to {each}") for each in dict.fromkeys((*_BINS, *own_bins))))
        fields.append(Field(key="_bins", label="Bins", options=bins, chosen=chosen.get("_bins", "")))
    if chosen["kind"] == "line":
        numbers = options(fits.numbers, none="rows")
        hows = (("", "count or mean"), *((how, how) for how in _HOWS))
        units = (("", "as fits"), *((unit, unit) for unit in _UNITS))
        fields += [
            Field(key="value", label="Show", options=numbers, chosen=chosen.get("value", "")),
            Field(key="_how", label="As", options=hows, chosen=chosen.get("_how", "")),
            Field(key="_bin", label="Each", options=units, chosen=chosen.get("_bin", "")),
        ]
    return fields


def _scope(asked: Asking, own: Pairs, fits: Fitting, *, wait: float | None = None) -> Scope:
    """What is drawn; bars are of a column's texts as they are, and so is a heatmap where they are filtered as such."""
    kind, names = dict(own)["kind"], [value for key, value in own if key in ("of", "value")]
    if kind in ("bars", "heatmap"):
        filtered = {each.column for each in asked.view.filters}
        names = [name for name in names if kind == "heatmap" and name not in filtered]
    return drawing.scope_of(asked, fits.read(names, kind=kind), wait=wait)


def _chart(own: Pairs, scope: Scope) -> ladle.Chart:
    """The table; raises BadInput for what can't be drawn."""
    chosen, of = dict(own), [value for key, value in own if key == "of"]
    if not _enough(own):
        raise BadInput(_NOTHING[chosen["kind"]], hint="Take bars.")
    return scope.snapshot.chart(
        chosen["kind"],
        *of,
        view=scope.view,
        bins=_whole_number(chosen["_bins"]) if "_bins" in chosen else None,
        value=chosen.get("value", ""),
        how=chosen.get("_how", ""),
        unit=chosen.get("_bin", ""),
        wait=scope.wait,
    )


def _whole_number(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise BadInput(f'_bins="{text}" is no whole number.', hint="Take 2 to 200, or leave it out.")
    return int(text)


_CALLED = {"histogram": "a histogram", "bars": "bars", "heatmap": "a heatmap", "line": "a line"}
_TAKES = {
    "histogram": "A histogram is of one column.",
    "bars": "Bars are of one column.",
    "heatmap": "A heatmap is of two columns.",
    "line": "A line over time is of one column.",
}
_NOTHING = {
    "histogram": "No column of this snapshot holds numbers.",
    "line": "No column of this snapshot holds dates or times.",
    "heatmap": "A heatmap takes two columns, and this snapshot has one.",
    "bars": "This snapshot has no column.",
}
