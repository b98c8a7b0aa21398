"""Takes a value, gives how one row alone shows it: null, a link, JSON on several lines, or the text in full; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import ladle

Kind = Literal["null", "blank", "link", "json", "text"]
LONGEST_JSON = 100_000
"""Characters; what is longer is shown as it is written."""
_DEEPEST = 40
"""Levels that are set in: a list in thousands of lists must not become a thousand times as long."""
_LONGEST_LINK = 2_000
_ADDRESS = re.compile(r"https?://[^\s<>\"\\^`{|}]+", re.ASCII | re.IGNORECASE)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s"\[\]{},:]+')


@dataclass(frozen=True, slots=True)
class Whole:
    """A value in full, and what it is."""

    kind: Kind
    text: str


def whole(value: object) -> Whole:
    """What is shown of a value.

    >>> whole(None).kind, whole(" ").kind, whole("https://swapi.dev/").kind, whole("javascript:1").kind
    ('null', 'blank', 'link', 'text')
    """
    if value is None:
        return Whole("null", "")
    text = ladle.text_of(value)
    if not text.strip():
        return Whole("blank", text)
    if isinstance(value, str):
        if is_address(text):
            return Whole("link", text)
        if (lines := pretty(text)) is not None:
            return Whole("json", lines)
    return Whole("text", text)


def is_address(text: str) -> bool:
    """Whether a text is an address of the web and nothing else.

    >>> is_address("https://swapi.dev/api/people/1/"), is_address("see https://swapi.dev"), is_address("http://")
    (True, False, False)
    """
    if len(text) > _LONGEST_LINK or not _ADDRESS.fullmatch(text):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:  # a host in brackets that is no IPv6 address
        return False


def pretty(text: str) -> str | None:
    r"""An object or a list of JSON, a value a line; None for anything else. Every value stays as it is written.

    >>> print(pretty('{"a": [1.50, {}], "b": "x,y"}'))
    {
      "a": [
        1.50,
        {}
      ],
      "b": "x,y"
    }
    """
    bare = text.strip()
    if not (bare[:1] + bare[-1:] in ("{}", "[]") and len(bare) <= LONGEST_JSON):
        return None
    try:
        json.loads(bare, parse_int=str, parse_float=str)  # as texts: a number may have thousands of digits
    except (ValueError, RecursionError):
        return None
    return "".join(_laid_out(_TOKEN.findall(bare)))


def _laid_out(tokens: list[str]) -> Iterator[str]:
    """The tokens with what stands between them."""
    depth = 0
    for piece, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if piece in ("{", "["):
            depth += following not in ("}", "]")
            yield piece + ("" if following in ("}", "]") else _line(depth))
        elif piece in (",", ":"):
            yield f",{_line(depth)}" if piece == "," else ": "
        else:
            ends = following in ("}", "]")
            depth -= ends
            yield piece + (_line(depth) if ends else "")


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, _DEEPEST)
