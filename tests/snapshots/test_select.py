"""A table that is a SELECT: one statement, over the run's own tables, within bounds, the same each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ladle.errors import BadInput, UpstreamError
from ladle.snapshots.bounds import BOUNDS
from ladle.snapshots.result import Result
from ladle.snapshots.selecting import check_select, select
from ladle.snapshots.statement import Wrong, read
from ladle.sources.source import Reference
from tests.snapshots.kit import BASE_URL, field, person
from tests.snapshots.selects import selected

JOINED = """
    SELECT p.name, w.name AS world, mass / 10 AS tenth
    FROM people p JOIN planets w ON p.home = w.url
    ORDER BY mass DESC
"""
NARROW = replace(BOUNDS, select_memory=64 << 20, select_seconds=3, select_bytes=8 << 20)


def test_tables_are_joined_into_one_with_all_that_a_snapshot_has(tmp_path: Path) -> None:
    snapshot = selected(tmp_path, JOINED)
    assert snapshot.rows(limit=2) == [
        {"name": "Person 7", "world": "Alderaan", "tenth": 7.0},
        {"name": "Person 6", "world": "Tatooine", "tenth": 6.0},
    ]
    assert [row.values for row in snapshot.count("world").rows] == [("Alderaan",), ("Tatooine",), ("Hoth",)]
    assert [(column.name, column.type) for column in snapshot.manifest.columns] == [
        ("name", "text"),
        ("world", "text"),
        ("tenth", "number"),
    ]
    assert snapshot.profile()["columns"][1]["distinct"] == 3
    assert sorted(path.name for path in snapshot.path("csv").parent.iterdir()) == [
        "data.csv",
        "data.index",
        "data.parquet",
        "manifest.json",
        "profile.json",
    ]


def test_its_own_table_has_the_columns_of_the_dataset_and_the_others_all_fields(tmp_path: Path) -> None:
    world = field("world", path="home", reference=Reference(resource="planets", value="name"))
    sql = "SELECT people.*, climate FROM people LEFT JOIN planets ON world = planets.name"
    snapshot = selected(tmp_path, sql, field("name"), world)
    assert snapshot.rows(limit=2) == [
        {"name": "Person 1", "world": "Alderaan", "climate": "temperate"},
        {"name": "Person 2", "world": "Hoth", "climate": None},
    ]


def test_the_same_journal_gives_the_same_bytes(tmp_path: Path) -> None:
    people = [person(number, home=f"{BASE_URL}planets/{1 + number % 3}/", mass=number / 7) for number in range(5_000)]
    sql = """
        SELECT w.name, mass::INTEGER % 100 AS class, sum(mass) AS mass, count(*) AS n, any_value(p.name) AS one
        FROM people p JOIN planets w ON p.home = w.url GROUP BY ALL
    """
    files = [selected(tmp_path / f"{number}", sql, people=people).manifest.files for number in range(2)]
    assert files[0] == files[1]


def test_rows_come_in_the_order_of_the_table_where_the_select_names_none(tmp_path: Path) -> None:
    people = [person(number, mass=number) for number in range(250_000, 0, -1)]
    snapshot = selected(tmp_path, "SELECT mass FROM people WHERE mass % 5 = 0", people=people)
    assert snapshot.arrow().column("mass").to_pylist() == list(range(250_000, 0, -5))


VALUES: list[tuple[str, str, Any]] = [
    ("1", "integer", 1),
    ("sum(mass)", "integer", 280),
    ("18446744073709551615::UBIGINT", "text", "18446744073709551615"),
    ("170141183460469231731687303715884105727", "text", "170141183460469231731687303715884105727"),
    ("1.5", "number", 1.5),
    ("avg(mass)", "number", 40.0),
    ("1.23456789012345678", "text", "1.23456789012345678"),
    ("1::FLOAT", "number", 1.0),
    ("1 / 0", "number", None),
    ("'nan'::DOUBLE", "number", None),
    ("'-infinity'::DOUBLE", "number", None),
    ("true", "boolean", True),
    ("NULL", "text", None),
    ("'é'", "text", "é"),
    ("DATE '2020-02-29'", "date", date(2020, 2, 29)),
    ("DATE '10000-01-01'", "text", "10000-01-01"),
    ("'infinity'::DATE", "date", None),
    ("TIMESTAMP '2020-01-01 10:00:00'", "timestamp", datetime(2020, 1, 1, 10, tzinfo=UTC)),
    ("TIMESTAMPTZ '2020-01-01 10:00:00+02'", "timestamp", datetime(2020, 1, 1, 8, tzinfo=UTC)),
    ("TIMESTAMP_S '2020-01-01 10:00:00'", "timestamp", datetime(2020, 1, 1, 10, tzinfo=UTC)),
    ("TIMESTAMP '2020-01-01 10:00:00.5'", "text", "2020-01-01T10:00:00.500000Z"),
    ("'infinity'::TIMESTAMP", "timestamp", None),
    ("[1, 2]", "text", "[1,2]"),
    ("{'a': DATE '2020-01-01', 'b': [1.5]}", "text", '{"a":"2020-01-01","b":[1.5]}'),
    ("MAP {'a': 1}", "text", '{"a":1}'),
    ("TIME '10:00:00'", "text", "10:00:00"),
    ("INTERVAL 3 DAY", "text", "3 days"),
    ("'a'::ENUM('a', 'b')", "text", "a"),
    ("'{\"a\": 1}'::JSON", "text", '{"a": 1}'),
]


def test_a_column_of_the_result_has_the_type_that_keeps_its_values(tmp_path: Path) -> None:
    columns = ", ".join(f"{value} AS v{number}" for number, (value, _, _) in enumerate(VALUES))
    snapshot = selected(tmp_path, f"SELECT {columns}, count(*) AS n FROM people")
    (row,) = snapshot.rows()
    found = zip(snapshot.manifest.columns, row.values(), strict=True)
    assert [(column.type, shown) for column, shown in found] == [*(each[1:] for each in VALUES), ("integer", 7)]


def test_one_fraction_of_a_second_makes_the_whole_column_text(tmp_path: Path) -> None:
    sql = "SELECT TIMESTAMP '2020-01-01' + mass * INTERVAL 50 MILLISECOND AS t FROM people LIMIT 2"
    snapshot = selected(tmp_path, sql)
    assert [row["t"] for row in snapshot.rows()] == ["2020-01-01T00:00:00.500000Z", "2020-01-01T00:00:01.000000Z"]


def test_a_result_without_rows_is_a_table_without_rows(tmp_path: Path) -> None:
    snapshot = selected(tmp_path, "SELECT name, mass FROM people WHERE mass > 1000")
    assert snapshot.rows() == []
    assert [column.type for column in snapshot.manifest.columns] == ["text", "integer"]


FORBIDDEN = {
    "COPY people TO '/tmp/out'": "COPY",
    "COPY (SELECT 1) TO '/tmp/out'": "COPY",
    "WITH x AS (COPY people TO '/tmp/out') SELECT * FROM x": "COPY",
    "WITH x AS (INSERT INTO people VALUES (1) RETURNING *) SELECT * FROM x": "INSERT",
    "EXPLAIN ANALYZE COPY people TO '/tmp/out'": "EXPLAIN",
    "EXPORT DATABASE '/tmp/out'": "EXPORT",
    "ATTACH '/tmp/out'": "ATTACH",
    "INSTALL httpfs": "LOAD",
    "LOAD httpfs": "LOAD",
    "PRAGMA database_list": "PRAGMA",
    "CALL pragma_version()": "CALL",
    "SET threads = 8": "SET",
    "CREATE TABLE t AS SELECT 1": "CREATE",
    "DROP VIEW people": "DROP",
    "SELECT 1; SELECT 2": "2 statements",
    "": "no statement",
    "-- nothing": "no statement",
    "SHOW TABLES": "SHOW",
    "SELECT * FROM (DESCRIBE people)": "DESCRIBE",
    "SELECT * FROM read_csv('/etc/passwd')": "read_csv",
    "SELECT * FROM read_text('/etc/passwd')": "read_text",
    "SELECT * FROM read_blob('/etc/passwd')": "read_blob",
    "SELECT * FROM read_parquet('/etc/passwd')": "read_parquet",
    "SELECT * FROM parquet_metadata('/etc/passwd')": "parquet_metadata",
    "SELECT * FROM sniff_csv('/etc/passwd')": "sniff_csv",
    "SELECT * FROM glob('/etc/*')": "glob",
    "SELECT * FROM '/etc/passwd'": "/etc/passwd",
    'SELECT * FROM "/etc/passwd"': "/etc/passwd",
    "SELECT * FROM people WHERE name IN (SELECT content FROM read_text('/etc/passwd'))": "read_text",
    "SELECT (SELECT content FROM read_text('/etc/passwd')) FROM people": "read_text",
    "FROM query('SELECT 1')": "query",
    "SELECT * FROM json_execute_serialized_sql('')": "json_execute_serialized_sql",
    "SELECT * FROM python_map_function(1)": "python_map_function",
    "SELECT * FROM enable_logging()": "enable_logging",
    "SELECT * FROM duckdb_settings()": "duckdb_settings",
    "SELECT * FROM duckdb_secrets()": "duckdb_secrets",
    "SELECT * FROM pragma_table_info('people')": "pragma_table_info",
    "SELECT * FROM information_schema.tables": "information_schema.tables",
    "SELECT * FROM asked": "asked",
    "SELECT current_setting('temp_directory')": "current_setting",
    "SELECT getvariable('a')": "getvariable",
    "SELECT write_log('a')": "write_log",
    "SELECT random()": "random",
    "SELECT uuid()": "uuid",
    "SELECT now()": "now",
    "SELECT CURRENT_DATE": "CURRENT_DATE",
    "SELECT current_timestamp FROM people": "current_timestamp",
    "SELECT age(TIMESTAMP '2020-01-01')": "age",
    "SELECT * FROM people USING SAMPLE 3 ROWS": "sample",
    "SELECT * FROM people TABLESAMPLE 50%": "sample",
    "SELECT * FROM peopl": '"peopl"',
    "SELECT * FRM people": "(line 1: SELECT * FRM people)",
}
NOT_THERE = {
    "SELECT nam FROM people": '"nam"',
    "SELECT name,\n  mas + 1\nFROM people": '"mas"',
    "SELECT p.name, w.name FROM people p, planets w": 'two columns named "name"',
    "SELECT getenv('HOME')": "getenv",
    "SELECT * FROM people p, read_csv(p.name)": "read_csv",
}


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_what_is_more_than_one_select_over_its_tables_is_refused_by_its_name(sql: str) -> None:
    with pytest.raises(Wrong) as refused:
        read(sql, tables=["people", "planets"])
    assert FORBIDDEN[sql] in str(refused.value)
    assert refused.value.kind == "refused"


@pytest.mark.parametrize(
    "sql",
    [
        "FROM people",
        "SELECT 1 ; -- and no more",
        "TABLE planets",
        "VALUES (1), (2)",
        "WITH p AS (SELECT * FROM people), q AS (FROM p) SELECT * FROM q, PEOPLE",
        "WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM t WHERE a < 9) SELECT * FROM t",
        "SELECT name FROM people UNION ALL SELECT name FROM planets ORDER BY name LIMIT 3",
        "SELECT *, row_number() OVER (PARTITION BY home ORDER BY mass) AS n FROM people QUALIFY n = 1",
        "SELECT * EXCLUDE (url) REPLACE (mass / 2 AS mass), COLUMNS('na.*') AS other FROM people",
        "SELECT films ->> '$[0]', j.value FROM people, json_each(films) AS j",
        "SELECT unnest(from_json(films, '[\"VARCHAR\"]')) AS film, list_transform([1], lambda x: x + 1) FROM people",
        "SELECT * FROM (PIVOT people ON name IN ('a', 'b') USING sum(mass))",
        'SELECT people.current_date, "user" FROM people WHERE EXISTS (FROM planets WHERE url = home)',
        "SELECT TRY_CAST(mass AS DOUBLE), CASE WHEN mass > 1 THEN 'a' END, error('no') FROM people",
        "SELECT age(TIMESTAMP '2020-01-02', TIMESTAMP '2020-01-01'), strftime(DATE '2020-01-01', '%Y'), md5('')",
    ],
)
def test_any_plain_select_may_be_run(sql: str) -> None:
    assert read(sql, tables=["people", "planets"]) == sql


@pytest.mark.parametrize("sql", NOT_THERE)
def test_what_the_tables_have_not_is_named(tmp_path: Path, sql: str) -> None:
    with pytest.raises(BadInput) as refused:
        selected(tmp_path, sql)
    assert NOT_THERE[sql] in str(refused.value)
    assert refused.value.hint == 'Change "sql" in the source\'s definition.'
    assert "stars/people" in refused.value.message
    assert not list((tmp_path / "home" / "snapshots").rglob("*.*"))


def test_the_engine_itself_reaches_nothing_even_if_its_sql_were_not_read_before(tmp_path: Path) -> None:
    secret, out = tmp_path / "secret.csv", tmp_path / "out.csv"
    secret.write_text("a\nb\n")
    for sql in (f"SELECT * FROM read_csv('{secret}')", f"WITH x AS (COPY people TO '{out}') SELECT * FROM x"):
        without = (
            "import ladle.snapshots.select as s, ladle.snapshots.statement as t, sys;"
            "t.refusal = lambda *_: None; sys.exit(s.main())"
        )
        code, said = _child([sys.executable, "-c", without], sql, tmp_path)
        assert code == 1
        assert "disabled by configuration" in said
    assert not out.exists()


def test_the_child_knows_nothing_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARS_API_KEY", "very-secret")
    seen = tmp_path / "environ"
    marker = tmp_path / "site"
    marker.mkdir()
    (marker / "sitecustomize.py").write_text(f"import os\nopen({str(seen)!r}, 'w').write(repr(dict(os.environ)))\n")
    monkeypatch.setattr(sys, "path", [str(marker), *sys.path])
    selected(tmp_path, "SELECT * FROM people")
    assert "PYTHONPATH" in seen.read_text()
    assert "very-secret" not in seen.read_text()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT repeat('x', 3000000000) FROM people",
        "SELECT length(repeat('x', 3000000000)) FROM people",
        "SELECT list(range) FROM range(1000000000)",
        "SELECT string_agg(repeat('x', 1000), '') FROM range(100000000)",
        "SELECT * FROM range(1000000000) ORDER BY range",
        "SELECT count(*) FROM (SELECT DISTINCT a.range * 1000000 + b.range FROM range(100000) a, range(100000) b)",
    ],
)
def test_memory_is_bounded_and_what_needs_more_is_told(tmp_path: Path, sql: str) -> None:
    began = time.monotonic()
    with pytest.raises(UpstreamError, match="needs more than 64 MB of memory"):
        selected(tmp_path, sql, bounds=replace(NARROW, select_seconds=60))
    assert time.monotonic() - began < 40


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(10000000) a, range(10000000) b",
        "WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a FROM t) SELECT max(a) FROM t",
    ],
)
def test_time_is_bounded(tmp_path: Path, sql: str) -> None:
    began = time.monotonic()
    with pytest.raises(UpstreamError, match="takes more than 3 seconds"):
        selected(tmp_path, sql, bounds=replace(NARROW, select_memory=256 << 20))
    assert time.monotonic() - began < 30


def test_the_size_of_the_result_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="gives more than 8 MB"):
        selected(tmp_path, "SELECT * FROM people, range(1000000)", bounds=replace(NARROW, select_seconds=60))


def test_a_row_that_is_too_large_is_told(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="A row of its result takes 19 MB; 16 is the most"):
        selected(tmp_path, "SELECT repeat('x', 20000000) FROM people")


def test_a_table_may_have_a_name_that_sql_quotes(tmp_path: Path) -> None:
    people = selected(tmp_path / "people", "SELECT * FROM people").path("parquet")
    select(
        'SELECT count(*) AS n FROM "old-people"', tables={"old-people": people}, into=tmp_path / "n", of="stars/people"
    )
    assert [table.to_pylist() for table in Result(tmp_path / "n").tables()] == [[{"n": 7}]]


def test_a_value_that_can_t_be_converted_is_told_in_the_select_s_own_words(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError) as failed:
        selected(tmp_path, "SELECT name::INTEGER FROM people")
    assert "Could not convert string 'Person 1' to INT32" in str(failed.value)
    assert '"SELECT name::INTEGER FROM people"' in str(failed.value)


def test_who_no_longer_wants_the_table_ends_the_select(tmp_path: Path) -> None:
    class Halted(Exception):
        pass

    looks: list[int] = []

    def wanted() -> None:
        looks.append(1)
        if len(looks) > 3:
            raise Halted

    sql = "SELECT count(*) FROM range(10000000) a, range(10000000) b"
    with pytest.raises(Halted):
        select(sql, tables={}, into=tmp_path / "result", of="stars/people", wanted=wanted)


def test_the_child_ends_when_whoever_began_it_is_gone(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "ladle.snapshots.select"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert child.stdin is not None
    child.stdin.write(_asked("SELECT count(*) FROM range(10000000) a, range(10000000) b", {}, str(tmp_path / "result")))
    child.stdin.close()
    assert child.wait(30) == 1


def test_all_tables_are_held_against_the_api_s_count(tmp_path: Path) -> None:
    manifest = selected(tmp_path, JOINED, counts=(7, 60)).manifest
    assert not manifest.complete
    assert manifest.reasons == ("planets: The API says that there are 60 records; 3 were found.",)
    assert (manifest.claimed, manifest.found, manifest.rows) == (7, 7, 7)


def test_it_is_complete_when_all_tables_are_though_it_has_fewer_rows(tmp_path: Path) -> None:
    manifest = selected(tmp_path, "SELECT count(*) AS n FROM people, planets", counts=(7, 3)).manifest
    assert manifest.complete
    assert (manifest.rows, manifest.found) == (1, 7)


def test_a_table_of_which_no_record_came_is_named(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match='stars/people, table "planets": no record came'):
        selected(tmp_path, JOINED, planets=[])


def test_a_select_is_checked_before_anything_is_collected() -> None:
    check_select(JOINED, tables=["people", "planets"], of="stars/people")
    with pytest.raises(BadInput, match=r'There is no table "plants"\. Did you mean "planets"'):
        check_select("SELECT * FROM plants", tables=["people", "planets"], of="stars/people")


def _asked(sql: str, tables: dict[str, str], into: str) -> bytes:
    limits = {"memory": 64 << 20, "seconds": 60, "bytes": 1 << 20}
    return json.dumps({"sql": sql, "tables": tables, "into": into, **limits}).encode() + b"\n"


def _child(command: list[str], sql: str, path: Path) -> tuple[int, str]:
    people = str(selected(path / "people", "SELECT * FROM people").path("parquet"))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)) as child:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.write(_asked(sql, {"people": people}, str(path / "result")))
        child.stdin.flush()
        said = child.stderr.read().decode()
        return child.wait(), said
