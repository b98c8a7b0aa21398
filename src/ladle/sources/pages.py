"""Further pages in a definition: takes a resource's table, gives its Paging, and notes which keys don't go with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from ladle.sources.functions import NAME as FUNCTION
from ladle.sources.source import Paging, PagingStyle
from ladle.sources.toml import Table, one_of, written

STYLES = ("page", "offset", "link", "header", "cursor", "python", "none", "odata", "jsonapi")
FUNCTION_HINT = 'Write it as "module:function", the module beside the definition.'

FITS: Mapping[str, tuple[str, ...]] = {
    "page_param": ("page",),
    "first_page": ("page",),
    "offset_param": ("offset",),
    "first_offset": ("offset",),
    "page_size": ("page", "offset", "link", "header", "cursor", "python", "odata", "jsonapi"),
    "size_param": ("page", "offset", "link", "header", "cursor", "python", "odata", "jsonapi"),
    "pages": ("page", "offset"),
    "next": ("page", "offset", "link", "odata", "jsonapi"),
    "cursor": ("cursor",),
    "last": ("cursor",),
    "cursor_param": ("cursor",),
    "more": ("page", "offset", "cursor"),
    "end": ("page", "offset"),
    "paginator": ("python",),
    "verify": ("page", "offset", "link", "header", "cursor", "python", "odata", "jsonapi"),
}
"""Which keys go with which styles: a key without effect is a slip, and is refused."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What a style says unless the definition says otherwise."""

    records: str = ""
    next: str | None = None
    count: str | None = None
    key: str | None = None


USUAL: Mapping[str, Usual] = {
    "odata": Usual(records="value", next="@odata.nextLink", count="@odata.count"),
    "jsonapi": Usual(records="data", next="links.next", key="id"),
}


def read_style(table: Table) -> str:
    """The style as written; `none` where it lacks or is unknown."""
    return table.text("paging", "none", choices=STYLES)


def read_paging(table: Table, style: str, *, trusted: bool) -> Paging:
    """How further pages are asked for. `next`, `count` and `pages` belong to the resource."""
    name, first = _PARAMS.get(style, ("page_param", "page")), {"page": ("first_page", 1), "offset": ("first_offset", 0)}
    for key in ("page_param", "offset_param", "cursor_param", "first_page", "first_offset"):
        table.raw(key)
    begin = table.whole(*first[style]) if style in first else None
    paging = Paging(
        style=cast(PagingStyle, "link" if style in USUAL else style),
        param=table.text(*name) if style in _PARAMS else "page",
        first=1 if begin is None else begin,
        size_param=table.maybe("size_param"),
        cursor=table.maybe("cursor"),
        last=table.maybe("last"),
        more=table.maybe("more"),
        end=_statuses(table),
        function=read_function(table, "paginator", trusted=trusted),
    )
    if table.sound("paging"):
        _check_fits(table, style)
        _check(table, paging)
    return paging


_PARAMS = {
    "page": ("page_param", "page"),
    "offset": ("offset_param", "offset"),
    "cursor": ("cursor_param", "cursor"),
}


def read_function(table: Table, key: str, *, trusted: bool) -> str | None:
    """`module:function`, for a definition that was not brought by a browser or the API."""
    name = table.maybe(key)
    if name is not None and not FUNCTION.fullmatch(name):
        table.refuse(key, f'is "{name}"', hint=FUNCTION_HINT)
    elif name is not None and not trusted:
        hint = "Python of one's own runs only where the definition lies in a file of this machine."
        table.refuse(key, f'is "{name}"', hint=hint)
    return name


def _statuses(table: Table) -> tuple[int, ...]:
    """`end = 404` or `end = [404, 400]`."""
    value = table.raw("end")
    if value is None:
        return Paging(style="none").end
    values = value if isinstance(value, list) else [value]
    wrong = [each for each in values if isinstance(each, bool) or not isinstance(each, int) or not 400 <= each < 500]
    if wrong or not values:
        what = f"is {written(value if not isinstance(value, list) or not wrong else wrong[0])}"
        table.refuse("end", what if values else "is empty", hint="Give a status from 400 to 499, or a list of such.")
        return Paging(style="none").end
    return tuple(values)


def _check_fits(table: Table, style: str) -> None:
    for key, styles in FITS.items():
        if key in table and style not in styles and table.sound(key) and table.raw(key) is not False:
            if key == "verify":
                hint = "One answer is one moment; only pages can move between two."
                table.refuse(key, "is true", hint=hint)
            else:
                hint = f"It belongs to paging = {one_of(styles)}."
                table.refuse(key, f'goes with paging = "{style}"', hint=hint)


def _check(table: Table, paging: Paging) -> None:
    """What a style can't do without."""
    if "size_param" in table and "page_size" not in table:
        table.refuse("size_param", "goes without page_size", hint='Say how many it takes, as "page_size".')
    if paging.style == "python" and "paginator" not in table:
        table.refuse("paginator", "is missing", hint=FUNCTION_HINT, missing=True)
    if paging.style != "cursor":
        return
    if "cursor" in table and "last" in table:
        table.refuse(
            "last", 'goes with "cursor"', hint="The next page follows a token or the last record: leave one out."
        )
    elif "last" in table:
        for key, hint in _WITH_LAST.items():
            if key not in table:
                table.refuse(key, "is missing", hint=hint, missing=True)
    elif "cursor" not in table:
        hint = 'Say where an answer holds the token, or with "last" what of its last record stands for it.'
        table.refuse("cursor", "is missing", hint=hint, missing=True)


_WITH_LAST = {
    "more": 'With "last", say where an answer tells whether there is more.',
    "cursor_param": 'With "last", name the parameter that takes it, such as "starting_after".',
}
