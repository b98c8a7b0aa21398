"""What every command shares: takes values, gives tables, JSON documents, and errors with their exit code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ladle.errors import BadInput, LadleError, NotFound
from ladle.explore.running import end_questions
from ladle.home import Home, write_whole
from ladle.remote.server import Server, server_of
from ladle.snapshots.manifest import TableColumn
from ladle.words import plural

FAILED, USAGE, INCOMPLETE = 1, 2, 3
_MOST = 1_000
"""Characters of a cell: each line of a table is as wide as its longest."""
_LEAST = 10
"""Characters that a column on a terminal has at least, or its longest cell: in fewer, words fall apart."""
_GAP = 2
_NULL = "dim italic"
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Signs that end a line, or that a terminal obeys: data must not clear a screen, or write over what stands there."""

F = TypeVar("F", bound=Callable[..., Any])

# No markup and no emoji: an address or an API's words may hold [brackets] and :colons:. A sentence stays one line; the
# terminal wraps it, and what is sent into a file or a pipe can be searched.
out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


class Commands(click.Group):
    """A group that says Ladle's own errors in words, without a traceback, and ends with their exit code."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            end_questions()  # the process waits for its threads at its end, and those for DuckDB
            raise
        except LadleError as error:
            err.print(Text(f"ladle: {error}", style="red"))
            sys.exit(USAGE if isinstance(error, (BadInput, NotFound)) else FAILED)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                # The reader (`head`, say) has seen enough.
                sys.stderr.close()
                sys.exit(0)
            err.print(Text(f"ladle: {error.strerror or error}: {error.filename or 'this machine'}.", style="red"))
            sys.exit(FAILED)


def json_option(command: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")(command)


def home_option(command: F) -> F:
    """`--home`, as a Home."""

    def opened(context: click.Context, _parameter: click.Parameter, value: str | None) -> Home:
        return Home.at(value) if context.resilient_parsing else Home.open(value)  # at the Tab key nothing is made

    text = "Where runs and snapshots are kept.  [default: LADLE_HOME, or ~/.ladle]"
    return click.option("--home", metavar="FOLDER", callback=opened, help=text)(command)


def place_option(command: F) -> F:
    """`--home`, as a Home, or as a Server where it is an address or LADLE_URL is set."""

    def found(context: click.Context, _parameter: click.Parameter, value: str | None) -> Home | Server:
        return server_of(value) or (Home.at(value) if context.resilient_parsing else Home.open(value))

    text = "Where runs and snapshots are kept; a server's address too.  [default: LADLE_URL, LADLE_HOME, or ~/.ladle]"
    return click.option("--home", metavar="FOLDER|URL", callback=found, help=text)(command)


def say_json(document: Any) -> None:
    """The one document of `--json`."""
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n")
    sys.stdout.flush()  # who reads a pipe would else wait for a command that stays up


def can_be_written(file: Path) -> None:
    """Refuse a file that could not be written, before work is done for it; raises BadInput."""
    folder = file.parent
    if file.is_dir() or not folder.is_dir():
        raise _unwritable(file, "Is a directory" if file.is_dir() else "No such file or directory")


def write_file(file: Path, data: bytes | Iterable[bytes]) -> None:
    """Write what somebody named a file for, whole or not at all; raises BadInput."""
    try:
        write_whole(file, data)
    except OSError as error:
        raise _unwritable(file, error.strerror or str(error)) from error


def _unwritable(file: Path, why: str) -> BadInput:
    return BadInput(f'"{file}" can\'t be written: {why}.', hint="Name a file in a folder that exists.")


def say_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Iterable[str] = ()) -> None:
    """A table without lines; null is told apart from the empty text. Not cut where the output is no terminal."""
    aligned = set(right)
    if not out.is_terminal:
        _write_table(columns, rows, right=aligned)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in columns:
        table.add_column(Text(in_a_line(name)), justify="right" if name in aligned else "left", overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text(_told(value), style=_NULL if value is None else "") for value in row))
    out.print(table, soft_wrap=False)


def _write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Collection[str]) -> None:
    """The same as plain lines, however wide: to lay out 2,000 columns for a terminal takes seconds."""
    lines = [[in_a_line(name) for name in columns], *([_told(value) for value in row] for row in rows)]
    widths = [max(map(cell_len, cells)) for cells in zip(*lines, strict=True)]
    for line in lines:
        padded = (
            f"{' ' * (width - cell_len(text))}{text}" if name in right else f"{text}{' ' * (width - cell_len(text))}"
            for name, text, width in zip(columns, line, widths, strict=True)
        )
        sys.stdout.write((" " * _GAP).join(padded).rstrip() + "\n")
    sys.stdout.flush()


def say_rows(columns: Iterable[TableColumn], rows: Iterable[Mapping[str, Any]], *, others: str = "") -> None:
    """Rows of data as a table, numbers to the right; on a terminal as many columns as fit, and how to see the `others`.

    `others`: a part of a sentence, `--columns shows those you name`.
    """
    shown, given = list(columns), list(rows)
    most = _fitting([column.name for column in shown], given, width=out.width) if out.is_terminal else len(shown)
    fit = shown[:most]
    right = [column.name for column in fit if column.type in ("integer", "number")]
    names = [column.name for column in fit]
    say_table(names, ([plain(row[name]) for name in names] for row in given), right=right)
    if most < len(shown):
        more = "; ".join(filter(None, (others, "--json, or a pipe, has all")))
        err.print(f"{plural(len(shown) - most, 'more column')} of {len(shown):,} not shown: {more}.")


def _fitting(names: Sequence[str], rows: Sequence[Mapping[str, Any]], *, width: int) -> int:
    """How many of the first columns have room in a line, at least one; no column after those is looked at.

    >>> _fitting(["name", "mass", "height"], [{"name": "Luke Skywalker", "mass": "77", "height": "172"}], width=20)
    2
    """
    left = width
    for number, name in enumerate(names):
        longest = max((cell_len(_told(plain(row[name]))) for row in rows), default=0)
        left -= min(_LEAST, max(longest, cell_len(in_a_line(name)))) + (_GAP if number else 0)
        if left < 0:
            return max(number, 1)
    return len(names)


def plain(value: Any) -> str | None:
    """A value as it is in the file: no thousands' commas in data."""
    return None if value is None else str(value)


def part(offset: int, shown: int) -> str:
    """Which part of a list is shown, before the number of all: `1 to 10 of`."""
    return f"{offset + 1:,} to {offset + shown:,} of" if shown else "none of"


def _told(value: Any) -> str:
    """A cell's text in a table."""
    if value is None:
        return "null"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else in_a_line(str(value))


def in_a_line(text: str) -> str:
    """A text as one line of a terminal, cut where it is very long.

    >>> print(in_a_line("a\\nb\\x1b[2J"), len(in_a_line("x" * 2_000_000)))
    a\\nb\\x1b[2J 1024
    """
    shown = _STEERING.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text[:_MOST])
    return shown if len(text) <= _MOST else f"{shown}… ({len(text):,} characters)"


def size(number: int) -> str:
    """Bytes as people say them.

    >>> size(6150)
    '6.2 kB'
    """
    value, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
