"""Takes the button of an incomplete run or snapshot, starts a run for its gaps and leads to it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from ladle_server.catalog.retrying import retry as start
from ladle_server.pages.views.errors import told


@require_POST
@told
def retry(request: HttpRequest, *, run_id: str) -> HttpResponse:
    """A run that asks only for what the run of that id lacks."""
    run = start(run_id, requested_by="site")
    return redirect(f"{reverse('pages:run', args=[run.id])}?then=snapshot")
