"""A request for each record of another resource: takes an API of lists and details, looks at what is asked and kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.collect.price import price
from ladle.retrying import retry
from ladle.testing import Request, ScriptedApi, answer
from tests.apis import drive, entries, taken, targets
from tests.collect.families import LIST, Pokemon, column, definition, run_of, source_of
from tests.snapshots.kit import journal


@pytest.mark.parametrize(
    ("path", "key", "address"),
    [
        ("{url}", "url", lambda request, n: f"http://{request.headers['Host']}/api/pokemon/{n}/"),
        ("{url}", "url", lambda request, n: f"https://{request.headers['Host']}/api/pokemon/{n}/"),
        ("{url}", "url", lambda request, n: f"/api/pokemon/{n}/"),
        ("{url}", "url", lambda request, n: f"pokemon/{n}/?full=1&n={n}"),
        ("{url}", "name", lambda request, n: f"pokemon/{n}/"),
        ("pokemon/{url}/", "url", lambda request, n: f"{n}"),
        ("pokemon/{links.self}/", "links.self", lambda request, n: {"self": n}),
        ("pokemon/{links.self}/", "name", lambda request, n: {"self": n}),
    ],
    ids=["absolute", "https", "by path", "relative", "told apart by name", "template", "a number within", "both"],
)
def test_each_record_of_the_list_is_asked_for_once_in_its_order(
    tmp_path: Path, path: str, key: str, address: Callable[[Request, int], Any]
) -> None:
    pokemon = Pokemon(23, address=address)
    pokemon.listed.reverse()
    listed = _links if "links" in path else lambda answer: answer
    with ScriptedApi(lambda request: listed(pokemon(request))) as api:
        end = drive(run_of(api, tmp_path, definition(path, key)))
        assert (len(api.requests), end.done, end.total, end.exact) == (3 + 23, 26, 26, True)
    snapshot = taken(end, tmp_path)
    assert sorted(pokemon.asked) == list(range(1, 24))
    assert (end.state, end.reason, end.records, end.claimed) == ("complete", "", 23, 23)
    assert column(snapshot, "id") == pokemon.listed
    assert column(snapshot, "called") == [f"p{n}" for n in pokemon.listed]
    assert column(snapshot, "rank") == [n % 3 for n in pokemon.listed], "a number of the parent's, 0 among them"
    assert column(snapshot, "weight") == [n / 4 for n in pokemon.listed]


def _links(page: object) -> object:
    """The parents' addresses under another name."""
    results = page.get("results", []) if isinstance(page, dict) else []
    for record in results:
        record["links"] = record.pop("url")
    return page


@pytest.mark.parametrize("kept", [1, 2, 3, 4, 9, 17, 25, 26])
def test_after_a_kill_at_any_request_nothing_is_asked_for_twice(tmp_path: Path, kept: int) -> None:
    pokemon = Pokemon(23)
    with ScriptedApi(pokemon) as api:
        undisturbed = run_of(api, tmp_path / "whole", definition())
        assert drive(undisturbed).state == "complete"
        run, before = run_of(api, tmp_path, definition()), len(api.requests)
        known = entries(undisturbed)[:kept]
        journal(run.folder, known)
        end = drive(run)
        again = targets(api)[before:]
    assert len(again) == len(set(again)) == 26 - kept
    assert {entry.key for entry in entries(run)} == {entry.key for entry in entries(undisturbed)}
    assert (end.state, end.done, end.total) == ("complete", 26, 26)
    assert column(taken(end, tmp_path), "id") == pokemon.listed


def test_a_list_that_shifts_while_it_is_read_loses_no_child_and_has_none_twice(tmp_path: Path) -> None:
    pokemon = Pokemon(30)

    def shift(page: int) -> None:
        if page == 2 and 99 not in pokemon.listed:
            pokemon.listed.insert(0, 99)

    pokemon.before = shift
    with ScriptedApi(pokemon) as api:
        end = drive(run_of(api, tmp_path, definition()))
    snapshot = taken(end, tmp_path)
    assert (end.state, end.reason) == ("complete", "")
    assert sorted(pokemon.asked) == sorted(pokemon.listed), "each once, however often its page was read"
    assert column(snapshot, "id") == pokemon.listed
    assert (snapshot.manifest.readings, snapshot.manifest.reread > 0) == (2, True)


