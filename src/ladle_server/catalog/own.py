"""Sources of one's own: takes definitions from browser or API, gives what is wrong, what they cost and would bring.

What comes this way is not trusted: it reaches public addresses alone and names only such environment variables as the
operator has listed. Answers are remembered for a while, so that a definition can be edited with its rows beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import ladle
from ladle.errors import LadleError, NotFound
from ladle_server.catalog import runs

MEMORY = ladle.Memory()
"""Of the whole site: what one page has asked, another need not."""
MOST_TRIED = 30
"""Datasets of a definition that are looked at, the first of them: each takes its time, and to ask, its requests."""


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
    """A definition as it stands, with all that can be said of it. `files` are the texts of its lists, by name."""

    text: str
    files: Mapping[str, str]
    checked: ladle.Checked
    datasets: tuple[Tried, ...] = ()

    @property
    def more(self) -> int:
        """Datasets that were not looked at."""
        return len(self.checked.source.datasets) - len(self.datasets) if self.checked.source else 0

    @property
    def asks(self) -> int:
        """Requests that looking at the rows of all datasets would make, about."""
        return sum(len(each.plan.parts) for each in self.datasets if each.preview is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A source of one's own that a definition would become the next version of, since both have one name."""

    name: str
    version: int
    """The number that the definition would get."""
    lost: tuple[str, ...]
    """Datasets that could not be collected any more."""


def replaced(source: ladle.Source) -> Replaced | None:
    """What saving this source would replace; None where nothing of one's own goes by the name."""
    known = versions(source.name)
    if not any(each.current for each in known):
        return None
    try:
        before = tuple(ladle.source(source.name, home=runs.home()).datasets)
    except LadleError:  # a definition that can't be read any more offers nothing
        before = ()
    lost = tuple(name for name in before if name not in source.datasets)
    return Replaced(name=source.name, version=known[0].number + 1, lost=lost)


def draft(text: str, files: Mapping[str, str], *, ask: bool) -> Draft:
    """Look at a definition. `ask`: the API may be asked for first rows; else those are shown that are remembered."""
    checked = ladle.check(text, trusted=False, files=files)
    source = checked.source
    datasets = tuple(_tried(source, name, ask=ask) for name in list(source.datasets)[:MOST_TRIED]) if source else ()
    return Draft(text=text, files=files, checked=checked, datasets=datasets)


def _tried(source: ladle.Source, name: str, *, ask: bool) -> Tried:
    plan = ladle.plan(name, definition=source, home=runs.home())
    tried = Tried(name=name, title=source.datasets[name].title, plan=plan)
    try:
        found = ladle.preview(name, definition=source, home=runs.home(), memory=MEMORY, silent=not ask)
    except ladle.NotAsked:
        return tried
    except LadleError as error:
        return replace(tried, trouble=error)
    return replace(tried, preview=found)


def preview(dataset: str, parameters: Mapping[str, str]) -> ladle.Preview:
    """The first rows of a dataset that goes by its name; raises as `ladle.preview`."""
    return ladle.preview(dataset, parameters=parameters, home=runs.home(), memory=MEMORY, trusted=False)


def infer(url: str, *, openapi: bool, auth: ladle.Auth | None, name: str | None = None) -> ladle.Inferred:
    """The definition of what an address gives; raises BadInput for an address that can't or must not be reached."""
    return ladle.infer(url, home=runs.home(), openapi=openapi, auth=auth, name=name, trusted=False, memory=MEMORY)


def save(text: str, files: Mapping[str, str], *, made_by: str) -> ladle.Source:
    """Keep a definition: its name means this version from now on. Raises DefinitionError, Conflict for a taken name."""
    return ladle.add_source(text, home=runs.home(), files=files, trusted=False, made_by=made_by)


def remove(name: str) -> None:
    """Let nothing go by the name any more; raises NotFound, Conflict for what was put there on the machine itself."""
    ladle.remove_source(name, home=runs.home(), trusted=False)


def versions(name: str) -> list[ladle.Version]:
    """All versions of a source of one's own, newest first; none of one that is built in."""
    try:
        return ladle.source_versions(name, home=runs.home())
    except NotFound:
        return []


def lists(name: str) -> dict[str, str]:
    """The texts of the lists that lie with a source of one's own, by the names its definition gives them."""
    current = next((each for each in versions(name) if each.current), None)
    return {each: path.read_text("utf-8") for each, path in current.files.items()} if current else {}
