"""One's own files become snapshots: any dialect, types over all rows, told where they came from, like any other."""

from __future__ import annotations

import hashlib
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ladle
from ladle.errors import BadInput, Conflict
from ladle.importing import import_file
from ladle.snapshots import own
from tests.snapshots.kit import built, from_records, page, source
from tests.sources import own as own_source


def taken(tmp_path: Path, raw: str | bytes, **said: Any) -> ladle.Snapshot:
    """The snapshot of a CSV file with these bytes."""
    path = tmp_path / "people.csv"
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return import_file(path, home=tmp_path / "home", **said)


def types(snapshot: ladle.Snapshot) -> dict[str, str]:
    return {column.name: column.type for column in snapshot.columns}


def test_a_file_is_a_snapshot_that_says_where_it_came_from(tmp_path: Path) -> None:
    raw = b"id;name\n1;Luke\n2;Leia\n"
    snapshot = taken(tmp_path, raw, key="id")
    found = ladle.snapshot("files/people", home=tmp_path / "home")
    assert (found.id, found.rows()) == (snapshot.id, [{"id": 1, "name": "Luke"}, {"id": 2, "name": "Leia"}])
    told = found.manifest
    assert (told.run, told.requests, told.complete, told.key, told.title) == ("", 0, True, "id", "people.csv")
    assert told.imported is not None
    assert (told.imported.file, told.imported.size) == ("people.csv", len(raw))
    assert told.imported.sha256 == hashlib.sha256(raw).hexdigest()
    settings = {"form": "csv", "encoding": "utf-8", "delimiter": ";", "quote": '"', "escape": "none", "header": "yes"}
    assert told.imported.settings == settings
    assert found.count("name").combinations == 2
    assert found.profile()["columns"][0]["max"] == 2
    assert all(found.path(kind).is_file() for kind in ("csv", "parquet", "index", "profile", "manifest"))


@pytest.mark.parametrize(
    ("raw", "said", "told"),
    [
        (b"a,b\n1,2\n", {}, {"delimiter": ","}),
        (b"a\tb\n1\t2,5\n", {}, {"delimiter": "tab"}),
        (b"a|b\n1|2\n", {}, {"delimiter": "|"}),
        (b'a;b\n"1,1,1";"2;2"\n"3,3,3";4\n', {}, {"delimiter": ";"}),
        (b"a~b\n1~2\n", {"delimiter": "~"}, {"delimiter": "~"}),
        (b"\xef\xbb\xbfa,b\n1,2\n", {}, {"encoding": "utf-8"}),
        ("a,b\né,🦆\n".encode("utf-16"), {}, {"encoding": "utf-16"}),
        ("a,b\né,x\n".encode("utf-16-be"), {"encoding": "utf-16-be"}, {"encoding": "utf-16-be"}),
        ("a,b\né,€\n".encode("cp1252"), {}, {"encoding": "cp1252"}),
        ("a,b\né,ł\n".encode("iso8859-2"), {"encoding": "latin2"}, {"encoding": "iso8859-2"}),
        (b"a,b\r\n1,2\r\n", {}, {}),
        (b"a,b\r1,2\r", {}, {}),
        (b"\n\r\na,b\n1,2\n", {}, {}),
        (b"a,b\n1,2", {}, {}),
        (b"a,b\n'1,1',2\n", {"quote": "'"}, {"quote": "'"}),
        (b'a,b\n1",2\n', {"quote": "none"}, {"quote": "none"}),
        (b'a,b\n"1\\"",2\n', {"escape": "\\"}, {"escape": "\\"}),
    ],
)
def test_dialects_are_found_out_or_said(tmp_path: Path, raw: bytes, said: dict[str, str], told: dict[str, str]) -> None:
    snapshot = taken(tmp_path, raw, **said)
    assert [column.name for column in snapshot.columns] == ["a", "b"]
    assert snapshot.manifest.imported is not None
    assert told.items() <= snapshot.manifest.imported.settings.items()
    expected = {"é,🦆": ("é", "🦆"), "é,€": ("é", "€"), "é,ł": ("é", "ł")}
    encoding = snapshot.manifest.imported.settings["encoding"]
    for line, values in expected.items():
        if line in raw.decode(encoding, "replace"):
            assert tuple(snapshot.rows()[0].values()) == values


