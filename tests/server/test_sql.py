"""People's own SQL over HTTP: a page of the result, in turn, stopped when its asker goes away, and no harm done."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from urllib.parse import quote

import pytest

from ladle.explore.snapshot import Snapshot
from tests.processes import children_of_all_threads, command_of
from tests.server.site import Site, until
from tests.servers.stack import home_with
from tests.snapshots.kit import built, page, source

ENDLESS = "SELECT count(*) FROM range(9000000000000000000) WHERE range % 3 = 7"  # a sum for ages, in little memory
PEOPLE = [{"name": f"Person {number}", "mass": number} for number in range(25)]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return built(tmp_path_factory.mktemp("sql"), [page(1, PEOPLE)], of=source(key=None))


@pytest.fixture(scope="module")
def site(people: Snapshot) -> Iterator[Site]:
    """A query may take ten minutes: in these tests it is somebody who ends it."""
    with Site(home_with(people.folder), LADLE_SQL_SECONDS="600", LADLE_SQL_MEMORY="64") as running:
        until(lambda: running.children() or running.workers)
        yield running


@pytest.fixture
def sql(people: Snapshot) -> str:
    return f"/api/v1/snapshots/{people.id}/sql"


@pytest.fixture
def own(people: Snapshot) -> str:
    """The page."""
    return f"/snapshots/{people.id}/sql"


def test_a_page_of_the_result_has_its_columns_rows_and_count(site: Site, sql: str) -> None:
    body = {"query": "SELECT name, mass FROM data WHERE mass >= 5 ORDER BY mass DESC"}
    first = site.post(f"{sql}?limit=3", body).json
    assert first["columns"] == [{"name": "name", "type": "text"}, {"name": "mass", "type": "integer"}]
    assert first["results"][0] == {"name": "Person 24", "mass": 24}
    assert (first["count"], first["exact"], first["previous"]) == (20, True, None)
    second = site.post(first["next"].partition(f":{site.port}")[2], body).json
    assert [row["mass"] for row in second["results"]] == [21, 20, 19]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "The query is missing"),
        ([], "not a JSON object"),
        ({"query": 1}, '"query" is 1'),
        ({"query": "SELECT 1", "form": "csv"}, 'no key "form"'),
        ({"query": "SELECT nme FROM data"}, '(line 1: SELECT nme FROM data). Write one SELECT on the table "data"'),
        ({"query": "SELECT\nFROM data"}, "SELECT clause without selection list"),
        ({"query": "\ud800"}, "half a character"),
    ],
)
def test_what_is_wrong_is_a_400_that_says_so(site: Site, sql: str, body: object, told: str) -> None:
    answer = site.post(sql, body)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json["detail"]


def test_a_query_of_a_megabyte_is_not_run_and_the_server_goes_on(site: Site, sql: str, own: str) -> None:
    huge = f"SELECT 1 AS a /*{'x' * 1_000_000}*/"
    assert site.post(sql, {"query": huge}).status == 400
    assert site.get(f"{own}/?q=" + quote(huge)).status in (400, 414, 431)
    assert site.get(own).status == 200


ATTACKS = (
    "COPY data TO '{csv}'",
    "EXPLAIN ANALYZE COPY data TO '{csv}'",
    "WITH x AS (COPY data TO '{csv}') SELECT * FROM x",
    "ATTACH '{csv}'",
    "INSTALL httpfs",
    "SELECT * FROM read_csv('/etc/passwd')",
    "PRAGMA database_list",
    "SELECT 1; COPY data TO '{csv}'",
    "SELECT repeat('x', 3000000000)",
    "WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a FROM t) SELECT max(a) FROM t",
    "SELECT getenv('HOME')",
)


@pytest.mark.timeout(300)  # some are stopped by the clock
def test_nothing_that_is_asked_by_api_or_page_changes_a_file_and_the_server_goes_on(
    people: Snapshot, sql: str, own: str
) -> None:
    before = {path: sha256(path.read_bytes()).hexdigest() for path in people.folder.iterdir()}
    with Site(home_with(people.folder), LADLE_SQL_SECONDS="1", LADLE_SQL_MEMORY="64") as brief:
        for attack in ATTACKS:
            query = attack.replace("{csv}", str(people.path("csv")))
            assert brief.post(sql, {"query": query}).status == 400, query
            page = brief.get(f"{own}/?q={quote(query)}")
            assert (page.status, b'id="problem"' in page.body) == (400, True), query
            assert b"root:" not in page.body
        assert {path: sha256(path.read_bytes()).hexdigest() for path in people.folder.iterdir()} == before
        assert brief.get(f"/api/v1/snapshots/{people.id}/rows").status == 200
        assert brief.get(own).status == 200


def test_a_query_ends_when_its_asker_goes_away(site: Site, sql: str) -> None:
    with asking(site, sql):
        until(lambda: len(queries(site)) == 1)
        assert site.get(sql.removesuffix("/sql")).status == 200
    until(lambda: len(queries(site)) == 0)


def test_two_run_at_once_the_others_are_told_and_get_their_turn(site: Site, sql: str, own: str) -> None:
    with asking(site, sql), asking(site, sql):
        until(lambda: len(queries(site)) == 2)
        with asking(site, sql):
            waits = until(lambda: (told := site.get(f"{own}/?q=SELECT+42+AS+n")).status == 202 and told)
            assert "Two queries run already" in waits.body.decode()
            assert '<meta http-equiv="refresh" content="1">' in waits.body.decode()
            assert len(queries(site)) == 2
    until(lambda: len(queries(site)) == 0)
    assert "42" in until(lambda: (told := site.get(f"{own}/?q=SELECT+42+AS+n")).status == 200 and told).body.decode()


def test_the_page_shows_rows_and_keeps_what_was_typed(site: Site, own: str) -> None:
    text = site.get(f"{own}/?q=" + quote("SELECT name FROM data\r\nWHERE mass < 12")).body.decode()
    assert "Showing 1 to 10 of 12" in text
    assert "SELECT name FROM data\nWHERE mass &lt; 12</textarea>" in text
    wrong = site.get(f"{own}/?q=" + quote("SELECT <b> FROM data"))
    assert (wrong.status, "SELECT &lt;b&gt; FROM data</textarea>" in wrong.body.decode()) == (400, True)


def test_the_result_is_there_as_csv_whole_and_as_json_by_pages(site: Site, own: str) -> None:
    query = quote("SELECT mass, name FROM data WHERE mass > 10")
    csv = site.get(f"{own}.csv?q={query}")
    assert csv.body.decode().splitlines()[:2] == ['"mass","name"', '11,"Person 11"']
    assert len(csv.body.decode().splitlines()) == 15
    found = site.get(f"{own}.json?q={query}&_offset=12").json
    assert (found["count"], found["results"]) == (
        14,
        [{"mass": 23, "name": "Person 23"}, {"mass": 24, "name": "Person 24"}],
    )
    assert site.get(f"{own}.csv?q=" + quote("SELECT nme FROM data")).status == 400


@pytest.mark.parametrize("sent", [{"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.example"}], ids=str)
def test_a_page_of_another_site_can_show_a_query_and_not_run_it(site: Site, own: str, sent: dict[str, str]) -> None:
    shown = site.get(f"{own}/?q=SELECT+42+AS+n", **sent)
    assert (shown.status, "SELECT 42 AS n</textarea>" in shown.body.decode()) == (200, True)
    assert "A page of another site led here" in shown.body.decode()
    assert "Result" not in shown.body.decode()
    assert site.get(f"{own}.csv?q=SELECT+42+AS+n", **sent).status == 403


def test_an_unknown_key_kind_or_snapshot_is_told(site: Site, sql: str, own: str) -> None:
    assert site.get(f"{own}/?query=SELECT+1").status == 400
    assert site.get(f"{own}.xlsx?q=SELECT+1").status == 404
    assert site.post("/api/v1/snapshots/nowhere/sql", {"query": "SELECT 1"}).status == 404
    assert site.post(f"{sql}?limit=0", {"query": "SELECT 1"}).status == 400
    assert site.get(sql).status == 405


def queries(site: Site) -> list[int]:
    """Process ids of queries, whichever thread began them."""
    begun = children_of_all_threads(site.process.pid)
    return [each for each in begun if b"ladle_server.worker" not in command_of(each)]


@contextmanager
def asking(site: Site, sql: str) -> Iterator[None]:
    """Somebody asks what takes for ever, and goes away at the end."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port)
    connection.request("POST", sql, json.dumps({"query": ENDLESS}), {"Content-Type": "application/json"})
    try:
        yield
    finally:
        connection.close()
