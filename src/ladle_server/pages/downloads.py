"""What the Download menu offers: takes a snapshot and how many rows its view has, gives every form with its address."""

from __future__ import annotations

from dataclasses import dataclass

import ladle
from ladle.words import plural
from ladle_server.pages.words import size

MOST_OF_A_SHEET = 1_048_575
_FORMS = {
    "csv": ("CSV", ""),
    "parquet": ("Parquet", ""),
    "csv-for-spreadsheets": ("CSV for spreadsheets", "formulas harmless"),
    "ndjson": ("NDJSON", "a row a line"),
    "xlsx": ("Excel", f"up to {MOST_OF_A_SHEET:,} rows"),
}
"""Title and note of each."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form, and where it is to be had; nowhere where it has no room for so many rows."""

    title: str
    note: str
    address: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The same rows in every form."""

    title: str
    forms: list[Form]


def offers(snapshot: ladle.Snapshot, *, query: str = "", rows: int | None = None) -> list[Offer]:
    """Of the view that a query holds, where there is one and its `rows` are known; and of the whole table."""
    kept, total = snapshot.manifest.files, len(snapshot)
    sizes = {"csv": size(kept["data.csv"].size), "parquet": size(kept["data.parquet"].size)}
    whole = Offer(f"The whole table, {plural(total, 'row')}", _forms(snapshot, total, notes=sizes))
    if not query or rows is None:
        return [whole]
    return [Offer(f"This view, {plural(rows, 'row')}", _forms(snapshot, rows, query=query)), whole]


def _forms(snapshot: ladle.Snapshot, rows: int, *, query: str = "", notes: dict[str, str] | None = None) -> list[Form]:
    begin, end = f"/api/v1/snapshots/{snapshot.id}/download.", f"?{query}" if query else ""
    return [
        Form(
            title,
            (notes or {}).get(kind, note),
            "" if kind == "xlsx" and rows > MOST_OF_A_SHEET else begin + kind + end,
        )
        for kind, (title, note) in _FORMS.items()
    ]
