"""Any faults in any order: takes APIs that misbehave by a drawn plan, looks whether the data is whole or told to lack.

Either a run ends complete and its files are the undisturbed run's byte for byte, or it ends incomplete, and every
record and name that lacks belongs to a gap that is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import ladle
from ladle.collect.fetch import Bounds
from ladle.collect.retry import ATTEMPTS
from ladle.home import Home, new_id
from ladle.sources.definition import parse
from ladle.testing import FAULTS, HARMLESS, Faulty, Numbered, Request, ScriptedApi, answer, paged
from ladle.testing.faults import LASTING, LIMITS
from tests.apis import drive

SIZE, PAGES, PLACES, CITIES = 3, 40, 12, 40
FILES = ("data.csv", "data.index", "data.parquet", "profile.json")
QUICK = Bounds(silence=0.4, whole=0.8)
CITY_LIST = "city\n" + "".join(f"{number}\n" for number in range(1, CITIES + 1))
OWN = """
ladle = 1
name = "own"
title = "My API"
base_url = "{url}"
quota = "100000 per 10 ms"
pace = "fast"
concurrency = 6
[resources.things]
path = "things"
records = "results"
count = "count"
next = "next"
key = "id"
paging = "page"
[resources.places]
path = "places"
records = "results"
count = "count"
next = "next"
key = "url"
paging = "page"
expected = 1000
page_size = 3
[resources.chain]
path = "chain"
records = "results"
next = "next"
key = "id"
paging = "link"
[resources.cities]
path = "city"
params = {{ id = "{{city}}" }}
key = "id"
each = {{ csv = "cities.csv", key = "city" }}
[datasets.things]
resource = "things"
columns = ["id", "name", {{ name = "place", reference = "places.name" }}]
[datasets.chain]
resource = "chain"
columns = ["id", "name"]
[datasets.cities]
resource = "cities"
columns = ["id", "name"]
"""


LIMIT, SAYS = "The API says that its limit is reached.", "The answer says that it is an error"
NO_RECORDS = ("The answer has no records at ", "The answer is an empty object, {}, and no record.")
TOLD: Mapping[str, str | tuple[str, ...]] = {
    **dict.fromkeys(("429", "429 with seconds", "429 in words", "403 with seconds"), LIMIT),
    "limit in a 200": f"{SAYS}: ratelimited.",
    "html 200": "The answer is not JSON; it begins with '<!doctype html>",
    **{str(status): f"The API answered {status}." for status in (408, 425, 502, 503, 504)},
    "html 500": "The API answered 500.",
    "503 with seconds": "The API says that it is to be asked later.",
    "not implemented": "The API answered 501.",
    "404": "The API answered 404: Not found.",
    "empty": "The answer was empty.",
    "204": "The answer was empty.",
    **dict.fromkeys(("half the json", "json and more", "NaN", "utf-16"), "The answer is not JSON"),
    "latin-1": 'The answer is not JSON; it begins with \'{"name": "\ufffd"}\'.',
    "null": NO_RECORDS,
    "empty object": NO_RECORDS,
    "error in a 200": f"{SAYS}: Try again.",
    "ok false": f"{SAYS}: fatal_error.",
    "code in a 200": f"{SAYS}: Internal error.",
    "gone in a 200": f"{SAYS}: not found.",
    "redirect to another site": "The API sends this call on to another site, elsewhere.invalid.",
}
"""What is told of a fault, where it does not depend on how the connection was made."""


def thing(number: int) -> dict[str, object]:
    return {"id": number, "name": f"thing {number}", "place": f"/places/{number % PLACES + 1}"}


def place(request: Request) -> object:
    number = int(request.path.rpartition("/")[2])
    return answer({"url": request.path, "name": f"place {number}"})


def city(request: Request) -> object:
    number = int(request.query["id"])
    return answer({"id": number, "name": f"city {number}"})


SCRIPT: Mapping[str, Any] = {
    "/things": paged(Numbered(SIZE * PAGES, thing), SIZE),
    "/chain": paged(Numbered(SIZE * 20, thing), SIZE, style="link"),
    "/city": city,
    **{f"/places/{number}": place for number in range(1, PLACES + 1)},
}


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over."""

    progress: ladle.Progress
    reasons: set[str]
    """Why requests failed, once each."""
    files: Mapping[str, bytes]
    rows: list[dict[str, Any]]
    gaps: list[str]


