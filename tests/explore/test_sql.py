"""People's own SQL: one SELECT on a snapshot gives typed rows in order, and nothing else can be done by it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from ladle.errors import BadInput, Damaged, SettingError
from ladle.explore.snapshot import Snapshot
from ladle.snapshots.manifest import TableColumn
from tests.processes import children
from tests.snapshots.kit import ODD_NAMES, built, field, page, source

NARROW = {"LADLE_SQL_SECONDS": "3", "LADLE_SQL_MEMORY": "64", "LADLE_SQL_ROWS": "100000"}
PEOPLE = [
    {
        "name": None if number == 3 else f"Person {number}",
        "mass": number / 2,
        "born": f"2020-01-{number:02}",
        "world": "Naboo" if number % 3 else "Hoth",
    }
    for number in range(1, 31)
]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Thirty people; to be read only."""
    return built(tmp_path_factory.mktemp("sql"), [page(1, PEOPLE)], of=source(key=None))


def sums(folder: Path) -> Mapping[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_a_query_gives_typed_rows_and_how_many_there_are(people: Snapshot) -> None:
    found = people.sql(
        "SELECT name, mass, born::DATE AS born, mass > 10 AS heavy, sum(1) OVER () AS n FROM data", limit=3
    )
    assert found.columns[2:] == (
        TableColumn("born", "date"),
        TableColumn("heavy", "boolean"),
        TableColumn("n", "integer"),
    )
    assert found.rows[2] == {"name": None, "mass": 1.5, "born": date(2020, 1, 3), "heavy": False, "n": 30}
    assert (len(found.rows), found.total, found.exact) == (3, 30, True)


def test_the_table_goes_by_two_names(people: Snapshot) -> None:
    assert people.sql("SELECT count(*) AS n FROM data JOIN snapshot USING (name)").rows == [{"n": 29}]


@pytest.mark.parametrize("query", ["SELECT name FROM data ORDER BY mass DESC", "SELECT name FROM data"])
def test_pages_fit_together_in_the_query_s_order(people: Snapshot, query: str) -> None:
    pages = [people.sql(query, offset=offset, limit=7).rows for offset in range(0, 35, 7)]
    names = [row["name"] for rows in pages for row in rows]
    expected = [person["name"] for person in PEOPLE]
    assert names == (expected[::-1] if "ORDER" in query else expected)


def test_a_page_past_the_end_is_empty_and_the_total_stays(people: Snapshot) -> None:
    found = people.sql("SELECT name FROM data", offset=30)
    assert (found.rows, found.total, found.exact) == ([], 30, True)


def test_a_hundred_million_rows_are_counted_up_to_a_bound_and_told_as_at_least(people: Snapshot) -> None:
    began = time.monotonic()
    found = people.sql("SELECT a.range AS n FROM range(100000000) a", offset=5, limit=2, env=NARROW)
    assert found.rows == [{"n": 5}, {"n": 6}]
    assert not found.exact
    assert 100_000 <= found.total < 200_000
    assert time.monotonic() - began < 30


def test_the_whole_result_is_csv_as_a_snapshot_s_own(people: Snapshot) -> None:
    assert b"".join(people.sql_csv("SELECT * FROM data")) == people.path("csv").read_bytes()


def test_a_result_too_long_for_csv_is_refused_before_the_first_byte(people: Snapshot) -> None:
    with pytest.raises(BadInput, match="gives more than 100,000 rows") as refused:
        people.sql_csv("SELECT * FROM range(100000000)", env=NARROW)
    assert "LADLE_SQL_ROWS" in refused.value.hint


FORBIDDEN = {
    "COPY data TO '{out}'": "It is COPY",
    "COPY (SELECT 1) TO '{data}'": "It is COPY",
    "EXPLAIN ANALYZE COPY data TO '{data}'": "It is EXPLAIN",
    "EXPLAIN ANALYZE SELECT * FROM data": "It is EXPLAIN",
    "WITH x AS (COPY data TO '{data}') SELECT * FROM x": "COPY",
    "ATTACH '{out}' AS other": "It is ATTACH",
    "ATTACH '{data}' AS other (READ_ONLY)": "It is ATTACH",
    "INSTALL httpfs": "It is LOAD",
    "LOAD httpfs": "It is LOAD",
    "SELECT * FROM read_csv('/etc/passwd')": "read_csv",
    "SELECT * FROM read_text('/etc/passwd')": "read_text",
    "SELECT * FROM glob('/etc/*')": "glob",
    "SELECT * FROM '/etc/passwd'": "There is no table",
    "SELECT * FROM '{data}'": "There is no table",
    "SELECT * FROM read_parquet('{data}')": "read_parquet",
    "PRAGMA database_list": "It is PRAGMA",
    "CALL pragma_version()": "It is CALL",
    "SET memory_limit = '100GB'": "It is SET",
    "RESET lock_configuration": "It is ",
    "SELECT 1; SELECT 2": "2 statements",
    "SELECT 1; DROP TABLE data": "2 statements",
    "SELECT 1 -- ;\n; COPY data TO '{out}'": "2 statements",
    "SELECT 1 /* ; */ ; /* nothing */ ATTACH '{out}'": "2 statements",
    "SELECT '; -- ' ;\nCOPY data TO '{out}' --": "2 statements",
    "/* SELECT 1 */ COPY data TO '{out}'": "It is COPY",
    "SELECT 1\0; SELECT 2": "2 statements",
    "SELECT getenv('HOME')": "getenv",
    "SELECT random() FROM data": "random",
    "SELECT current_setting('temp_directory')": "current_setting",
    "COPY data FROM '/etc/passwd'": "It is COPY",
    "SELECT content FROM read_blob('/etc/passwd')": "read_blob",
    "SELECT (SELECT content FROM read_text('/proc/self/environ'))": "read_text",
    "SELECT name FROM data WHERE EXISTS (FROM '/etc/passwd')": "There is no table",
    "SELECT name FROM data ORDER BY (SELECT 1 FROM '/etc/passwd')": "There is no table",
    "SELECT name FROM data LIMIT (SELECT count(*) FROM '/etc/passwd')": "There is no table",
    "SELECT list_transform([1], lambda x: (SELECT 1 FROM '/etc/passwd'))": "There is no table",
    "WITH data AS (FROM '/etc/passwd') SELECT * FROM data": "There is no table",
    "FROM 'http://127.0.0.1:1/x.csv'": "There is no table",
    'FROM "{data}"': "There is no table",
    "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')": '"query"',
    "SELECT * FROM query_table('data')": "query_table",
    "SELECT * FROM parquet_metadata('{data}')": "parquet_metadata",
    "SELECT * FROM sniff_csv('/etc/passwd')": "sniff_csv",
    "SELECT * FROM duckdb_secrets()": "duckdb_secrets",
    "SELECT * FROM information_schema.tables": "There is no table",
    "SELECT * FROM memory.main.data": "There is no table",
    "SELECT * FROM repeat('x', 3000000000)": '"repeat"',
    "SELECT getvariable('x')": "getvariable",
    "SELECT write_log('x')": "write_log",
    "EXPORT DATABASE '{out}'": "It is EXPORT",
    "IMPORT DATABASE '{out}'": "It is ",
    "CREATE MACRO f(x) AS x": "It is CREATE",
    "CREATE SECRET s (TYPE s3)": "It is CREATE",
    "CALL duckdb_settings()": "It is CALL",
    "PREPARE p AS SELECT 1": "It is PREPARE",
    "WITH x AS (DELETE FROM data RETURNING *) SELECT * FROM x": "DELETE",
    "SELECT * FROM (SHOW TABLES)": "SHOW",
    "SEL\0ECT 1": "syntax error",
    "SELECT \u202e1": "not found",
    "SELECT 1\uff1bCOPY data TO '{out}'": "syntax error",
    "SELECT regexp_matches('x', '((((a{1,1000}){1,1000}){1,1000}){1,1000})')": "repetition",
    "SELECT " + "-(" * 4_000 + "1" + ")" * 4_000: "dep",
    "SELECT * FROM duckdb_settings()": "duckdb_settings",
    "INSERT INTO data VALUES (1)": "It is INSERT",
    "DROP VIEW data": "It is DROP",
    "CREATE TABLE t AS SELECT 1": "It is CREATE",
    "SELECT " + "(" * 5_000 + "1" + ")" * 5_000: "depth",
    "SELECT " + "[" * 900 + "]" * 900: "too deep",
    "SELECT * FROM " + "(SELECT * FROM " * 400 + "data" + ")" * 400: "too deep",
    "SELECT 1 AS a /*" + "x" * 1_000_000 + "*/": "20,000 are the most",
    " \n": "There is no query",
    "\ud800": "half a character",
}


@pytest.mark.parametrize("query", FORBIDDEN, ids=lambda query: query[:40].encode("ascii", "replace").decode())
def test_what_is_no_select_on_the_snapshot_is_refused_and_changes_nothing(
    people: Snapshot, tmp_path: Path, query: str
) -> None:
    before, out = sums(people.folder), tmp_path / "out"
    with pytest.raises(BadInput) as refused:
        people.sql(query.replace("{out}", str(out)).replace("{data}", str(people.path("parquet"))), env=NARROW)
    assert FORBIDDEN[query] in str(refused.value)
    assert refused.value.hint
    assert not out.exists()
    assert sums(people.folder) == before


GREEDY = {
    "SELECT repeat('x', 3000000000)": "memory",
    "SELECT length(repeat('x', 3000000000)) FROM data": "memory",
    "SELECT list(range) FROM range(1000000000)": "memory",
    "SELECT * FROM range(1000000000) ORDER BY range DESC": "memory",
    "SELECT generate_series(1, 1000000000)": "memory",
    "SELECT string_agg(repeat('x', 1000000)) FROM range(1000000)": "memory",
    "WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM t) SELECT * FROM t": "memory|seconds",
    "SELECT list_reduce([repeat('x', 1000) for i in range(40)], lambda a, b: a || a || b)": "memory|seconds",
    "WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a FROM t) SELECT max(a) FROM t": "3 seconds",
    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range < 0": "memory|seconds",
    "SELECT a.name FROM "
    + ", ".join(f"data {name}" for name in "abcdefgh")
    + " WHERE a.mass + h.mass < 0": "memory|seconds",
}


@pytest.mark.parametrize("query", GREEDY)
def test_what_takes_too_much_is_stopped_within_the_limits_and_told(people: Snapshot, query: str) -> None:
    before, began = sums(people.folder), time.monotonic()
    with pytest.raises(BadInput, match=GREEDY[query]) as stopped:
        people.sql(query, env=NARROW)
    assert time.monotonic() - began < 30
    assert "Select less" in stopped.value.hint
    assert "LADLE_SQL_" in stopped.value.hint
    assert sums(people.folder) == before


def test_a_mistake_is_told_in_duckdb_s_words_with_its_line_and_what_to_do(people: Snapshot) -> None:
    with pytest.raises(BadInput) as refused:
        people.sql("SELECT name,\n  mas + 1\nFROM data")
    assert 'Referenced column "mas" not found' in refused.value.message
    assert "(line 2: mas + 1)" in refused.value.message
    assert refused.value.hint == 'Write one SELECT on the table "data"; its columns: name, mass, born, world.'


def test_a_value_that_can_t_be_converted_is_told(people: Snapshot) -> None:
    with pytest.raises(BadInput, match=r"Could not convert string 'Person 1' to INT32.*TRY_CAST"):
        people.sql("SELECT name::INTEGER FROM data")


def test_no_error_names_a_path_of_the_machine(tmp_path: Path) -> None:
    snapshot = built(tmp_path, [page(1, PEOPLE)], of=source(key=None))
    parquet = snapshot.path("parquet")
    parquet.write_bytes(b"x" * parquet.stat().st_size)
    with pytest.raises(BadInput) as failed:
        snapshot.sql("SELECT * FROM data")
    assert str(tmp_path) not in str(failed.value)


def test_a_file_that_is_not_the_one_that_was_kept_is_refused(tmp_path: Path) -> None:
    snapshot = built(tmp_path, [page(1, PEOPLE)], of=source(key=None))
    snapshot.path("parquet").write_bytes(b"short")
    with pytest.raises(Damaged):
        snapshot.sql("SELECT 1")


def test_who_no_longer_waits_ends_the_query(people: Snapshot) -> None:
    class Gone(Exception):
        pass

    before = mine()

    def wanted() -> None:
        if mine() > before:
            raise Gone

    began = time.monotonic()
    with pytest.raises(Gone):
        people.sql("SELECT count(*) FROM range(10000000) a, range(10000000) b", wanted=wanted)
    assert time.monotonic() - began < 5
    assert mine() == before


def mine() -> set[int]:
    """Process ids of those that this process began and that have not ended; servers of other tests among them."""
    return set(children(os.getpid()))


def test_columns_may_be_called_anything(tmp_path: Path) -> None:
    record = {name: number for number, name in enumerate(ODD_NAMES) if name}
    snapshot = built(tmp_path, [page(1, [record])], of=source(key=None))
    row = snapshot.sql("SELECT * FROM data").rows[0]
    # SQL does not tell "Name" from "name".
    assert row == {("name_1" if name == "name" else name): value for name, value in record.items()}


def test_a_snapshot_without_rows_can_be_asked(tmp_path: Path) -> None:
    snapshot = built(tmp_path, [page(1, [])], of=source(field("name"), key=None))
    assert snapshot.sql("SELECT * FROM data").total == 0


@pytest.mark.parametrize(
    ("name", "text"), [("LADLE_SQL_SECONDS", "0"), ("LADLE_SQL_MEMORY", "1 GB"), ("LADLE_SQL_ROWS", "-1")]
)
def test_a_setting_that_can_t_be_is_named(people: Snapshot, name: str, text: str) -> None:
    with pytest.raises(SettingError, match=f'{name} is "{text}"'):
        people.sql("SELECT 1", env={name: text})


@pytest.mark.parametrize("part", [{"limit": 0}, {"limit": 1001}, {"offset": -1}])
def test_a_part_that_can_t_be_is_refused(people: Snapshot, part: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        people.sql("SELECT 1", **part)


def test_a_query_that_takes_seconds_is_answered_as_any_other(people: Snapshot) -> None:
    """From two seconds on DuckDB draws a bar, and its standard output is what is read here."""
    query = "SELECT count(*) AS n FROM range(200000000) t(a) WHERE hash(a) % 7 = 3 AND hash(a + 1) % 7 = 3"
    ((found,),) = (row.values() for row in people.sql(query, env={"LADLE_SQL_SECONDS": "100"}).rows)
    assert found == pytest.approx(200_000_000 / 49, rel=0.01)
