"""References that are keys alone: takes APIs whose records name others by id, looks at what is asked and resolved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ladle.collect.naming import Naming
from ladle.sources.source import Each, Resource
from ladle.testing import Request, ScriptedApi, answer, paged
from tests.apis import drive, entries, taken, targets
from tests.collect.families import column, run_of

BASE = "https://stars.example/api/"
THINGS = """
[resources.things]
path = "things/"
records = "results"
count = "count"
next = "next"
key = "id"
paging = "page"
page_size = 10
[datasets.things]
resource = "things"
columns = ["id", {{ name = "owner", reference = "owners.name" }}]
[resources.owners]
path = "owners{slash}"
params = {{ lang = "en" }}
records = "results"
count = "count"
next = "next"
key = "id"
paging = "page"
page_size = 10
expected = {expected}
{more}
"""


def api_of(references: list[Any], *, one: Callable[[Request], object], number: int = 5000) -> ScriptedApi:
    """Things that refer to owners; `one` answers a lookup."""
    things = [{"id": n, "owner": reference} for n, reference in enumerate(references, 1)]
    owners = paged([{"id": n, "name": f"owner {n}"} for n in range(1, number + 1)])
    routes: dict[str, Callable[[Request], object]] = {"things": paged(things), "owners": owners}
    return ScriptedApi(lambda request: routes.get(request.path.strip("/").removeprefix("api/"), one)(request))


def text(more: str = "", *, slash: str = "/", expected: int = 5000) -> str:
    return THINGS.format(more=more, slash=slash, expected=expected)


def last(request: Request) -> int:
    return int(request.path.strip("/").rpartition("/")[2])


@pytest.mark.parametrize(
    ("more", "slash", "asked"),
    [
        ("", "/", "/api/owners/7/?lang=en"),
        ("", "", "/api/owners/7?lang=en"),
        ('one = "people/{key}/card/7"', "/", "/api/people/7/card/7?lang=en"),
    ],
    ids=["below the path, with its slash", "below the path, without", "where it is said"],
)
@pytest.mark.parametrize("reference", [7, "7"])
def test_a_key_is_looked_up_where_records_are(
    tmp_path: Path, more: str, slash: str, asked: str, reference: object
) -> None:
    with api_of([reference, None, reference], one=lambda request: {"id": last(request), "name": "Ada"}) as api:
        end = drive(run_of(api, tmp_path, text(more, slash=slash)))
        assert targets(api)[1:] == [asked]
    assert (end.state, end.reason) == ("complete", "")
    assert column(taken(end, tmp_path), "owner") == ["Ada", None, "Ada"]


def test_the_record_of_a_lookup_may_lie_deep(tmp_path: Path) -> None:
    with api_of([3, 4], one=lambda request: {"ok": True, "data": [{"person": {"name": f"n{last(request)}"}}]}) as api:
        end = drive(run_of(api, tmp_path, text('record = "data.0.person"')))
    assert end.state == "complete"
    assert column(taken(end, tmp_path), "owner") == ["n3", "n4"]


def test_keys_and_addresses_of_one_record_are_one_request(tmp_path: Path) -> None:
    references = [7, "7", "/api/owners/7", "https://old.example/api/owners/7/"]
    with api_of(references, one=lambda request: {"id": last(request), "name": "Ada"}) as api:
        end = drive(run_of(api, tmp_path, text()))
        assert len(api.requests) == 2
    assert column(taken(end, tmp_path), "owner") == ["Ada"] * 4


def test_addresses_are_found_in_pages_whose_records_have_keys_alone(tmp_path: Path) -> None:
    references: list[Any] = [f"/api/owners/{n}/" for n in range(1, 9)] + [9, 10]
    with api_of(references, one=lambda request: answer("", status=500), number=20) as api:
        end = drive(run_of(api, tmp_path, text(expected=20)))
        assert len(api.requests) == 1 + 1
    assert column(taken(end, tmp_path), "owner") == [f"owner {n}" for n in range(1, 11)]


def test_a_key_that_no_record_has_is_a_named_gap(tmp_path: Path) -> None:
    with api_of([7], one=lambda request: answer({"detail": "Not found."}, status=404)) as api:
        end = drive(run_of(api, tmp_path, text()))
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["owners/7"])
    assert "No record came for 1 reference to owners: owners/7." in end.reason


def test_a_short_key_in_a_reference_goes_over_the_wire_once_and_stands_in_no_requests_name(tmp_path: Path) -> None:
    """A key of less than 8 letters is not hidden in good answers, and the API writes it into the addresses it gives."""
    references = ["/api/owners/7?k=short", "/api/owners/8?lang=de&k=short", "owners/8?%6b=short&lang=de#top"]
    auth = 'auth = { query = "k", env = "OPENWEATHER_API_KEY" }\n'
    with api_of(references, one=lambda request: {"id": last(request), "name": f"n{last(request)}"}) as api:
        run = run_of(api, tmp_path, auth + text())
        end = drive(run, key="short")
        assert targets(api)[1:] == ["/api/owners/7?k=short", "/api/owners/8?lang=de&k=short"]
    assert [entry.key for entry in entries(run)][1:] == ["owners/7", "owners/8?lang=de"]
    assert (end.state, column(taken(end, tmp_path), "owner")) == ("complete", ["n7", "n8", "n8"])


NAMES = {
    "a number": ("7", "planets/7"),
    "an address": ("https://stars.example/api/planets/7/", "planets/7"),
    "another host's": ("http://old.example/api/planets/7", "planets/7"),
    "a path": ("/api/planets/7/", "planets/7"),
    "below the base": ("planets/7", "planets/7"),
    "a word with signs": ("a b", "planets/a b"),
    "a word with an accent": ("é", "planets/é"),
    "a word with a question": ("planets?id=7", "planets?id=7"),
}


@pytest.mark.parametrize(("written", "name"), NAMES.values(), ids=NAMES)
def test_every_spelling_comes_to_one_name(written: str, name: str) -> None:
    assert Naming(Resource(name="planets", path="planets/"), BASE, key_param=None).name(written) == name


def test_where_the_definition_says_where_keys_go_a_key_may_hold_a_slash() -> None:
    naming = Naming(Resource(name="repos", path="repos", one="repo/{key}"), BASE, key_param=None)
    assert naming.name("ada/engine") == "repo/ada%2Fengine"
    assert naming.name("https://stars.example/api/repo/7") == "repo/7"
    assert naming.id_of("repo/7") == "7"


def test_of_a_child_the_place_of_its_parents_key_is_the_place_of_its_own() -> None:
    each = Each(csv="", key="id", env=None, items=(), parent="list")
    assert (
        Naming(Resource(name="moves", path="move/{id}/card", each=each), BASE, key_param=None).name("7")
        == "move/7/card"
    )
    assert Naming(Resource(name="moves", path="{id}", each=each), BASE, key_param=None).name("7") == "7"
