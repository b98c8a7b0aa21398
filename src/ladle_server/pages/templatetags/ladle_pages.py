"""Takes values in templates, gives them as people read them; `{% load ladle_pages %}`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from html import escape
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

import ladle
from ladle.words import duration, plural
from ladle_server.catalog.models import Run
from ladle_server.pages import words
from ladle_server.pages.choices import choice_of
from ladle_server.pages.columns import Described, Head
from ladle_server.pages.now import running_now
from ladle_server.pages.progress import controls, tone_of

register = template.Library()
_EXACT = "-exact"
"""Ends the name of a style that tells seconds, here and in the script."""
register.filter("plural", plural)
register.filter("choice", choice_of)
register.filter("figure", words.figure)
register.filter("size", words.size)
register.filter("about", words.about)
register.filter("took", words.took)
register.filter("done", words.done)
register.filter("share", words.share)
register.filter("grouped", words.grouped)
register.filter("tone", tone_of)
register.filter("controls", controls)

_NUM = ' class="num"'
_LONG = 44
"""Characters that a cell shows in one line; more open in full."""
MOST_OF_CELL = 2_000
"""Characters that a cell holds at all: a thousand rows of long texts are no page that anybody opens."""
_PLAIN = re.compile(rf"""[^&<>"']{{1,{_LONG}}}""")
"""A text that is shown as it is."""
_SHORT = (int, float, date)
"""Values that are too, whatever they are; a datetime is a date."""
_CHANGE = '<span><del>{}</del> <span class="to">→</span> <ins>{}</ins></span>'
_BEGUN = {
    "site": "started here",
    "api": "started by the API",
    "command line": "started on the command line",
    "schedule": "started by a schedule",
}


@register.filter
def sureness(sure: str) -> str:
    """The tone in which it is told how sure a finding is."""
    return {"certain": "good", "likely": "", "guess": "warn"}.get(sure, "")


@register.filter
def thousands(number: int) -> str:
    """1707 as 1,707."""
    return f"{number:,}"


@register.filter
def plain(number: int) -> str:
    """A number for an address or an attribute."""
    return str(number)


@register.filter
def host(url: str) -> str:
    """Whom an address leads to."""
    return urlsplit(url).netloc or url


@register.filter
def begun(requested_by: str) -> str:
    """Whence a run was started, or by whom."""
    return _BEGUN.get(requested_by, f"started by {requested_by}")


@register.filter
def dataset_page(dataset: str) -> str:
    """The address of the page of a dataset, such as swapi/people."""
    source, _, name = dataset.partition("/")
    return reverse("pages:dataset", args=[source, name])


@register.filter
def ago(then: datetime) -> SafeString:
    """The age of a moment, the moment itself in its title."""
    age = words.ago(then, now=datetime.now(UTC))
    return format_html('<span title="{}">{}</span>', f"{then.astimezone(UTC):%d %B %Y, %H:%M} UTC", age)


@register.filter
def moment(then: datetime | None, style: str = "short") -> SafeString:
    """A time in UTC; the script puts it into the reader's own zone."""
    if then is None:
        return SafeString("–")
    told = then.astimezone(UTC)
    clock = f"{told:%H:%M:%S}" if style.endswith(_EXACT) else f"{told:%H:%M}"
    text = f"{told.day} {told:%B %Y}, {clock}" if style.startswith("long") else f"{told.day} {told:%b %Y} {clock}"
    if style == "bare":  # a page's title can hold no markup
        return SafeString(f"{text} UTC")
    return format_html('<time datetime="{}" data-as="{}">{} UTC</time>', told.isoformat(), style, text)


@register.simple_tag
def apart(found: Iterable[Any], name: str, style: str) -> str:
    """The style for times that stand together, each the thing's `name`: with seconds where two are of one minute."""
    return style + _EXACT * words.of_one_minute(map(attrgetter(name), found))


@register.filter
def clock(seconds: float) -> SafeString:
    """Seconds since 1970 as the time of day."""
    told = datetime.fromtimestamp(seconds, UTC)
    return format_html('<time datetime="{}" data-as="clock">{}</time>', told.isoformat(), f"{told:%H:%M:%S}")


@register.filter
def until(then: datetime) -> SafeString:
    """A time to come: the time of day, with its date when that is another day than today."""
    told = then.astimezone(UTC)
    far = told.date() != datetime.now(UTC).date()
    text = f"{told.day} {told:%b %H:%M}" if far else f"{told:%H:%M:%S}"
    return format_html(
        '<time datetime="{}" data-as="{}">{} UTC</time>', told.isoformat(), "day" if far else "clock", text
    )


