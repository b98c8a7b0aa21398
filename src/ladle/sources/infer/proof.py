"""Whether a way leads on: takes two answers, gives a verdict, and what of count and pages both of them bear out."""

from __future__ import annotations

from math import ceil
from typing import Any, Literal, NamedTuple

import orjson

from ladle.sources.infer.envelope import (
    COUNT_HEADERS,
    PAGES_HEADERS,
    count_in,
    header_number,
    pages_in,
    whole_number,
)
from ladle.sources.infer.fields import key_of
from ladle.sources.infer.findings import Guess
from ladle.sources.infer.heard import Heard
from ladle.sources.infer.places import at
from ladle.sources.infer.way import Seen, Way

Outcome = Literal["more", "same", "empty", "refused"]


class Verdict(NamedTuple):
    """What the second answer brought, its new records, and how many it had in common with the first."""

    outcome: Outcome
    new: list[dict[str, Any]]
    again: int = 0
    shifted: bool = False
    """The first answer's last record came again as the first: the offset counts from 1."""


def verdict(seen: Seen, second: Heard) -> Verdict:
    """What the second request proves."""
    if not second.good:
        return Verdict("refused", [])
    found = at(second.document, seen.place.path)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        return Verdict("refused", [])
    if not found:
        return Verdict("empty", [])
    key = key_of(seen.place.records)
    name = key.value if key else None
    before = {_sign(record, name) for record in seen.place.records}
    new = [record for record in found if _sign(record, name) not in before]
    again = len(found) - len(new)
    if not new or again > max(1, len(found) // 2):
        return Verdict("same", new, again)
    shifted = again == 1 and _sign(found[0], name) == _sign(seen.place.records[-1], name)
    return Verdict("more", new, again, shifted)


def _sign(record: dict[str, Any], key: str | None) -> object:
    """What a record is told by: its key, or the whole of it."""
    if key and isinstance(value := record.get(key), (str, int)):
        return value
    try:
        return orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
    except (TypeError, RecursionError):  # nested too deep, or a number too long, to be written
        return "\n".join(record)


def counts(seen: Seen, way: Way | None, second: Heard | None, proved: Verdict | None) -> dict[str, Guess]:
    """`count` and `pages`, as far as both answers bear them out. A count of one answer's records is none of all."""
    if way is None:
        return {}
    distinct = seen.many + len(proved.new if proved else [])
    single = way.second is None
    found: dict[str, Guess] = {}
    for key, path, first, later in _claims(seen, second):
        if later is not None and later != first:
            continue
        if key == "count" and (first < distinct or (first == seen.many and not single)):
            continue
        if key == "pages" and not _fits(way, first, single=single):
            continue
        steady = f", and {first:,} in both" if later is not None else ""
        what = f"it says {first:,} where {seen.many:,} records came{steady}"
        found[key] = Guess(path, "certain" if later is not None or path.startswith("header:") else "likely", what)
    if second is not None and proved is not None and _hides(seen, found, proved):
        pages = found["pages"]
        found = {"pages": pages._replace(why=f"{pages.why}; not all that is counted is shown, so no count is taken")}
    if found.get("pages") and way.keys["paging"].value not in ("page", "offset"):
        del found["pages"]
    return found


def expected(seen: Seen, found: dict[str, Guess]) -> dict[str, Guess]:
    """How many records there are now, by the count that was found: plans have a price then."""
    number = _value(seen, found.get("count"))
    return {} if number is None else {"expected": Guess(number, found["count"].sure, "as many as it counts now")}


def _hides(seen: Seen, found: dict[str, Guess], proved: Verdict) -> bool:
    """A page before the last that is shorter than the first: WordPress counts posts that it doesn't show."""
    pages = _value(seen, found.get("pages"))
    return "count" in found and pages is not None and pages > 2 and len(proved.new) + proved.again < seen.many


def _fits(way: Way, pages: int, *, single: bool) -> bool:
    return pages > 1 or (single and pages == 1)


def _claims(seen: Seen, second: Heard | None) -> list[tuple[str, str, int, int | None]]:
    """Key, path, what the first answer says there, what the second does (None: nothing to compare)."""
    claims: list[tuple[str, str, int, int | None]] = []
    by_body = (("count", count_in(seen.told, seen.many)), ("pages", pages_in(seen.told)))
    for key, told in by_body:
        if told is not None:
            later = whole_number(at(second.document, told.path)) if second is not None and second.good else None
            claims.append((key, told.path, told.value, later))
    for key, names in (("count", COUNT_HEADERS), ("pages", PAGES_HEADERS)):
        if (told_by := header_number(seen.heard, names)) and all(claim[0] != key for claim in claims):
            again = header_number(second, names) if second is not None else None
            claims.append((key, f"header:{told_by[0]}", told_by[1], again[1] if again else None))
    return claims


def settled(seen: Seen, way: Way, found: dict[str, Guess], proved: Verdict | None) -> dict[str, Guess]:
    """The way's keys as the proof has them: how sure, where offsets begin, and a page size that fits the counts."""
    keys = dict(way.keys)
    style = keys["paging"].value
    if proved is not None and proved.outcome == "more":
        why = f"{keys['paging'].why}; the second request brought {len(proved.new)} other records"
        keys = {name: guess._replace(sure="certain") for name, guess in keys.items()}
        keys["paging"] = Guess(style, "certain", why)
    if proved is not None and proved.shifted and way.offset:
        keys["first_offset"] = Guess(1, "certain", "the last record came again: offsets count from 1")
    count, pages = found.get("count"), found.get("pages")
    if style == "page" and "size_param" not in keys:
        total, last = _value(seen, count), _value(seen, pages)
        fits = total is not None and (last is None or ceil(total / max(1, seen.many)) == last)
        if not fits or way.second is None:  # a page that is the only one tells no size
            keys.pop("page_size", None)
        elif seen.many:
            keys.setdefault("page_size", Guess(seen.many, "likely", "as many records as the first page has"))
    return keys


def _value(seen: Seen, guess: Guess | None) -> int | None:
    if guess is None:
        return None
    path = str(guess.value)
    if path.startswith("header:"):
        told = header_number(seen.heard, (path.removeprefix("header:").lower(),))
        return told[1] if told else None
    return whole_number(at(seen.heard.document, path))
