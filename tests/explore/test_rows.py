"""Rows by the index: any range is what a plain read of the files gives, and a file that was changed is refused."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ladle.errors import BadInput, Damaged
from ladle.explore.finding import find
from ladle.explore.snapshot import Snapshot
from ladle.home import Home
from tests.snapshots.kit import ODD_NAMES, RUN, from_records

# What JSON can hold: no lone surrogates.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
INTEGERS = st.integers(-(2**63), 2**64 - 1)
CELLS = st.one_of(st.none(), st.booleans(), INTEGERS, NUMBERS, TEXTS, st.lists(st.integers(0, 9), max_size=2))
COLUMNS = st.sampled_from([TEXTS, st.one_of(st.none(), TEXTS), st.one_of(st.none(), INTEGERS), NUMBERS, CELLS])


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records of a random table, some fields missing in some."""
    names = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    columns = {name: draw(COLUMNS) for name in names}
    seeds = draw(st.lists(st.fixed_dictionaries({}, optional=columns), min_size=1, max_size=12))
    rows = draw(st.integers(1, 350))
    return [{names[0]: None}, *(seeds[number % len(seeds)] for number in range(rows))]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records=tables(), data=st.data())
def test_rows_at_any_offset_are_those_of_a_plain_read(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], data: st.DataObject
) -> None:
    snapshot = from_records(
        tmp_path_factory.mktemp("home"), records, size=data.draw(st.sampled_from([1, 10, 99, 1000]))
    )
    plain = plain_csv(snapshot)
    assert plain.equals(pq.read_table(snapshot.path("parquet")))
    expected = plain.to_pylist()
    assert len(expected) == len(records)
    for _ in range(5):
        offset, limit = data.draw(st.integers(0, len(records) + 5)), data.draw(st.integers(1, 1000))
        assert snapshot.rows(offset=offset, limit=limit) == expected[offset : offset + limit]


def plain_csv(snapshot: Snapshot) -> Any:
    """The whole CSV, read in one go with its header."""
    convert = pyarrow.csv.ConvertOptions(
        column_types=snapshot.arrow().schema,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    read = pyarrow.csv.ReadOptions(block_size=1 << 26)
    return pyarrow.csv.read_csv(snapshot.path("csv"), read_options=read, parse_options=parse, convert_options=convert)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """250 rows of a number and a text with line ends in it."""
    records = [{"n": number, "t": f"{number}\n,\r\n"} for number in range(250)]
    return from_records(tmp_path_factory.mktemp("home"), records)


@pytest.fixture
def snapshot(whole: Snapshot, tmp_path: Path) -> Snapshot:
    """The same, for each test to damage."""
    return replace(whole, folder=shutil.copytree(whole.folder, tmp_path / "snapshot"))


@pytest.mark.parametrize(
    ("offset", "limit", "first", "length"),
    [
        (0, 10, 0, 10),
        (95, 10, 95, 10),
        (99, 1, 99, 1),
        (100, 100, 100, 100),
        (245, 10, 245, 5),
        (0, 1000, 0, 250),
        (249, 1, 249, 1),
    ],
)
def test_ranges_at_the_edges_of_slices(snapshot: Snapshot, offset: int, limit: int, first: int, length: int) -> None:
    rows = snapshot.rows(offset=offset, limit=limit)
    assert rows == [{"n": n, "t": f"{n}\n,\r\n"} for n in range(first, first + length)]


@pytest.mark.parametrize("offset", [250, 251, 10**6, 2**63, 10**30])
def test_an_offset_past_the_end_gives_no_rows(snapshot: Snapshot, offset: int) -> None:
    assert snapshot.rows(offset=offset) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"offset": -1}, "offset is -1"),
        ({"offset": 1.5}, "offset is 1.5"),
        ({"offset": "10"}, "offset is '10'"),
        ({"limit": 0}, "limit is 0"),
        ({"limit": 1001}, "limit is 1001"),
        ({"limit": True}, "limit is True"),
    ],
)
def test_a_range_that_cannot_be_is_refused_by_name(snapshot: Snapshot, wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        snapshot.rows(**wrong)


def cut(path: Path) -> None:
    """Leave the last byte out."""
    path.write_bytes(path.read_bytes()[:-1])


def change_rows(path: Path) -> None:
    """An index whose header tells one row less."""
    raw = path.read_bytes()
    length = struct.unpack("<I", raw[8:12])[0]
    header = orjson.dumps(orjson.loads(raw[12 : 12 + length]) | {"rows": 249})
    path.write_bytes(raw[:8] + struct.pack("<I", len(header)) + header + raw[12 + length :])


def scramble(path: Path) -> None:
    """Offsets that lie elsewhere."""
    raw = path.read_bytes()
    path.write_bytes(raw[:-32] + struct.pack("<4Q", 5, 1, 2**60, 3))


def shift(path: Path) -> None:
    """Offsets within the CSV, but in the middle of rows."""
    raw = path.read_bytes()
    offsets = struct.unpack("<4Q", raw[-32:])
    path.write_bytes(raw[:-32] + struct.pack("<4Q", *(offset - 3 for offset in offsets)))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("data.csv", cut),
        ("data.csv", Path.unlink),
        ("data.index", cut),
        ("data.index", Path.unlink),
        ("data.index", change_rows),
        ("data.index", scramble),
        ("data.index", shift),
        ("data.index", lambda path: path.write_bytes(b"")),
        ("data.index", lambda path: path.write_bytes(b"LADLEIX1\x03\x00\x00\x00{}")),
        ("data.index", lambda path: path.write_bytes(b"SQLite format 3\x00" * 10)),
    ],
)
def test_a_changed_file_is_refused(snapshot: Snapshot, name: str, damage: Callable[[Path], object]) -> None:
    damage(snapshot.folder / name)
    with pytest.raises(Damaged, match=r"data\.(csv|index)") as refused:
        snapshot.rows(offset=100, limit=1)
    assert refused.value.hint


def test_an_index_of_another_snapshot_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    other = from_records(tmp_path / "other", [{"n": number + 1, "t": f"{number}\n,\r\n"} for number in range(250)])
    shutil.copy(other.path("index"), snapshot.path("index"))
    with pytest.raises(Damaged, match="belongs to another CSV"):
        snapshot.rows()


def test_rows_of_a_wide_table_with_odd_names(tmp_path: Path) -> None:
    record = {name: number for number, name in enumerate(ODD_NAMES)}
    from_records(tmp_path, [record])
    snapshot = find(Home.open(tmp_path / "home"), RUN)
    assert snapshot.rows() == [record]
    assert [snapshot.count(name).rows[0].values[0] for name in ODD_NAMES] == list(record.values())
