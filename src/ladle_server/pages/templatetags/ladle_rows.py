"""Takes the page of rows that a view asks for, gives its table's rows; `{% load ladle_rows %}`.

One tag writes them all: to go through a template for each row took as long as to read them.
"""

from __future__ import annotations

from html import escape

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.safestring import SafeString

from ladle_server.pages.templatetags.ladle_pages import openings, row_cells

register = template.Library()


@register.simple_tag(takes_context=True)
def view_rows(context: Context) -> SafeString:
    """Each row with a link to the page that shows it alone, which keeps the view and the row's place in it."""
    here = reverse("pages:snapshot", args=[context["snapshot"].id])
    asked = "" if context["view"].whole else f"?{escape(context['query'])}&amp;_place="
    begins, data = openings(context["columns"]), context["data_address"]
    return SafeString(
        "".join(
            f'<tr id="row-{place}"{"" if count else " data-first"} tabindex="-1" role="row">'
            f'<th scope="row" role="rowheader" class="n"><a href="{here}rows/{at}/{f"{asked}{place}" if asked else ""}"'
            f' aria-label="Row {place:,} alone">{place:,}</a></th>'
            f"{row_cells(begins, values, data=data, number=place)}</tr>\n"
            for count, (place, at, values) in enumerate(context["rows"])
        )
    )
