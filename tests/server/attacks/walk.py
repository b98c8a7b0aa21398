"""Every route of the site: takes none, gives names and patterns, and a path with the values that somebody would try."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from ladle_server.access.routes import resolved

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE")
SAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x"}
_FIELD = re.compile(r"<(\w+):(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """A route by its name, and its pattern: `/runs/<slug:run_id>/`."""

    name: str
    pattern: str

    @property
    def fields(self) -> list[str]:
        """What stands for an id in it."""
        return [name for _, name in _FIELD.findall(self.pattern)]

    def path(self, values: Mapping[str, str] | None = None) -> str:
        """The path with these values, as they are written in an address; the others are samples."""
        given = values or {}
        return _FIELD.sub(lambda found: given.get(found[2], SAMPLES[found[1]]), self.pattern)

    @property
    def methods(self) -> tuple[str, ...]:
        """What may be tried: of the API what it has, else all."""
        match = resolved(self.path())
        view: Any = getattr(match.func, "cls", None) if match else None
        return METHODS if view is None else tuple(each for each in METHODS if hasattr(view, each.lower()))


def _routes(resolver: Any, space: str = "", before: str = "") -> Iterator[Route]:
    for each in resolver.url_patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield Route(f"{space}{each.name}", f"/{here}")
        else:
            assert isinstance(each, URLResolver)
            yield from _routes(each, f"{each.namespace}:" if each.namespace else space, here)


ALL = tuple(_routes(get_resolver()))
