"""Several ids in one request: takes APIs that give records by ids, looks at what was asked and at the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.collect.batch import LONGEST
from ladle.collect.price import price
from ladle.home import Home, new_id
from ladle.sources.definition import parse
from ladle.sources.source import Source
from ladle.testing import Request, ScriptedApi, answer, paged
from tests.apis import drive, entries, taken, targets
from tests.snapshots.kit import journal

TOP = 'ladle = 1\nname = "own"\ntitle = "Own"\nbase_url = "{url}"\nconcurrency = 4\n'
REFERRED = """
[resources.things]
path = "things/"
records = "results"
count = "count"
next = "next"
key = "id"
paging = "page"
page_size = 10
[resources.owners]
path = "owners/"
records = "results"
count = "count"
next = "next"
key = "id"
paging = "page"
page_size = 10
expected = 5000
batch = {{ param = "ids", size = {size} }}
[datasets.things]
resource = "things"
columns = ["id", {{ name = "owner", reference = "owners.name" }}]
"""
LISTED = """
[resources.towns]
path = "towns"
params = {{ id = "{{town}}", units = "metric" }}
records = "list"
key = "id"
each = {{ csv = "towns.csv", key = "town" }}
batch = {{ size = {size} }}
[datasets.towns]
resource = "towns"
columns = [{{ name = "town", item = "town", type = "integer" }}, {{ name = "called", item = "called" }}, "warmth"]
"""


def source(api: ScriptedApi, text: str, *, size: int = 5, towns: int = 0) -> Source:
    rows = "town,called\n" + "".join(f"{n},t{n}\n" for n in range(1, towns + 1))
    return parse(
        TOP.format(url=api.url) + text.format(size=size), where="own.toml", lists=lambda *_: ("towns.csv", rows)
    )


def begin(api: ScriptedApi, home: Path, text: str, **wanted: int) -> ladle.Run:
    own = source(api, text, **wanted)
    (dataset,) = own.datasets.values()
    now = datetime.now(UTC)
    run = ladle.Run(home=Home.open(home), id=new_id(now), created=now, source=own, dataset_definition=dataset)
    run.folder.mkdir()
    return run


def owners(number: int, *, lost: Sequence[int] = ()) -> Callable[[Request], object]:
    """So many owners in pages, or by `?ids=`, the last asked for first."""
    records = [{"id": n, "name": f"owner {n}"} for n in range(1, number + 1) if n not in lost]

    def scripted(request: Request) -> object:
        if "ids" not in request.query:
            return paged(records)(request)
        asked = [int(id_) for id_ in reversed(request.query["ids"].split(","))]
        return {"results": [record for id_ in asked for record in records if record["id"] == id_]}

    return scripted


def referring(references: Sequence[object], number: int = 5000, **wanted: Any) -> ScriptedApi:
    things = [{"id": n, "owner": reference} for n, reference in enumerate(references, 1)]
    return ScriptedApi({"/things/": paged(things), "/owners/": owners(number, **wanted)})


def towns(*, lost: Sequence[int] = (), twice: Sequence[int] = ()) -> ScriptedApi:
    """Towns by `?id=1,2,3`, the last asked for first."""

    def scripted(request: Request) -> object:
        asked = [int(id_) for id_ in reversed(request.query["id"].split(","))]
        found = [{"id": n, "warmth": n / 2} for n in asked if n not in lost]
        return {"list": [*found, *(each for each in found if each["id"] in twice), {"id": 0, "warmth": -273}]}

    return ScriptedApi({"/towns": scripted})


def looked_up(api: ScriptedApi) -> list[str]:
    return [target for target in targets(api) if target.startswith("/owners/")]


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        (0, []),
        (1, ["1"]),
        (5, ["1,2,3,4,5"]),
        (6, ["1,2,3,4,5", "6"]),
        (11, ["1,2,3,4,5", "6,7,8,9,10", "11"]),
    ],
)
@pytest.mark.parametrize("written", ["/owners/{}/", "{}"])
def test_references_are_asked_for_in_batches(tmp_path: Path, number: int, asked: list[str], written: str) -> None:
    with referring([written.format(n) for n in range(number, 0, -1)] * 2 or [None]) as api:
        end = drive(begin(api, tmp_path, REFERRED))
        assert sorted(looked_up(api)) == sorted(f"/owners/?ids={ids}" for ids in asked)
    assert (end.state, end.gaps, end.exact, end.total) == ("complete", (), True, end.done)
    rows = taken(end, tmp_path).rows(limit=100)
    assert [row["owner"] for row in rows] == [f"owner {n}" for n in range(number, 0, -1)] * 2 or [None]


def test_references_that_are_numbers_are_looked_up_by_their_batch(tmp_path: Path) -> None:
    with referring([7, 8, None, True, 7]) as api:
        end = drive(begin(api, tmp_path, REFERRED))
        assert looked_up(api) == ["/owners/?ids=7,8"]
    assert [row["owner"] for row in taken(end, tmp_path).rows()] == ["owner 7", "owner 8", None, None, "owner 7"]


def test_a_reference_that_its_batch_does_not_bring_is_named(tmp_path: Path) -> None:
    with referring([f"/owners/{n}/" for n in range(1, 9)], lost=(3, 7)) as api:
        end = drive(begin(api, tmp_path, REFERRED))
        assert len(looked_up(api)) == 2
    manifest = taken(end, tmp_path).manifest
    assert (end.state, [gap.key for gap in manifest.gaps]) == ("incomplete", ["owners/3", "owners/7"])
    assert manifest.reasons == ("No record came for 2 references to owners: owners/3, owners/7.",)


@pytest.mark.parametrize(
    ("size", "pages", "batches"), [(5, 3, 0), (15, 1, 2), (30, 1, 1)], ids=["pages", "as many", "fewer batches"]
)
def test_the_cheapest_of_pages_and_batches_is_taken(tmp_path: Path, size: int, pages: int, batches: int) -> None:
    text = REFERRED.replace("expected = 5000", "expected = 25")
    with referring([f"/owners/{n}/" for n in range(1, 26)], number=25) as api:
        end = drive(begin(api, tmp_path, text, size=size))
        asked = looked_up(api)
    assert sum("ids=" in target for target in asked) == batches
    assert sum("page=" in target for target in asked) == (pages if not batches else 0)
    assert (end.state, end.total) == ("complete", 3 + len(asked))


def test_pages_hold_what_is_referred_to_by_id_too(tmp_path: Path) -> None:
    text = REFERRED.replace("expected = 5000", "expected = 12")
    with referring([f"/owners/{n}/" for n in range(1, 13)], number=12) as api:
        end = drive(begin(api, tmp_path, text, size=1))
        assert [target.partition("?")[2] for target in looked_up(api)] == ["page=1", "page=2"]
    assert end.state == "complete"


def test_a_run_goes_on_with_the_same_batches(tmp_path: Path) -> None:
    with referring([f"/owners/{n}/" for n in range(30, 0, -1)]) as api:
        run = begin(api, tmp_path, REFERRED)
        api.fail("/owners/?ids=11,12,13,14,15", answer("", status=403))
        assert drive(run).state == "failed"
        end = drive(run)
        assert len(set(looked_up(api))) == 6
        assert len(looked_up(api)) == 7
    assert (end.state, end.done, end.total) == ("complete", 9, 9)
    assert taken(end, tmp_path).rows(limit=1)[0]["owner"] == "owner 30"


@pytest.mark.parametrize("number", [1, 4, 5, 6, 10, 11])
def test_a_list_is_asked_for_in_batches_and_its_rows_stand_in_its_order(tmp_path: Path, number: int) -> None:
    with towns() as api:
        run = begin(api, tmp_path, LISTED, towns=number)
        plan = price(run.source, run.dataset_definition)
        end = drive(run)
        ids = [",".join(map(str, range(at, min(at + 5, number + 1)))) for at in range(1, number + 1, 5)]
        assert sorted(targets(api)) == sorted(f"/towns?id={each}&units=metric" for each in ids)
    assert (plan.total, plan.exact, end.total, end.done) == (len(ids), True, len(ids), len(ids))
    assert plan.parts[0].why == "one request for each 5 items of its list"
    assert end.state == "complete"
    rows = taken(end, tmp_path).rows(limit=100)
    assert [(row["town"], row["called"], row["warmth"]) for row in rows] == [
        (n, f"t{n}", n / 2) for n in range(1, number + 1)
    ]


def test_an_item_that_its_batch_does_not_bring_is_named_and_a_record_twice_is_kept_once(tmp_path: Path) -> None:
    with towns(lost=(2, 7), twice=(4,)) as api:
        end = drive(begin(api, tmp_path, LISTED, towns=8))
    snapshot = taken(end, tmp_path)
    assert (end.state, snapshot.manifest.duplicates) == ("incomplete", 1)
    assert {(gap.key, gap.reason) for gap in snapshot.manifest.gaps} == {
        ("towns?id=2", "The answer to towns?id=1,2,3,4,5 has no record of it."),
        ("towns?id=7", "The answer to towns?id=6,7,8 has no record of it."),
    }
    assert [row["town"] for row in snapshot.rows()] == [1, 3, 4, 5, 6, 8]


def test_a_batch_that_never_comes_is_one_gap(tmp_path: Path) -> None:
    with towns() as api:
        api.fail("/towns?id=1,2,3,4,5&units=metric", *[answer("", status=500)] * 5)
        end = drive(begin(api, tmp_path, LISTED, towns=8))
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["towns?id=1,2,3,4,5"])
    assert [row["town"] for row in taken(end, tmp_path).rows()] == [6, 7, 8]


def test_a_list_in_batches_goes_on_where_it_was(tmp_path: Path) -> None:
    with towns() as api:
        run = begin(api, tmp_path, LISTED, towns=23)
        api.fail("/towns?id=16,17,18,19,20&units=metric", answer("", status=403))
        assert drive(run).state == "failed"
        end = drive(run)
        assert len(api.requests) == 5 + 1
    assert end.state == "complete"
    assert [row["town"] for row in taken(end, tmp_path).rows(limit=100)] == list(range(1, 24))


def test_the_key_of_a_long_batch_is_short_and_its_own(tmp_path: Path) -> None:
    with towns() as api:
        run = begin(api, tmp_path, LISTED, size=100, towns=300)
        end = drive(run)
        keys = {line.key for line in run.requests()}
    assert end.state == "complete"
    assert len(keys) == 3
    assert all(len(key) <= LONGEST for key in keys)
    assert any(key.startswith("towns?id=1…100 (100, ") for key in keys)


def refusing(*bad: int, status: int = 404) -> ScriptedApi:
    """Towns of which some are unknown, and any request that names one of these is refused."""

    def scripted(request: Request) -> object:
        asked = [int(id_) for id_ in request.query["id"].split(",")]
        if status == 200 and set(bad) & set(asked):
            return {"cod": "404", "message": "city not found"}
        if set(bad) & set(asked):
            return answer({"message": "city not found"}, status=status)
        return {"list": [{"id": n, "warmth": n / 2} for n in asked]}

    return ScriptedApi({"/towns": scripted})


@pytest.mark.parametrize("status", [400, 404, 410, 414, 200])
def test_of_a_batch_that_is_refused_each_item_is_asked_for(tmp_path: Path, status: int) -> None:
    with refusing(3, status=status) as api:
        run = begin(api, tmp_path, LISTED, towns=12)
        end = drive(run)
        assert (len(api.requests), end.done, end.total) == (3 + 5, 7, 7)
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["towns?id=3"])
    assert [row["town"] for row in taken(end, tmp_path).rows(limit=100)] == [1, 2, *range(4, 13)]


def test_a_batch_that_was_refused_is_not_asked_for_again_after_a_kill(tmp_path: Path) -> None:
    with refusing(3) as api:
        whole = begin(api, tmp_path / "whole", LISTED, towns=12)
        drive(whole)
        known = entries(whole)
        fell = next(n for n, entry in enumerate(known) if entry.kind == "trouble")
        for kept in range(fell + 1, len(known)):
            run, before = begin(api, tmp_path / f"{kept}", LISTED, towns=12), len(api.requests)
            journal(run.folder, known[:kept])
            end = drive(run)
            answered = {entry.key for entry in known[:kept] if entry.kind == "answer"}
            asked = {line.key for line in run.requests(after=kept)}
            assert not answered & asked
            assert "towns?id=1,2,3,4,5" not in asked
            assert len(api.requests) - before == len(asked)
            assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["towns?id=3"])
            assert (end.done, end.total) == (7, 7)


@pytest.mark.parametrize("status", [400, 404, 413])
def test_of_references_whose_batch_is_refused_each_is_looked_up(tmp_path: Path, status: int) -> None:
    def scripted(request: Request) -> object:
        if "ids" in request.query:
            return answer("", status=status)
        return {"id": int(request.path.strip("/").rpartition("/")[2]), "name": f"one {request.path}"}

    things = [{"id": n, "owner": n} for n in (4, 2, 9)]
    with ScriptedApi({"/things/": paged(things), "*": scripted}) as api:
        end = drive(begin(api, tmp_path, REFERRED))
        assert sorted(looked_up(api)) == ["/owners/2/", "/owners/4/", "/owners/9/", "/owners/?ids=2,4,9"]
    assert (end.state, end.reason, end.done, end.total) == ("complete", "", 4, 4)
    assert [row["owner"] for row in taken(end, tmp_path).rows()] == [f"one /owners/{n}/" for n in (4, 2, 9)]
