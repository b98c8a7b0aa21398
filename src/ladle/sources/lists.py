"""What a resource is asked for: takes its `each`, a CSV text where it names one, gives the items, one request each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from ladle.errors import BadInput
from ladle.sources.places import Filler
from ladle.sources.source import Each, Item
from ladle.sources.toml import Table, written

ListReader = Callable[[str, str, str | None], tuple[str, str]]
"""From resource, file name and setting to (where it was read, its text)."""


def read_each(resource: str, table: Table, lists: ListReader, fill: Filler, chosen: frozenset[str]) -> Each | None:
    """`each = { csv = … }`, `{ values = … }` or `{ resource = … }`; `chosen` are the parameters set for this run."""
    if table.raw("each") is None:
        return None
    inner = table.table("each")
    if not table.sound("each"):
        return None
    ways = [way for way in ("csv", "values", "resource") if way in inner]
    key, setting = inner.text("key"), inner.maybe("setting")
    file, values, parent = inner.raw("csv"), inner.raw("values"), inner.maybe("resource")
    inner.done()
    if len(ways) > 1:
        inner.refuse(ways[1], f'goes with "{ways[0]}"', hint="Say one of csv, values or resource.")
    if not ways:
        hint = "It must be text. Or say values = [...], or resource = another resource."
        inner.refuse("csv", "is missing", hint=hint, missing=True)
    if setting and ways != ["csv"]:
        inner.refuse("setting", "goes without csv", hint="A setting names another CSV file.")
    if not inner.sound("csv", "values", "resource", "key"):
        return None
    if parent is not None:
        return Each(csv="", key=key, env=None, items=(), parent=parent)
    if values is not None:
        return Each(csv="", key=key, env=None, items=_values(inner, key, values, fill))
    before, fill.used = fill.used, set()
    file = fill.text(inner, "csv", inner.text("csv") if file is not None else "")
    fill.files |= fill.used
    # What is set for this run comes before what is set for all of them.
    setting_now = None if fill.used & chosen else setting
    fill.used |= before
    return Each(csv=file, key=key, env=setting, items=_rows(inner, resource, file, setting_now, key, lists))


def _rows(inner: Table, resource: str, file: str, setting: str | None, key: str, lists: ListReader) -> tuple[Item, ...]:
    if not inner.sound("csv", "key"):
        return ()
    try:
        where, text = lists(resource, file, setting)
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
    for number, text in enumerate(filled, 1):
        if not text.strip() and inside.sound(str(number)):
            inside.refuse(str(number), "is empty", hint="Give it a text.")
        elif text in filled[: number - 1]:
            inside.refuse(str(number), f'is "{text}" a second time', hint="Leave one out.")
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
        raise BadInput(f"{where} has no rows.", hint=f'Give one row for each "{key}" to call for.')
    return tuple(items)
