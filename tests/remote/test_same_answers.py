"""Every question asked of a home and of the server that serves it: both say the same, in the same types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ladle
from ladle.errors import LadleError
from tests.remote.conftest import NAME, Served

Ask = Callable[[Any], Any]


def things(home: Any) -> ladle.Snapshot:
    return ladle.snapshot(NAME, home=home)


def people(home: Any) -> ladle.Snapshot:
    return ladle.snapshot("swapi/people", home=home)


def view(home: Any, *pairs: tuple[str, str]) -> ladle.View:
    return things(home).view(pairs)


def small(home: Any) -> ladle.View:
    return view(home, ("size__gte", "90"), ("_sort", "-weight"), ("_col", "name"), ("_col", "at"))


def changed(home: Any) -> ladle.Diff:
    return ladle.snapshot(f"{NAME}~2", home=home).diff(things(home))


QUESTIONS: dict[str, Ask] = {
    "manifest": lambda home: people(home).manifest,
    "by id": lambda home: ladle.snapshot(people(home).id, home=home).manifest,
    "one before": lambda home: ladle.snapshot(f"{NAME}~1", home=home).id,
    "all snapshots": lambda home: ladle.all_snapshots(home=home),
    "those of a dataset": lambda home: ladle.all_snapshots(NAME, home=home),
    "none": lambda home: ladle.all_snapshots("no/such", home=home),
    "ids": lambda home: ladle.snapshot_ids(home=home),
    "length": lambda home: (len(people(home)), people(home).dataset, people(home).columns),
    "rows": lambda home: people(home).rows(offset=79, limit=1000),
    "typed rows": lambda home: things(home).rows(),
    "look": lambda home: people(home).look(offset=40, limit=3),
    "view": lambda home: things(home).look(small(home)),
    "words": lambda home: things(home).words(small(home)),
    "prepared": lambda home: things(home).prepare(small(home)).result(),
    "row": lambda home: things(home).row(3),
    "count": lambda home: people(home).count("date", "homeworld"),
    "count some": lambda home: people(home).count("homeworld", limit=3, offset=5),
    "count by first": lambda home: people(home).count("hair_color", order="first"),
    "count typed": lambda home: things(home).count("day", "kept", order="value"),
    "count bins": lambda home: things(home).count("at:month", "size:50"),
    "count view": lambda home: things(home).count("said", view=view(home, ("_number", "said"), ("_search", "a"))),
    "count every": lambda home: list(people(home).count_every("eye_color", "gender")),
    "combinations": lambda home: people(home).prepare_count("eye_color").result(),
    "profile": lambda home: people(home).profile(),
    "key": lambda home: (people(home).key(), things(home).key()),
    "previous": lambda home: (before := things(home).previous()) and (before.id, before.manifest),
    "no previous": lambda home: people(home).previous(),
    "diff": lambda home: [getattr(changed(home), name) for name in DIFF],
    "diff rows": lambda home: (changed(home).rows(), changed(home).total()),
    "diff some": lambda home: (changed(home).rows(only="changed", column="size"), changed(home).total(column="size")),
    "diff by key": lambda home: ladle.snapshot(f"{NAME}~2", home=home).diff(things(home), key="name").added,
    "history": lambda home: things(home).history(2),
    "history of a text": lambda home: things(home).history("Yoda", key="name"),
    "series": lambda home: ladle.series(NAME, of="size", home=home),
    "sql": lambda home: things(home).sql(
        'SELECT id, "at", day, kept, weight / 3 AS third FROM data ORDER BY id', limit=4
    ),
    "sql whole": lambda home: b"".join(things(home).sql_csv("SELECT kept, count(*) FROM data GROUP BY 1 ORDER BY 1")),
    "histogram": lambda home: things(home).chart("histogram", "size", bins=5),
    "bars": lambda home: people(home).chart("bars", "homeworld"),
    "heatmap": lambda home: things(home).chart("heatmap", "kept", "day"),
    "heatmap of numbers": lambda home: people(home).chart("heatmap", "height", "gender"),
    "line": lambda home: things(home).chart("line", "at", value="weight", how="max", unit="year"),
    "map": lambda home: things(home).chart("map", "lat", "lon", colour="weight"),
    "csv": lambda home: b"".join(people(home).export("csv")),
    "parquet": lambda home: b"".join(people(home).export("parquet")),
    "ndjson": lambda home: b"".join(things(home).export("ndjson")),
    "csv of a view": lambda home: b"".join(things(home).export("csv", view=small(home))),
    "part": lambda home: b"".join(people(home).part("csv", start=10, end=500)),
    "tag": lambda home: things(home).tag("ndjson", view=small(home)),
    "path": lambda home: people(home).path("csv").read_bytes(),
    "arrow": lambda home: things(home).arrow(),
    "arrow of a view": lambda home: things(home).arrow(small(home)),
    "pandas": lambda home: things(home).pandas().to_dict("list").__repr__(),
    "polars": lambda home: things(home).polars(small(home)).rows(),
    "petl": lambda home: list(things(home).petl()),
    "petl of a view": lambda home: list(things(home).petl(small(home))),
    "duckdb": lambda home: people(home).duckdb().filter("name = 'Yoda'").fetchall(),
}
DIFF = ("before", "after", "key", "key_from", "unique", "added", "removed", "changed", "same", "columns")
REFUSED: dict[str, Ask] = {
    "column": lambda home: things(home).count("nothing"),
    "no column": lambda home: things(home).count(),
    "filter": lambda home: things(home).look(ladle.View(filters=(ladle.Filter("size", "gte", "tall"),))),
    "limit": lambda home: things(home).rows(limit=1001),
    "offset": lambda home: things(home).rows(offset=-1),
    "row": lambda home: things(home).row(7000),
    "kind": lambda home: things(home).chart("pie", "size"),
    "chart of a text": lambda home: things(home).chart("histogram", "name"),
    "sql": lambda home: things(home).sql("DELETE FROM data"),
    "diff": lambda home: things(home).diff(people(home)),
    "key": lambda home: things(home).history(2, key="nothing"),
    "column of a series": lambda home: ladle.series(NAME, of="nothing", home=home),
    "too far back": lambda home: ladle.snapshot(f"{NAME}~9", home=home),
    "no way back": lambda home: ladle.snapshot(f"{NAME}~x", home=home),
}
"""What both refuse in the same words."""
UNKNOWN: dict[str, Ask] = {
    "snapshot": lambda home: ladle.snapshot("20260101-000000-000000", home=home),
    "dataset": lambda home: ladle.snapshot("no/such", home=home),
    "no name": lambda home: ladle.snapshot("a/b/c", home=home),
    "dots": lambda home: ladle.snapshot("..", home=home),
    "series": lambda home: ladle.series("no/such", home=home),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=list(QUESTIONS))
def test_a_server_answers_as_the_home_that_it_serves(served: Served, ask: Ask) -> None:
    assert ask(served.server()) == ask(served.home)


def test_values_have_the_same_types(served: Served) -> None:
    for ask in (QUESTIONS["typed rows"], QUESTIONS["count bins"], QUESTIONS["diff rows"], QUESTIONS["sql"]):
        assert repr(ask(served.server())) == repr(ask(served.home))


@pytest.mark.parametrize("ask", REFUSED.values(), ids=list(REFUSED))
def test_a_server_refuses_what_a_home_refuses_in_the_same_words(served: Served, ask: Ask) -> None:
    told = []
    for place in (served.server(), served.home):
        with pytest.raises(LadleError) as error:
            ask(place)
        told.append((type(error.value), str(error.value)))
    assert told[0] == told[1]


@pytest.mark.parametrize("ask", UNKNOWN.values(), ids=list(UNKNOWN))
def test_what_nothing_goes_by_is_not_found(served: Served, ask: Ask) -> None:
    with pytest.raises(ladle.NotFound):
        ask(served.server())


def test_every_public_name_of_a_snapshot_is_answered_by_the_server_or_asks_nothing(served: Served) -> None:
    from ladle.remote.snapshot import RemoteSnapshot

    own = {name for kind in RemoteSnapshot.__mro__ if "remote" in kind.__module__ for name in vars(kind)}
    of_the_manifest = {"id", "dataset", "columns", "check", "pairs", "view", "words", "tag", "folder", "manifest"}
    by_others = {"key", "rows", "pandas", "polars"} | {"histogram", "bars", "heat", "line", "points"}
    public = {name for name in dir(ladle.Snapshot) if not name.startswith("_")}
    assert public <= own | of_the_manifest | by_others


def test_a_picture_that_has_no_route_is_refused_with_the_one_that_has(served: Served) -> None:
    with pytest.raises(ladle.BadInput, match=r'no route for heat\(\).*chart\("heatmap", …\)'):
        things(served.server()).heat("day", "kept")
    with pytest.raises(ladle.BadInput, match='"index" stays on the server'):
        things(served.server()).path("index")
    with pytest.raises(ladle.BadInput, match="is not"):
        things(served.server()).diff(things(served.home))
