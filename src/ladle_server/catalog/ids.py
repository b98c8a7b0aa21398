"""Numbers of rows: takes what an address or a command names, gives the number; 0, which no row has, for none."""

from __future__ import annotations

LARGEST_ID = 2**63 - 1
"""What databases keep in 64 bits."""


def number_of(written: int | str) -> int:
    """The number that is written.

    >>> number_of("42"), number_of("-1"), number_of("4²"), number_of("9" * 30)
    (42, 0, 0, 0)
    """
    text = str(written)
    # By length first: what has a thousand digits is not worth reading.
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return 0
    return number if (number := int(text)) <= LARGEST_ID else 0
