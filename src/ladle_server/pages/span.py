"""Takes the offset, limit and total of a list, gives which part is shown and where its neighbours are; pure."""

from __future__ import annotations

from dataclasses import dataclass

STEP = 10
MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The part `offset … offset + limit` of `total` things, of which `first` and on are on the page already.

    `first` differs from `offset` when "Load more" appends to what is shown; all are counted from 0.
    """

    offset: int
    limit: int
    total: int
    first: int
    exact: bool = True
    """False: there are at least `total`."""
    step: int = STEP
    """How many "Load more" brings."""

    @property
    def end(self) -> int:
        """One past the last thing shown."""
        return min(self.offset + self.limit, self.total)

    @property
    def empty(self) -> bool:
        """Nothing lies at or after the offset."""
        return self.offset >= self.total

    @property
    def more(self) -> int:
        """How many the next step brings; 0 at the end."""
        return min(self.step, self.total - self.end) if self.end < self.total else 0

    @property
    def before(self) -> int | None:
        """Where the step before the first thing shown starts, None at the beginning."""
        return max(0, self.first - self.step) if self.first else None

    @property
    def shown(self) -> str:
        """What a screen reader hears after "Load more".

        >>> Span(offset=10, limit=10, total=82, first=0).shown
        'Showing 1 to 20 of 82'
        """
        if self.empty:
            return f"Showing none of {self.words}"
        if self.total == 1:
            return "Showing 1 of 1"
        return f"Showing {self.first + 1:,} to {self.end:,} of {self.words}"

    @property
    def words(self) -> str:
        """How many there are, as far as that is known."""
        return f"{self.total:,}" if self.exact else f"at least {self.total:,}"

    def more_query(self) -> str:
        """The query of the real link: the next part, by itself."""
        return f"_offset={self.end}"

    def append_query(self) -> str:
        """The query of the same link when its rows are appended to those on the page."""
        return f"_offset={self.end}&_from={self.first}"

    def address_query(self) -> str | None:
        """The query under which a reload shows all that is on the page; None when that is more than a page may hold."""
        length = self.end - self.first
        if length > MOST:
            return None
        parts = [f"_offset={self.first}"] if self.first else []
        return "&".join([*parts, f"_limit={length}"])
