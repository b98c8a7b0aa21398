"""CSV for spreadsheets: takes a table, gives it with every text that would be run as a formula made a mere text.

A spreadsheet runs what begins with = + - @, a tab or a line end, whoever wrote it. An apostrophe in front makes it text
(OWASP, "CSV Injection"). Numbers written as text, like -78.2, are none, and stay.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ladle import computing as pc
from ladle.explore.csv_text import NUMBER, RUN


def harmless(table: pa.Table) -> pa.Table:
    """The table with names and texts that no spreadsheet runs."""
    columns = [_harmless(column) if pa.types.is_string(column.type) else column for column in table.columns]
    names = _harmless(pa.array(table.column_names, pa.string())).to_pylist()
    return pa.Table.from_arrays(columns, names=names)


def _harmless(texts: Any) -> Any:
    run = pc.and_not(pc.match_substring_regex(texts, RUN), pc.match_substring_regex(texts, NUMBER))
    return pc.if_else(run, pc.binary_join_element_wise("'", texts, ""), texts) if pc.any(run).as_py() else texts