@pytest.mark.parametrize(
    ("raw", "said", "names", "rows"),
    [
        ("name,born\nLuke,19\n", {}, ["name", "born"], 1),
        ("1,2\n3,4\n", {}, ["column_1", "column_2"], 2),
        ("Luke,2001-01-01\nLeia,2001-01-01\n", {}, ["column_1", "column_2"], 2),
        ("Luke,Leia\nHan,Chewie\n", {"header": False}, ["column_1", "column_2"], 2),
        ("1,2\n3,4\n", {"header": True}, ["1", "2"], 1),
        (",id,id,id_2\n0,1,2,3\n", {}, ["column_1", "id", "id_3", "id_2"], 1),
        ('"a\nb",c\n1,2\n', {}, ["a\nb", "c"], 1),
        ("only\nx\n\ny\n", {}, ["only"], 3),
        ("a,b\n", {}, ["a", "b"], 0),
    ],
)
def test_the_header_is_found_out_or_said(
    tmp_path: Path, raw: str, said: dict[str, bool], names: list[str], rows: int
) -> None:
    snapshot = taken(tmp_path, raw, **said)
    assert [column.name for column in snapshot.columns] == names
    assert len(snapshot) == rows


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        (["1", "-2", ""], "integer", [1, -2, None]),
        (["9223372036854775807"], "integer", [2**63 - 1]),
        (["9223372036854775808"], "text", ["9223372036854775808"]),
        (["1", "2.5", ".5", "-1e-05"], "number", [1.0, 2.5, 0.5, -1e-05]),
        (["0.30000000000000004"], "number", [0.30000000000000004]),
        (["0.300000000000000041"], "text", ["0.300000000000000041"]),
        (["9007199254740993", "0.5"], "text", ["9007199254740993", "0.5"]),
        (["1e999"], "text", ["1e999"]),
        (["007", "1"], "text", ["007", "1"]),
        (["1,358"], "text", ["1,358"]),
        (["True", "false"], "boolean", [True, False]),
        (["2024-02-29"], "date", [date(2024, 2, 29)]),
        (["2023-02-29"], "text", ["2023-02-29"]),
        (["2024-01-01T12:00:00+02:00"], "timestamp", [datetime(2024, 1, 1, 10, tzinfo=UTC)]),
        (["2024-01-01 12:00:00.000Z"], "timestamp", [datetime(2024, 1, 1, 12, tzinfo=UTC)]),
        (["2024-01-01 12:00"], "timestamp", [datetime(2024, 1, 1, 12, tzinfo=UTC)]),
        (["2024-01-01 12:00:00.5"], "text", ["2024-01-01 12:00:00.5"]),
        (["2024-01-01 12:00Z", "2024-01-01 12:00"], "text", ["2024-01-01 12:00Z", "2024-01-01 12:00"]),
        (["2024-01-01T00:00Z", "0000-01-01T00:00Z"], "text", ["2024-01-01T00:00Z", "0000-01-01T00:00Z"]),
        (["0001-01-01 00:00+02:00"], "text", ["0001-01-01 00:00+02:00"]),
        (["9999-12-31T23:59-05:00"], "text", ["9999-12-31T23:59-05:00"]),
        (["0000-02-29"], "text", ["0000-02-29"]),
        (["0019-01-01", "9999-12-31"], "date", [date(19, 1, 1), date(9999, 12, 31)]),
        (["", ""], "text", [None, None]),
    ],
)
def test_a_column_has_the_type_that_keeps_every_value(
    tmp_path: Path, values: list[str], kind: str, read: list[object]
) -> None:
    body = "".join(f'"x",{f"{chr(34)}{value}{chr(34)}" if "," in value else value}\n' for value in values)
    snapshot = taken(tmp_path, "name,value\n" + body)
    assert types(snapshot)["value"] == kind
    assert [row["value"] for row in snapshot.rows()] == read
    assert any("taken as UTC" in note for note in snapshot.manifest.notes) == (values == ["2024-01-01 12:00"])


