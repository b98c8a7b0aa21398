"""The bench of looking: takes a small table and made-up numbers, sees that all are asked, held together and told of."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bench.explore.__main__ import main
from bench.explore.first import PAIRS
from bench.explore.kept import Kept
from bench.explore.load import Script, play, told
from bench.explore.questions import NAMES, QUESTIONS, digest
from bench.explore.shown import tables
from bench.explore.targets import lines
from bench.explore.tools import RIVALS, chosen

TOOLS = ("Ladle", "DuckDB on the Parquet", "sqlite")
ASKED = ("page at the end", "counts of two columns")
QUICK = ("--quick", "--rows", "2000", "--only", ",".join(TOOLS))
FIRST_ONLY = (*QUICK, "--parts", "first")
QUESTIONS_ONLY = (*QUICK, "--parts", "questions", "--questions", ";".join(ASKED))
SERVERS_ONLY = (
    *QUICK,
    "--parts",
    "load,people",
    "--seconds",
    "0.2",
    "--at-once",
    "2",
    "--people",
    "3",
    "--thinking",
    "0-0.1",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a table of 2,000 rows is kept, and what three tools took to answer."""
    folder = tmp_path_factory.mktemp("explore")
    assert main([*QUESTIONS_ONLY, "--folder", str(folder)]) == 0
    return folder


def records(folder: Path, what: str) -> list[dict[str, Any]]:
    return [each for each in json.loads((folder / "results.json").read_text("utf-8")) if each["what"] == what]


def test_every_tool_gives_the_answer_that_ladle_gives(folder: Path) -> None:
    found = records(folder, "question")
    assert {(each["question"], each["tool"]) for each in found} == {(name, tool) for name in ASKED for tool in TOOLS}
    for name in ASKED:
        assert len({each["answer"] for each in found if each["question"] == name}) == 1, name
    laps = [lap for each in found for lap in each["laps"]]
    assert all(lap["cold"] > lap["first"] > 0 < lap["warm"] and lap["memory"] > 0 for lap in laps)


def test_servers_are_put_under_load_without_an_error(folder: Path) -> None:
    assert main([*SERVERS_ONLY, "--folder", str(folder)]) == 0
    loads = records(folder, "load")
    assert {each["server"] for each in loads} == {"a fixed answer", "Ladle"}
    assert {each["kind"] for each in loads} == {"rows as JSON", "rows as a page", "counts as JSON"}
    (people,) = records(folder, "crowd")
    assert sum(kind["number"] for kind in people["kinds"].values()) >= 3
    assert all(each["errors"] == {} and each["per_second"] > 0 < each["memory"] for each in [*loads, people])


def test_ladle_and_bare_duckdb_count_pairs_by_turns_each_for_the_first_time(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = folder / "home" / "orders"
    orders.mkdir(exist_ok=True)
    assert main([*FIRST_ONLY, "--folder", str(folder)]) == 0
    assert not orders.exists(), "what was counted before is removed"
    found = records(folder, "first")
    assert [tuple(each["columns"]) for each in found] == list(PAIRS)
    laps = [lap for each in found for lap in each["laps"]]
    assert len(laps) == len(PAIRS), "one round"
    assert all(lap[tool]["wall"] > 0 < lap[tool]["cpu"] for lap in laps for tool in TOOLS[:2])
    assert [next(iter(lap)) for lap in laps[:3]] == ["Ladle", "DuckDB on the Parquet", "Ladle"], "who begins changes"
    said = capsys.readouterr().out
    assert "counts, first time, 2,000 rows" in said
    assert "counts of two columns, first time, beside bare DuckDB, CPU, median of 9 pairs, 2,000 rows" in said
    before = (folder / "results.json").read_bytes()
    assert main([*FIRST_ONLY, "--folder", str(folder)]) == 0
    assert (folder / "results.json").read_bytes() == before, "what is known is not measured again"


def test_what_is_known_is_not_measured_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "results.json").read_bytes()
    assert main([*QUESTIONS_ONLY, "--folder", str(folder)]) == 0
    assert (folder / "results.json").read_bytes() == before
    assert "page at the end, 2,000 rows" in capsys.readouterr().out, "the tables come from the file"


def test_a_wrong_answer_gets_no_numbers_and_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = Kept.at(tmp_path / "results.json")
    for tool, answer in (("Ladle", digest([("red", 1)])), ("petl", digest([("red", 2)]))):
        kept.put(record(tool, "counts of one column", rows=1000, warm=1.0, answer=answer))
    assert main(["--table", "--folder", str(tmp_path)]) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("petl")]
    assert line.split(maxsplit=1)[1] == "gives another answer than Ladle"


def test_answers_are_held_together_whatever_the_order_of_ties() -> None:
    assert digest([("red", 2), ("blue", 2)]) == digest([("blue", 2), ("red", 2)])
    assert digest([1, 2]) != digest([2, 1]), "rows have an order"
    assert digest([0.1 + 0.2]) == digest([0.3])


def test_what_was_measured_on_fewer_rows_is_scaled_up_and_marked(tmp_path: Path) -> None:
    kept = Kept.at(tmp_path / "results.json")
    kept.put(record("Ladle", "counts of two columns", rows=10_000_000, warm=0.1))
    kept.put(record("petl", "counts of two columns", rows=1_000_000, warm=3.0))
    (line,) = [line for line in tables(kept) if line.startswith("petl")]
    assert "~" in line
    assert "30.0 s" in line


