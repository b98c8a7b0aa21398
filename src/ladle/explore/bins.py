"""Bins of numbers: takes a width, gives the bin that a value lies in, and the same decision in SQL; pure.

The edges of doubles are one formula, `k * m / 10^e` for a width of `m * 10^-e`: three doubles and two operations that
Python and DuckDB round alike. So a bin's rows are exactly those of the filters `gte` its low and `lt` its high edge.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from typing import Any

from ladle.errors import BadInput

_WIDTH = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_MOST_DIGITS = 15
"""A double has them all."""
_MOST_BINS = 2**50
"""On either side of 0: beyond that a bin is hardly wider than what lies between one double and the next."""
_WIDEST = Decimal("1e300")
_WANTED_BINS = 20


@dataclass(frozen=True, slots=True)
class Bin:
    """Values from `low` on and below `high`; None where there is no such edge. `text` is what people call it."""

    low: Any
    high: Any
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Whole:
    """Bins of a whole width, for integers of any size."""

    width: int

    def bin_of(self, value: int) -> Bin:
        """The bin that an integer lies in."""
        low = value - value % self.width
        return Bin(low, low + self.width, f"{low} to {low + self.width}")

    def sql(self, expression: str, *, largest: int | None) -> str:
        """The bin's low edge; `largest` is how far from 0 values lie, None where that is not known."""
        narrow = largest is not None and largest + 2 * self.width < 2**63
        value, width = (expression if narrow else f"{expression}::HUGEINT"), f"{self.width}::{_type(narrow)}"
        return f"({value} - (({value} % {width}) + {width}) % {width})"


@dataclass(frozen=True, slots=True)
class Broken:
    """Bins of `digits * 10 ** exponent`, for doubles."""

    digits: int
    exponent: int

    @property
    def width(self) -> Decimal:
        """As a decimal number."""
        return Decimal(self.digits).scaleb(self.exponent)

    def bin_of(self, value: float) -> Bin:
        """The bin that a double lies in."""
        place = self.place(value)
        low, high = (None if math.isinf(edge) else edge + 0.0 for edge in map(self.edge, (place, place + 1)))
        return Bin(low, high, _words(low, high))

    def place(self, value: float) -> float:
        """The bin's number, a whole one, counted from the bin that begins at 0."""
        place = float(math.floor(value / float(self.width)))
        return place - (value < self.edge(place)) + (value >= self.edge(place + 1))

    def edge(self, place: float) -> float:
        """Where the bin of that number begins, and the one before it ends."""
        ten, size = float(f"1e{abs(self.exponent)}"), place * float(self.digits)
        return size * ten if self.exponent >= 0 else size / ten

    def sql(self, expression: str) -> str:
        """The bin's number, by the same steps; `expression` is written several times and best a name."""
        place = f"floor({expression} / {float(self.width)!r}::DOUBLE)"
        low, high = self._sql_edge(place), self._sql_edge(f"({place} + 1)")
        return f"(CASE WHEN {expression} < {low} THEN {place} - 1 WHEN {expression} >= {high} THEN {place} + 1 ELSE {place} END)"  # noqa: E501

    def check(self, name: str, *, largest: float) -> None:
        """Raises BadInput where values that far from 0 would need more bins than a double can tell apart."""
        if Fraction(largest) / Fraction(self.width) >= _MOST_BINS:
            least = _round_up(Fraction(largest) / _MOST_BINS)
            what = f'"{name}:{_plain(self.width)}" are too many bins: its values go as far as {largest!r}.'
            raise BadInput(what, hint=f"Take a width of at least {_plain(least)}.")

    def _sql_edge(self, place: str) -> str:
        sign = "*" if self.exponent >= 0 else "/"
        return f"({place} * {float(self.digits)!r}::DOUBLE {sign} 1e{abs(self.exponent)}::DOUBLE)"


def whole_of(text: str, *, name: str) -> Whole:
    """Bins of the width that a text says; raises BadInput for what is no whole number from 1 on."""
    width = _width(text, name=name)
    if width != width.to_integral_value() or width >= 2**63:
        raise BadInput(
            f'"{name}:{text}" is no bin for whole numbers.', hint="Take a whole number, such as 50, or auto."
        )
    return Whole(int(width))


def broken_of(text: str, *, name: str) -> Broken:
    """The same for doubles; raises BadInput for what is no number above 0, or has more than 15 digits."""
    width = _width(text, name=name)
    _, digits, exponent = width.normalize(Context(prec=100)).as_tuple()
    if len(digits) > _MOST_DIGITS or not 1 / _WIDEST <= width <= _WIDEST or not isinstance(exponent, int):
        raise BadInput(f'"{name}:{text}" is no bin.', hint="Take a width of at most 15 digits, from 1e-300 to 1e300.")
    return Broken(int("".join(map(str, digits))), exponent)


def auto_whole(low: int, high: int) -> Whole:
    """Bins of a round width, about twenty of them from `low` to `high`."""
    return Whole(max(1, int(_round_up(Fraction(high - low, _WANTED_BINS)))))


def auto_broken(low: float, high: float) -> Broken:
    """The same for doubles, none narrower than they can tell apart."""
    span, far = Fraction(high) - Fraction(low), max(abs(Fraction(low)), abs(Fraction(high)))
    width = max(span / _WANTED_BINS, far * 2 / _MOST_BINS, Fraction(1, 10**300)) if span else max(far, Fraction(1))
    _, digits, exponent = min(_round_up(width), Decimal("5e307")).normalize().as_tuple()
    return Broken(int("".join(map(str, digits))), int(exponent))


def _width(text: str, *, name: str) -> Decimal:
    if not _WIDTH.fullmatch(text) or not (width := Decimal(text)):
        raise BadInput(f'"{name}:{text}" is no bin.', hint=f"Write a width above 0, as in {name}:50, or {name}:auto.")
    return width


def _round_up(least: Fraction) -> Decimal:
    """The next of 1, 2, 5, 10, 20, 50 …, and 0.5, 0.2 …

    >>> [str(_round_up(Fraction(each))) for each in ("3", "13.2", "0.3", "51")]
    ['5', '2E+1', '0.5', '1E+2']
    """
    if not least:
        return Decimal(0)
    told = Context(prec=30, rounding=ROUND_CEILING).divide(Decimal(least.numerator), Decimal(least.denominator))
    for shift in (0, 1):
        for first in (1, 2, 5):
            wanted = Decimal(first).scaleb(told.adjusted() + shift)
            if Fraction(wanted) >= least:
                return wanted
    raise AssertionError(least)


def _type(narrow: bool) -> str:
    return "BIGINT" if narrow else "HUGEINT"


def _words(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"below {_short(high)}" if high is not None else f"from {_short(low)}"
    return f"{_short(low)} to {_short(high)}"


def _short(value: float | None) -> str:
    return repr(value).removesuffix(".0")


def _plain(value: Decimal) -> str:
    return repr(float(value)).removesuffix(".0")