def run(api: ScriptedApi, home: Path, dataset: str) -> Ended:
    """Collect a dataset of a source of one's own."""
    source = parse(OWN.format(url=api.url), where="own.toml", lists=lambda _resource, file, _setting: (file, CITY_LIST))
    held, now = Home.open(home), datetime.now(UTC)
    definition = source.datasets[dataset]
    begun = ladle.Run(home=held, id=new_id(now), created=now, source=source, dataset_definition=definition)
    begun.folder.mkdir()
    end = drive(begun, bounds=QUICK)
    reasons = {line.reason for line in begun.requests(limit=10_000, only="failed")}
    if end.snapshot is None:
        return Ended(end, reasons, {}, [], [])
    folder = held.snapshots / "own" / dataset / end.snapshot
    snapshot = ladle.snapshot(end.snapshot, home=home)
    gaps = [gap.key for gap in snapshot.manifest.gaps]
    return Ended(end, reasons, {name: (folder / name).read_bytes() for name in FILES}, snapshot.rows(limit=1000), gaps)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """Each dataset without a fault."""
    home = tmp_path_factory.mktemp("clean")
    with ScriptedApi(SCRIPT) as api:
        ends = {name: run(api, home, name) for name in ("things", "chain", "cities")}
    assert [end.progress.state for end in ends.values()] == ["complete"] * 3
    assert [len(end.rows) for end in ends.values()] == [SIZE * PAGES, SIZE * 20, CITIES]
    return ends


def gap_of_thing(row: dict[str, Any], gaps: list[str]) -> bool:
    """The first page tells of all others."""
    return "things?page=1" in gaps or f"things?page={(row['id'] - 1) // SIZE + 1}" in gaps


def gap_of_link(row: dict[str, Any], gaps: list[str]) -> bool:
    """Behind a link that lacks everything lacks: one gap stands for all that follows."""
    return len(gaps) == 1 and gaps[0].startswith("chain?")


def gap_of_city(row: dict[str, Any], gaps: list[str]) -> bool:
    return f"cities?id={row['id']}" in gaps


GAP_OF: Mapping[str, Callable[[dict[str, Any], list[str]], bool]] = {
    "things": gap_of_thing,
    "chain": gap_of_link,
    "cities": gap_of_city,
}


def check(end: Ended, whole: Ended, dataset: str) -> None:
    """Whole, or told as incomplete with a gap for all that lacks."""
    assert end.progress.state in ("complete", "incomplete"), end.progress.reason
    if end.progress.state == "complete":
        assert {name for name in FILES if end.files[name] != whole.files[name]} == set()
        return
    assert end.gaps
    came = {row["id"]: row for row in end.rows}
    for row in whole.rows:
        if row["id"] not in came:
            assert GAP_OF[dataset](row, end.gaps), row
        elif came[row["id"]] != row:
            assert {**row, "place": None} == came[row["id"]]
            assert f"places/{row['id'] % PLACES + 1}" in end.gaps
    assert came.keys() <= {row["id"] for row in whole.rows}


@pytest.mark.parametrize("kind", [*FAULTS, *HARMLESS])
def test_one_fault_in_a_twentieth_of_all_requests(kind: str, tmp_path: Path, clean: dict[str, Ended]) -> None:
    for dataset in ("things", "cities"):
        faulty = Faulty(SCRIPT, {kind: 0.05}, seed=3)
        with ScriptedApi(faulty) as api:
            end = run(api, tmp_path / dataset, dataset)
        assert faulty.sent[kind] > 0
        check(end, clean[dataset], dataset)
        if kind not in LASTING:
            assert end.progress.state == "complete"
        if kind in HARMLESS:
            assert end.reasons == set()
        elif kind in TOLD:
            assert {reason for reason in end.reasons if not reason.startswith(TOLD[kind])} == set()


@settings(
    max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(dataset=st.sampled_from(["things", "chain", "cities"]), seed=st.integers(0, 2**32))
def test_all_faults_together_in_a_fifth_of_all_requests(
    dataset: str, seed: int, tmp_path_factory: pytest.TempPathFactory, clean: dict[str, Ended]
) -> None:
    kinds = {**FAULTS, **HARMLESS}
    faulty = Faulty(SCRIPT, dict.fromkeys(kinds, 0.2 / len(kinds)), seed=seed)
    with ScriptedApi(faulty) as api:
        end = run(api, tmp_path_factory.mktemp("faulty"), dataset)
    check(end, clean[dataset], dataset)
    if max(faulty.failed.values(), default=0) < ATTEMPTS and not faulty.sent.keys() & LASTING.keys():
        assert end.progress.state == "complete"


@pytest.mark.parametrize("dataset", ["things", "chain", "cities"])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_fails_for_ever_is_a_gap_for_all_that_lacks(
    dataset: str, seed: int, tmp_path: Path, clean: dict[str, Ended]
) -> None:
    kinds = [kind for kind in FAULTS if kind not in (*LIMITS, "hanging", "slow drip")]
    faulty = Faulty(SCRIPT, dict.fromkeys(kinds, 0.2 / len(kinds)), seed=seed, lasting=True)
    with ScriptedApi(faulty) as api:
        end = run(api, tmp_path, dataset)
    assert faulty.sent
    if end.progress.state == "failed":
        assert end.progress.records == 0
        assert end.progress.reason.startswith("Nothing usable has come from My API. ")
        return
    check(end, clean[dataset], dataset)
    assert end.progress.state == "incomplete"
