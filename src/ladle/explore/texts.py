"""Numbers that are written as text, in Python: takes a text, gives what `numeric` reads in it; pure."""

from __future__ import annotations

import math
import re

# As DuckDB reads them: white space of ASCII next to the number, Unicode's spaces around that. Each takes all that it
# can and gives nothing back, so that a megabyte of spaces is gone through once.
_SPACES, _ASCII = "[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]*+", "[\t-\r ]*+"
_BEFORE, _AFTER = _SPACES + _ASCII, _ASCII + _SPACES
_PLAIN = re.compile(rf"{_BEFORE}([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?){_AFTER}")
_GROUPED = re.compile(rf"{_BEFORE}([+-]?[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+(?:\.[0-9]*)?){_AFTER}")
_LONGEST_GROUPED = 299


def number_in(text: str) -> float | None:
    """The number in a text, None where it is none.

    >>> [number_in(text) for text in ("1,358", " 5 ", "-3e4", "1000km", "1,35", "nan", "")]
    [1358.0, 5.0, -30000.0, None, None, None, None]
    """
    found = _PLAIN.fullmatch(text) or (_GROUPED.fullmatch(text) if len(text) <= _LONGEST_GROUPED else None)
    if found is None or math.isinf(number := float(found[1].replace(",", ""))):
        return None
    return number
