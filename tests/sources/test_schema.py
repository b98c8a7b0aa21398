"""The JSON Schema for editors: takes it and the parser, and holds them against each other key by key."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from ladle.sources import library
from ladle.sources.columns import TYPES
from ladle.sources.definition import read_noting
from ladle.sources.pages import STYLES
from tests.sources.broken_whole import SLIPS
from tests.sources.whole import WHOLE, lists

FOLDER = Path(library.__file__).parent
SCHEMA: dict[str, Any] = json.loads((FOLDER / "definition.schema.json").read_text("utf-8"))
KEPT = sorted([*(FOLDER / "builtin").glob("*.toml"), *(FOLDER / "gallery").glob("*.toml")])


def kinds(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a place may hold, references and choices followed."""
    if "$ref" in node:
        yield from kinds(SCHEMA["definitions"][node["$ref"].rpartition("/")[2]])
    elif "oneOf" in node:
        for each in node["oneOf"]:
            yield from kinds(each)
    else:
        yield node


def within(node: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    """What a key of a table, or an item of a list, may hold."""
    for kind in kinds(node):
        if key in kind.get("properties", {}):
            yield from kinds(kind["properties"][key])
        elif isinstance(kind.get("additionalProperties"), dict):
            yield from kinds(kind["additionalProperties"])
        elif "items" in kind and key.isdigit():
            yield from kinds(kind["items"])


def keys_at(path: tuple[str, ...]) -> set[str]:
    """The keys that a table may have by the schema."""
    nodes = [SCHEMA]
    for key in path:
        nodes = [found for node in nodes for found in within(node, key)]
    return {key for node in nodes for key in node.get("properties", {})}


def test_every_table_has_the_same_keys_for_the_parser_and_for_the_schema() -> None:
    tables = read_noting(WHOLE, "own.toml", lists, {}, trusted=True)[1].keys
    assert {path for path in tables if not path} == {()}
    different = {path: keys ^ keys_at(path) for path, keys in tables.items() if keys != keys_at(path)}
    assert different == {}
    described = {frozenset(kind["properties"]) for kind in every_table(SCHEMA)}
    read = {frozenset(key) for key in tables.values()}
    assert {keys for keys in described if not any(keys <= each for each in read)} == set()


def every_table(node: object) -> Iterator[dict[str, Any]]:
    """All tables of the schema that say which keys they have."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and "type" in node:
            yield node
        for each in node.values():
            yield from every_table(each)
    elif isinstance(node, list):
        for each in node:
            yield from every_table(each)


def test_every_key_is_described_and_no_other_is_allowed() -> None:
    for table in every_table(SCHEMA):
        assert table["additionalProperties"] is False
        for key, said in table["properties"].items():
            assert said.get("description") or "$ref" in said, key


def test_choices_are_the_parsers() -> None:
    definitions = SCHEMA["definitions"]
    assert tuple(definitions["resource"]["properties"]["paging"]["enum"]) == STYLES
    assert tuple(definitions["column"]["oneOf"][1]["properties"]["type"]["enum"]) == TYPES


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_every_definition_that_comes_along_fits_the_schema(path: Path) -> None:
    told = [each.message for each in Draft7Validator(SCHEMA).iter_errors(tomllib.loads(path.read_text("utf-8")))]
    assert told == []


def test_the_whole_grammar_fits_the_schema_and_many_slips_do_not() -> None:
    schema = Draft7Validator(SCHEMA)
    assert [each.message for each in schema.iter_errors(tomllib.loads(WHOLE))] == []
    seen = [not schema.is_valid(tomllib.loads(WHOLE.replace(slip.text, slip.instead, 1))) for slip in SLIPS]
    assert sum(seen) > len(SLIPS) // 3


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)