def test_a_child_whose_parent_has_gone_meanwhile_is_left_out(tmp_path: Path) -> None:
    pokemon = Pokemon(30)

    def remove(page: int) -> None:
        if page == 2 and 3 in pokemon.listed:
            pokemon.listed.remove(3)

    pokemon.before = remove
    with ScriptedApi(pokemon) as api:
        end = drive(run_of(api, tmp_path, definition()))
    assert (end.state, end.reason) == ("complete", "")
    assert 3 in pokemon.asked
    assert column(taken(end, tmp_path), "id") == pokemon.listed


def test_a_child_that_is_nowhere_is_a_gap_by_its_name(tmp_path: Path) -> None:
    pokemon = Pokemon(12)
    pokemon.gone[5] = answer({"detail": "Not found."}, status=404)
    with ScriptedApi(pokemon) as api:
        run = run_of(api, tmp_path, definition())
        end = drive(run)
        assert (end.done, end.total) == (14, 14)
        del pokemon.gone[5]
        mended = drive(retry(run.home, run.id))
        assert targets(api)[14:] == ["/api/pokemon/5/"]
    assert (mended.state, column(taken(mended, tmp_path), "id")) == ("complete", pokemon.listed)
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["pokemon/5"])
    assert end.reason.startswith("1 request got no usable answer: pokemon/5 (")
    snapshot = taken(end, tmp_path)
    assert (snapshot.manifest.rows, snapshot.manifest.claimed) == (11, 12)
    assert 5 not in column(snapshot, "id")


@pytest.mark.parametrize(
    ("address", "key", "words"),
    [
        (
            "http://elsewhere.invalid/pokemon/2/",
            "pokemon/http://elsewhere.invalid/pokemon/2/",
            "on another site, elsewhere",
        ),
        ("//elsewhere.invalid/pokemon/2/", "pokemon///elsewhere.invalid/pokemon/2/", "on another site, elsewhere"),
        ("http://[half", "pokemon/http://[half", 'said to be at "http://[half", which is no address'),
        (
            None,
            "pokemon of record 2 in list?page=1",
            'The record of list says nothing at "url" that could be asked for.',
        ),
        ({"a": 1}, "pokemon of record 2 in list?page=1", 'says nothing at "url"'),
        (" ", "pokemon of record 2 in list?page=1", 'says nothing at "url"'),
    ],
    ids=["host", "host without scheme", "no address", "null", "an object", "a blank"],
)
def test_a_child_that_cannot_be_asked_for_is_a_gap_that_costs_nothing(
    tmp_path: Path, address: object, key: str, words: str
) -> None:
    pokemon = Pokemon(12, address=lambda request, n: address if n == 2 else f"/api/pokemon/{n}/")  # type: ignore[arg-type, return-value]
    with ScriptedApi(pokemon) as api:
        run = run_of(api, tmp_path, definition())
        end = drive(run)
        assert len(api.requests) == 2 + 11
    assert (end.state, [gap.key for gap in end.gaps], end.done, end.total) == ("incomplete", [key], 13, 13)
    assert words in end.gaps[0].reason
    snapshot = taken(end, tmp_path)
    assert (snapshot.manifest.rows, snapshot.manifest.requests) == (11, 13)
    assert [gap.key for gap in snapshot.manifest.gaps] == [key]


def test_a_short_key_in_the_address_of_a_child_that_cannot_be_asked_for_is_not_told(tmp_path: Path) -> None:
    pokemon = Pokemon(2, address=lambda request, n: f"http://elsewhere.example/{n}?k=short&n={n}")
    auth = 'auth = { query = "k", env = "OPENWEATHER_API_KEY" }\n'
    with ScriptedApi(pokemon) as api:
        end = drive(run_of(api, tmp_path, auth + definition()), key="short")
    assert [gap.key for gap in end.gaps] == [f"pokemon/http://elsewhere.example/{n}?n={n}" for n in (1, 2)]
    assert "short" not in f"{end.gaps} {end.reason}"


