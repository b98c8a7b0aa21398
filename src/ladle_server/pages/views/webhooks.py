"""Takes the address of a webhook, or a form about one, gives its page: whom it tells of what, and how that went."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ladle.errors import BadInput, LadleError, NotFound
from ladle_server.access import audit
from ladle_server.catalog.hooks import outbox, webhooks
from ladle_server.catalog.models import Delivery, Webhook
from ladle_server.catalog.once import once
from ladle_server.catalog.posting.calls import again as send_again
from ladle_server.pages.forms import SPAN_KEYS, SpanForm, check_keys
from ladle_server.pages.views.errors import status_of, told
from ladle_server.pages.views.parts import answer

LONGEST_KEY = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form for a new webhook as it stands. `once` makes it one webhook, however often the form is sent."""

    url: str = ""
    datasets: str = webhooks.ALL
    ends: tuple[str, ...] = webhooks.ENDS
    once: str = ""

    @property
    def boxes(self) -> list[tuple[str, bool]]:
        """Each end of a run, and whether it is ticked."""
        return [(end, end in self.ends) for end in webhooks.ENDS]


@require_http_methods(["GET", "HEAD", "POST"])
@told
def index(request: HttpRequest) -> HttpResponse:
    """All webhooks; a POST makes a new one and shows its secret, or the form again with what is wrong."""
    if request.method == "POST":
        return _added(request)
    check_keys(request, known=SPAN_KEYS)
    return _list(request, Form(once=secrets.token_urlsafe(16)))


@require_http_methods(["GET", "HEAD"])
@told
def one(request: HttpRequest, *, number: int) -> HttpResponse:
    """One webhook and its deliveries, the latest first."""
    check_keys(request, known=SPAN_KEYS)
    return _page(request, webhooks.get(number))


@require_POST
@told
def test(request: HttpRequest, *, number: int) -> HttpResponse:
    """Have a call sent that tells of nothing."""
    outbox.put_test(webhooks.get(number))
    return redirect("pages:webhook", number)


@require_POST
@told
def disable(request: HttpRequest, *, number: int) -> HttpResponse:
    """Let it rest."""
    webhooks.disable(number, True)
    return redirect("pages:webhook", number)


@require_POST
@told
def enable(request: HttpRequest, *, number: int) -> HttpResponse:
    """Let it go on with the next run that ends."""
    webhooks.disable(number, False)
    return redirect("pages:webhook", number)


@require_POST
@told
def again(request: HttpRequest, *, number: int, delivery: int) -> HttpResponse:
    """Have a delivery sent once more."""
    found = webhooks.get(number).deliveries.filter(pk=delivery).first()
    if found is None:
        raise NotFound(f"There is no delivery {delivery} of this webhook.", hint="The last 200 are kept.")
    send_again(found)
    return redirect("pages:webhook", number)


@require_http_methods(["GET", "HEAD", "POST"])
@told
def remove(request: HttpRequest, *, number: int) -> HttpResponse:
    """Tell it nothing more, having asked once."""
    row = webhooks.get(number)
    if request.method == "POST":
        webhooks.remove(number)
        return redirect("pages:webhooks")
    check_keys(request, known=())
    waiting = row.deliveries.filter(state=Delivery.State.PENDING).count()
    return render(request, "pages/webhook_remove.html", {"section": "runs", "row": row, "waiting": waiting})


def _added(request: HttpRequest) -> HttpResponse:
    form = _sent(request)
    shown_once: dict[str, str] = {}

    def make() -> str:
        added = webhooks.add(wanted, site=request.build_absolute_uri("/"))
        shown_once[str(added.row.pk)] = added.secret
        return str(added.row.pk)

    try:
        if not form.ends:
            raise BadInput("No end of a run is chosen.", hint="Tick one, or several.")
        wanted = webhooks.checked(form.url, datasets=form.datasets.replace(",", " ").split(), ends=form.ends)
        wish = {"url": form.url, "datasets": form.datasets, "ends": list(form.ends)}
        number = once(form.once[:LONGEST_KEY] or None, make, what="webhooks by page", wish=wish)
    except LadleError as error:
        problem = {"message": error.message, "hint": error.hint}
        return _list(request, form, problem=problem, status=status_of(error))
    if number in shown_once:  # else it was added when the form was sent first
        audit.tell(request, "add a webhook", number)
    response = _page(request, webhooks.get(number), secret=shown_once.get(number), is_new=True)
    response["Cache-Control"] = "no-store"
    return response


def _sent(request: HttpRequest) -> Form:
    told = request.POST
    return Form(
        url=told.get("url", ""),
        datasets=told.get("datasets", ""),
        ends=tuple(str(each) for each in told.getlist("ends")),
        once=told.get("once", ""),
    )


def _list(
    request: HttpRequest, form: Form, *, problem: Mapping[str, str] | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    span = SpanForm(request.GET).span(total=Webhook.objects.count())
    rows = Webhook.objects.all()[span.offset : span.offset + span.limit]
    known = [{"row": row, "last": row.deliveries.first()} for row in rows]
    context = {"section": "runs", "rows": known, "span": span, "form": form, **(problem or {})}
    return answer(request, "pages/webhooks.html", "pages/_webhooks_more.html", context, status=status)


def _page(request: HttpRequest, row: Webhook, *, secret: str | None = None, is_new: bool = False) -> HttpResponse:
    span = SpanForm(request.GET).span(total=row.deliveries.count())
    deliveries = row.deliveries.select_related("run")[span.offset : span.offset + span.limit]
    context: dict[str, Any] = {"section": "runs", "row": row, "span": span, "deliveries": deliveries}
    context |= {"secret": secret, "is_new": is_new}
    return answer(request, "pages/webhook.html", "pages/_deliveries_more.html", context)
