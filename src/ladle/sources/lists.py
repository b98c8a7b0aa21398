"""Lists to call for: takes a CSV text, gives its rows as items, one call each."""

from __future__ import annotations

import csv
import io

from ladle.errors import BadInput
from ladle.sources.source import Item


def read_list(text: str, *, key: str, where: str) -> tuple[Item, ...]:
    """The rows of a CSV text with a header; raises BadInput with the line for a missing or repeated key."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    if key not in (rows.fieldnames or ()):
        found = ", ".join(rows.fieldnames or ()) or "none"
        raise BadInput(
            f'{where} has no column "{key}"; its columns are: {found}.', hint="The first line names the columns."
        )
    items: list[Item] = []
    seen: dict[str, int] = {}
    for row in rows:
        value = (row[key] or "").strip()
        if not value or None in row:
            raise BadInput(
                f"{where}, line {rows.line_num}: the row does not fit the header.", hint=f'Every row needs its "{key}".'
            )
        if value in seen:
            raise BadInput(
                f'{where}, line {rows.line_num}: "{value}" stands in line {seen[value]} too.', hint="Leave one out."
            )
        seen[value] = rows.line_num
        items.append({name: (cell or "").strip() for name, cell in row.items()} | {key: value})
    if not items:
        raise BadInput(f"{where} has no rows.", hint=f'Give one row for each "{key}" to call for.')
    return tuple(items)
