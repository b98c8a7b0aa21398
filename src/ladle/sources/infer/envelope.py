"""What an answer tells about its list: takes an answer and where its records lie, gives counts, links and tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ladle.sources.infer.heard import Heard
from ladle.sources.infer.places import Place

COUNTS = frozenset(
    "count total totalcount totalresults totalrecords totalitems totalelements odatacount numfound recordstotal"
    " totalhits nhits resultscount itemcount totalnumber available found size records matched nummatched"
    " numbermatched".split()
)
PAGES = frozenset("pages totalpages pagecount pagestotal lastpage numpages numberofpages maxpage".split())
COUNT_HEADERS = ("x-wp-total", "x-total-count", "x-total", "x-total-items", "total-count", "x-count", "total")
PAGES_HEADERS = ("x-wp-totalpages", "x-total-pages", "x-pages", "x-page-count", "total-pages", "x-last-page")
DEEPEST = 4


class Told(NamedTuple):
    """A plain value beside the records: its path, its last name without case and signs, and the value."""

    path: str
    name: str
    value: Any


def beside(document: object, place: Place) -> list[Told]:
    """Everything plain that the answer says outside of its records."""
    if isinstance(document, list) and place.path == "1":
        return [Told(f"0.{each.path}", each.name, each.value) for each in _plain_values(document[0], ["\0"], "")]
    if not isinstance(document, dict) or place.one:
        return []
    return list(_plain_values(document, place.path.split("."), ""))


def _plain_values(value: Mapping[str, Any], skip: list[str], path: str, depth: int = 1) -> Iterator[Told]:
    for name, each in value.items():
        here = f"{path}.{name}" if path else name
        if name == skip[0] and len(skip) == 1:
            continue
        if isinstance(each, dict):
            if depth < DEEPEST:
                yield from _plain_values(each, skip[1:] if name == skip[0] else ["\0"], here, depth + 1)
        elif not isinstance(each, list) and "*" not in name and (depth == 1 or "." not in name) and name.strip():
            yield Told(here, simple(name), each)


def simple(name: str) -> str:
    """A name without case and signs: `@odata.nextLink` is `odatanextlink`."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def whole_number(value: object) -> int | None:
    """A count: a whole number that isn't negative."""
    return value if type(value) is int and 0 <= value < 1 << 53 else None


def count_in(told: list[Told], records: int) -> Told | None:
    """What counts all records: a number that is no smaller than the list's length. The largest name wins no prize."""
    fits = [each for each in told if each.name in COUNTS and (whole_number(each.value) or -1) >= records]
    inner = [each for each in told if each.name == "value" and simple(each.path.split(".")[-2:][0]) in COUNTS]
    fits += [each for each in inner if (whole_number(each.value) or -1) >= records]
    return (
        max(fits, key=lambda each: (each.value > records, "total" in each.name, -each.path.count(".")))
        if fits
        else None
    )


def pages_in(told: list[Told]) -> Told | None:
    """What counts all pages."""
    fits = [each for each in told if each.name in PAGES and whole_number(each.value)]
    return fits[0] if fits else None


def named(told: list[Told], names: frozenset[str] | set[str]) -> Told | None:
    """The first whole number of one of these names."""
    return next((each for each in told if each.name in names and whole_number(each.value) is not None), None)


def header_number(heard: Heard, names: tuple[str, ...]) -> tuple[str, int] | None:
    """The first of these headers that holds a whole number, as it is usually written, and the number."""
    for name in names:
        written = heard.headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,15}", written, re.ASCII):
            return "-".join(_cased(part) for part in name.split("-")), int(written)
    return None


def _cased(part: str) -> str:
    return {"wp": "WP", "totalpages": "TotalPages"}.get(part, part.capitalize())


def has_links(heard: Heard) -> bool:
    """Whether a `Link` header speaks of pages, so that none called next means that there is none."""
    return bool(re.search(r"(?i)rel\s*=\s*\"?(next|prev|first|last)", heard.headers.get("link", "")))
