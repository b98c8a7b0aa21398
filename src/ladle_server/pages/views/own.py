"""Takes an address or a definition, gives the page on which a source of one's own is made, checked, tried and saved.

One page does it all, live while the definition is typed and without JavaScript too: `do` says what was pressed.
"""

from __future__ import annotations

import re
from itertools import count
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

import ladle
from ladle.errors import LadleError, NotFound, unknown
from ladle_server.catalog import own, runs
from ladle_server.pages.columns import heads
from ladle_server.pages.forms import LookForm, check_keys, lists_of
from ladle_server.pages.views.errors import status_of, told
from ladle_server.pages.views.sources import find

BY = "the site"
BLANK = """ladle = 1
name = "example"
title = "An example"
base_url = "https://api.example.org/v1/"
quota = "60 per minute"

[resources.things]
path = "things"
records = "results"
next = "next"
paging = "link"
key = "id"
"""
FEWEST, MOST = 16, 40
"""Lines of the definition that are shown at once."""


@require_http_methods(["GET", "HEAD", "POST"])
@told
def new(request: HttpRequest) -> HttpResponse:
    """A new source: from an address, from a ready definition, or from nothing."""
    action = reverse("pages:new-source")
    if request.method != "POST":
        check_keys(request, known={"ready"})
        ready = request.GET.get("ready")
        return _begin(request) if ready is None else _made(request, ready, action=action)
    if request.POST.get("do") == "look":
        return _look(request, action=action)
    return _posted(request, action=action, heading="A new source")


@require_http_methods(["GET", "HEAD", "POST"])
@told
def edit(request: HttpRequest, *, name: str) -> HttpResponse:
    """A source of one's own, to be changed: what is saved is a new version."""
    action, found = reverse("pages:edit-source", args=[name]), find(name)
    heading = found.title if found.version else f"A copy of {found.title}"
    if request.method == "POST":
        return _posted(request, action=action, heading=heading, changes=name)
    check_keys(request, known=())
    text = found.text if found.version else _renamed(found.text)
    draft = own.draft(text, own.lists(name), ask=False)
    return _edit(request, draft, action=action, heading=heading, version=found.version)


@require_http_methods(["GET", "HEAD", "POST"])
@told
def remove(request: HttpRequest, *, name: str) -> HttpResponse:
    """Let nothing go by the name any more, having asked once; snapshots and versions stay."""
    if request.method == "POST":
        own.remove(name)
        return redirect("pages:index")
    check_keys(request, known=())
    return render(request, "pages/remove.html", {"section": "sources", "source": find(name)})


def _begin(request: HttpRequest, form: LookForm | None = None, error: LadleError | None = None) -> HttpResponse:
    context: dict[str, Any] = {"section": "sources", "look": form or LookForm(), "gallery": ladle.gallery()}
    if error is not None:
        context |= {"heading": "That address can't be taken", "message": error.message, "hint": error.hint}
    return render(request, "pages/new.html", context, status=200 if error is None else status_of(error))


def _made(request: HttpRequest, ready: str, *, action: str) -> HttpResponse:
    draft = _ready(ready)
    return _edit(request, draft, action=action, heading="A new source", replaced=_replaced(draft))


def _look(request: HttpRequest, *, action: str) -> HttpResponse:
    """Ask the address, and show what it gives."""
    form = LookForm(request.POST)
    try:
        found = own.infer(form.address(), openapi=form.is_openapi(), auth=form.auth())
        draft = own.draft(found.definition, {}, ask=True)
    except LadleError as error:
        return _begin(request, form, error)
    intro = "This is what its answers say. Look at the rows, change what you like, and save it."
    replaced = _replaced(draft)
    return _edit(request, draft, action=action, heading="A new source", found=found, intro=intro, replaced=replaced)


def _posted(request: HttpRequest, *, action: str, heading: str, changes: str = "") -> HttpResponse:
    """What was pressed on the page of a definition. Another source than the one it `changes` is replaced knowingly."""
    do, text = request.POST.get("do", "check"), request.POST.get("definition", "").replace("\r\n", "\n")
    files = lists_of(request)
    draft = own.draft(text, files, ask=do == "rows")
    trouble: LadleError | None = None
    replaced = _replaced(draft, changes=changes)
    if do in ("save", "replace") and not draft.checked.mistakes and (replaced is None or do == "replace"):
        try:
            return redirect("pages:source", own.save(text, files, made_by=BY).name)
        except LadleError as error:
            trouble = error
    if request.headers.get("HX-Request") == "true":
        return render(request, "pages/_looked.html", _looked(draft, trouble, replaced))
    return _edit(request, draft, action=action, heading=heading, trouble=trouble, replaced=replaced)


def _replaced(draft: own.Draft, *, changes: str = "") -> own.Replaced | None:
    source = draft.checked.source
    return own.replaced(source) if source is not None and source.name != changes else None


def _renamed(text: str) -> str:
    """The definition of what is built in, by a name that is free: its own is taken for good."""
    taken = {each.name for each in ladle.all_sources(home=runs.home())}

    def free(found: re.Match[str]) -> str:
        name = next(each for number in count(2) if (each := f"{found[2]}-{number}") not in taken)
        return f"{found[1]}{name}"

    return re.sub(r'^(name\s*=\s*")([^"]+)', free, text, count=1, flags=re.MULTILINE)


def _ready(name: str) -> own.Draft:
    if name == "blank":
        return own.draft(BLANK, {}, ask=False)
    ready = {each.name: each for each in ladle.gallery()}
    if name not in ready:
        raise NotFound(unknown("ready definition", name, [*ready, "blank"]))
    return own.draft(ready[name].text, {}, ask=False)


def _looked(draft: own.Draft, trouble: LadleError | None, replaced: own.Replaced | None) -> dict[str, Any]:
    """What the changing part of the page shows."""
    return {
        "source": draft.checked.source,
        "mistakes": draft.checked.mistakes,
        "datasets": [_shown(each) for each in draft.datasets],
        "more": draft.more,
        "asks": draft.asks,
        "trouble": trouble,
        "replaced": replaced,
    }


def _shown(tried: own.Tried) -> dict[str, Any]:
    preview = tried.preview
    columns = heads(preview.columns) if preview else []
    rows = [[(column, row[column.name]) for column in columns] for row in preview.rows] if preview else []
    told = {
        "name": tried.name,
        "title": tried.title,
        "plan": preview.plan if preview else tried.plan,
        "preview": preview,
        "trouble": tried.trouble,
    }
    return told | {"columns": columns, "rows": rows}


def _edit(
    request: HttpRequest,
    draft: own.Draft,
    *,
    action: str,
    heading: str,
    intro: str = "",
    version: int | None = None,
    found: ladle.Inferred | None = None,
    trouble: LadleError | None = None,
    replaced: own.Replaced | None = None,
) -> HttpResponse:
    context = {
        "section": "sources",
        "action": action,
        "heading": heading,
        "intro": intro,
        "version": version,
        "definition": draft.text,
        "files": draft.files,
        "lines": min(max(draft.text.count("\n") + 2, FEWEST), MOST),
        "findings": found.findings if found else (),
        "missing": found.missing if found else (),
        **_looked(draft, trouble, replaced),
    }
    bad = bool(draft.checked.mistakes or trouble) and request.method == "POST"
    asked = replaced is not None and request.POST.get("do") == "save"
    return render(request, "pages/edit.html", context, status=400 if bad else 409 if asked else 200)
