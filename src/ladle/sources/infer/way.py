"""One way to further pages: takes a first answer, gives what of it speaks of pages, and the type of a way."""

from __future__ import annotations

from dataclasses import dataclass

from ladle.sources.infer.envelope import (
    COUNT_HEADERS,
    PAGES_HEADERS,
    Told,
    beside,
    count_in,
    header_number,
    pages_in,
)
from ladle.sources.infer.findings import Guess
from ladle.sources.infer.heard import Heard
from ladle.sources.infer.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way, what it would say in the definition, and the address that proves it."""

    keys: dict[str, Guess]
    second: str | None = None
    """None: there is no further page to prove it by."""
    without: tuple[str, ...] = ()
    """Parameters that paging puts in."""
    told: bool = True
    """The answer itself speaks of further pages; else it is only worth trying."""
    offset: str | None = None
    """The offset's parameter."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A first answer, with what it says beside its records."""

    heard: Heard
    place: Place
    told: list[Told]

    @classmethod
    def of(cls, heard: Heard, place: Place) -> Seen:
        """Look beside the records."""
        return cls(heard, place, beside(heard.document, place))

    @property
    def many(self) -> int:
        """Records in the answer."""
        return len(self.place.records)

    def counted(self) -> bool:
        """Whether it tells how many records, or pages, there are in all."""
        by_body = count_in(self.told, self.many) or pages_in(self.told)
        return bool(by_body or header_number(self.heard, COUNT_HEADERS) or header_number(self.heard, PAGES_HEADERS))
