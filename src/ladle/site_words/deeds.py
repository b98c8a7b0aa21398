"""The audit log in words: takes what the API tells of deeds, gives a table; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ladle.site_words.lines import cell, table

COLUMNS = ("at", "who", "token", "deed", "thing", "address")


def said(_do: str, told: Mapping[str, Any]) -> str:
    """Who did what, a line for each deed."""
    return table(COLUMNS, *([cell(row[name]) for name in COLUMNS] for row in told["results"]))
