"""Several tables of one source in one run: takes a select, looks at every table and at what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ladle.collect.price import price
from ladle.testing import Numbered, Request, ScriptedApi, answer, paged
from tests.apis import drive, taken, targets
from tests.collect.families import LIST, Pokemon, column, definition, run_of, source_of


def test_children_may_refer_to_others_and_to_each_other(tmp_path: Path) -> None:
    text = (
        LIST
        + """
[resources.beasts]
path = "{url}"
each = { resource = "list", key = "url" }
key = "id"
[resources.kinds]
path = "kinds/"
paging = "page"
count = "count"
records = "results"
page_size = 10
expected = 5000
key = "id"
record = "kind"
[datasets.beasts]
resource = "beasts"
columns = [
  "id",
  { name = "before", path = "before.url", reference = "beasts.weight" },
  { name = "kind", reference = "kinds.name" },
]
"""
    )
    pokemon = Pokemon(11)

    def record(number: int) -> dict[str, Any]:
        before = {"url": f"/api/pokemon/{number - 1}/"} if number > 1 else None
        return {"id": number, "weight": number / 4, "before": before, "kind": number % 2}

    pokemon.record = record  # type: ignore[method-assign]

    def scripted(request: Request) -> object:
        if "/kinds" not in request.path:
            return pokemon(request)
        return {"kind": {"id": int(request.path.split("/")[3]), "name": f"kind {request.path.split('/')[3]}"}}

    with ScriptedApi(scripted) as api:
        end = drive(run_of(api, tmp_path, text))
        lookups = [target for target in targets(api) if "kinds" in target]
        assert sorted(lookups) == ["/api/kinds/0/", "/api/kinds/1/"]
        assert len(api.requests) == 2 + 11 + 2, "whatever came as a child is not looked up"
    snapshot = taken(end, tmp_path)
    assert (end.state, end.reason) == ("complete", "")
    assert column(snapshot, "before") == [None, *(n / 4 for n in range(1, 11))]
    assert column(snapshot, "kind") == [f"kind {n % 2}" for n in range(1, 12)]


TABLES = """
[resources.moves]
path = "moves"
records = "results"
count = "count"
next = "next"
key = "id"
paging = "page"
page_size = 10
[datasets.moved]
resource = "pokemon"
columns = ["id", { name = "called", item = "name" }]
sql = "SELECT p.called, m.title FROM pokemon p JOIN moves m USING (id) JOIN list l ON l.name = p.called ORDER BY p.id"
tables = ["pokemon", "moves", "list"]
"""


def moving(pokemon: Pokemon, *, moves: int = 15) -> Callable[[Request], object]:
    listed = paged(Numbered(moves, lambda n: {"id": n, "title": f"move {n}"}))
    return lambda request: listed(request) if request.path == "/api/moves" else pokemon(request)


def test_every_table_of_a_select_is_collected_whole_in_one_run(tmp_path: Path) -> None:
    with ScriptedApi(moving(Pokemon(12))) as api:
        own = source_of(api, definition() + TABLES)
        parts = [(part.resource, part.why) for part in price(own, own.datasets["moved"]).parts]
        assert [name for name, _ in parts] == ["list", "pokemon", "moves"], "a parent that is a table too counts once"
        end = drive(run_of(api, tmp_path, definition() + TABLES, dataset="moved"))
        assert (len(api.requests), end.done, end.total, end.exact) == (2 + 12 + 2, 16, 16, True)
    snapshot = taken(end, tmp_path)
    assert (end.state, end.reason) == ("complete", "")
    assert column(snapshot, "called") == [f"p{n}" for n in range(1, 13)]
    assert column(snapshot, "title") == [f"move {n}" for n in range(1, 13)]


def test_a_table_of_a_select_that_lacks_something_makes_it_incomplete(tmp_path: Path) -> None:
    pokemon = Pokemon(12)
    pokemon.gone[5] = answer("", status=404)
    with ScriptedApi(moving(pokemon)) as api:
        api.fail("/api/moves?page=2", *[answer("", status=500)] * 5)
        end = drive(run_of(api, tmp_path, definition() + TABLES, dataset="moved"))
    assert end.state == "incomplete"
    assert {gap.key for gap in end.gaps} == {"pokemon/5", "moves?page=2"}
    assert "moves: The API says that there are 15 records; 10 were found." in end.reason
    assert end.reason.count("requests got no usable answer") == 1
    assert column(taken(end, tmp_path), "called") == [f"p{n}" for n in range(1, 11) if n != 5]


def test_each_table_of_a_select_settles_by_itself(tmp_path: Path) -> None:
    pokemon = Pokemon(12)
    moves: list[dict[str, object]] = [{"id": n, "title": f"move {n}"} for n in range(1, 31)]
    listed = paged(moves)

    def scripted(request: Request) -> object:
        if request.path != "/api/moves":
            return pokemon(request)
        if request.query.get("page") == "2" and moves[0]["id"] != 99:
            moves.insert(0, {"id": 99, "title": "new"})
        return listed(request)

    with ScriptedApi(scripted) as api:
        end = drive(run_of(api, tmp_path, definition() + TABLES, dataset="moved"))
    manifest = taken(end, tmp_path).manifest
    assert (end.state, end.reason) == ("complete", "")
    assert (manifest.readings, manifest.reread > 0) == (2, True)
