"""Takes a described column and where its rows are shown, gives its histogram as SVG; `{% load ladle_cards %}`.

One tag writes all bars of a column: an include for each would take most of a page's time.
"""

from __future__ import annotations

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from ladle_server.pages.charts import HEIGHT, WIDTH
from ladle_server.pages.columns import Bin, Described, Top
from ladle_server.pages.templatetags.ladle_pages import cell, short

register = template.Library()


@register.simple_tag
def spread(column: Described, to: str, asked: str = "", brief: bool = False) -> SafeString:
    """The bars of a column, each a link to its rows: `to` with what the bar asks for; without `to`, a picture alone.

    The bar whose rows are shown already leads back to all of them. `brief`: the bars are no stops of the Tab key,
    since a table has hundreds of them; the same links are on the page of columns.
    """
    bars = "".join(
        f"M{bin.bar.x} {HEIGHT:.0f}v-{bin.bar.height}h{bin.bar.width}v{bin.bar.height}z"
        for bin in column.bins
        if bin.bar.height
    )
    links = "".join(_link(bin, column.bins, to, asked, brief) for bin in column.bins) if to else ""
    return format_html(
        '<svg class="histogram" viewBox="0 0 {} {}" preserveAspectRatio="none" role="{}" aria-label="{}">'
        '<path d="{}"/>{}</svg>',
        f"{WIDTH:.0f}",
        f"{HEIGHT:.0f}",
        "group" if links else "img",
        f"Histogram of {column.name}, {' to '.join(column.ends or ())}",
        bars,
        mark_safe(links),  # noqa: S308 - escaped below
    )


@register.simple_tag
def value_link(top: Top, to: str, asked: str = "", brief: bool = False) -> SafeString:
    """One of a column's values, a link to its rows."""
    words = short(top.value) if brief and str(top.value).strip() else cell(top.value)
    if not to or not top.asks:
        return format_html("{}", words)
    if top.asks == asked:
        return format_html('<a href="{}" aria-current="true">{}</a>', _without(to), words)
    return format_html('<a href="{}{}">{}</a>', to, top.asks, words)


@register.simple_tag
def asks(to: str, query: str) -> str:
    """The address of the rows that a query asks for; empty where there is none."""
    return f"{to}{query}" if to and query else ""


def _link(bin: Bin, bins: tuple[Bin, ...], to: str, asked: str, brief: bool) -> str:
    """A bar from top to bottom, so that a low one can be hit too. An empty one has no rows to lead to."""
    if not bin.bar.height:
        return ""
    chosen = bin.asks == asked
    where = escape(_without(to) if chosen else to + bin.asks)
    told = ' aria-current="true"' if chosen else ""
    step = f"{WIDTH / len(bins):.2f}"
    return (
        f'<a href="{where}"{told}{" tabindex=-1" if brief else ""}><title>{escape(bin.bar.text)}</title>'
        f'<rect x="{max(0.0, bin.bar.x - 0.5):.1f}" width="{step}" height="{HEIGHT:.0f}"/></a>'
    )


def _without(to: str) -> str:
    """The address without what is asked of the column."""
    return to.rstrip("?&")
