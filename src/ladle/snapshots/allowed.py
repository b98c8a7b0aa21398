"""What a SELECT may do: takes DuckDB's own reading of it as JSON, gives the first thing that it may not, in words.

The engine that runs it has no access to anything either (`select`); this is the wall before that wall, and it says
what is wrong by its name. It also refuses what would make another table each time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ladle.errors import unknown

QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
"""A WITH may hold INSERT and COPY as well (DuckDB 2 takes that for a SELECT)."""
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series", "json_each", "json_tree"})
"""Functions that may stand for a table: the others read files, settings, or memory."""
OF_THE_MOMENT = frozenset({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"})
"""Names that stand for the time of the query, unless they are qualified columns."""
RANDOM = frozenset({"reservoir_quantile"})
"""Draws by lot, though DuckDB does not call it changeable."""


@dataclass(frozen=True, slots=True)
class Known:
    """What names mean here."""

    tables: Collection[str]
    changing: Collection[str]
    """Functions that give something else each time, or tell of the engine rather than of the tables."""


def refusal(parsed: Mapping[str, Any], known: Known) -> str | None:
    """Why a statement is not run, None where nothing is against it. `parsed` is what json_serialize_sql gives."""
    nodes = list(_nodes(parsed))
    own = {entry["key"].casefold() for node in nodes for entry in _map(node.get("cte_map"))}
    return next((why for node in nodes if (why := _against(node, known, own)) is not None), None)


def _against(node: Mapping[str, Any], known: Known, own: Collection[str]) -> str | None:
    kind = str(node.get("type", ""))
    if kind.endswith("_NODE") and kind not in QUERIES:
        return f"It holds {_article(kind.partition('_')[0])}: it may only read."
    if kind == "SHOW_REF":
        return "SHOW, DESCRIBE and SUMMARIZE tell of tables: write what to select from them."
    if kind == "BASE_TABLE":
        return _table(node, known, own)
    if kind == "TABLE_FUNCTION":
        return _table_function(node)
    if node.get("class") == "FUNCTION":
        return _function(node, known)
    if node.get("sample"):
        return "A sample would be another one each time."
    return _of_the_moment(node)


def _table(node: Mapping[str, Any], known: Known, own: Collection[str]) -> str | None:
    name, schema = str(node.get("table_name", "")), str(node.get("schema_name") or node.get("catalog_name") or "")
    names = {each.casefold() for each in known.tables} | set(own)
    if schema or name.casefold() not in names:
        return unknown("table", f"{schema}.{name}" if schema else name, known.tables)
    return "A sample would be another one each time." if node.get("sample") else None


def _table_function(node: Mapping[str, Any]) -> str | None:
    name = str(node.get("function", {}).get("function_name", ""))
    if name.casefold() in TABLE_FUNCTIONS:
        return None
    return f'It reads from the function "{name}": it may read the tables alone.'


def _function(node: Mapping[str, Any], known: Known) -> str | None:
    name = str(node.get("function_name", ""))
    plain = name.casefold()
    # The age of one time is counted to the present day.
    if plain in known.changing or plain in RANDOM or (plain == "age" and len(node.get("arguments", ())) == 1):
        return f'It uses the function "{name}", which does not follow from the tables.'
    return None


def _of_the_moment(node: Mapping[str, Any]) -> str | None:
    names = node.get("column_names")
    if node.get("class") != "COLUMN_REF" or not isinstance(names, list) or len(names) != 1:
        return None
    if str(names[0]).casefold() not in OF_THE_MOMENT:
        return None
    return f'It uses "{names[0]}", which is another one each time; a column of that name needs its table before it.'


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """All objects within, in the order of the text as far as the parser keeps it; at any depth."""
    open_ = [value]
    while open_:
        each = open_.pop()
        if isinstance(each, Mapping):
            yield each
            open_ += reversed(list(each.values()))
        elif isinstance(each, list):
            open_ += reversed(each)


def _map(value: Any) -> list[Mapping[str, Any]]:
    entries = value.get("map") if isinstance(value, Mapping) else None
    return [entry for entry in entries if "key" in entry] if isinstance(entries, list) else []


def _article(word: str) -> str:
    return f"an {word}" if word[:1] in "AEIOU" else f"a {word}"
