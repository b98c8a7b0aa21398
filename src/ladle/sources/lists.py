"""Lists to call for: takes a CSV text, gives its rows as items, one call each."""

from __future__ import annotations

import csv
import io

from ladle.errors import BadInput
from ladle.sources.source import Item


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
