"""Definitions broken by chance: takes good ones and a seed, gives each mistake's place, and never a traceback."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft7Validator

from ladle.errors import BadInput, DefinitionError, Mistake
from ladle.sources import library
from ladle.sources.definition import check, parse
from ladle.sources.source import Source
from tests.sources.mutations import BREAKING, GOOD, HARMLESS, Broken, beside, drawn, wild

SCHEMA = Draft7Validator(json.loads((Path(library.__file__).parent / "definition.schema.json").read_text("utf-8")))
EACH = 40
"""Broken definitions of each kind: 320 of eight kinds."""
WILD = 600


def refused(text: str) -> list[Mistake]:
    """The mistakes, told alike by both doors; each names a place within the text."""
    mistakes = check(text, where="own.toml", lists=beside)
    if mistakes:
        with pytest.raises(BadInput) as raised:
            parse(text, where="own.toml", lists=beside)
        # A list from outside is not the definition's mistake, where it is the only one.
        assert not isinstance(raised.value, DefinitionError) or list(raised.value.mistakes) == mistakes
    else:
        parse(text, where="own.toml", lists=beside)
    for each in mistakes:
        assert each.line is not None or "." not in each.key, each
        assert each.line is None or 1 <= each.line <= text.count("\n") + 1, each
        assert each.place == "own.toml"
        assert each.what
        assert "Error" not in each.message
    return mistakes


def told(broken: Broken) -> list[tuple[int | None, str]]:
    return [(each.line, each.key) for each in refused(broken.text)]


@pytest.mark.parametrize("kind", BREAKING)
def test_what_is_broken_is_refused_at_its_place(kind: str) -> None:
    for text, draw in drawn(kind, EACH):
        broken = BREAKING[kind](text, draw)
        assert broken.text != text
        places = told(broken)
        if broken.line is None and not broken.key:  # some line below may be where reading can't go on
            assert places, broken.text
            assert [key for _, key in places] == [""]
            assert places[0][0] is not None
        else:
            assert (broken.line, broken.key) in places, (broken, places)


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_is_only_written_otherwise_is_read_as_the_same(kind: str) -> None:
    for text, draw in drawn(kind, EACH):
        other = HARMLESS[kind](text, draw)
        assert other != text
        assert refused(other) == []
        assert plain(other) == plain(text)


def plain(text: str) -> Source:
    """The source but for how it was written."""
    return replace(parse(text, where="own.toml", lists=beside), text="", sha256="")


def test_wild_changes_are_either_read_or_refused_in_words_and_nothing_passes_that_the_schema_refuses() -> None:
    outcomes = [one_wild(text, seed) for seed, text in enumerate([*GOOD.values()] * (WILD // len(GOOD)))]
    assert outcomes.count("refused") >= 200
    assert outcomes.count("read") >= 50


def one_wild(text: str, seed: int) -> str:
    changed = wild(text, Random(f"wild {seed}"))
    mistakes = refused(changed)
    try:
        values: dict[str, Any] = tomllib.loads(changed)
    except (ValueError, UnicodeError):
        assert mistakes
        return "refused"
    if not SCHEMA.is_valid(values):
        assert mistakes, (seed, [f"{list(each.path)} {each.message}" for each in SCHEMA.iter_errors(values)])
    return "refused" if mistakes else "read"


@pytest.mark.parametrize("name", GOOD)
def test_the_good_ones_are_good(name: str) -> None:
    assert refused(GOOD[name]) == []
