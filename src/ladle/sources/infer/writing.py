"""The definition as text: takes drafts of resources, gives commented TOML, each key with how sure it is and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ladle.sources.infer.findings import Draft, Field, Guess

BARE = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_WHY = 160
COMMENTS_AT = 34
"""Comments stand in a column of their own where there is room."""


def written(head: Sequence[str], top: Mapping[str, Guess], drafts: Iterable[Draft], missing: Sequence[str]) -> str:
    """The whole definition; `head` and `missing` become comments."""
    drafts = list(drafts)
    lines = [_comment(line) for line in head]
    lines += ["ladle = 1", *(_key(name, guess) for name, guess in top.items())]
    for draft in drafts:
        lines += ["", f"[resources.{_name(draft.name)}]", *(_key(name, guess) for name, guess in draft.keys.items())]
    for draft in drafts:
        if draft.dataset:
            lines += ["", f"[datasets.{_name(draft.name)}]", f"resource = {toml(draft.name)}", *_columns(draft)]
    if missing:
        lines += ["", "# What could not be found:", *(_comment(f"- {each}") for each in missing)]
    return "\n".join(lines) + "\n"


def _columns(draft: Draft) -> list[str]:
    lines = []
    if draft.flatten:
        lines.append(_beside("flatten = true", "objects are taken apart, those of later records too"))
    if draft.drop:
        lines.append(_beside(f"drop = {toml(list(draft.drop))}", "in columns of their own, or the same everywhere"))
    if not draft.fields:
        return lines
    rest = [_beside('  "*",', "whatever else later records bring")]
    return [*lines, "columns = [", *(_column(each) for each in draft.fields), *rest, "]"]


def _column(each: Field) -> str:
    more = dict(each.more)
    if not (more or each.path or each.item):
        return _beside(f"  {toml(each.name)},", each.why)
    said = {
        "name": each.name,
        **({"path": each.path} if each.path else {}),
        **({"item": each.item} if each.item else {}),
    }
    return _beside(f"  {toml({**said, **more})},", f"{each.sure}: {each.why}" if more else each.why)


def _key(name: str, guess: Guess) -> str:
    why = f"{guess.sure}: {guess.why}" if guess.why else ""
    return _beside(f"{name} = {toml(guess.value)}", why)


def _beside(line: str, why: str) -> str:
    return f"{line:<{COMMENTS_AT}}  {_comment(why[:LONGEST_WHY])}" if why else line


def _comment(words: str) -> str:
    """A comment in one line; an API's own words may hold anything."""
    return "# " + "".join(sign if sign.isprintable() else " " for sign in words)


def _name(name: str) -> str:
    return name if BARE.fullmatch(name) else toml(name)


def toml(value: Any) -> str:
    """A value as TOML writes it, in one line.

    >>> toml({"name": "a", "path": "b.c"}), toml([1, True]), toml("é\\n")
    ('{ name = "a", path = "b.c" }', '[1, true]', '"é\\\\n"')
    """
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        return "{ " + ", ".join(f"{_name(name)} = {toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return json.dumps(value)


def doubled(text: str) -> str:
    """A text in which braces stand for themselves."""
    return text.replace("{", "{{").replace("}", "}}")