def test_a_type_is_decided_over_all_rows(tmp_path: Path) -> None:
    snapshot = taken(tmp_path, "a,b\n" + "1,2\n" * 900_000 + "unknown,2.5\n")
    assert types(snapshot) == {"a": "text", "b": "number"}
    assert snapshot.rows(offset=899_999, limit=2)[1] == {"a": "unknown", "b": 2.5}


def test_missing_values_and_empty_texts_stay_apart(tmp_path: Path) -> None:
    snapshot = taken(tmp_path, 't,n\n"",""\n,NA\nNA,5\n"NA",-\n', missing=("NA", "-"))
    values = [tuple(row.values()) for row in snapshot.rows()]
    assert values == [("", None), (None, None), (None, 5), ("NA", None)]


def test_long_cells_are_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "BLOCK", 1000)
    long = "x\n" * 50_000
    snapshot = taken(tmp_path, f'a,b\n1,"{long}"\n2,y\n')
    assert [row["b"] for row in snapshot.rows()] == [long, "y"]


def test_a_snapshot_s_own_csv_comes_back_the_same(tmp_path: Path) -> None:
    records = [{"t": "é,\n\"'", "i": 2**53 + 1, "x": 0.1, "b": True}, {"t": "", "i": None, "x": None, "b": None}]
    before = from_records(tmp_path, records)
    after = import_file(before.path("csv"), home=tmp_path / "other")
    assert (after.dataset, after.rows(), after.columns) == ("files/data", before.rows(), before.columns)
    assert after.path("csv").read_bytes() == before.path("csv").read_bytes()
    again = import_file(before.path("parquet"), name="own/stars", home=tmp_path / "other")
    assert (again.dataset, again.rows(), again.columns) == ("own/stars", before.rows(), before.columns)


def test_parquet_of_any_types_is_kept(tmp_path: Path) -> None:
    moment = datetime(2024, 1, 1, 12)  # noqa: DTZ001 - as pandas writes them
    table = pa.table(
        {
            "u": pa.array([2**64 - 1, 1], pa.uint64()),
            "f": pa.array([0.5, float("nan")], pa.float32()),
            "d": pa.array([Decimal("1.50"), None]),
            "c": pa.array(["x", None]).dictionary_encode(),
            "w": pa.array([moment, None], pa.timestamp("ns")),
            "p": pa.array([moment.replace(microsecond=5), None], pa.timestamp("us", tz="Europe/Berlin")),
            "l": pa.array([[1, None], None]),
            "s": pa.array([{"a": date(2024, 1, 1)}, None]),
            "n": pa.nulls(2),
            "h": pa.array([moment.time(), None]),
        }
    )
    pq.write_table(table, tmp_path / "Odd name (1).parquet")
    snapshot = import_file(tmp_path / "Odd name (1).parquet", home=tmp_path / "home")
    assert snapshot.dataset == "files/odd-name-1"
    assert snapshot.rows() == [
        {
            "u": "18446744073709551615",
            "f": 0.5,
            "d": 1.5,
            "c": "x",
            "w": datetime(2024, 1, 1, 12, tzinfo=UTC),
            "p": "2024-01-01T12:00:00.000005Z",
            "l": "[1,null]",
            "s": '{"a":"2024-01-01"}',
            "n": None,
            "h": "12:00:00.000000",
        },
        {**dict.fromkeys("ufdcwplsnh"), "u": "1"},
    ]
    assert snapshot.manifest.notes == ('The times in "w" name no offset and are taken as UTC.',)


