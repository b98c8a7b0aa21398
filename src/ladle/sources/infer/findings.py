"""What was found out: takes nothing, gives the types for a guess, a finding, and all that came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Sure = Literal["certain", "likely", "guess"]
"""Certain: seen to be so. Likely: APIs that look so nearly always are. Guess: look at it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found out about a dataset, or about the source where `dataset` is empty."""

    dataset: str
    what: str
    """The definition's key that says it: `records`, `paging`, `columns.created_at`."""
    value: str
    sure: Sure
    why: str


@dataclass(frozen=True, slots=True)
class Inferred:
    """All that came of it. `requests` is what it cost."""

    name: str
    definition: str
    """Commented TOML; runs as it is where `ready`, else a draft that wants what `missing` names."""
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    """What could not be found, with what to do about it."""
    requests: int
    datasets: tuple[str, ...] = ()
    """Names of the datasets, the main one first."""
    ready: bool = True


class Guess(NamedTuple):
    """A value for a key of the definition, how sure, and why."""

    value: Any
    sure: Sure
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of a dataset as the records showed it."""

    name: str
    path: str | None = None
    """None: as its name."""
    item: str | None = None
    more: tuple[tuple[str, Any], ...] = ()
    """What else the definition says of it: `type`, `unix`, `reference`."""
    sure: Sure = "certain"
    why: str = ""


@dataclass(slots=True, kw_only=True)
class Draft:
    """A resource in the making, and the dataset of its name unless it is only another's list."""

    name: str
    keys: dict[str, Guess]
    """The keys of its table, in the order they are written in."""
    fields: tuple[Field, ...] = ()
    drop: tuple[str, ...] = ()
    flatten: bool = False
    dataset: bool = True
    missing: list[str] = field(default_factory=list)

    def findings(self) -> Iterator[Finding]:
        """What it says, one by one."""
        for key, guess in self.keys.items():
            yield Finding(self.name, key, shown(guess.value), guess.sure, guess.why)
        for each in self.fields:
            if each.more or each.path or each.item:
                told = ", ".join(f"{name} {shown(value)}" for name, value in each.more)
                yield Finding(
                    self.name, f"columns.{each.name}", told or each.item or each.path or "", each.sure, each.why
                )


def shown(value: object) -> str:
    """A value as a person would say it in a table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(f"{name} = {shown(each)}" for name, each in value.items())
    return ", ".join(map(shown, value)) if isinstance(value, (list, tuple)) else str(value)
