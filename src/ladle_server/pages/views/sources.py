"""Takes the address of the start page, a source or a dataset, gives its page: what can be collected, what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import Damaged, NotFound, unknown
from ladle_server.catalog import own, runs
from ladle_server.catalog.discover import discover
from ladle_server.catalog.models import Run, Snapshot
from ladle_server.pages.forms import SpanForm, check_keys
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.parts import answer, without_blanks
from ladle_server.pages.views.schedules import of_dataset
from ladle_server.pages.views.versions import KEYS, followed
from ladle_server.pages.whole import whole

_LATEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One dataset as it is offered: what it costs, what was taken last, and the run that is at it."""

    source: ladle.Source
    dataset: str
    plan: ladle.Plan
    last: Snapshot | None
    run: Run | None
    done: int
    """Requests that the run has done."""

    @property
    def title(self) -> str:
        """What the dataset holds: `characters`."""
        return str(self.source.datasets[self.dataset].title)

    @property
    def key_missing(self) -> str:
        """The environment variable to set before anything can be collected, or the empty string."""
        return self.plan.key_setting or "" if not self.plan.key_present else ""


def offer(source: ladle.Source, name: str) -> Offer:
    """What the page says about one dataset of a source."""
    full_name = f"{source.name}/{name}"
    run = runs.live().filter(dataset=full_name).first()
    return Offer(
        source=source,
        dataset=name,
        plan=ladle.plan(full_name, home=runs.home()),
        last=Snapshot.objects.filter(source=source.name, dataset=name).first(),
        run=run,
        done=_done(run) if run else 0,
    )


def _done(run: Run) -> int:
    """Requests that are answered; none of a run whose files are gone or damaged, which its own page tells."""
    try:
        return ladle.open_run(runs.home(), run.id).progress().done
    except (NotFound, Damaged):
        return 0


@require_safe
@told
def index(request: HttpRequest) -> HttpResponse:
    """Every source with a button for each dataset, and the latest snapshots."""
    discover()
    known = ladle.all_sources(home=runs.home())
    offers = [offer(source, name) for source in known for name in source.datasets]
    latest = Snapshot.objects.all()[:_LATEST]
    context = {"section": "sources", "offers": offers, "snapshots": latest, "more": Snapshot.objects.count() > _LATEST}
    return render(request, "pages/sources.html", context)


@require_safe
@told
def source(request: HttpRequest, *, name: str) -> HttpResponse:
    """What a source is, what it allows, and the settings that change it."""
    discover()
    found = find(name)
    offers = [offer(found, dataset) for dataset in found.datasets]
    context = {"section": "sources", "source": found, "offers": offers, "plan": offers[0].plan if offers else None}
    # Whoever may define a source writes its homepage: only an address of the web is a link.
    context |= {"versions": own.versions(name), "homepage": whole(found.homepage)}
    return render(request, "pages/source.html", context)


@require_safe
@told
@without_blanks("of")
def dataset(request: HttpRequest, *, source_name: str, name: str) -> HttpResponse:
    """A dataset's snapshots over time, newest first."""
    discover()
    offered = None if _was_imported(f"{source_name}/{name}") else _offered(source_name, name)
    check_keys(request, known=KEYS)
    found_here = Snapshot.objects.filter(source=source_name, dataset=name)
    span = SpanForm(request.GET).span(total=found_here.count())
    context = {
        "section": "snapshots",
        "name": f"{source_name}/{name}",
        "source_name": source_name,
        "dataset_name": name,
        "kept_query": f"{urlencode({'of': request.GET['of']})}&" if request.GET.get("of") else "",
        **followed(request, f"{source_name}/{name}"),
        **of_dataset(f"{source_name}/{name}"),
        "offer": offered,
        "of_one": True,
        "snapshots": found_here[span.offset : span.offset + span.limit],
        "span": span,
        "latest_two": [each.pk for each in found_here[:2]],
        "failed": Run.objects.filter(dataset=f"{source_name}/{name}", state="failed").first(),
    }
    return answer(request, "pages/dataset.html", "pages/_snapshots_more.html", context)


def _offered(source_name: str, name: str) -> Offer:
    found = find(source_name)
    if name not in found.datasets:
        raise NotFound(
            unknown("dataset", f"{source_name}/{name}", [f"{source_name}/{each}" for each in found.datasets])
        )
    return offer(found, name)


def _was_imported(dataset: str) -> bool:
    """Whether its latest snapshot was made from a file: there is nothing to collect."""
    try:
        return ladle.snapshot(dataset, home=runs.home()).manifest.imported is not None
    except NotFound:
        return False


def find(name: str) -> ladle.Source:
    """The source of that name, settings applied; raises NotFound."""
    return ladle.source(name, home=runs.home())
