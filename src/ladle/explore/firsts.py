"""Where combinations first come: takes how rows are keyed, gives the SQL that counts them in the least time; pure.

DuckDB takes up to a fifth longer to note the least row number of each combination than to count alone. Where rows are
well mixed, all combinations but the rarest come near the beginning: so all rows are counted, first rows are looked for
near the beginning, and those of the few combinations that are not there in more and more of what follows. Whether
rows are mixed, the end of the table tells, before all are gone through.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

MANY = 1_000_000
"""Rows from which it makes a difference how they are gone through."""
_NEAR, _LEAST = 100, 100_000
"""First rows are looked for in one of so many rows, or in so many: a group of rows in the file."""
_END, _LEAST_END = 500, 20_000
"""The same of the rows at the end that are held against them."""
_TIMES = 5
"""Where each value comes so often near the beginning, all but a hundredth of an equal many are there."""
_FEW_NEW = 100
"""Rows are mixed when at most one of so many at the end has a combination that the beginning lacks."""


@dataclass(frozen=True, slots=True)
class Quick:
    """The steps as SQL; `near` and `counted` make the tables that the others read."""

    begin: int
    """How many rows at the beginning are looked at first."""
    rows: int
    """How many the table has."""
    near: str
    """Makes the table of combinations among them, with their first rows; gives how many there are."""
    new: str
    """How many rows at the end have a combination that is not there, and how many rows were looked at."""
    counted: str
    """Makes the table of all combinations with their counts; gives how many there are."""
    lacking: str
    """How many of them have no first row yet, and how often the rarest of those comes."""
    added: str
    grouped: str
    answer: str
    """First row and count of each combination, in their order."""

    def later(self, start: int, upto: int) -> str:
        """Adds first rows from `start` on and before `upto`, of combinations that have none yet."""
        return f"{self.added} WHERE f >= {start} AND f < {upto} GROUP BY {self.grouped}"


def quick(inner: str, *, keys: int, by: str, rows: int, least: int) -> Quick | None:
    """The steps for rows keyed `k0`, `k1` … with their numbers `f`; None where it does not pay to look at a part first.

    `by` is the order of the answer, `rows` how many the table has, `least` how many combinations there are at least.
    """
    near = max(_LEAST, rows // _NEAR)
    if rows < MANY or least * _TIMES > near:
        return None
    return steps(inner, keys=keys, by=by, near=near, end=rows - max(_LEAST_END, rows // _END), rows=rows)


def steps(inner: str, *, keys: int, by: str, near: int, end: int, rows: int) -> Quick:
    """The same, with rows before `near` for the beginning and rows from `end` on for the end."""
    names = ", ".join(f"k{place}" for place in range(keys))
    same = " AND ".join(f"a.k{place} IS NOT DISTINCT FROM b.k{place}" for place in range(keys))
    firsts = f"SELECT {names}, min(f) AS f FROM {inner} a"  # noqa: S608 - our own words and numbers alone
    lacking = f"(SELECT a.* FROM counts a ANTI JOIN firsts b ON {same})"  # noqa: S608 - as above
    ending = f"(SELECT {names}, count(*) AS n FROM {inner} WHERE f >= {end} GROUP BY {names})"  # noqa: S608 - as above
    counted = f"SELECT {names}, count(*) AS n FROM {inner} GROUP BY {names}"  # noqa: S608 - as above
    of_end = "coalesce(sum(n) FILTER (b.f IS NULL), 0), coalesce(sum(n), 0)"
    return Quick(
        begin=near,
        rows=rows,
        near=f"CREATE TEMP TABLE firsts AS {firsts} WHERE f < {near} GROUP BY {names}",
        new=f"SELECT {of_end} FROM {ending} a LEFT JOIN firsts b ON {same}",  # noqa: S608 - as above
        counted=f"CREATE TEMP TABLE counts AS {counted}",
        lacking=f"SELECT count(*), min(n) FROM {lacking}",  # noqa: S608 - as above
        added=f"INSERT INTO firsts {firsts} SEMI JOIN {lacking} b ON {same}",
        grouped=names,
        answer=f"SELECT f, n FROM (SELECT a.*, b.f FROM counts a JOIN firsts b ON {same}) ORDER BY {by}",  # noqa: S608 - as above
    )


def are_mixed(found: int, *, new: int, of: int) -> bool:
    """Whether all but few first rows are near the beginning: `found` combinations are.

    `new` of the `of` rows at the end have none of those. Where a filter leaves no rows there, nothing is known.
    """
    return found > 0 and of > 0 and new * _FEW_NEW <= of


def reach(start: int, *, rows: int, lacking: int, fewest: int) -> int:
    """Up to which row first rows are looked for next, when those before `start` have been gone through.

    So far that `lacking` combinations, each in `fewest` of all `rows` or more, are likely to come where rows are mixed;
    and twice as far at least, so that few steps go through a table that is not.

    >>> [reach(100_000, rows=10_000_000, lacking=n, fewest=m) for n, m in ((1, 200), (150, 80), (9, 1))]
    [200000, 727159, 10000000]
    """
    likely = start + rows / fewest * log(lacking + 1)
    return int(min(rows, max(2 * start, likely)))
