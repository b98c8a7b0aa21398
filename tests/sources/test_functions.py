"""Python of one's own: takes modules beside a definition, gives what they make, or words for what goes wrong."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ladle.errors import DefinitionError
from ladle.sources.functions import load
from ladle.sources.library import load_source
from ladle.sources.paging import AnswerError, Page, read_answer
from ladle.sources.source import Source

OWN = """
from dataclasses import dataclass

@dataclass
class Thing:
    name: str

def tidy(record):
    return {"id": record["id"], "name": Thing(record["name"].title()).name}

def several(record):
    return [{"id": f'{record["id"]}{part}'} for part in record["parts"]]

def some(record):
    return record if record["id"] > 1 else None

def renamed(record):
    record["number"] = record.pop("id")
    return record

def wrong(record):
    return 7

SEVEN = 7
"""
BODY = {"count": 3, "results": [{"id": 1, "name": "luke", "parts": "ab"}, {"id": 2, "name": "leia", "parts": ""}]}


def source(folder: Path | None, transform: str = "own:tidy", *, trusted: bool = True) -> Source:
    swapi = load_source("swapi", env={})
    people = replace(swapi.resources["people"], transform=transform, key="id")
    return replace(swapi, resources={"people": people}, folder=folder and f"{folder}", trusted=trusted)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN, "utf-8")
    return tmp_path


def read(folder: Path | None, transform: str) -> Page:
    resource = source(folder, transform).resources["people"]
    return read_answer(resource, json.dumps(BODY).encode())


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("own:tidy", [{"id": 1, "name": "Luke"}, {"id": 2, "name": "Leia"}]),
        ("own:several", [{"id": "1a"}, {"id": "1b"}]),
        ("own:some", [{"id": 2, "name": "leia", "parts": ""}]),
        ("own:renamed", [{"name": "luke", "parts": "ab", "number": 1}, {"name": "leia", "parts": "", "number": 2}]),
    ],
)
def test_a_transform_makes_one_record_several_or_none(folder: Path, name: str, records: object) -> None:
    page = read(folder, name)
    assert page.records == records
    # The API's own are still told apart, whatever became of them.
    assert page.held == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("own:wrong", "The function own:wrong gave int, not a record, a list of records or None."),
        ("own:tidyy", 'There is no function "own:tidyy". Did you mean "own:tidy"?'),
        ("own:SEVEN", 'There is no function "own:SEVEN".'),
        ("none_such:tidy", 'There is no module "none_such". Write none_such.py beside the definition'),
        ("own", '"own" is no function. Write "module:function".'),
        ("../own:tidy", '"../own:tidy" is no function.'),
        ("os:path", 'There is no function "os:path".'),
    ],
)
def test_what_is_no_function_is_told_in_words_and_is_no_answer(folder: Path, name: str, words: str) -> None:
    with pytest.raises(AnswerError) as raised:
        read(folder, name)
    assert words in raised.value.message
    assert (raised.value.means, raised.value.said) == ("gone", False)


def test_a_function_that_raises_is_told_with_its_own_words(folder: Path) -> None:
    (folder / "own.py").write_text("def tidy(record):\n    return record['nmae']\n", "utf-8")
    with pytest.raises(AnswerError, match=r"The function own:tidy failed: KeyError: 'nmae'\."):
        read(folder, "own:tidy")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def tidy(record", "own.py can't be loaded: SyntaxError"),
        ("import none_such", "own.py can't be loaded: ModuleNotFoundError: No module named 'none_such'."),
        ("1 / 0", "own.py can't be loaded: ZeroDivisionError: division by zero."),
    ],
)
def test_a_module_that_can_not_be_loaded_is_told_with_its_words(folder: Path, text: str, words: str) -> None:
    (folder / "own.py").write_text(text, "utf-8")
    with pytest.raises(DefinitionError) as raised:
        load(source(folder), "own:tidy")
    assert words in raised.value.message


def test_a_module_that_was_changed_is_read_anew(folder: Path) -> None:
    assert load(source(folder), "own:tidy")({"id": 1, "name": "luke"})["name"] == "Luke"
    (folder / "own.py").write_text(OWN.replace(".title()", ".upper()"), "utf-8")
    assert load(source(folder), "own:tidy")({"id": 1, "name": "luke"})["name"] == "LUKE"


def test_a_module_that_is_installed_needs_none_beside_the_definition(folder: Path) -> None:
    assert load(source(folder), "os.path:basename") is os.path.basename


def test_a_definition_that_is_not_trusted_or_lies_nowhere_has_no_functions(folder: Path) -> None:
    for made, words in ((source(folder, trusted=False), "may have none"), (source(None), "lies in no folder")):
        assert made.resources["people"].folder is None
        with pytest.raises(DefinitionError, match=words):
            load(made, "own:tidy")
        with pytest.raises(AnswerError, match="lies in no folder"):
            read_answer(made.resources["people"], json.dumps(BODY).encode())
