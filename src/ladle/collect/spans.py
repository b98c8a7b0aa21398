"""Pages that are asked for one after the other: takes how far they are known, gives them when their turn comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ladle.collect.request import Request


@dataclass(slots=True)
class _Span:
    """The last may move down."""

    next: int
    last: int


@dataclass(slots=True)
class Spans:
    """What was promised of one collection and not given yet; each page is made when it is taken."""

    _open: list[_Span] = field(default_factory=list)

    def pages(self, first: int, last: int, make: Callable[[int], Request]) -> Iterator[Request]:
        """The pages from one to another."""
        span = _Span(first, last)
        self._open = [each for each in self._open if each.next <= each.last] + [span]
        return _made(span, make)

    @property
    def given(self) -> int:
        """The last page that was given; 0 where none was."""
        return max((span.next - 1 for span in self._open), default=0)

    def cut(self, last: int) -> None:
        """Give none behind this one."""
        for span in self._open:
            span.last = min(span.last, last)


def _made(span: _Span, make: Callable[[int], Request]) -> Iterator[Request]:
    while span.next <= span.last:
        span.next += 1
        yield make(span.next - 1)
