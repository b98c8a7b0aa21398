"""Which rows differ? Takes two tables and the columns that tell rows apart, gives a file of all rows that do.

The tables are joined once, in DuckDB, on disk where memory is short; what differs is kept beside the dataset's
snapshots, as the numbers of rows and columns alone. Snapshots never change, so neither does the file: it can be thrown
away at any time, and is made again when it is asked for.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from ladle import computing as pc
from ladle.errors import BadInput
from ladle.explore.kept import check_size
from ladle.explore.keys import Side, advice, shared_columns
from ladle.explore.query import ROW, ask, batches, table
from ladle.explore.rows import read_rows
from ladle.explore.same import comparable
from ladle.snapshots.files import PARQUET
from ladle.snapshots.removing import DIFFS

ADDED, REMOVED, CHANGED = range(3)
FORMAT = 1
_BATCH = 100_000
_NOTE = "ladle"
_SCHEMA = pa.schema(
    [("kind", pa.int8()), ("before", pa.int64()), ("after", pa.int64()), ("columns", pa.list_(pa.int32()))]
)


@dataclass(frozen=True, slots=True)
class Differing:
    """A file of rows that differ, added ones first, then removed, then changed, each in table order; and their numbers.

    Columns of the file: kind, row number before, row number after, and the numbers (in the later table) of the columns
    whose cells differ.
    """

    path: Path
    kinds: tuple[int, int, int]
    """How many are added, removed and changed."""
    cells: dict[int, int]
    """How many cells of a column have changed, by its number in the later table."""


def differing(sides: tuple[Side, Side], key: Sequence[str]) -> Differing:
    """What differs between two snapshots by a key that is in both.

    Raises BadInput where the key is not unique, and Damaged.
    """
    for side in sides:
        check_size(side.parquet, side.manifest)
    path = sides[1].folder.parent / DIFFS / _name(sides, key)
    found = _read(path)
    if found is None:
        for side, exprs in zip(sides, _pairs(sides, key), strict=True):
            _refuse_repeats(side, key, exprs, sides)
        found = _write(path, sides, key)
    return found


def _name(sides: tuple[Side, Side], key: Sequence[str]) -> str:
    """Of both ids and a digest of all that the file depends on."""
    made_from = [FORMAT, list(key), *(side.manifest.files[PARQUET].sha256 for side in sides)]
    digest = hashlib.sha256(orjson.dumps(made_from)).hexdigest()[:16]
    return f"{sides[0].manifest.id}..{sides[1].manifest.id}-{digest}.parquet"


def _read(path: Path) -> Differing | None:
    """What was found before; None where nothing was, or where the file is no more what it was."""
    import pyarrow.parquet as pq

    try:
        note = orjson.loads((pq.read_metadata(path).metadata or {})[_NOTE.encode()])
        added, removed, changed = note["kinds"]
        return Differing(path, (added, removed, changed), {int(number): n for number, n in note["cells"].items()})
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None


def _write(path: Path, sides: tuple[Side, Side], key: Sequence[str]) -> Differing:
    """Join the tables, and keep what differs under a name that it has only when it is whole."""
    import pyarrow.parquet as pq

    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".tmp-{os.getpid()}-{secrets.token_hex(4)}.parquet")
    count = _Count()
    try:
        with pq.ParquetWriter(temporary, _SCHEMA, compression="zstd") as writer:
            for batch in batches(sides[0].parquet, sides[1].parquet, _join(sides, key), rows=_BATCH):
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=_SCHEMA))
                count.add(batch)
            found = Differing(path, (count.kinds[0], count.kinds[1], count.kinds[2]), count.cells)
            note = asdict(found) | {"path": path.name}
            writer.add_key_value_metadata({_NOTE: orjson.dumps(note, option=orjson.OPT_NON_STR_KEYS).decode()})
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return found


class _Count:
    """How many rows of each kind, and how many cells of each column."""

    def __init__(self) -> None:
        self.kinds = [0, 0, 0]
        self.cells: dict[int, int] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        for kind, count in _counted(batch.column(0)):
            self.kinds[kind] += count
        for number, count in _counted(pc.list_flatten(batch.column(3))):
            self.cells[number] = self.cells.get(number, 0) + count


def _counted(values: pa.Array[Any]) -> Iterator[tuple[int, int]]:
    return ((each["values"].as_py(), each["counts"].as_py()) for each in pc.value_counts(values))


def _pairs(sides: tuple[Side, Side], names: Sequence[str]) -> tuple[list[str], list[str]]:
    """For each side an expression of each column; two of one column are not distinct where the cells are the same."""
    before, after = sides
    pairs = [
        comparable(
            before.types[name],
            after.types[name],
            left=f"c{before.numbers[name]}",
            right=f"c{after.numbers[name]}",
        )
        for name in names
    ]
    return [left for left, _ in pairs], [right for _, right in pairs]


def _join(sides: tuple[Side, Side], key: Sequence[str]) -> str:
    """The question, made of our own words and numbers alone."""
    compared = [name for name in shared_columns(sides) if name not in key]
    tables = [
        f"{letter} AS (SELECT {_named(keys, values)} FROM {table(len(side.types), bound=bound)})"  # noqa: S608 - see above
        for letter, bound, side, keys, values in zip(
            "ab", ("path", "other"), sides, _pairs(sides, key), _pairs(sides, compared), strict=True
        )
    ]
    on = " AND ".join(f"a.k{number} IS NOT DISTINCT FROM b.k{number}" for number in range(len(key)))
    differ = [f"a.v{number} IS DISTINCT FROM b.v{number}" for number in range(len(compared))]
    told = ", ".join(
        f"CASE WHEN {each} THEN {sides[1].numbers[n]} END" for n, each in zip(compared, differ, strict=True)
    )
    both = "a.r IS NOT NULL AND b.r IS NOT NULL"
    return (
        f"WITH {', '.join(tables)} SELECT "  # noqa: S608 - see above
        f"CAST(CASE WHEN a.r IS NULL THEN {ADDED} WHEN b.r IS NULL THEN {REMOVED} ELSE {CHANGED} END AS TINYINT) "
        "AS kind, a.r AS before, b.r AS after, "
        f"CASE WHEN {both} THEN list_filter(CAST([{told}] AS INTEGER[]), lambda n: n IS NOT NULL) "
        "ELSE CAST([] AS INTEGER[]) END AS columns "
        f"FROM a FULL JOIN b ON {on} WHERE NOT ({both}) OR {' OR '.join(differ) or 'false'} "
        "ORDER BY kind, coalesce(b.r, a.r)"
    )


def _named(keys: Sequence[str], values: Sequence[str]) -> str:
    """A key's expressions as k0, k1 …, those of the columns that are compared as v0, v1 …, and the row's number."""
    named = [f"{each} AS {letter}{n}" for letter, of in (("k", keys), ("v", values)) for n, each in enumerate(of)]
    return ", ".join([*named, f"{ROW} AS r"])


def _refuse_repeats(side: Side, key: Sequence[str], expressions: Sequence[str], sides: tuple[Side, Side]) -> None:
    """Raise BadInput where several rows have the same key, with one of them and what to do."""
    if list(expressions) == [f"c{side.numbers[key[0]]}"] and side.is_unique(key[0], surely=True):
        return
    by = ", ".join(str(number) for number in range(1, len(key) + 1))
    sql = (
        f"WITH g AS (SELECT {', '.join(expressions)}, count(*) AS n, min({ROW}) AS f FROM {table(len(side.types))} "  # noqa: S608 - our own words
        f"GROUP BY {by} HAVING count(*) > 1) SELECT count(*), min(f), arg_min(n, f) FROM g"
    )
    ((keys, first, rows),) = ask(side.parquet, sql)
    if keys:
        row = read_rows(side.folder, side.manifest, offset=first, limit=1)[0]
        value = ", ".join("null" if row[name] is None else f'"{row[name]}"' for name in key)
        more = (
            "" if keys == 1 else f", and {keys - 1:,} other {'value comes' if keys == 2 else 'values come'} again too"
        )
        raise BadInput(
            f"The key {', '.join(key)} is not unique in {side.manifest.id}: {value} is there {rows:,} times{more}.",
            hint=advice(sides, key),
        )
