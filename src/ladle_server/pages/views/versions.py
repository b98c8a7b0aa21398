"""Takes a dataset's address and a column, gives its snapshots one after another as data, and what its page draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

import ladle
from ladle.shapes_of_charts import series_shape, series_table
from ladle_server.catalog import runs
from ladle_server.pages.forms import SPAN_KEYS, SpanForm, check_keys
from ladle_server.pages.pictures.versions import panels
from ladle_server.pages.tables import KINDS, csv_of, json_response
from ladle_server.pages.views.errors import told

KEYS = SPAN_KEYS | {"of"}


def followed(request: HttpRequest, dataset: str) -> dict[str, Any]:
    """What the page of a dataset draws of its snapshots; nothing where there are fewer than two."""
    manifests, of = ladle.all_snapshots(dataset, home=runs.home()), request.GET.get("of", "")
    if len(manifests) < 2:
        return {}
    found = ladle.series(dataset, of=of, home=runs.home())
    names = [column.name for column in manifests[0].columns]
    return {
        "here": request.path,
        "versions": found,
        "panels": list(panels(found, of=of)),
        "of": of,
        "followed_columns": names,
    }


@require_safe
@told
def data(request: HttpRequest, *, source_name: str, name: str, kind: str) -> HttpResponseBase:
    """The snapshots of a dataset, oldest first, with the mean, missing and distinct values of a column."""
    if kind not in KINDS:
        raise Http404
    check_keys(request, known=KEYS)
    dataset, of = f"{source_name}/{name}", request.GET.get("of", "")
    found = ladle.series(dataset, of=of, home=runs.home())
    span = replace(SpanForm(request.GET).span(total=0), total=len(found))
    part = found[span.offset : span.end]
    if kind == "json":
        shape = series_shape(dataset, part, of=of)
        return json_response(request, span, shape.pop("results"), head=shape)
    heads, lines = series_table(part if SPAN_KEYS & set(request.GET) else found, of=of)
    return csv_of(heads, lines, kind=kind, name=f"{source_name}-{name}-snapshots")
