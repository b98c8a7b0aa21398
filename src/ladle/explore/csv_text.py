"""Values as CSV: takes typed values, gives each as a snapshot's own CSV file has it, and lines of them; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime


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
    return value.strftime("%Y-%m-%d %H:%M:%SZ") if isinstance(value, datetime) else str(value)


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    r"""CSV, a line each; text is quoted and null is not, so that the empty string and null stay apart.

    >>> list(csv_lines(["name", "mass"], [["Luke", 77.0], ["", None]]))
    [b'"name","mass"\n', b'"Luke",77\n', b'"",\n']
    """
    yield _line(columns)
    for row in rows:
        yield _line(row)


def _line(values: Iterable[object]) -> bytes:
    return (",".join(_quoted(value) for value in values) + "\n").encode()


def _quoted(value: object) -> str:
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else text_of(value)
