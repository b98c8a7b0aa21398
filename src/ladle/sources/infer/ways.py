"""How further pages may be asked for: takes a first answer, gives the ways it could be, the likeliest first."""

from __future__ import annotations

from ladle.sources.infer.following import by_links, by_more, by_standard, by_token
from ladle.sources.infer.numbering import by_numbers, by_trying
from ladle.sources.infer.way import Seen, Way

MOST = 7
"""Ways that are worth a request each."""


def ways(seen: Seen) -> list[Way]:
    """All of them, as many as are worth a request; none where the answer is one record."""
    if seen.place.one or seen.place.columnar:
        return []
    told = [*by_standard(seen), *by_links(seen), *by_token(seen), *by_more(seen), *by_numbers(seen)]
    tries = [] if any(way.second is None for way in told) else list(by_trying(seen))
    found: list[Way] = []
    for way in [*told, *tries]:
        if not any(way.keys == other.keys or (way.second and way.second == other.second) for other in found):
            found.append(way)
    return found[:MOST]
