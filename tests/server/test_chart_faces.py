"""Charts by every front door: Python, API, page, its CSV and the command line say the same, also where it is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from click.testing import CliRunner, Result
from django.test import Client
from pytest_django import Settings

import ladle
from ladle.cli import main
from ladle.shapes_of_charts import chart_shape, series_shape
from tests.cli.command import process
from tests.servers.stack import home_of, home_with
from tests.snapshots.kit import RUN, built, field, from_records, page, source

pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
KEYS = {"bins": "_bins", "value": "value", "how": "_how", "unit": "_bin", "colour": "colour"}
ASKED: list[tuple[str, tuple[str, ...], dict[str, Any], list[tuple[str, str]]]] = [
    ("histogram", ("height",), {"bins": 5}, []),
    ("histogram", ("mass",), {}, [("_number", "mass"), ("gender", "male")]),
    ("bars", ("gender",), {}, [("_search", "P1")]),
    ("bars", ("of",), {}, [("of__exact", "1")]),
    ("heatmap", ("gender", "height"), {}, [("height__gte", "160")]),
    ("line", ("day",), {"value": "height", "how": "max", "unit": "year"}, []),
    ("map", ("lat", "lon"), {"colour": "height"}, [("gender__isnull", "1")]),
    ("map", ("lat", "lon"), {}, [("gender", "nobody")]),
]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    rows = [
        {
            "name": f"P{i}",
            "height": None if i % 9 == 0 else 150 + i * 7 % 60,
            "mass": ["77", "1,358", "unknown", "78.2"][i % 4],
            "gender": ["male", "female", None][i % 3],
            "day": f"201{i % 5}-0{1 + i % 9}-11",
            "lat": 40 + i % 5,
            "lon": None if i % 8 == 0 else 10 + i % 2,
            "of": i % 2,
        }
        for i in range(60)
    ]
    types = {"mass": "text", "day": "date"}
    columns = [field(name, **({"type": types[name]} if name in types else {})) for name in rows[0]]
    return from_records(tmp_path_factory.mktemp("faces"), rows, *columns)


@pytest.fixture
def here(table: ladle.Snapshot, settings: Settings, db: None) -> str:
    settings.LADLE_HOME = home_with(table.folder)
    return table.id


def ran(table: ladle.Snapshot, *words: str) -> Result:
    return CliRunner().invoke(main, ["chart", f"--home={home_with(table.folder)}", *words])


def options(said: dict[str, Any], view: list[tuple[str, str]]) -> list[str]:
    own = [f"--{name}={value}" for name, value in said.items()]
    names = {"_number": "--number", "_search": "--search"}
    return own + [f"{names[key]}={value}" if key in names else f"--where={key}={value}" for key, value in view]


def streamed(client: Client, address: str) -> str:
    return b"".join(client.get(address)).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "columns", "said", "view"), ASKED)
def test_every_front_door_says_the_same(
    client: Client,
    table: ladle.Snapshot,
    here: str,
    kind: str,
    columns: tuple[str, ...],
    said: dict[str, Any],
    view: list[tuple[str, str]],
) -> None:
    found = table.chart(kind, *columns, view=table.view(view, reserved=()), **said)
    expected = orjson.loads(orjson.dumps(chart_shape(found)))
    own = [(KEYS[name], str(value)) for name, value in said.items()]
    query = urlencode([("kind", kind), *(("of", name) for name in columns), *own, *view])
    answer = client.get(f"/api/v1/snapshots/{here}/chart?{query}")
    assert answer.json() == expected
    assert (
        client.get(f"/api/v1/snapshots/{here}/chart?{query}", headers={"If-None-Match": answer["ETag"]}).status_code
        == 304
    )
    words = [here, kind, *columns, *options(said, view)]
    assert orjson.loads(ran(table, *words, "--json").stdout) == expected
    place = "chart"
    if kind == "map":
        place = "map"
        query = urlencode([("lat", columns[0]), ("lon", columns[1]), ("colour", said.get("colour", "")), *view])
    assert client.get(f"/snapshots/{here}/{place}.json?{query}&_limit=1000").json() == expected
    lines = streamed(client, f"/snapshots/{here}/{place}.csv?{query}")
    assert ran(table, *words, "--csv").stdout == lines
    assert len(lines.splitlines()) == len(found.rows) + 1


@pytest.mark.parametrize(
    ("query", "words", "told"),
    [
        ("of=height", None, "No kind of chart is named"),
        ("kind=pie&of=height", ["pie", "height"], 'There is no kind of chart "pie"'),
        ("kind=bars&of=heigth", ["bars", "heigth"], 'no column "heigth". Did you mean "height"'),
        ("kind=heatmap&of=name", ["heatmap", "name"], "A heatmap is of two columns, not of 1: name"),
        ("kind=histogram&of=mass", ["histogram", "mass"], "_number=mass (--number mass)"),
        ("kind=bars&of=name&colour=lat", ["bars", "name", "--colour=lat"], 'Bars take no colour: "lat"'),
        ("kind=line&of=day&_bin=hour", ["line", "day", "--unit=hour"], 'no unit of time "hour"'),
        ("kind=line&of=day&_how=", None, 'There is no way to sum up ""'),
        ("kind=line&of=day&_bin=", None, 'There is no unit of time ""'),
        ("kind=bars&of=name&heigth=3", ["bars", "name", "--where=heigth=3"], "heigth"),
        ("kind=histogram&of=height&_bins=x", None, '_bins="x" is not a whole number from 2 to 200'),
        ("kind=histogram&of=height&_bins=5&_bins=6", None, '"_bins" is given 2 times'),
        (None, ["bars", "name", "--json", "--csv"], "--csv and --json are two forms"),
        (None, ["series", "height", "--where=of=1"], "--where means nothing to a series"),
        (None, ["series", "height", "mass"], "A series is of one column, not of 2: height, mass"),
    ],
)
def test_what_is_wrong_is_said_with_the_value(
    client: Client, table: ladle.Snapshot, here: str, query: str | None, words: list[str] | None, told: str
) -> None:
    if query is not None:
        answer = client.get(f"/api/v1/snapshots/{here}/chart?{query}")
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
        assert told in answer.json()["detail"]
    if words is not None:
        done = ran(table, here, *words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert told in done.stderr


def test_on_a_terminal_bars_take_the_room_there_is_and_elsewhere_none(table: ladle.Snapshot) -> None:
    plain = ran(table, "stars/people", "bars", "gender")
    assert plain.stdout.splitlines()[1].split() == ["male", "20", "33.3%"]
    assert plain.stderr == "Bars of 60 rows.\n"
    words = ("chart", f"--home={home_with(table.folder)}", "stars/people", "bars", "gender")
    for columns in (40, 80):  # a process keeps the width that it began with
        done = process(*words, FORCE_COLOR="1", TERM="xterm", COLUMNS=str(columns))
        shown = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
        bars = [line.rstrip().count("█") for line in shown.splitlines()]
        assert bars == [0] + [columns - 21] * 3


def test_a_series_is_told_alike(client: Client, tmp_path: Path, settings: Settings, db: None) -> None:
    of = source(field("n"), key=None)
    for number in (1, 2):
        built(tmp_path, [page(1, [{"n": each} for each in range(number * 2)])], of=of, run=f"{RUN[:-1]}{number}")
    settings.LADLE_HOME = home = home_of(tmp_path / "home")
    for column in ("n", ""):
        found = ladle.series("stars/people", of=column, home=home)
        expected = orjson.loads(orjson.dumps(series_shape("stars/people", found, of=column)))
        assert client.get(f"/api/v1/datasets/stars/people/series?of={column}").json() == expected
        assert client.get(f"/datasets/stars/people.json?of={column}").json() == expected
        words = ["chart", f"--home={home}", "stars/people", "series", *([column] if column else [])]
        assert orjson.loads(CliRunner().invoke(main, [*words, "--json"]).stdout) == expected
        lines = CliRunner().invoke(main, [*words, "--csv"]).stdout
        assert lines == streamed(client, f"/datasets/stars/people.csv?of={column}")
        table = CliRunner().invoke(main, words)
        assert [line.split()[0] for line in table.stdout.splitlines()[1:]] == [
            each["id"] for each in expected["results"]
        ]
    for address, status in (("people/series?of=x", 400), ("people/series?on=n", 400), ("nobody/series", 404)):
        assert client.get(f"/api/v1/datasets/stars/{address}").status_code == status


def test_what_a_page_says_of_its_rows_is_true_where_it_reads_texts_as_numbers(client: Client, here: str) -> None:
    drawn = client.get(f"/snapshots/{here}/chart/?kind=histogram&of=mass&mass__gte=70").content.decode()
    rows = f"/snapshots/{here}/?mass__gte=70&amp;_number=mass"
    assert f'<a href="{rows}">45 rows</a> where mass (as a number) at least 70' in drawn
    assert "45 rows" in client.get(rows.replace("&amp;", "&")).content.decode()
    # A heatmap needs no numbers, and a filter of texts leaves them texts.
    pairs = client.get(f"/snapshots/{here}/chart/?kind=heatmap&of=mass&of=gender&mass__like=7%25")
    assert (pairs.status_code, "30 rows</a> where mass is like 7%" in pairs.content.decode()) == (200, True)