@pytest.mark.parametrize(
    ("raw", "said", "told"),
    [
        ("", {}, "is empty"),
        ("a,b\n1,2\n1,2,3\n", {}, "Expected 2 columns, got 3"),
        (b"a,b\n\xff,1\n", {"encoding": "utf-8"}, "can't be read"),
        ("a,b\n", {"encoding": "klingon"}, 'The encoding is "klingon"'),
        ("a,b\n", {"encoding": "base64"}, 'The encoding is "base64"'),
        ("a,b\n", {"encoding": "rot13"}, 'The encoding is "rot13"'),
        ("a,b\n", {"encoding": "punycode"}, 'The encoding is "punycode"'),
        ("a,b\n", {"encoding": "undefined"}, 'The encoding is "undefined"'),
        ("a,b\n", {"encoding": "utf-32"}, "can't be read as utf-32"),
        ("a,b\n", {"delimiter": "::"}, 'The delimiter is "::"'),
        ("a,b\n", {"key": "c"}, 'There is no column "c"'),
        ("a,b\n", {"name": "people"}, 'The name is "people"'),
        ("a,b\n", {"name": "../x"}, r'The name is "\.\./x"'),
        (b"a,b\n\x00,1\n", {}, "zero bytes"),
        (b"PAR1 is no parquet", {}, "can't be read as Parquet"),
    ],
)
def test_what_can_not_be_read_is_refused_and_nothing_is_left(
    tmp_path: Path, raw: str | bytes, said: dict[str, str], told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        taken(tmp_path, raw, **said)
    assert ladle.all_snapshots(home=tmp_path / "home") == []
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (pa.array([[4_000_000]], pa.list_(pa.int32())).cast(pa.list_(pa.date32())), 'The column "s" holds a value'),
        (pa.array([[10**15]], pa.list_(pa.int64())).cast(pa.list_(pa.timestamp("s"))), 'The column "s" holds a value'),
        (pa.array([[b"\xff"]], pa.list_(pa.binary())), 'The column "s" holds bytes'),
        (pa.array([{"a": {"b": b"\xff"}}]), 'The column "s" holds bytes'),
        (pa.array([[(b"k", 1)]], pa.map_(pa.binary(), pa.int64())), 'The column "s" holds bytes'),
    ],
    ids=["dates", "times", "bytes", "deep bytes", "keys"],
)
def test_nested_values_without_words_in_json_are_refused(tmp_path: Path, values: Any, told: str) -> None:
    pq.write_table(pa.table({"s": values}), tmp_path / "nested.parquet")
    with pytest.raises(BadInput, match=told):
        import_file(tmp_path / "nested.parquet", home=tmp_path / "home")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no file"):
        import_file(tmp_path / "none.csv", home=tmp_path)


def test_names_of_sources_are_refused(tmp_path: Path) -> None:
    for name in ("swapi/people", "github/x", "stars/people"):
        built(tmp_path, [page(1, [{"a": 1}])], of=source(key=None))
        with pytest.raises(Conflict, match="is taken by a source"):
            taken(tmp_path, "a\n1\n", name=name)


def test_no_source_takes_the_name_of_files_that_were_imported(tmp_path: Path) -> None:
    taken(tmp_path, "a\n1\n", name="own/things")
    with pytest.raises(Conflict, match='The name "own" is taken by files'):
        ladle.add_source(own_source.written(tmp_path, "http://127.0.0.1:1/"), home=tmp_path / "home")


def test_a_second_import_is_the_latest_snapshot_of_the_same_dataset(tmp_path: Path) -> None:
    first, second = taken(tmp_path, "a,b\n1,2\n"), taken(tmp_path, "a,b\n1,2\n3,4\n")
    assert [manifest.id for manifest in ladle.all_snapshots("files/people", home=tmp_path / "home")] == [
        second.id,
        first.id,
    ]
    assert len(ladle.snapshot("files/people", home=tmp_path / "home")) == 2


def test_an_import_takes_no_more_memory_for_more_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "BLOCK", 1 << 18)
    peaks = []
    for rows in (100_000, 400_000):
        raw = "a,b\n" + "".join(f"{n},text {n}\n" for n in range(rows))
        (tmp_path / f"{rows}.csv").write_text(raw)
        del raw
        pool = pa.default_memory_pool()
        tracemalloc.start()
        import_file(tmp_path / f"{rows}.csv", home=tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert pool.bytes_allocated() < 8 << 20
    assert peaks[1] < peaks[0] * 1.5
