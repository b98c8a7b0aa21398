"""Takes the press of a button at a run, gives the page it was pressed on: the run is paused, cancelled or goes on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ladle_server.access.kinds import asker
from ladle_server.catalog import control
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.runs import row_of

BY = "hand on the site"


@require_POST
@told
def pause(request: HttpRequest, *, run_id: str) -> HttpResponse:
    """Stop a run until it is resumed."""
    control.pause(row_of(run_id), by=asker(request).or_else(BY))
    return _back(request, run_id)


@require_http_methods(["GET", "HEAD", "POST"])
@told
def cancel(request: HttpRequest, *, run_id: str) -> HttpResponse:
    """End a run without a snapshot. A GET asks once more: what is cancelled can't be resumed."""
    row = row_of(run_id)
    if request.method == "POST":
        control.cancel(row, by=asker(request).or_else(BY))
        return _back(request, run_id)
    return render(request, "pages/cancel.html", {"section": "runs", "run": row, "back": _came_from(request.GET)})


@require_POST
@told
def resume(request: HttpRequest, *, run_id: str) -> HttpResponse:
    """Let a run go on that was paused, failed or left."""
    control.resume(row_of(run_id))
    return _back(request, run_id)


def _came_from(query: QueryDict) -> str:
    return "runs" if query.get("back") == "runs" else ""


def _back(request: HttpRequest, run_id: str) -> HttpResponse:
    return redirect("pages:runs") if _came_from(request.POST) else redirect("pages:run", run_id)
