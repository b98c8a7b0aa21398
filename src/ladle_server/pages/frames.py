"""A page around what changes in it: takes a template, its context and what the rest depends on, gives the page.

To put a page together from its templates takes twice as long as to read ten rows and write their cells. Of one view
everything but the rows, what follows them and the word on what runs is the same at every offset: that is made once,
with holes where `{% hole "…" %}…{% endhole %}` stands, and each page fills them.
"""

from __future__ import annotations

import secrets
from collections.abc import Hashable
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.base import NodeList, Template
from django.template.context import Context, make_context
from django.template.loader import get_template, render_to_string
from django.utils.safestring import SafeString

from ladle_server.pages.kept import kept

_FRAMING = "making_a_frame"
"""In the context of a frame, whose holes stay open."""
_MARK = secrets.token_hex(16)
"""Stands before and after a hole's name in a frame; nobody can have written it into a table."""
_holes: dict[str, NodeList] = {}
"""What fills the holes, by their names."""


class Hole(template.Node):
    """A part of a page that is another each time. It needs nothing but the context that the view gives to the page."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name, self.nodelist = name, nodelist
        _holes[name] = nodelist

    def render(self, context: Context) -> SafeString:
        """The part; in a frame the mark that stands for it."""
        return SafeString(f"{_MARK}{self.name}{_MARK}") if _FRAMING in context else self.nodelist.render(context)


def framed(request: HttpRequest, page: str, context: dict[str, Any], *, depends: Hashable) -> str:
    """The page. Around its holes it depends on the context's `snapshot` and on `depends` alone."""
    frame = kept(
        context["snapshot"],
        ("frame", page, depends),
        lambda: render_to_string(page, {**context, _FRAMING: True}, request),
    )
    made: Template = get_template(page).template  # type: ignore[attr-defined]
    filling = make_context(context, request)
    with filling.render_context.push_state(made), filling.bind_template(made):
        parts = enumerate(frame.split(_MARK))
        return "".join(_holes[part].render(filling) if number % 2 else part for number, part in parts)