def test_a_gap_without_a_request_is_written_once_however_often_a_run_is_taken_up(tmp_path: Path) -> None:
    pokemon = Pokemon(12, address=lambda request, n: "" if n == 2 else f"/api/pokemon/{n}/")
    with ScriptedApi(pokemon) as api:
        whole = run_of(api, tmp_path / "whole", definition())
        drive(whole)
        run = run_of(api, tmp_path, definition())
        journal(run.folder, entries(whole)[:-2])
        end = drive(run)
    assert [entry.kind for entry in entries(run)].count("gap") == 1
    assert [gap.key for gap in end.gaps] == ["pokemon of record 2 in list?page=1"]


def test_the_price_is_known_as_soon_as_the_list_is(tmp_path: Path) -> None:
    pokemon = Pokemon(23)
    seen: list[ladle.Progress] = []
    with ScriptedApi(pokemon) as api:
        own = source_of(api, definition().replace("page_size = 10", "page_size = 10\nexpected = 40"))
        plan = price(own, own.datasets["pokemon"])
        parts = [(part.resource, part.requests, part.exact, part.why) for part in plan.parts]
        assert parts == [
            ("list", 4, False, "pages"),
            ("pokemon", 40, False, "one request for each record of list"),
        ]
        assert (plan.total, plan.exact) == (44, False)
        drive(run_of(api, tmp_path, definition()), on_progress=seen.append)
    exact = [progress.total for progress in seen if progress.exact]
    assert exact
    assert set(exact) == {26}


def test_children_may_hold_several_records_each(tmp_path: Path) -> None:
    text = (
        LIST
        + """
[resources.moves]
path = "pokemon/{name}/moves"
records = "moves"
count = "total"
key = "id"
each = { resource = "list", key = "name" }
[datasets.moves]
resource = "moves"
columns = ["id", { name = "of", item = "name" }]
"""
    )

    def moves(request: Request) -> object:
        number = int(request.path.split("/")[3].removeprefix("p"))
        held = [{"id": f"{number}.{n}"} for n in range(number % 3)]
        return {"total": len(held) + (number == 7 and request.query == {} and short), "moves": held}

    pokemon, short = Pokemon(12), 0
    with ScriptedApi(lambda request: moves(request) if "moves" in request.path else pokemon(request)) as api:
        end = drive(run_of(api, tmp_path / "whole", text))
        short = 5
        cut = drive(run_of(api, tmp_path / "cut", text))
    rows = [(f"{n}.{m}", f"p{n}") for n in range(1, 13) for m in range(n % 3)]
    snapshot = taken(end, tmp_path / "whole")
    assert (end.state, end.reason, snapshot.manifest.claimed) == ("complete", "", None)
    assert list(zip(column(snapshot, "id"), column(snapshot, "of"), strict=True)) == [(i, p) for i, p in rows]
    assert (cut.state, cut.reason) == (
        "incomplete",
        "The answer to moves/p7 says that there are 6 records; it holds 1.",
    )


def test_records_that_share_what_is_asked_for_share_a_request(tmp_path: Path) -> None:
    text = (
        LIST
        + """
[resources.ranks]
path = "ranks"
params = { rank = "{rank}" }
each = { resource = "list", key = "rank" }
[datasets.ranks]
resource = "ranks"
columns = ["rank", { name = "first", item = "name" }]
"""
    )
    pokemon = Pokemon(12)
    with ScriptedApi(
        lambda request: {"rank": int(request.query["rank"])} if "rank" in request.query else pokemon(request)
    ) as api:
        end = drive(run_of(api, tmp_path, text))
        assert len(api.requests) == 2 + 3
    snapshot = taken(end, tmp_path)
    assert (end.state, end.reason) == ("complete", "")
    assert list(zip(column(snapshot, "rank"), column(snapshot, "first"), strict=True)) == [
        (1, "p1"),
        (2, "p2"),
        (0, "p3"),
    ]


