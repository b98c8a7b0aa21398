"""Who is asked: takes a name, gives the module of bench/explore/peers that asks it, and what must be made for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.explore.questions import NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One tool in one way of using it."""

    name: str
    module: str
    how: str = ""
    """Handed to the module."""
    files: tuple[str, ...] = ()
    """The table's files that it reads."""
    loads: bool = False
    """Whether it reads the whole table first: one process then answers all questions, each cold one with the load."""
    most: int | None = None
    """Rows that it is given at most; for more it is scaled up, which is said."""
    unless_asked: int | None = None
    """Rows from which on it is only run when it is named."""
    leaves: tuple[str, ...] = ()
    """Questions that it is not asked."""

    @property
    def questions(self) -> tuple[str, ...]:
        """Those that it is asked."""
        return tuple(name for name in NAMES if name not in self.leaves)


PLAIN, INDEXED = ("sqlite",), ("indexed",)
RIVALS = (
    Rival(name="Ladle", module="by_ladle", files=("csv", "parquet")),
    Rival(name="Ladle over HTTP", module="by_ladle_http", files=("csv", "parquet")),
    Rival(name="DuckDB on the Parquet", module="by_duckdb", how="parquet", files=("parquet",)),
    Rival(name="DuckDB on the CSV", module="by_duckdb", how="csv", files=("csv",)),
    Rival(name="Polars on the Parquet", module="by_polars", files=("parquet",)),
    Rival(name="pandas on the CSV", module="by_pandas", how="csv", files=("csv",), loads=True, most=10_000_000),
    Rival(
        name="pandas on the Parquet",
        module="by_pandas",
        how="parquet",
        files=("parquet",),
        loads=True,
        most=10_000_000,
    ),
    Rival(name="petl", module="by_petl", files=("csv",), most=1_000_000),
    Rival(name="sqlite", module="by_sqlite", files=PLAIN, unless_asked=100_000_000),
    Rival(
        name="sqlite, indexed",
        module="by_sqlite",
        how="indexed",
        files=INDEXED,
        unless_asked=100_000_000,
        leaves=("profile",),  # every row is read: no index helps, and it is asked without them
    ),
    Rival(name="Datasette", module="by_datasette", files=PLAIN, unless_asked=100_000_000, leaves=("profile",)),
    Rival(
        name="Datasette, tuned",
        module="by_datasette",
        how="tuned",
        files=INDEXED,
        unless_asked=100_000_000,
        leaves=("profile",),
    ),
)
LADLE = RIVALS[0]
BARE = RIVALS[2]
QUICK = ("Ladle", "DuckDB on the Parquet", "DuckDB on the CSV", "petl", "sqlite", "sqlite, indexed")
"""Those that need nothing but what Ladle's own tests need."""


def chosen(names: Sequence[str], *, rows: int, quick: bool = False) -> list[Rival]:
    """The tools that are named; without names all that are run without being named."""
    if names:
        every = [each.name for each in RIVALS]
        return [each for each in RIVALS if named(each.name, names, known=every)]
    known = [each for each in RIVALS if each.name in QUICK] if quick else list(RIVALS)
    return [each for each in known if each.unless_asked is None or rows < each.unless_asked]


def named(name: str, words: Sequence[str], *, known: Sequence[str]) -> bool:
    """Whether a name is one of the words, or has in it a word that is no name of its own: "ladle" is Ladle alone."""
    whole = {each.lower() for each in known}
    return any(
        word.lower() == name.lower() or (word.lower() not in whole and word.lower() in name.lower()) for word in words
    )
