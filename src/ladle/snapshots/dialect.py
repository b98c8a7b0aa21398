"""How a CSV file is written: takes its first bytes and what is said of it, gives encoding, delimiter, quote, header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from ladle.errors import BadInput

SAMPLE = 1 << 20
"""Bytes that are looked at; the header must lie within."""
LINES = 200
DELIMITERS = (",", ";", "\t", "|")
_NAMES = {"\t": "tab", "": "none"}
_SIGNS = {name: sign for sign, name in _NAMES.items()}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NO_FILES = ("idna", "punycode")
"""Encodings of single names."""
_VALUE = re.compile(r"[+-]?[0-9][0-9.,:/TZ +-]*(?:[eE][+-]?[0-9]+)?|true|false|nan", re.IGNORECASE)
"""A number, a date or a truth value, which no column is called by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the caller says of a CSV file; None is found out."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header: bool | None = None
    missing: tuple[str, ...] = ()
    """Texts that mean a missing value, beside the empty cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a CSV file is written, and the cells of its first line."""

    encoding: str
    delimiter: str
    quote: str
    """Empty: none."""
    escape: str
    """Empty: a quote within quotes is doubled."""
    header: bool
    blank: int
    """Empty lines before the first."""
    first: tuple[str, ...]

    def told(self) -> dict[str, str]:
        """In words, as it is said on the command line."""
        signs = {"delimiter": self.delimiter, "quote": self.quote, "escape": self.escape}
        named = {name: _NAMES.get(sign, sign) for name, sign in signs.items()}
        return {"encoding": self.encoding, **named, "header": "yes" if self.header else "no"}


def dialect(sample: bytes, *, said: Said, is_utf8: bool) -> Dialect:
    """The dialect of a file that begins so. `is_utf8`: whether all of it is. Raises BadInput."""
    encoding = _encoding(sample, said, is_utf8=is_utf8)
    text = _decoded(sample, encoding)
    lines = text.lstrip("\r\n")
    blank = len(text[: len(text) - len(lines)].splitlines())
    given, quote, escape = (_sign(name, said) for name in ("delimiter", "quote", "escape"))
    quote = '"' if quote is None else quote
    if "\x00" in lines:
        raise BadInput("The file holds zero bytes: it is no text.", hint="Say its encoding, utf-16 perhaps.")
    whole = len(sample) < SAMPLE
    found = {each: _rows(lines, each, quote, escape or "", whole=whole) for each in ((given,) if given else DELIMITERS)}
    delimiter = max(found, key=lambda each: _fitness(found[each]))
    rows = found[delimiter] or [[""]]
    return Dialect(
        encoding=encoding,
        delimiter=delimiter,
        quote=quote,
        escape=escape or "",
        header=_has_header(rows[0]) if said.header is None else said.header,
        blank=blank,
        first=tuple(rows[0]),
    )


def column_names(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """A name for each column, none twice, and notes on those that were changed.

    >>> column_names(["id", "", "id"])[0]
    ['id', 'column_2', 'id_2']
    """
    names: list[str] = []
    notes: list[str] = []
    taken = Counter(cells)
    for number, cell in enumerate(cells, start=1):
        name = cell or f"column_{number}"
        again = 1
        while name in names or (name != cell and taken[name]):
            again += 1
            name = f"{cell or f'column_{number}'}_{again}"
        if name != cell:
            why = "its name is there already" if cell else "it has none"
            notes.append(f'Column {number} is called "{name}", since {why}.')
        names.append(name)
    return names, notes


def _encoding(sample: bytes, said: Said, *, is_utf8: bool) -> str:
    if said.encoding is not None:
        try:
            name = codecs.lookup(said.encoding).name
            "a".encode(name)  # a LookupError where it makes no text, such as base64
            if name in _NO_FILES:
                raise LookupError(name)
            return name
        except (LookupError, ValueError) as error:
            raise BadInput(f'The encoding is "{said.encoding}".', hint="One is utf-8, another windows-1252.") from error
    marked = next((name for mark, name in _MARKS if sample.startswith(mark)), None)
    return marked or ("utf-8" if is_utf8 else "cp1252")


def _decoded(sample: bytes, encoding: str) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)("replace").decode(sample).removeprefix("\ufeff")
    except UnicodeError as error:  # utf-32 without its mark is not replaced, sign by sign
        raise BadInput(f"The file can't be read as {encoding}: {error}.", hint="Say its encoding.") from error


def _sign(name: str, said: Said) -> str | None:
    """A sign as the caller says it; empty for none, None where nothing is said."""
    word: str | None = getattr(said, name)
    sign = _SIGNS.get(word, word) if word is not None else None
    if sign and (len(sign) != 1 or not sign.isascii() or sign in "\r\n"):
        raise BadInput(f'The {name} is "{word}".', hint="It is one ASCII character, or tab, or none.")
    return sign


def _rows(text: str, delimiter: str, quote: str, escape: str, *, whole: bool) -> list[list[str]]:
    """The first rows, but for the last where the text is not whole: it may be cut."""
    style: Mapping[str, object] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    lines = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        escapechar=escape or None,
        doublequote=not escape,
        **style,  # type: ignore[arg-type]
    )
    rows: list[list[str]] = []
    with suppress(csv.Error):  # a cell of more than 128 kB, say: what came before tells enough
        for row in islice(lines, LINES):
            if row:
                rows.append(row)
    return rows if len(rows) in (1, LINES) or whole else rows[:-1]


def _fitness(rows: Sequence[Sequence[str]]) -> tuple[bool, float, int]:
    """How well a delimiter cuts rows into as many cells each."""
    if not rows:
        return False, 0.0, 0
    width, often = Counter(map(len, rows)).most_common(1)[0]
    return width > 1, often / len(rows), width


def _has_header(first: Sequence[str]) -> bool:
    return any(first) and not any(_VALUE.fullmatch(cell.strip()) for cell in first)
