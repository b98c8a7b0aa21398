"""Sources of one's own: takes definitions from a browser or the API, gives what is wrong, what they cost and would bring.

What comes this way is not trusted: it reaches public addresses alone and names only such environment variables as the
operator has listed. Answers are remembered for a while, so that rows can be looked at again while a definition is edited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import ladle
from ladle.errors import LadleError
from ladle_server.catalog import runs

MEMORY = ladle.Memory()
"""Of the whole site: what one page has asked, another need not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One dataset of a definition: its price, and its first rows or why there are none."""

    name: str
    title: str
    plan: ladle.Plan
    preview: ladle.Preview | None = None
    trouble: LadleError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A definition as it stands, with everything that can be said of it. `files` are the texts of its lists, by name."""

    text: str
    files: Mapping[str, str]
    checked: ladle.Checked
    datasets: tuple[Tried, ...] = ()

    @property
    def asks(self) -> int:
        """Requests that looking at the rows of all datasets would still make, about."""
        return sum(len(each.plan.parts) for each in self.datasets if each.preview is None)


def draft(text: str, files: Mapping[str, str], *, ask: bool) -> Draft:
    """Look at a definition. `ask`: the API may be asked for first rows; else they are shown where they are remembered."""
    checked = ladle.check(text, trusted=False, files=files, home=runs.home())
    if checked.source is None:
        return Draft(text=text, files=files, checked=checked)
    datasets = tuple(_tried(checked.source, name, ask=ask) for name in checked.source.datasets)
    return Draft(text=text, files=files, checked=checked, datasets=datasets)


def _tried(source: ladle.Source, name: str, *, ask: bool) -> Tried:
    title, plan = source.datasets[name].title, ladle.plan_of(source, name)
    try:
        found = preview(source, name, ask=ask)
    except ladle.NotAsked:
        return Tried(name=name, title=title, plan=plan)
    except LadleError as error:
        return Tried(name=name, title=title, plan=plan, trouble=error)
    return Tried(name=name, title=title, plan=plan, preview=found)


def preview(source: ladle.Source, dataset: str, *, ask: bool = True) -> ladle.Preview:
    """The first rows of a dataset. Raises NotAsked where nothing may be asked and the answers are not remembered."""
    return ladle.preview_of(source, dataset, home=runs.home(), memory=MEMORY, silent=not ask)


def infer(url: str, *, openapi: bool, auth: ladle.Auth | None) -> ladle.Inferred:
    """The definition of what an address gives; raises BadInput for an address that can't or must not be reached."""
    found = ladle.infer(url, home=runs.home(), openapi=openapi, auth=auth, trusted=False, memory=MEMORY)
    return asyncio.run(found) if asyncio.iscoroutine(found) else found


def save(text: str, files: Mapping[str, str], *, made_by: str) -> ladle.Source:
    """Keep a definition: from now on its name means this version. Raises DefinitionError, Conflict for a built-in's name."""
    return ladle.add_source(text, home=runs.home(), files=files, trusted=False, made_by=made_by)
