"""Ids that lead out of their folder, in every route, command and name in Python: nothing is found, nothing fails.

The routes are walked, so that one which comes later is tried by itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ladle
from ladle.errors import BadInput, NotFound
from tests.cli.command import ladle as command
from tests.server.attacks.walk import ALL, Route

CANARY = "what-lies-outside"
IDS = (
    "..",
    "../../canary",
    "%2e%2e%2f%2e%2e%2fcanary",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "..%5c..%5ccanary",
    "%252e%252e%252fcanary",
    "%2fetc%2fpasswd",
    "....%2f%2fcanary",
    "%c0%ae%c0%ae%c0%afcanary",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8fcanary",
    "x%00",
    "%0d%0aX-Evil:1",
    "%ff%fe",
    "C:%5cwindows",
    "-1",
    "9" * 30,
    "x" * 5000,
)
"""As they are written in an address."""
DEEDS = ("..%2f..%2fcanary", "%00", "9" * 30)
"""Those with which something is tried that changes something."""


def good(people: ladle.Snapshot) -> dict[str, str]:
    """What leads somewhere, in the places that are not tried."""
    here = dict.fromkeys(("snapshot", "snapshot_id", "run", "run_id", "before", "after"), people.id)
    return here | {"source": "swapi", "source_name": "swapi", "dataset": "people", "name": "swapi", "kind": "csv"}


def is_shut(answer: Any) -> bool:
    """Whether an answer gives nothing away."""
    body = b"" if answer.streaming else answer.content
    return 300 <= answer.status_code < 500 and b"root:x:" not in body and CANARY.encode() not in body


@pytest.fixture(scope="module")
def outside(people: ladle.Snapshot) -> Path:
    """What lies where these ids lead : it could be opened as a run and as a snapshot, and holds a word to look for."""
    home = people.folder.parents[3]
    for beside in (home / "snapshots", home, home.parent):
        folder = beside / "canary"
        shutil.copytree(home / "runs" / people.manifest.run, folder, dirs_exist_ok=True)
        shutil.copytree(people.folder, folder, dirs_exist_ok=True)
        (folder / "word").write_text(CANARY)
    return home / "canary"


@pytest.mark.parametrize("route", [each for each in ALL if each.fields], ids=lambda each: each.name)
def test_no_id_in_an_address_leads_out_of_its_place(
    client: Client, read_home: str, outside: Path, people: ladle.Snapshot, route: Route
) -> None:
    known = good(people)
    for field in route.fields:
        for written in IDS:
            answer = client.get(path := route.path(known | {field: written}))
            assert is_shut(answer), (path[:200], answer.status_code)
            assert "X-Evil" not in answer.headers
        for method in set(route.methods) - {"GET", "HEAD", "OPTIONS"}:
            for written in DEEDS:
                answer = client.generic(
                    method, path := route.path(known | {field: written}), "{}", content_type="application/json"
                )
                assert is_shut(answer), (method, path[:200], answer.status_code)
    assert (outside / "word").read_text() == CANARY


PLACES: dict[str, Callable[[ladle.Home, str], object]] = {
    "a snapshot": lambda home, text: ladle.snapshot(text, home=home),
    "a dataset's snapshots": lambda home, text: ladle.all_snapshots(text, home=home),
    "a run": lambda home, text: ladle.open_run(home, text),
    "a source": lambda home, text: ladle.source_versions(text, home=home),
    "a source to be removed": lambda home, text: ladle.remove_source(text, home=home),
    "a dataset to be collected": lambda home, text: ladle.start(home, text),
    "a dataset with a path for its source": lambda home, text: ladle.start(home, f"{text}/people"),
    "a dataset with a path for its name": lambda home, text: ladle.start(home, f"swapi/{text}"),
}
_STEPS = st.sampled_from(["..", ".", "~", "/", "\\", "\0", "canary", "etc/passwd", "．．", "%2e%2e", "snapshots", " "])
_TEXTS = st.one_of(st.lists(_STEPS, min_size=1, max_size=6).map("/".join), st.text(min_size=1, max_size=40))


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_TEXTS)
def test_no_name_in_python_leads_out_of_the_home(home_of_people: ladle.Home, place: str, text: str) -> None:
    try:
        found = PLACES[place](home_of_people, text)
    except (NotFound, BadInput):
        found = []
    assert found == []


@pytest.fixture(scope="module")
def home_of_people(people: ladle.Snapshot, outside: Path) -> ladle.Home:
    return ladle.Home.open(people.folder.parents[3])


@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("profile",),
        ("count", "{}", "name"),
        ("export",),
        ("sql", "{}", "SELECT 1"),
        ("diff", "{}", "{}"),
        ("history", "{}", "name=Luke Skywalker"),
        ("runs",),
        ("pause",),
        ("cancel",),
        ("resume",),
        ("retry",),
        ("snapshots",),
        ("plan",),
        ("preview",),
        ("collect",),
    ],
    ids=lambda words: words[0],
)
def test_no_word_of_a_command_leads_out_of_the_home(home_of_people: ladle.Home, words: tuple[str, ...]) -> None:
    for text in ("../../canary", "/etc/passwd", "..\\canary", "a\0b", "swapi/../../canary", "x" * 5000):
        filled = [each.replace("{}", text) for each in words] if len(words) > 1 else [*words, text]
        ended = command(*filled, LADLE_HOME=str(home_of_people.path))
        assert ended.returncode in (1, 2), (filled[0], text[:40], ended.stdout)
        assert "root:x:" not in ended.stdout + ended.stderr
        assert CANARY not in ended.stdout
