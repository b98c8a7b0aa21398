"""Takes a snapshot's address, a view and what to draw, gives a chart with its table as a page, or its data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput, unknown
from ladle_server.catalog import runs
from ladle_server.pages.forms import SPAN_KEYS, SpanForm
from ladle_server.pages.patience import PATIENCE, meanwhile
from ladle_server.pages.pictures import kinds
from ladle_server.pages.pictures.asking import CHART_KEYS, MAP_KEYS, Asking, Field, Pairs, asking, options
from ladle_server.pages.pictures.choosing import KINDS, Fitting, fitting, places
from ladle_server.pages.pictures.picture import Picture, Scope
from ladle_server.pages.pictures.places import places as map_of
from ladle_server.pages.tables import csv_lines, csv_response, json_response
from ladle_server.pages.views.errors import come_again, status_of, told
from ladle_server.pages.views.parts import answer
from ladle_server.pages.views.snapshots import file_name, opened

_HOWS = ("mean", "min", "max", "sum")
_UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year", "decade")


@require_safe
@told
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
    draw = partial(_chart, asked, own, fits, wait=PATIENCE)
    return _page(request, asked, own, draw, tab="chart", context=context)


@require_safe
@told
def chart_data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponseBase:
    """What a chart shows as data; CSV without a part asked for is all of it."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    asked = asking(request, snapshot, keys=CHART_KEYS)
    fits = fitting(snapshot.profile(), read=asked.view.numbers)
    own = _chart_own(asked, fits)
    return _data(request, asked, own, _chart(asked, own, fits), kind=kind, name="chart")


@require_safe
@told
def map_page(request: HttpRequest, *, snapshot_id: str) -> HttpResponse:
    """The rows on a map; the columns of latitude and longitude are known by their names."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    asked, profile = asking(request, snapshot, keys=MAP_KEYS), snapshot.profile()
    own, fits = _map_own(asked, profile), fitting(profile, read=asked.view.numbers)
    chosen = dict(own)
    numbers = options(dict.fromkeys(name for name in (*fits.numbers, chosen["lat"], chosen["lon"]) if name))
    fields = [
        Field(key="lat", label="Latitude", options=numbers, chosen=chosen["lat"]),
        Field(key="lon", label="Longitude", options=numbers, chosen=chosen["lon"]),
        Field(
            key="colour", label="Colour", options=options(fits.numbers, none="none"), chosen=chosen.get("colour", "")
        ),
    ]
    draw = partial(_map, asked, own, fits, wait=PATIENCE)
    return _page(request, asked, own, draw, tab="map", context={"fields": fields, "fits": fits})


@require_safe
@told
def map_data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponseBase:
    """What the map shows as data."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    asked = asking(request, snapshot, keys=MAP_KEYS)
    profile = snapshot.profile()
    own = _map_own(asked, profile)
    return _data(
        request, asked, own, _map(asked, own, fitting(profile, read=asked.view.numbers)), kind=kind, name="map"
    )


def _page(
    request: HttpRequest, asked: Asking, own: Pairs, draw: Callable[[], Picture], *, tab: str, context: dict[str, Any]
) -> HttpResponse:
    """The chart, or the sentence that says why there is none; what was asked for stays chosen."""
    span, problem, status, picture = SpanForm(request.GET).span(total=0), "", 200, None
    try:
        if not context.get("nothing"):
            picture = draw()
            span = replace(span, total=len(picture.lines))
    except (BadInput, ladle.Busy, ladle.Stopped) as error:
        problem, status = str(error), status_of(error)
    except ladle.StillRunning as running:
        so_far = {**meanwhile(request, running), "query": request.GET.urlencode()}
        return render(request, "pages/chart_sought.html", opened(asked.snapshot, tab=tab) | so_far)
    query = asked.query(own)
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
        "words": asked.snapshot.words(asked.view),
        "rows_query": Scope(asked.snapshot, asked.view).query(),
    }
    return come_again(answer(request, "pages/chart.html", "pages/_chart_more.html", context, status=status))


