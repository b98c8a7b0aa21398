"""What a resource is asked for: takes its `each`, a CSV text where it names one, gives the items, one request each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ladle.errors import BadInput
from ladle.sources.places import Filler
from ladle.sources.source import Each, Item
from ladle.sources.toml import Table, written

ListReader = Callable[[str, str, str | None], tuple[str, str]]
"""From resource, file name and setting to (where it was read, its text)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """How lists are read, and for whom."""

    read: ListReader
    chosen: frozenset[str]
    """Parameters that were set for this run."""
    trusted: bool
    """False: the definition may name neither a path nor a setting, for they reach into the machine."""


def read_each(resource: str, table: Table, lists: Lists, fill: Filler) -> Each | None:
    """`each = { csv = … }`, `{ values = … }` or `{ resource = … }`."""
    if table.raw("each") is None:
        return None
    inner = table.table("each")
    if not table.sound("each"):
        return Each(csv="", key="", env=None, items=())
    ways = [way for way in ("csv", "values", "resource") if way in inner]
    key, setting = inner.text("key"), inner.maybe("setting")
    inner.raw("csv")
    values, parent = inner.raw("values"), inner.maybe("resource")
    inner.done()
    if len(ways) > 1:
        inner.refuse(ways[1], f'goes with "{ways[0]}"', hint="Say one of csv, values or resource.")
    if not ways:
        hint = "It must be text. Or say values = [...], or resource = another resource."
        inner.refuse("csv", "is missing", hint=hint, missing=True)
    if setting and ways and ways != ["csv"]:
        inner.refuse("setting", "goes without csv", hint="A setting names another CSV file.")
    if not inner.sound("csv", "values", "resource", "key"):
        return Each(csv="", key=key, env=None, items=())
    if parent is not None:
        return Each(csv="", key=key, env=None, items=(), parent=parent)
    if values is not None:
        return Each(csv="", key=key, env=None, items=_values(inner, key, values, fill))
    return _listed(resource, inner, lists, fill, setting)


def _listed(resource: str, inner: Table, lists: Lists, fill: Filler, setting: str | None) -> Each:
    """Rows of a CSV file, whose name may be a parameter."""
    before, fill.used = fill.used, set()
    file, key = fill.text(inner, "csv", inner.text("csv")), inner.text("key")
    chosen = bool(fill.used & lists.chosen)
    fill.files |= fill.used
    fill.used |= before
    if not lists.trusted and not chosen and not _PLAIN.fullmatch(file) and inner.sound("csv"):
        inner.refuse("csv", f'is "{file}"', hint="Name a file beside the definition, without a folder.")
    if not lists.trusted and setting:
        hint = "It would name a file of the server: leave it out, and make the list a parameter."
        inner.refuse("setting", f'is "{setting}"', hint=hint)
    if not inner.sound("csv", "key", "setting"):
        return Each(csv=file, key=key, env=setting, items=())
    # What is set for this run comes before what is set for all of them.
    rows = _rows(inner, resource, file, None if chosen else setting, key, lists)
    return Each(csv=file, key=key, env=setting, items=rows)


_PLAIN = re.compile(r"(?!\.)[\w .-]+")
"""A file's name without a folder."""


def _rows(inner: Table, resource: str, file: str, setting: str | None, key: str, lists: Lists) -> tuple[Item, ...]:
    try:
        where, text = lists.read(resource, file, setting)
        return read_list(text, key=key, where=where)
    except BadInput as error:
        inner.blame("csv", error)
        return ()


def _values(inner: Table, key: str, values: Any, fill: Filler) -> tuple[Item, ...]:
    """Texts or numbers, each an item with the one column that the key names."""
    if not isinstance(values, list) or not values:
        what = "is empty" if isinstance(values, list) else f"is {written(values)}"
        inner.refuse("values", what, hint="It must be a list of texts or numbers.")
        return ()
    inside, texts = inner.inside("values", {}), inner.listed("values")
    filled = [fill.text(inside, str(number), text) for number, text in enumerate(texts, 1)]
    seen: set[str] = set()
    for number, text in enumerate(filled, 1):
        if not text.strip() and inside.sound(str(number)):
            inside.refuse(str(number), "is empty", hint="Give it a text.")
        elif text in seen:
            inside.refuse(str(number), f'is "{text}" a second time', hint="Leave one out.")
        seen.add(text)
    return tuple({key: text} for text in filled)


def read_list(text: str, *, key: str, where: str) -> tuple[Item, ...]:
    """The rows of a CSV text with a header; raises BadInput with the line for a missing or repeated key."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True, strict=True)
    try:
        return _read(rows, key=key, where=where)
    except csv.Error as error:
        hint = "Look for a quotation mark that is not closed."
        raise BadInput(f"{where}, from line {rows.line_num + 1} on, is not CSV ({error}).", hint=hint) from error


def _read(rows: csv.DictReader[str], *, key: str, where: str) -> tuple[Item, ...]:
    names = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    if key not in names:
        found = ", ".join(names) or "none"
        raise BadInput(
            f'{where} has no column "{key}"; its columns are: {found}.', hint="The first line names the columns."
        )
    items: list[Item] = []
    seen: dict[str, int] = {}
    for row in rows:
        # csv gives cells that are too many under None, and None for those that lack.
        if None in row or None in row.values() or not row[key].strip():
            hint = f'Every row needs its "{key}" and as many cells as the first line ({len(names)}).'
            raise BadInput(f"{where}, line {rows.line_num}: the row does not fit the header.", hint=hint)
        item = {name: cell.strip() for name, cell in row.items()}
        value = item[key]
        if value in seen:
            raise BadInput(
                f'{where}, line {rows.line_num}: "{value}" stands in line {seen[value]} too.', hint="Leave one out."
            )
        seen[value] = rows.line_num
        items.append(item)
    if not items:
        raise BadInput(f"{where} has no rows.", hint=f'Give one row for each "{key}" to ask for.')
    return tuple(items)
