"""Integers beyond 64 bits, and what is no JSON: digits as the API wrote them, or words that say why not."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from ladle.collect.journal import Entry
from tests.snapshots.kit import built, field, page, source

LARGE = [2**64, 2**70, -(2**70), -(2**63) - 1, 10**300]


def wrote(raw: str, *, number: int = 1) -> Entry:
    """A page whose records are JSON just as it stands here."""
    return page(number, [], body=f'{{"results": [{raw}]}}'.encode())


def shown(tmp_path: Path, *raw: str, **changes: Any) -> list[str]:
    """The column `v` of these values, each on a page of its own, the same in rows, Parquet and CSV."""
    entries = [wrote(f'{{"v": {value}}}', number=number) for number, value in enumerate(raw, 1)]
    snapshot = built(tmp_path, entries, of=source(field("v", **changes), key=None))
    assert [column.type for column in snapshot.columns] == ["text"]
    rows = [row["v"] for row in snapshot.rows()]
    assert snapshot.arrow().column("v").to_pylist() == rows
    with snapshot.path("csv").open(newline="", encoding="utf-8") as file:
        assert [row["v"] for row in csv.DictReader(file)] == rows
    return rows


@pytest.mark.parametrize("changes", [{}, *({"type": name} for name in ("integer", "number", "text")), {"unix": "s"}])
def test_integers_beyond_64_bits_are_kept_digit_by_digit(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert shown(tmp_path, *map(str, LARGE), "7", **changes) == [*map(str, LARGE), "7"]


def test_nested_ones_are_kept_beside_all_else(tmp_path: Path) -> None:
    nested = [{"a": [LARGE[0], "é\n", None, True, 0.5]}, [[[LARGE[1]]], {}], {"b": {"c": LARGE[2]}}, [1e-7], 7]
    written = [json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in nested]
    assert [json.loads(text) for text in shown(tmp_path, *written)] == nested
    assert shown(tmp_path / "again", *written[:3]) == written[:3]


@pytest.mark.parametrize("levels", [10, 253, 254, 300, 950, 1000])
def test_a_value_is_kept_as_deep_as_it_can_be_read(tmp_path: Path, levels: int) -> None:
    lists = "[" * levels + '1,{"a":"é"}' + "]" * levels
    objects = '{"a":[],"b":' * levels + "null" + "}" * levels
    assert shown(tmp_path, lists, objects) == [lists, objects]


def test_records_whose_keys_differ_in_the_last_of_many_digits_are_two(tmp_path: Path) -> None:
    keys = [2**70, 2**70 + 1, 2**70]
    for folder, form in (("plain", "{}"), ("nested", "[{}]")):
        entry = wrote(", ".join(f'{{"id": {form.format(key)}}}' for key in keys))
        snapshot = built(tmp_path / folder, [entry], of=source(key="id"))
        assert [row["id"] for row in snapshot.rows()] == [form.format(key) for key in keys[:2]]
        assert snapshot.manifest.duplicates == 1


def test_a_count_that_no_api_can_have_is_none(tmp_path: Path) -> None:
    entry = page(1, [], body=b'{"count": %d, "results": [{"v": 1}]}' % 2**64)
    manifest = built(tmp_path, [entry], of=source(field("v"), key=None)).manifest
    assert (manifest.claimed, manifest.complete) == (None, True)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (r'{"v": "é🦆\ud83d"}', r"holds \ud83d, a lone surrogate"),
        (r'{"v": "\uDC00"}', r"holds \uDC00, a lone surrogate"),
        (r'{"v": "\ud83d\u0041"}', r"holds \ud83d, a lone surrogate"),
        (r'{"\ud83d": 1}', r"holds \ud83d, a lone surrogate"),
        (f'{{"v": NaN, "w": {2**70}}}', "is not JSON"),
        (f'{{"v": [-Infinity, {2**70}]}}', "is not JSON"),
        (f'{{"v": {"9" * 5000}}}', "a number beyond 1.8e308; it begins with '99999999999999999999'."),
        ('{"v": [-1e400]}', "a number beyond 1.8e308; it begins with '-1e400"),
        (f'{{"v": {"[" * 100_000}{2**70}{"]" * 100_000}}}', "nested too deep"),
    ],
)
def test_what_no_text_or_number_can_hold_is_a_gap_that_says_so(tmp_path: Path, raw: str, told: str) -> None:
    manifest = built(tmp_path, [wrote(raw), wrote('{"v": 1}', number=2)], of=source(field("v"), key=None)).manifest
    assert manifest.rows == 1
    assert [gap.key for gap in manifest.gaps] == ["people?page=1"]
    assert told in manifest.gaps[0].reason
    assert not manifest.complete