@register.filter
def cost(plan: ladle.Plan) -> str:
    """What a run makes and how long it takes: "6 requests, under 1 s"."""
    requests = plural(plan.total, "request")
    if not plan.told:
        return f"{requests}, then as many as it says"
    return f"{'' if plan.exact else 'about '}{requests}, {words.about(plan.seconds)}"


@register.filter
def lasted(run: Run) -> str:
    """From a run's first moment to its last."""
    return "–" if run.took is None else duration(run.took)


def short(value: object) -> str:
    """A value in few characters."""
    text = ladle.text_of(value)
    return text if len(text) <= 14 else text[:13] + "…"


@register.filter
def cell(value: object, whole: str = "") -> SafeString:
    """A value of the table: null and the empty string look different, and long text opens, a very long one cut.

    `whole` is the address that has all of it.
    """
    if value is None:
        return SafeString('<span class="null">null</span>')
    text = ladle.text_of(value)
    if not text.strip():
        return format_html(
            '<span class="null" title="{}">{}</span>', "text without a character to be seen", f'"{text}"'
        )
    if len(text) <= _LONG:
        return SafeString(escape(text))
    length = value.length if isinstance(value, ladle.Cut) else len(text)
    return format_html(
        '<details class="long"><summary>{}…</summary><div>{}</div>{}</details>',
        text[:_LONG].strip(),
        text[:MOST_OF_CELL],
        _cut(length, whole) if length > MOST_OF_CELL else "",
    )


def _cut(length: int, whole: str) -> SafeString:
    """What is said under a text that is not all there."""
    told = f"The first {MOST_OF_CELL:,} of {length:,} characters."
    if not whole:
        return format_html('<p class="soft">{}</p>', told)
    return format_html('<p class="soft">{} <a href="{}">The whole row as JSON</a></p>', told, whole)


@register.simple_tag
def cells(columns: Iterable[Described], values: Iterable[object], data: str = "", number: int = 1) -> SafeString:
    """A row's cells; one tag for all of them, since an include for each took most of a page's time.

    `data` is the address, up to `&`, that has the rows as JSON, and `number` the row's place there, from 1.
    """
    return SafeString(row_cells(openings(columns), values, data=data, number=number))


def openings(columns: Iterable[Described]) -> list[str]:
    """How the cells of each column begin."""
    return [_opening(column.name, column.numeric) for column in columns]


def row_cells(openings: Iterable[str], values: Iterable[object], *, data: str, number: int) -> str:
    """The same as `cells`."""
    whole = f"{data}_offset={number - 1}&_limit=1" if data else ""
    return "".join([f"{begin}{_quickly(each, whole)}</td>" for begin, each in zip(openings, values, strict=True)])


def _quickly(value: object, whole: str) -> str:
    """What `cell` says; most values need none of its care."""
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and not value.isspace() else cell(value, whole)
    return ladle.text_of(value) if isinstance(value, _SHORT) else cell(value, whole)


@lru_cache(maxsize=4096)
def _opening(name: str, numeric: bool) -> str:
    """How a column's cells begin: a page has hundreds of them, and format_html took most of its time."""
    return f'<td role="cell" data-c="{escape(name)}"{_NUM if numeric else ""}>'


@register.simple_tag
def diff_cells(columns: Iterable[Head], row: ladle.RowDiff) -> SafeString:
    """The cells of a row that differs: a changed one as it was and as it is; empty where a column was not there."""
    return format_html_join("", '<td role="cell" data-c="{}"{}>{}</td>', (_diff_cell(each, row) for each in columns))


def _diff_cell(column: Head, row: ladle.RowDiff) -> tuple[str, SafeString, SafeString]:
    name, number = column.name, SafeString(' class="num"') if column.numeric else SafeString("")
    if name in row.changed and row.before is not None and row.after is not None:
        was, now = cell(row.before[name]), cell(row.after[name])
        return name, number, format_html(_CHANGE, was, now)
    side = next((each for each in (row.after, row.before) if each is not None and name in each), None)
    return name, number, SafeString("") if side is None else cell(side[name])


@register.simple_tag
def bar(width: float) -> SafeString:
    """A bar of so many percent of its cell."""
    return format_html(
        '<svg class="hbar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="10"/></svg>',
        width,
    )


@register.simple_tag
def now_running() -> SafeString:
    """The header's word on what runs."""
    told = running_now()
    return render_to_string("pages/_now.html", told) if told.get("running") else _nothing_runs()


@cache
def _nothing_runs() -> SafeString:
    return render_to_string("pages/_now.html")
