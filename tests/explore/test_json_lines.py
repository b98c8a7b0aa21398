"""NDJSON column by column: the bytes are those that orjson gives of each row, whatever a cell or a name holds."""

from __future__ import annotations

from typing import Any

import orjson
import pyarrow as pa
import pytest

from ladle.explore.jsonlines import json_lines
from ladle.explore.values import records
from ladle.sources.source import ColumnType

TEXTS = ["", ",", '"', '","', 'a",', "\\", '\\"', "\n", "\x00", "\x7f", "\u2028", "null", "é", "💫", "x" * 5_000, None]
FLOATS = [0.0, -0.0, 1.0, 1e16, 1e-7, 5e-324, 1.7976931348623157e308, float("nan"), float("inf"), 0.1, None]
CASES: list[tuple[ColumnType, pa.DataType, list[Any]]] = [
    ("text", pa.string(), TEXTS),
    ("text", pa.string(), ["plain", None, ""]),
    ("number", pa.float64(), FLOATS),
    ("integer", pa.int64(), [0, -1, 2**63 - 1, -(2**63), None]),
    ("boolean", pa.bool_(), [True, False, None]),
    ("date", pa.date32(), [0, -719_162, 2_932_896, 11_016, None]),
    ("timestamp", pa.timestamp("s", tz="UTC"), [0, -1, 1_795_300_000, -62_135_596_800, None]),
    ("text", pa.string(), [None, None]),
]


@pytest.mark.parametrize(("kind", "of", "values"), CASES)
def test_every_value_is_written_as_orjson_writes_it(kind: ColumnType, of: pa.DataType, values: list[Any]) -> None:
    table = pa.table({'a "name"': pa.array(range(len(values))), "b": pa.array(values, of)})
    for part in (table, table.slice(1), table.slice(0, 0), pa.concat_tables([table, table.slice(1, 1)])):
        rows = records(part, names=part.column_names)
        told = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z) for row in rows)
        assert json_lines(part, ["integer", kind]) == told
