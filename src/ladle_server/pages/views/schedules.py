"""Takes the address of a schedule, or a form about one, gives its page: when it is due, what came of the last times."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

import ladle
from ladle.errors import BadInput, LadleError, NotFound
from ladle_server.catalog import runs, schedules
from ladle_server.catalog.free import source_of
from ladle_server.catalog.models import Schedule
from ladle_server.catalog.schedules import Wish
from ladle_server.pages import scheduling
from ladle_server.pages.forms import SPAN_KEYS, SpanForm, check_keys
from ladle_server.pages.views.errors import status_of, told
from ladle_server.pages.views.parts import answer

_NAME = re.compile(r"[-a-zA-Z0-9_]{1,100}/[-a-zA-Z0-9_]{1,100}")
NEXT_FIRST = (F("paused_at").asc(nulls_first=True), "next_at", "id")
"""Paused ones at the end: of themselves SQLite puts nulls first and PostgreSQL last."""
FEW, MANY = 5, 100
"""Occasions on the page of a dataset, and on the schedule's own."""


@require_http_methods(["GET", "HEAD", "POST"])
@told
def index(request: HttpRequest) -> HttpResponse:
    """All schedules; a POST makes a new one, or shows the form again with what is wrong."""
    if request.method != "POST":
        check_keys(request, known=SPAN_KEYS)
        span = SpanForm(request.GET).span(total=Schedule.objects.count())
        rows = Schedule.objects.order_by(*NEXT_FIRST)[span.offset : span.offset + span.limit]
        context = {"section": "runs", "rows": [shown(row, most=1) for row in rows], "span": span}
        return answer(request, "pages/schedules.html", "pages/_schedules_more.html", context)
    form = scheduling.sent(request, dataset=_dataset(request))
    try:
        schedules.add(form.dataset, scheduling.wish(request, form))
    except LadleError as error:
        return _page(request, form, error=error)
    return _to_dataset(form.dataset)


@require_http_methods(["GET", "HEAD", "POST"])
@told
def one(request: HttpRequest, *, number: int) -> HttpResponse:
    """One schedule, to be looked at and changed."""
    row = schedules.get(number)
    if request.method != "POST":
        check_keys(request, known=())
        return _page(request, scheduling.form_of(row), row=row)
    form = scheduling.sent(request, dataset=row.dataset)
    try:
        schedules.change(number, scheduling.wish(request, form))
    except LadleError as error:
        return _page(request, form, row=row, error=error)
    return redirect("pages:schedule", number)


@require_POST
@told
def pause(request: HttpRequest, *, number: int) -> HttpResponse:
    """Let it rest until it is resumed."""
    return _back(request, schedules.change(number, Wish(paused=True)))


@require_POST
@told
def resume(request: HttpRequest, *, number: int) -> HttpResponse:
    """Let it go on."""
    return _back(request, schedules.change(number, Wish(paused=False)))


@require_http_methods(["GET", "HEAD", "POST"])
@told
def remove(request: HttpRequest, *, number: int) -> HttpResponse:
    """Forget it, having asked once; runs and snapshots stay."""
    row = schedules.get(number)
    if request.method == "POST":
        schedules.remove(number)
        return _to_dataset(row.dataset)
    check_keys(request, known=())
    return render(request, "pages/schedule_remove.html", {"section": "runs", "row": row, **shown(row, most=1)})


def _dataset(request: HttpRequest) -> str:
    """What is to be collected; what can't even be a dataset's name has no page to go back to."""
    dataset = request.POST.get("dataset", "")
    if not _NAME.fullmatch(dataset):
        raise BadInput(f'"{dataset[:100]}" is no dataset.', hint="Go to the page of a dataset.")
    return dataset


def of_dataset(dataset: str) -> dict[str, Any]:
    """What the page of a dataset shows of its schedules, and the form for a new one."""
    rows = Schedule.objects.filter(dataset=dataset)
    form = scheduling.empty(dataset)
    return {"schedules": [shown(row, most=FEW) for row in rows], "form": form, "fields": form.fields(_source(dataset))}


def shown(row: Schedule, *, most: int) -> dict[str, Any]:
    """A schedule, when it is due, and what came of its last times."""
    cron = schedules.cron_of(row)
    times = [] if row.paused_at else cron.coming(datetime.now(UTC))
    occasions = row.occasions.select_related("run")[:most]
    return {"row": row, "words": cron.words, "times": times, "occasions": occasions}


def _page(
    request: HttpRequest, form: scheduling.Form, *, row: Schedule | None = None, error: LadleError | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"section": "runs", "form": form, "fields": form.fields(_source(form.dataset))}
    context |= shown(row, most=MANY) if row else {}
    source_name, _, name = form.dataset.partition("/")
    context |= {"source_name": source_name, "dataset_name": name}
    if error is not None:
        context |= {"message": error.message, "hint": error.hint}
    return render(request, "pages/schedule.html", context, status=status_of(error) if error else 200)


def _source(dataset: str) -> ladle.Source | None:
    with suppress(NotFound):
        return ladle.source(source_of(dataset), home=runs.home())
    return None


def _back(request: HttpRequest, row: Schedule) -> HttpResponse:
    return redirect("pages:schedule", row.pk) if request.POST.get("back") == "own" else _to_dataset(row.dataset)


def _to_dataset(dataset: str) -> HttpResponse:
    source_name, _, name = dataset.partition("/")
    return redirect(f"{reverse('pages:dataset', args=[source_name, name])}#schedules")