def test_a_promise_is_met_or_not_by_what_was_measured(tmp_path: Path) -> None:
    kept = Kept.at(tmp_path / "results.json")
    for tool, warm in (("Ladle", 0.13), ("DuckDB on the Parquet", 0.1), ("DuckDB on the CSV", 2.7)):
        kept.put(record(tool, "counts of two columns", rows=10_000_000, warm=warm))
    kept.put({**record("pandas on the CSV", "counts of two columns", rows=10_000_000), "trouble": "more than 600 s"})
    kept.put({**record("petl", "counts of two columns", rows=1_000_000), "trouble": "ended with 1"})
    found = {line.split("  ", 1)[1].split(", 10 M rows")[0].strip(): line for line in lines(kept)}
    assert found.keys() == {
        f"counts of two columns, {peer}"
        for peer in ("asked again, beside bare DuckDB", "DuckDB on the CSV", "pandas on the CSV")
    }
    bare, csv, pandas = found.values()
    assert bare.startswith("told "), "an answer that is kept is held against nothing"
    assert "1.30 times" in bare
    assert csv.startswith("met")
    assert "20.8 times" in csv
    assert pandas.startswith("met")
    assert "> 4,615 times" in pandas


def test_first_counts_are_promised_in_the_median_and_at_worst_wall_and_cpu_apart(tmp_path: Path) -> None:
    kept = Kept.at(tmp_path / "results.json")
    for name, wall, cpu in (("a, b", 0.9, 1.0), ("c, d", 1.1, 1.1), ("e, f", 1.3, 1.2)):
        kept.put(counted(name, rows=10_000_000, laps=[(wall, cpu), (wall, cpu), (9.0, 9.0)]))
    said = "counts of two columns, first time, beside bare DuckDB"
    assert [line.split(maxsplit=1)[0] + " " + " ".join(line.split()[-5:-3]) for line in lines(kept)] == [
        "met 1.10 times",
        "NOT 1.30 times",
        "met 1.10 times",
        "met 1.20 times",
    ]
    ways = [f"{way}, {which}" for way in ("wall", "CPU") for which in ("median of 3 pairs", "worst pair (e, f)")]
    assert all(f"{said}, {way}, 10 M rows" in line for line, way in zip(lines(kept), ways, strict=True))


def test_first_counts_that_differ_get_no_numbers_and_an_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = Kept.at(tmp_path / "results.json")
    kept.put(counted("a, b", rows=1000, laps=[(1.0, 1.0)]))
    kept.put(counted("c, d", rows=1000, laps=[(1.0, 1.0)], theirs="other"))
    assert main(["--table", "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "c, d  Ladle and bare DuckDB give different answers" in said
    assert "median of 1 pairs" in said


def test_a_hundred_million_rows_go_into_sqlite_only_by_name() -> None:
    few, many = (({each.name for each in chosen([], rows=rows)}) for rows in (10_000_000, 100_000_000))
    assert few == {each.name for each in RIVALS}
    assert few - many == {"sqlite", "sqlite, indexed", "Datasette", "Datasette, tuned"}
    assert [each.name for each in chosen(["datasette"], rows=100_000_000)] == ["Datasette"]
    assert [each.name for each in chosen(["tuned"], rows=100_000_000)] == ["Datasette, tuned"]


def test_every_question_has_a_name_of_its_own_and_every_tool_a_module() -> None:
    assert len(set(NAMES)) == len(QUESTIONS)
    places = Path(__file__).parents[1] / "bench" / "explore" / "peers"
    assert {each.module for each in RIVALS} == {path.stem for path in places.glob("by_*.py")}


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
COUNTED = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\r\n\r\n"
SOUGHT = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nLooking through"
REFUSED = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"


@pytest.mark.parametrize(
    ("answer", "kinds", "errors"),
    [
        (CHUNKED, {"rows"}, set()),
        (COUNTED, {"rows"}, set()),
        (SOUGHT, {"rows, looked for"}, set()),
        (REFUSED, {"rows"}, {"rows: 500"}),
        (CUT, set(), {"rows: ConnectionResetError"}),
    ],
)
def test_answers_are_told_apart_under_load(answer: bytes, kinds: set[str], errors: set[str]) -> None:
    found = asyncio.run(_pressed(answer))
    assert (found["kinds"].keys(), found["errors"].keys()) == (kinds, errors)


async def _pressed(answer: bytes) -> dict[str, Any]:
    """What is told of a server that always gives one answer, of which one that is cut short ends the connection."""

    async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await _requests(reader):
            writer.write(answer)
            if answer == CUT:
                break
        writer.close()

    async with await asyncio.start_server(give, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        script = Script(port=port, people=2, seconds=0.1, thinking=(0, 0), clicks={"rows": (1, ["/"])})
        return told(await play(script))


async def _requests(reader: asyncio.StreamReader) -> bool:
    try:
        await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return False
    return True


def record(tool: str, question: str, *, rows: int, warm: float | None = None, answer: str = "same") -> dict[str, Any]:
    """A question as it is kept, asked once."""
    times = {"cold": 1.0, "before": 0.5, "opening": 0.1, "first": 0.4, "warm": warm, "p95": warm, "memory": 90.0}
    about = {"key": f"question/{rows}/{tool}/{question}", "what": "question", "rows": rows, "tool": tool}
    return {**about, "question": question, "laps": [times] if warm else [], "answer": answer}


def counted(
    name: str, *, rows: int, laps: list[tuple[float, float]], mine: str = "same", theirs: str = "same"
) -> dict[str, Any]:
    """A pair as its first counts are kept: Ladle's wall and CPU of each round; bare DuckDB always takes a second."""
    told = [
        {
            "Ladle": {"wall": wall, "cpu": cpu, "combinations": 5, "answer": mine},
            "DuckDB on the Parquet": {"wall": 1.0, "cpu": 1.0, "combinations": 5, "answer": theirs},
        }
        for wall, cpu in laps
    ]
    about = {"key": f"first/{rows}/{name}", "what": "first", "rows": rows, "pair": name}
    return {**about, "columns": name.split(", "), "laps": told}