def _data(
    request: HttpRequest, asked: Asking, own: Pairs, picture: Picture, *, kind: str, name: str
) -> HttpResponseBase:
    if kind not in ("csv", "json"):
        raise Http404
    span, records = SpanForm(request.GET).span(total=len(picture.records)), list(picture.records)
    part = records[span.offset : span.end]
    if kind == "json":
        asked_for: dict[str, object] = {}
        for key, value in own:
            asked_for[key] = [*_listed(asked_for.get(key)), value] if key == "of" else value
        return json_response(request, span, part, head=asked_for | dict(picture.head))
    shown = part if SPAN_KEYS & set(request.GET) else records
    columns = list(records[0]) if records else ["count"]
    lines = csv_lines(columns, ([record[column] for column in columns] for record in shown))
    return csv_response(lines, name=file_name(asked.snapshot, f"{name}.csv"))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


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
    rest = [(key, asked.get(key)) for key in ("value", "_how", "_bin")]
    if kind != "line":
        for key, value in rest:
            if value:
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
    chosen, of = dict(own), [value for key, value in own if key == "of"] + ["", ""]
    columns = options(dict.fromkeys(name for name in (*fits.of(chosen["kind"]), *of) if name))
    fields = [Field(key="of", label="Of", options=columns, chosen=of[0])]
    if chosen["kind"] == "heatmap":
        fields.append(Field(key="of", label="Against", options=columns, chosen=of[1]))
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


def _chart(asked: Asking, own: Pairs, fits: Fitting, *, wait: float | None = None) -> Picture:
    """The picture; raises BadInput for what can't be drawn."""
    chosen, of = dict(own), [value for key, value in own if key == "of"]
    kind = chosen["kind"]
    scope = _scope(asked, [] if kind == "bars" else fits.read([*of, chosen.get("value", "")], kind=kind), wait=wait)
    if not _enough(own):
        raise BadInput(_NOTHING[kind], hint="Take bars.")
    if kind == "histogram":
        return kinds.histogram(scope, of[0])
    if kind == "heatmap":
        return kinds.heat(scope, *of)
    if kind == "bars":
        return kinds.bars(scope, of[0])
    return kinds.line(
        scope, of[0], value=chosen.get("value", ""), how=chosen.get("_how", ""), unit=chosen.get("_bin", "")
    )


def _scope(asked: Asking, numbers: list[str], *, wait: float | None) -> Scope:
    """The view, texts read as numbers where a chart needs that; the pages of rows that it leads to read them so too."""
    known = dict.fromkeys((*asked.view.numbers, *numbers))
    return Scope(asked.snapshot, replace(asked.view, numbers=tuple(known)), wait)


_CALLED = {"histogram": "a histogram", "bars": "bars", "heatmap": "a heatmap"}
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


def _map_own(asked: Asking, profile: dict[str, Any]) -> Pairs:
    """The map's keys with what was not said filled in."""
    known = places(profile) or ("", "")
    own = [("lat", asked.get("lat") or known[0]), ("lon", asked.get("lon") or known[1])]
    colour = asked.get("colour") if "colour" in asked.own else _colour(profile, own)
    return [*own, ("colour", colour)]


def _colour(profile: dict[str, Any], own: Pairs) -> str:
    """A number that is worth showing by colour."""
    fits = fitting(profile)
    shown = [name for name in fits.numbers if name not in dict(own).values()]
    return next((name for name in shown[:1] if fits.kind() == "histogram"), "")


def _map(asked: Asking, own: Pairs, fits: Fitting, *, wait: float | None = None) -> Picture:
    chosen = dict(own)
    if not (chosen["lat"] and chosen["lon"]):
        raise BadInput("No columns of latitude and longitude are known here.", hint="Name them: lat=…&lon=….")
    label = next((column.name for column in asked.snapshot.columns if column.type == "text"), "")
    scope = _scope(asked, fits.read(chosen.values(), kind="map"), wait=wait)
    return map_of(scope, chosen["lat"], chosen["lon"], colour=chosen["colour"], label=label)
