"""What was asked and what was heard: takes an answer's status, headers and bytes, gives what it says, decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NO_JSON: Any = object()
"""Stands for a body that is no JSON, since null is one."""


@dataclass(frozen=True, slots=True)
class Ask:
    """An address to be asked for by GET, and what for."""

    url: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What came back; `problem` where nothing did."""

    url: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in small letters."""
    body: bytes = b""
    problem: str = ""

    @property
    def good(self) -> bool:
        """Whether it is an answer to look into."""
        return not self.problem and 200 <= self.status < 300 and self.document is not NO_JSON

    @cached_property
    def document(self) -> Any:
        """The body's JSON, or NO_JSON."""
        try:
            return orjson.loads(self.body.removeprefix(BYTE_ORDER_MARK))
        except (orjson.JSONDecodeError, RecursionError):
            return NO_JSON

    @property
    def is_html(self) -> bool:
        """Whether it is a page for people."""
        start = self.body[:400].lstrip(BYTE_ORDER_MARK).lstrip().lower()
        return "html" in self.headers.get("content-type", "") or start.startswith((b"<!doctype html", b"<html"))
