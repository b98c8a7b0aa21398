"""Where the next page is: takes links as odd APIs write them, gives what is asked for and how the run ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.home import Home
from ladle.retrying import retry
from ladle.runs import queue
from ladle.sources.definition import parse
from ladle.testing import Request, ScriptedApi
from tests.apis import drive, taken, targets

OWN = """
ladle = 1
name = "own"
title = "My API"
base_url = "{url}"
[resources.things]
path = "things"
records = "results"
next = "next"
key = "id"
paging = "link"
[datasets.things]
resource = "things"
columns = ["id"]
"""
Link = Callable[[int, Request], Any]
"""From a page's number and the request for it, the address of the next."""


def linked(link: Link, *, last: int = 4, first_of: Callable[[int], int] = lambda number: number * 3) -> ScriptedApi:
    """Pages of three records each, found by the digits in `?after=` or in the path."""

    def script(request: Request) -> object:
        number = int(request.query.get("after") or request.path.rpartition("/")[2].replace("things", "") or 1)
        first = first_of(number)
        records = [{"id": first + n} for n in range(3)]
        return {"next": link(number, request) if number < last else None, "results": records}

    return ScriptedApi(script)


def collect(api: ScriptedApi, home: Path) -> ladle.Progress:
    source = parse(OWN.format(url=api.url), where="own.toml", lists=lambda *_: ("", ""))
    return drive(queue(Home.open(home), source, source.datasets["things"]))


def host(request: Request) -> str:
    return str(request.headers["Host"])


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(lambda n, request: f"http://{host(request)}/things?after={n + 1}", id="absolute"),
        pytest.param(
            lambda n, request: f"HTTP://{host(request)}/things?after={n + 1}#top", id="large letters, fragment"
        ),
        pytest.param(lambda n, request: f"//{host(request)}/things?after={n + 1}", id="without a scheme"),
        pytest.param(lambda n, request: f"/things?after={n + 1}", id="a path"),
        pytest.param(lambda n, request: f"?after={n + 1}", id="a query"),
        pytest.param(lambda n, request: f" ./things?after={n + 1} ", id="relative, with blanks"),
        pytest.param(lambda n, request: f"/more/{n + 1}", id="another path"),
    ],
)
def test_a_link_is_followed_however_it_is_written(tmp_path: Path, link: Link) -> None:
    with linked(link) as api:
        end = collect(api, tmp_path)
        assert len(api.requests) == 4
    assert (end.state, end.records, end.gaps) == ("complete", 12, ()), end.reason


@pytest.mark.parametrize("nothing", [None, "", "  ", False, 0, [], {}])
def test_no_link_is_the_end(tmp_path: Path, nothing: object) -> None:
    with linked(lambda n, _: f"?after={n + 1}" if n < 3 else nothing) as api:
        end = collect(api, tmp_path)
    assert (end.state, end.records) == ("complete", 9)


@pytest.mark.parametrize(
    ("link", "key", "words"),
    [
        (lambda n, _: "?after=1", "things?after=1", "The next page is said to be things?after=1, which was read"),
        (lambda n, _: f"?after={n}", "things?after=1", "things?after=1, which was read before"),
        (lambda n, _: f"?after={n % 3 + 1}", "things?after=1", "said to be things?after=2, which was read before"),
        (lambda n, _: f"https://elsewhere.invalid/things?after={n + 1}", "things?page=1", "site, elsewhere.invalid"),
        (
            lambda n, r: f"http://{host(r)}1/things?after={n + 1}",
            "things?page=1",
            "The next page is said to be on anoth",
        ),
        (
            lambda n, r: f"ftp://{host(r)}/things?after={n + 1}",
            "things?page=1",
            "The next page is said to be on another",
        ),
        (lambda n, _: "http://[half", "things?page=1", 'said to be at "http://[half", which is no address'),
    ],
    ids=["to itself", "to itself by another name", "a long circle", "host", "port", "scheme", "no address"],
)
def test_a_link_that_leads_astray_is_a_gap_that_says_so(tmp_path: Path, link: Link, key: str, words: str) -> None:
    with linked(link, last=1000) as api:
        end = collect(api, tmp_path)
        assert len(targets(api)) <= 4 + 5
    assert words in end.reason
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", [f"what follows {key}"])
    assert end.records >= 1, "the page that leads astray holds a record all the same"


def test_an_api_that_gives_the_same_page_for_ever_is_left(tmp_path: Path) -> None:
    with linked(lambda n, _: f"?after={n + 1}", last=10**9, first_of=lambda _: 1) as api:
        end = collect(api, tmp_path)
        assert len(api.requests) == 5 + 5
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["what follows things?after=6"])
    assert "Page 6 and the 5 before it hold the same records)" in end.reason


def test_a_page_that_led_astray_has_another_chance_when_the_run_is_tried_again(tmp_path: Path) -> None:
    astray = True

    def link(number: int, request: Request) -> str:
        elsewhere = "https://elsewhere.invalid" if astray and number == 2 else ""
        return f"{elsewhere}/things?after={number + 1}"

    with linked(link, first_of=lambda number: number * (3 if astray else 30)) as api:
        end = collect(api, tmp_path)
        assert (end.state, end.records) == ("incomplete", 6)
        assert [gap.key for gap in end.gaps] == ["what follows things?after=2"]
        before, astray = len(api.requests), False
        end = drive(retry(Home.open(tmp_path), end.run))
        assert targets(api)[before:] == ["/things?after=2", "/things?after=3", "/things?after=4"]
    assert (end.state, end.reason, end.records) == ("complete", "", 12)
    ids = [row["id"] for row in taken(end, tmp_path).rows(limit=100)]
    assert ids == [3, 4, 5, 60, 61, 62, 90, 91, 92, 120, 121, 122], "the better answer counts"
