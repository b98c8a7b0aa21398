"""Does a view fit into a sheet? Takes the view's stream, gives nothing, or an error that names the row and the cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ladle.errors import BadInput
from ladle.explore.kept import pieces
from ladle.explore.profile import read_profile
from ladle.explore.sheet import MOST_CELL
from ladle.explore.stream import Stream
from ladle.explore.xlsx import ELSE, LIMIT, LONGER, MOST_COLUMNS, MOST_ROWS, MOST_TEXT
from ladle.snapshots.files import CSV, csv_bytes

_MOST_OF_NONE = 30
"""Characters of a value that is no text, at most."""
_CONTROLS = bytes(range(10)) + bytes(range(11, 32))


def check_fits(stream: Stream) -> None:
    """Raises BadInput for a view that a sheet has no room for: too many rows or columns, or a cell's text too long.

    Of a view that leaves rows out, all of them are looked for first.
    """
    name, rows = stream.manifest.name, stream.count()
    what = name if stream.view.whole else f"This view of {name}"
    if rows >= MOST_ROWS:
        told = f"{what} has {rows:,} rows; a sheet has {MOST_ROWS:,}, one of them for the names."
        raise BadInput(told, hint=ELSE)
    if len(stream.columns) > MOST_COLUMNS:
        raise BadInput(f"{what} has {len(stream.columns):,} columns; a sheet has {MOST_COLUMNS:,}.", hint=ELSE)
    for column in stream.columns:
        if units(column.name) > MOST_TEXT:
            raise BadInput(f'The name of the column "{column.name[:60]}…" is longer than a cell.', hint=ELSE)
    for column, longest in zip(stream.columns, _longest(stream), strict=True):
        # The profile counts a sign beyond U+FFFF once, a sheet twice: only reading shows whether a cell is too long.
        if longest > MOST_TEXT // 2:
            _check_texts(replace(stream, view=replace(stream.view, columns=(column.name,))), column.name)


def is_large(stream: Stream) -> bool:
    """Whether the sheet may have 2 GB or more: a ZIP then says sizes in 64 bits, which Excel offers to repair.

    What is reckoned from the profile or the CSV's size is not counted.
    """
    rows, cells = stream.count(), stream.count() * len(stream.columns)
    most = min(stream.manifest.files[CSV].size, rows * sum(_longest(stream)))
    return 7 * most + MOST_CELL * cells > LIMIT and is_beyond(_raw(stream), cells=cells)


def is_beyond(pieces: Iterable[bytes], *, cells: int) -> bool:
    """Whether a sheet of so many cells, given as CSV, may have 2 GB or more."""
    size = MOST_CELL * cells
    for piece in pieces:
        size += len(piece) + sum(piece.count(sign) * more for sign, more in LONGER.items())
        size += 6 * (len(piece) - len(piece.translate(None, delete=_CONTROLS)))
        if size > LIMIT:
            return True
    return size > LIMIT


def units(text: str) -> int:
    """A text's length as a spreadsheet counts it: signs beyond U+FFFF count twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _longest(stream: Stream) -> list[int]:
    """The most characters of each column's values."""
    told = {each["name"]: each.get("length", {}) for each in read_profile(stream.folder, stream.manifest)["columns"]}
    return [told[each.name].get("max") or 0 if each.type == "text" else _MOST_OF_NONE for each in stream.columns]


def _check_texts(stream: Stream, name: str) -> None:
    """Raises BadInput for the first text of a stream's one column that is longer than a cell."""
    row = 0
    for table in stream.tables():
        for place, text in enumerate(table.column(0).to_pylist(), start=row):
            if text is not None and units(text) > MOST_TEXT:
                number = place if stream.view.whole else stream.row_numbers(place, 1)[0]
                told = f'Row {number + 1:,} has {units(text):,} characters in "{name}"; a cell takes {MOST_TEXT:,}.'
                raise BadInput(told, hint=ELSE)
        row += table.num_rows


def _raw(stream: Stream) -> Iterator[bytes]:
    if not stream.entire:
        yield from (csv_bytes(table) for table in stream.tables())
        return
    yield from pieces(stream.folder / CSV, stream.manifest)