def test_a_list_of_ones_own_may_be_the_parent(tmp_path: Path) -> None:
    text = """
[resources.cities]
path = "cities"
params = { id = "{id}" }
records = "found"
each = { csv = "list.csv", key = "id" }
[resources.weather]
path = "weather/{place.lat}/{place.lon}"
each = { resource = "cities", key = "id" }
[datasets.weather]
resource = "weather"
columns = [{ name = "id", item = "id" }, "warmth"]
"""

    def scripted(request: Request) -> object:
        if request.path == "/api/cities":
            number = int(request.query["id"])
            return {"found": [{"id": number, "place": {"lat": number, "lon": -0.5}}]}
        return {"warmth": float(request.path.split("/")[3])}

    with ScriptedApi(scripted) as api:
        end = drive(run_of(api, tmp_path, text, lists="id\n4\n2\n9\n"))
        assert sorted(targets(api))[3:] == ["/api/weather/2/-0.5", "/api/weather/4/-0.5", "/api/weather/9/-0.5"]
    snapshot = taken(end, tmp_path)
    assert (end.state, column(snapshot, "id"), column(snapshot, "warmth")) == ("complete", [4, 2, 9], [4.0, 2.0, 9.0])


def test_a_list_that_lacks_a_page_says_so_and_keeps_the_children_of_the_others(tmp_path: Path) -> None:
    pokemon = Pokemon(23)
    with ScriptedApi(pokemon) as api:
        api.fail("/api/pokemon?page=2", *[answer("", status=500)] * 5)
        end = drive(run_of(api, tmp_path, definition()))
    snapshot = taken(end, tmp_path)
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["list?page=2"])
    assert column(snapshot, "id") == [*range(1, 11), *range(21, 24)]
    assert "The API says that there are 23 records of list; 13 were found." in end.reason


def test_so_far_has_the_children_that_have_come_in_the_lists_order(tmp_path: Path) -> None:
    pokemon = Pokemon(13)
    with ScriptedApi(pokemon) as api:
        whole = run_of(api, tmp_path / "whole", definition())
        drive(whole)
        run = run_of(api, tmp_path, definition())
    known = entries(whole)[:9]
    journal(run.folder, known)
    came = {int(entry.key.removeprefix("pokemon/")) for entry in known if entry.role == "item"}
    assert [row["id"] for row in run.so_far()] == sorted(came)


def test_numbers_within_a_post_body_come_from_the_parent(tmp_path: Path) -> None:
    text = (
        LIST
        + """
[resources.pokemon]
path = "search"
body = { filter = { name = "{name}" }, size = 1 }
each = { resource = "list", key = "name" }
[datasets.pokemon]
resource = "pokemon"
columns = ["said"]
"""
    )
    pokemon, bodies = Pokemon(3), []

    def scripted(request: Request) -> object:
        if request.path != "/api/search":
            return pokemon(request)
        bodies.append((request.method, request.body))
        return {"said": request.body.decode()}

    with ScriptedApi(scripted) as api:
        end = drive(run_of(api, tmp_path, text))
    assert end.state == "complete"
    assert sorted(bodies) == [("POST", b'{"filter":{"name":"p%d"},"size":1}' % n) for n in (1, 2, 3)]


def test_records_that_the_lists_filter_leaves_out_have_no_child(tmp_path: Path) -> None:
    pokemon = Pokemon(23)
    text = definition().replace("page_size = 10", 'page_size = 10\nwhere = { path = "rank", not = 0 }')
    with ScriptedApi(pokemon) as api:
        end = drive(run_of(api, tmp_path, text))
        assert (len(api.requests), end.total, end.exact) == (3 + 16, 19, True)
    kept = [n for n in range(1, 24) if n % 3]
    assert (end.state, end.reason, sorted(pokemon.asked)) == ("complete", "", kept)
    assert column(taken(end, tmp_path), "id") == kept
