"""Takes a snapshot's address, a view and two columns, gives the view's rows on a map with its table, or its data."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput
from ladle_server.catalog import runs
from ladle_server.pages import patience
from ladle_server.pages.pictures.asking import MAP_KEYS, Asking, Field, Pairs, asking, options
from ladle_server.pages.pictures.choosing import Fitting, fitting, places
from ladle_server.pages.pictures.picture import Scope
from ladle_server.pages.views import drawing
from ladle_server.pages.views.errors import told


@require_safe
@told
def page(request: HttpRequest, *, snapshot_id: str) -> HttpResponse:
    """The rows on a map; the columns of latitude and longitude are known by their names."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    asked, profile = asking(request, snapshot, keys=MAP_KEYS), snapshot.profile()
    own, fits = _own(asked, profile), fitting(profile, read=asked.view.numbers)
    context = {"fields": _fields(own, fits), "fits": fits}
    scope = _scope(asked, own, fits, wait=patience.PATIENCE)
    return drawing.page(request, asked, own, partial(_map, own), scope=scope, tab="map", context=context)


@require_safe
@told
def data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponseBase:
    """What the map shows as data."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    asked, profile = asking(request, snapshot, keys=MAP_KEYS), snapshot.profile()
    own = _own(asked, profile)
    chart = _map(own, _scope(asked, own, fitting(profile, read=asked.view.numbers)))
    return drawing.data(request, asked, chart, kind=kind, name="map")


def _own(asked: Asking, profile: dict[str, Any]) -> Pairs:
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


def _fields(own: Pairs, fits: Fitting) -> list[Field]:
    """What the form lets choose."""
    chosen = dict(own)
    numbers = options(dict.fromkeys(name for name in (*fits.numbers, chosen["lat"], chosen["lon"]) if name))
    colours = options(fits.numbers, none="none")
    return [
        Field(key="lat", label="Latitude", options=numbers, chosen=chosen["lat"]),
        Field(key="lon", label="Longitude", options=numbers, chosen=chosen["lon"]),
        Field(key="colour", label="Colour", options=colours, chosen=chosen.get("colour", "")),
    ]


def _scope(asked: Asking, own: Pairs, fits: Fitting, *, wait: float | None = None) -> Scope:
    return drawing.scope_of(asked, fits.read(dict(own).values(), kind="map"), wait=wait)


def _map(own: Pairs, scope: Scope) -> ladle.Chart:
    """The table; raises BadInput for what can't be drawn."""
    chosen = dict(own)
    lat, lon, colour = chosen["lat"], chosen["lon"], chosen["colour"]
    if not (lat and lon):
        raise BadInput("No columns of latitude and longitude are known here.", hint="Name them: lat=…&lon=….")
    return scope.snapshot.chart("map", lat, lon, view=scope.view, colour=colour, wait=scope.wait)
