"""Numbers that are written as text, in Python: takes a text, gives what `numeric` reads in it; pure."""

from __future__ import annotations

import math
import re

_SPACE = "[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]*"
_PLAIN = re.compile(rf"{_SPACE}([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?){_SPACE}")
_GROUPED = re.compile(rf"{_SPACE}([+-]?[1-9][0-9]{{0,2}}(?:,[0-9]{{3}}){{1,99}}(?:\.[0-9]*)?){_SPACE}")


def number_in(text: str) -> float | None:
    """The number in a text, None where it is none.

    >>> [number_in(text) for text in ("1,358", " 5 ", "-3e4", "1000km", "1,35", "nan", "")]
    [1358.0, 5.0, -30000.0, None, None, None, None]
    """
    found = _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text)
    if found is None or math.isinf(number := float(found[1].replace(",", ""))):
        return None
    return number
