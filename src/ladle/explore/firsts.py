"""Where combinations first come: takes how rows are keyed, gives the SQL that counts them in the least time; pure.

DuckDB takes up to a fifth longer to note the least row number of each combination than to count alone. Where rows are
well mixed, all combinations but the rarest come near the beginning: so first rows are looked for there, all rows are
counted, and the first rows of the few combinations that were not there are looked for in more and more of what
follows. Whether rows are mixed, the end of the table tells, in the same look as the beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

MANY = 1_000_000
"""Rows from which it makes a difference how they are gone through."""
_LEAST = 80_000
"""First rows are looked for in so many rows at least, about a group of rows in the file: fewer are not read sooner."""
_MOST, _NEAR, _PART = 250_000, 100, 10
"""At most in so many, or in one of `_NEAR` rows of a large table; never in more than one of `_PART`."""
_LIKELY = 50
"""Where combinations come so often near the beginning, even one that is ten times as rare as others is there."""
_TIMES = 5
"""Where each comes so often there, all but a hundredth of an equal many are there; where less often it does not pay."""
_END, _LEAST_END = 500, 20_000
"""One of so many rows, or so many, at the end are held against them."""
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
    """Makes the table of combinations at the beginning, with their first rows, and at the end, with their counts."""
    mixed: str
    """How many come at the beginning, how many rows at the end have one that does not, and of how many rows."""
    counted: str
    """Makes the table of all combinations with counts, and first rows that are known; gives how many there are."""
    lacking: str
    """How many of them have no first row yet, and how often the rarest of those comes."""
    found: str
    grouped: str
    same: str
    answer: str
    """First row and count of each combination, in their order."""

    def later(self, start: int, upto: int) -> str:
        """Notes first rows from `start` on and before `upto` of combinations that have none yet; gives of how many."""
        found = f"{self.found} WHERE a.f >= {start} AND a.f < {upto} GROUP BY {self.grouped}"
        return f"UPDATE counts AS c SET f = d.f FROM ({found}) AS d WHERE {self.same}"  # noqa: S608 - as below


def quick(inner: str, *, keys: int, by: str, rows: int, likely: int) -> Quick | None:
    """The steps for rows keyed `k0`, `k1` … with their numbers `f`; None where it does not pay to look at a part first.

    `by` is the order of the answer, `rows` how many the table has, `likely` how many combinations it has, about.
    """
    most = min(max(_MOST, rows // _NEAR), rows // _PART)
    if rows < MANY or likely * _TIMES > most:
        return None
    near = min(max(_LEAST, likely * _LIKELY), most)
    return steps(inner, keys=keys, by=by, near=near, end=rows - max(_LEAST_END, rows // _END), rows=rows)


def steps(inner: str, *, keys: int, by: str, near: int, end: int, rows: int) -> Quick:
    """The same, with rows before `near` for the beginning and rows from `end` on for the end."""
    names, grouped = (", ".join(f"{of}k{place}" for place in range(keys)) for of in ("", "a."))
    told = f"CASE WHEN min(f) < {near} THEN min(f) END AS f, count(*) FILTER (f >= {end}) AS n"
    both = f"SELECT {names}, {told} FROM {inner} WHERE f < {near} OR f >= {end} GROUP BY {names}"  # noqa: S608 - our own words and numbers alone
    all_ = f"SELECT {names}, count(*) AS n FROM {inner} GROUP BY {names}"  # noqa: S608 - as above
    counted = f"SELECT a.*, b.f FROM ({all_}) a LEFT JOIN firsts b ON {_same('a', 'b', keys)}"  # noqa: S608 - as above
    lacking = f"(SELECT {names} FROM counts WHERE f IS NULL) b ON {_same('a', 'b', keys)}"  # noqa: S608 - as above
    return Quick(
        begin=near,
        rows=rows,
        near=f"CREATE TEMP TABLE firsts AS {both}",
        mixed="SELECT count(f), coalesce(sum(n) FILTER (f IS NULL), 0), coalesce(sum(n), 0) FROM firsts",
        counted=f"CREATE TEMP TABLE counts AS {counted}",
        lacking="SELECT count(*), min(n) FROM counts WHERE f IS NULL",
        found=f"SELECT {grouped}, min(a.f) AS f FROM {inner} a SEMI JOIN {lacking}",  # noqa: S608 - as above
        grouped=grouped,
        same=_same("c", "d", keys),
        answer=f"SELECT f, n FROM counts ORDER BY {by}",  # noqa: S608 - as above
    )


def _same(one: str, other: str, keys: int) -> str:
    """That the rows of two tables have one combination: what is missing in both is equal, too."""
    return " AND ".join(f"{one}.k{place} IS NOT DISTINCT FROM {other}.k{place}" for place in range(keys))


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
