"""Takes the press of "Stop looking", gives the page that says that a question was stopped, and the way back to it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

import ladle
from ladle_server.pages.back import own_address
from ladle_server.pages.views.errors import told


@require_POST
@told
def stop(request: HttpRequest) -> HttpResponseBase:
    """Stop the question of that name; where it is answered meanwhile, go back to its answer."""
    back = own_address(request.POST.get("back", ""))
    if not ladle.stop_question(request.POST.get("question", "")):
        return redirect(back or "pages:snapshots")
    return _stopped(request, back)


def _stopped(request: HttpRequest, back: str) -> HttpResponse:
    context = {"section": "snapshots", "back": back, "rows": back.partition("?")[0]}
    return render(request, "pages/stopped.html", context)
