"""Takes a snapshot's described columns, gives queries to begin with: of its own columns, each shows something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ladle_server.pages.columns import Described

_TIMES = ("date", "timestamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a query shows, and the query."""

    title: str
    query: str


def examples(columns: Sequence[Described]) -> list[Example]:
    """Some queries; each names columns that suit it."""
    return list(_examples(columns))


def _examples(columns: Sequence[Described]) -> Iterator[Example]:
    yield Example(title="The first rows", query="SELECT *\nFROM data\nLIMIT 100")
    number = next(filter(_measures, columns), None) or next((each for each in columns if each.holds_numbers), None)
    groups = [each for each in columns if each.countable and not each.numeric and each != number]
    # A moment is shared by chance, or by all that was read in one go: what a text names says more.
    group = min(groups, key=lambda each: (each.type in _TIMES, each.distinct), default=None)
    text = next((each for each in columns if each.type == "text" and each not in (group, number)), None)
    time = next((each for each in columns if each.type in _TIMES), None)
    if group:
        yield Example(title=f"How often each {group.name} occurs", query=_counted(group))
    if number and group:
        yield Example(title=f"The mean {number.name} of each {group.name}", query=_mean(number, group))
    if number:
        yield Example(title=f"The largest {number.name}", query=_largest(number))
    if text:
        yield Example(title=f"Every {text.name} that begins with A", query=_beginning(text))
    if time:
        yield Example(title=f"How many in each month of {time.name}", query=_by_month(time))


def quoted(name: str) -> str:
    """A column's name as SQL has it, whatever it is called.

    >>> quoted("a b")
    '"a b"'
    """
    return '"' + name.replace('"', '""') + '"'


def _measures(column: Described) -> bool:
    """Whether a number tells how much there is of something: a whole one that each row has for itself is its id."""
    return column.numeric and not (column.type == "integer" and column.distinct >= column.rows > 1)


def _number(column: Described) -> str:
    return quoted(column.name) if column.numeric else f"TRY_CAST({quoted(column.name)} AS DOUBLE)"


def _counted(group: Described) -> str:
    return f"SELECT {quoted(group.name)}, count(*) AS n\nFROM data\nGROUP BY ALL\nORDER BY n DESC"


def _mean(number: Described, group: Described) -> str:
    shown = f"{quoted(group.name)}, avg({_number(number)}) AS mean, count(*) AS n"
    return f"SELECT {shown}\nFROM data\nGROUP BY ALL\nORDER BY mean DESC NULLS LAST"


def _largest(number: Described) -> str:
    return f"SELECT *\nFROM data\nORDER BY {_number(number)} DESC NULLS LAST\nLIMIT 100"


def _beginning(text: Described) -> str:
    name = quoted(text.name)
    return f"SELECT *\nFROM data\nWHERE {name} ILIKE 'a%'\nORDER BY {name}"


def _by_month(time: Described) -> str:
    month = f"date_trunc('month', {quoted(time.name)}) AS month"
    return f"SELECT {month}, count(*) AS n\nFROM data\nGROUP BY ALL\nORDER BY month"
