"""Random tables and views asked by the API, the pages and the command line: all say what the library says."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from asgiref.sync import async_to_sync
from click.testing import CliRunner
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from pytest_django import Settings

import ladle
from ladle.cli import main
from ladle.shapes import counts_shape, row_shape
from ladle.shapes_of_charts import chart_shape
from tests.explore.drawn import Drawn, tables, views
from tests.explore.test_same_answers import PHASES
from tests.servers.stack import home_with

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@trying(max_examples=6, deadline=None, phases=PHASES, report_multiple_bugs=False, suppress_health_check=SLOW)
@given(drawn=tables(), data=st.data())
def test_every_front_door_says_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    client: Client,
    settings: Settings,
    db: None,
    drawn: Drawn,
    data: st.DataObject,
) -> None:
    snapshot = drawn.kept(tmp_path_factory.mktemp("drawn"))
    settings.LADLE_HOME = home_with(snapshot.folder)
    for _ in range(3):
        view = data.draw(views(drawn.kinds))
        offset, limit = data.draw(st.integers(0, 5)), data.draw(st.integers(1, 40))
        check_rows(client, snapshot, view, offset=offset, limit=limit)
        by = data.draw(st.lists(st.sampled_from(list(drawn.kinds)), min_size=1, max_size=2, unique=True))
        check_counts(client, snapshot, view, by)
        check_chart(client, snapshot, view, by)


def check_rows(client: Client, snapshot: ladle.Snapshot, view: ladle.View, *, offset: int, limit: int) -> None:
    """Rows by API, page, JSON and CSV of the page, and command line."""
    part = snapshot.look(view, offset=offset, limit=limit)
    expected = as_json([row_shape(row) for row in part.rows])
    query = urlencode([*snapshot.pairs(view), ("_offset", offset), ("_limit", limit)])
    told = client.get(f"/api/v1/snapshots/{snapshot.id}/rows?{query}").json()
    assert (told["results"], told["count"]) == (expected, part.total)
    assert client.get(f"/snapshots/{snapshot.id}.json?{query}").json()["count"] == part.total
    page = client.get(f"/snapshots/{snapshot.id}/?{query}", follow=True)
    assert page.status_code == 200
    assert len(re.findall(r'<tr id="row-', page.content.decode())) == len(part.rows)
    assert f"{part.total:,} row" in unescape(page.content.decode())
    raw = async_to_sync(streamed)(client.get(f"/snapshots/{snapshot.id}.csv?{query}"))
    assert len(list(csv.reader(io.StringIO(raw.decode(), newline="")))) == len(part.rows) + 1
    words = ["show", snapshot.id, "--json", "--offset", offset, "--limit", limit, *words_of(snapshot, view)]
    assert on_command_line(snapshot, *words)["results"] == expected


def check_counts(client: Client, snapshot: ladle.Snapshot, view: ladle.View, by: list[str]) -> None:
    """Counts of the view's rows by API, page and command line."""
    asked = ladle.View(filters=view.filters, search=view.search, numbers=view.numbers)
    expected = as_json(counts_shape(snapshot.count(*by, view=asked, limit=50))["results"])
    query = urlencode([*snapshot.pairs(asked), *(("by", name) for name in by), ("_limit", 50)])
    assert client.get(f"/api/v1/snapshots/{snapshot.id}/counts?{query}").json()["results"] == expected
    assert client.get(f"/snapshots/{snapshot.id}/counts.json?{query}").json()["results"] == expected
    assert client.get(f"/snapshots/{snapshot.id}/counts/?{query}").status_code == 200
    words = ["count", snapshot.id, "--json", *words_of(snapshot, asked), "--", *by]
    assert on_command_line(snapshot, *words)["results"] == expected


def check_chart(client: Client, snapshot: ladle.Snapshot, view: ladle.View, of: list[str]) -> None:
    """Bars of one column, or a heatmap of two, by API and command line; bars by page too, which guesses no numbers."""
    asked = ladle.View(filters=view.filters, search=view.search, numbers=view.numbers)
    kind = "bars" if len(of) == 1 else "heatmap"
    expected = as_json(chart_shape(snapshot.chart(kind, *of, view=asked)))
    query = urlencode([("kind", kind), *(("of", name) for name in of), *snapshot.pairs(asked)])
    assert client.get(f"/api/v1/snapshots/{snapshot.id}/chart?{query}").json() == expected
    if kind == "bars":
        assert client.get(f"/snapshots/{snapshot.id}/chart.json?{query}&_limit=1000").json() == expected
    assert client.get(f"/snapshots/{snapshot.id}/chart/?{query}").status_code == 200
    words = ["chart", snapshot.id, "--json", *words_of(snapshot, asked), "--", kind, *of]
    assert on_command_line(snapshot, *words) == expected


async def streamed(answer: Any) -> bytes:
    """The body of an answer that is sent in pieces."""
    return b"".join([piece async for piece in answer.streaming_content])


def words_of(snapshot: ladle.Snapshot, view: ladle.View) -> list[str]:
    """The options that ask for the view."""
    keys = {"_search": "--search", "_sort": "--sort", "_number": "--number"}
    pairs = snapshot.pairs(ladle.View(filters=view.filters, search=view.search, sort=view.sort, numbers=view.numbers))
    words = [f"{keys[key]}={value}" if key in keys else f"--where={key}={value}" for key, value in pairs]
    names = ",".join('"' + name.replace('"', '""') + '"' for name in view.columns)
    return [*words, *([f"--columns={names}"] if names else [])]


def on_command_line(snapshot: ladle.Snapshot, *words: object) -> Any:
    """The document that a command prints."""
    home = f"--home={home_with(snapshot.folder)}"
    result = CliRunner().invoke(main, [str(words[0]), home, *map(str, words[1:])])
    assert result.exit_code == 0, result.output
    return orjson.loads(result.stdout)


def as_json(value: Any) -> Any:
    """A value as it comes back from JSON."""
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_UTC_Z))
