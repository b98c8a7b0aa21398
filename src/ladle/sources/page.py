"""What one answer holds: takes nothing, gives the Page that reading makes, and the error where it can't."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ladle.errors import LadleError
from ladle.sources.source import Meaning

Record = dict[str, Any]


class AnswerError(LadleError):
    """A body that is not what the definition says: the reason in words, and what it means for the request."""

    def __init__(self, message: str, *, means: Meaning = "again", said: bool = False) -> None:
        super().__init__(message)
        self.means: Meaning = means
        self.said = said
        """The API says so itself."""


@dataclass(slots=True)  # not frozen: there is one for each page, and a frozen one takes thrice the time
class Page:
    """What one answer holds: its records in order, the number of records the API claims, the address of more."""

    records: list[Record]
    count: int | None
    next: str | None
    pages: int | None = None
    """The API's own number of pages."""
    more: bool | None = None
    """Whether the API says that there is more; None where it says nothing."""
    token: str | int | None = None
    """Of paging by cursor: what the next request takes."""
    raw: list[Record] | None = None
    """Of a resource with a transform: for each record as the API gave it, what tells it apart."""
    document: Any = None
    """Of paging by a function: the whole decoded answer."""

    @property
    def held(self) -> list[Record]:
        """The records as the API counts them, before any transform."""
        return self.records if self.raw is None else self.raw

    @property
    def leads_on(self) -> bool:
        """Whether it tells of another page."""
        return self.next is not None or self.token is not None or self.document is not None or bool(self.more)
