"""Names and values in a row: takes a text like `-mass,"a,b"`, gives its parts, and back; pure.

A part that has a comma, a quote or a leading `-` of its own stands in double quotes, doubled inside, as in CSV.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ladle.errors import BadInput
from ladle.explore.view import Sort

_PART = re.compile(r'(-?)(?:"((?:[^"]|"")*)"|([^",][^,]*|))(,|\Z)')


def split(text: str) -> list[str]:
    """The parts; none of an empty text.

    >>> split('a,"b,c",'), split(''), split('-a b')
    (['a', 'b,c', ''], [], ['-a b'])
    """
    return [minus + name for minus, name in _parts(text)]


def read_sort(text: str) -> tuple[Sort, ...]:
    """What is sorted by: `-` before a name means descending.

    >>> read_sort('-mass,name,"-x"') == (Sort("mass", True), Sort("name"), Sort("-x"))
    True
    """
    return tuple(Sort(name, minus == "-") for minus, name in _parts(text))


def write_sort(sorts: Iterable[Sort]) -> str:
    """The text that `read_sort` reads so."""
    return ",".join(("-" if sort.descending else "") + quoted(sort.column) for sort in sorts)


def quoted(name: str) -> str:
    """A name as a part.

    >>> print(quoted("a b"), quoted("a,b"), quoted("-x"), quoted(""))
    a b "a,b" "-x" ""
    """
    plain = name and not name.startswith("-") and not set(',"') & set(name)
    return name if plain else '"' + name.replace('"', '""') + '"'


def _parts(text: str) -> list[tuple[str, str]]:
    """Of each part the minus before it, if any, and its name."""
    found: list[tuple[str, str]] = []
    at = 0
    while text and at <= len(text):
        match = _PART.match(text, at)
        if match is None:
            told = text[at:][:60]
            raise BadInput(f"The quotes in '{told}' don't match.", hint='Write "a,b" for a name with a comma.')
        minus, inside, plain, comma = match.groups()
        found.append((minus, plain if inside is None else inside.replace('""', '"')))
        at = match.end()
        if not comma:
            break
    return found
