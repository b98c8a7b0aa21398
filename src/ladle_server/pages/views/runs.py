"""Takes the address of the runs or of one run, gives its page, alive until it ends; and starts runs from the button."""

from __future__ import annotations

import time
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

import ladle
from ladle.errors import BadInput, LadleError, NotFound
from ladle_server.catalog import discover, runs
from ladle_server.catalog.models import Run, Snapshot
from ladle_server.pages.forms import SPAN_KEYS, CollectForm, SpanForm, check_keys, parameters_of
from ladle_server.pages.now import running_now
from ladle_server.pages.progress import shown
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.parts import answer

_ONLY: dict[str, Literal["failed", "slow"] | None] = {"all": None, "failed": "failed", "slow": "slow"}
_LINES = 20
_MOST_LINES = 10_000
_RUN_KEYS = frozenset({"only", "then", "was", "_before"})


@require_http_methods(["GET", "HEAD", "POST"])
@told
def index(request: HttpRequest) -> HttpResponse:
    """All runs, newest first; a POST of a dataset starts one, or leads to the one that is at it already."""
    if request.method == "POST":
        return _start(request)
    check_keys(request, known=SPAN_KEYS)
    discover.discover()
    span = SpanForm(request.GET).span(total=Run.objects.count())
    found = Run.objects.all()[span.offset : span.offset + span.limit]
    return answer(request, "pages/runs.html", "pages/_runs_more.html", {"section": "runs", "runs": found, "span": span})


def _start(request: HttpRequest) -> HttpResponse:
    form = CollectForm(request.POST)
    if not form.is_valid():
        raise BadInput("No dataset was named.", hint="Go to the sources and press Collect.")
    dataset = form.cleaned_data["dataset"]
    parameters, files = parameters_of(request)
    at_it = None if parameters or files else runs.live().filter(dataset=dataset).first()
    run = at_it or runs.start(dataset, requested_by="site", parameters=parameters, files=files)
    return redirect(f"{reverse('pages:run', args=[run.id])}?then=snapshot")


@require_safe
@told
def run(request: HttpRequest, *, run_id: str) -> HttpResponse:
    """One run. `?then=snapshot` goes on to the snapshot by itself as soon as there is one."""
    check_keys(request, known=_RUN_KEYS)
    context = _context(request, run_id)
    if context["arrived"]:
        return redirect("pages:snapshot", context["snapshot_id"])
    return render(request, "pages/run.html", {"section": "runs", **context})


@require_safe
@told
def live(request: HttpRequest, *, run_id: str) -> HttpResponse:
    """The part of a run's page that changes, asked for each second until the run has ended."""
    check_keys(request, known=_RUN_KEYS)
    context = _context(request, run_id)
    changed = "was" in request.GET and request.GET["was"] != context["shown"].state
    response = render(request, "pages/_live.html" if changed else "pages/_run.html", context)
    if context["arrived"]:
        response["HX-Redirect"] = reverse("pages:snapshot", args=[context["snapshot_id"]])
    return response


@require_safe
def now(request: HttpRequest) -> HttpResponse:
    """The header's word on what is running; asked for each two seconds while something is."""
    return render(request, "pages/_now.html", running_now(request.GET.get("was", ""), request.GET.get("ended", "")))


def _context(request: HttpRequest, run_id: str) -> dict[str, Any]:
    row = row_of(run_id)
    kept = ladle.open_run(runs.home(), run_id)
    progress = kept.progress()
    only = request.GET.get("only", "all")
    if only not in _ONLY:
        raise BadInput(f'"{only}" is no filter for requests.', hint="Take all, failed or slow.")
    words = shown(progress, now=time.time(), took=row.took)
    made = progress.snapshot if progress.snapshot and not words.live else None
    snapshot = made if made and _is_kept(made) else None
    then = "snapshot" if request.GET.get("then") == "snapshot" else ""
    return {
        "run": row,
        "parameters": kept.source.values,
        "progress": progress,
        "shown": words,
        "snapshot": Snapshot.objects.filter(pk=snapshot).first() if snapshot else None,
        "snapshot_id": snapshot,
        "snapshot_gone": made is not None and snapshot is None,
        "journal_removed": kept.journal_removed,
        "then": then,
        "arrived": bool(then and snapshot),
        "only": only,
        "filters": tuple(_ONLY),
        **_lines(kept, only, before=_before(request), done=progress.done),
    }


def _is_kept(snapshot: str) -> bool:
    """Whether a run's snapshot is still there: a dataset may keep only so many."""
    try:
        ladle.snapshot(snapshot, home=runs.home())
    except NotFound:
        return False
    except LadleError:
        pass  # its own page says what is wrong with it
    return True


def row_of(run_id: str) -> Run:
    """The run of that id, up to date with what others did with it; raises NotFound."""
    return discover.find(run_id, hint="The list of runs has all there are.")


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("_before", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise BadInput(f'_before must be the number of a request, not "{text}".', hint="Leave it out.")
    return int(text)


def _lines(kept: ladle.Run, only: str, *, before: int | None, done: int) -> dict[str, Any]:
    """The latest requests, newest first; `before` a number, the ones before it."""
    # The journal is read from its beginning: while a run is going only its last lines are asked for.
    after = max(0, (before - 1 if before else done) - _LINES) if only == "all" else 0
    found = kept.requests(after=after, limit=_MOST_LINES, only=_ONLY[only])
    lines = [line for line in found if before is None or line.number < before][-_LINES:]
    earlier = lines[0].number if lines and (lines[0].number > 1 if only == "all" else len(found) > len(lines)) else None
    return {"lines": lines[::-1], "earlier": earlier}
