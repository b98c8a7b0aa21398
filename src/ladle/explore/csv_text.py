"""Values as CSV: takes typed values, gives each as a snapshot's own CSV file has it, and lines of them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

BOM = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for the machine's own signs."""
# The signs in full width are run too where people type them so.
RUN = r"^[=+\-@\t\r\n＝＋－＠]"
"""What a spreadsheet runs, whoever wrote it (OWASP, "CSV Injection")."""
NUMBER = r"^[+-](?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z"
"""A number written as text is no formula, and stays. As RE2 writes patterns; Python's end of a text is \\Z."""
_RUN, _NUMBER = re.compile(RUN), re.compile(NUMBER.replace("\\z", "\\Z"))


def text_of(value: object) -> str:
    """A typed value as the CSV file has it; None is the empty text.

    >>> text_of(True), text_of(78.0), text_of(None), text_of(1358)
    ('true', '78', '', '1358')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime):  # strftime leaves out the zeros of years before 1000
        return f"{value.replace(tzinfo=None).isoformat(' ', 'seconds')}Z"
    return str(value)


def harmless(text: str) -> str:
    """The text as a spreadsheet takes it for one: an apostrophe goes before what it would run.

    >>> harmless("=1+1"), harmless("-78.2"), harmless("a=b")
    ("'=1+1", '-78.2', 'a=b')
    """
    return f"'{text}" if _RUN.match(text) and not _NUMBER.match(text) else text


def csv_lines(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, for_spreadsheets: bool = False
) -> Iterator[bytes]:
    r"""CSV, a line each; text is quoted and null is not, so that the empty string and null stay apart.

    `for_spreadsheets`: with no text, and no name, that a spreadsheet would run as a formula.

    >>> list(csv_lines(["name", "mass"], [["Luke", 77.0], ["", None]]))
    [b'"name","mass"\n', b'"Luke",77\n', b'"",\n']
    """
    if for_spreadsheets:
        yield BOM
    for values in chain([columns], rows):
        yield _line(map(_harmless, values) if for_spreadsheets else values)


def _harmless(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value


def _line(values: Iterable[object]) -> bytes:
    return (",".join(_quoted(value) for value in values) + "\n").encode()


def _quoted(value: object) -> str:
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else text_of(value)
