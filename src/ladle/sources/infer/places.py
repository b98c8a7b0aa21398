"""Where the records lie: takes a decoded answer, gives the path to its list of records, how sure, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ladle.sources.infer.findings import Guess
from ladle.words import plural

DEEPEST = 4
KNOWN = (
    *("results", "data", "items", "records", "value", "values", "features", "entries", "elements", "objects", "rows"),
    *("hits", "list", "docs", "documents", "members", "content", "result", "response", "collection", "articles"),
    *("edges", "nodes", "children", "resources", "entities", "payload"),
)
"""Names under which APIs keep their lists of records."""
TELLING = frozenset(
    "count total next previous prev first last links _links meta metadata info paging pagination page pages offset"
    " limit"
    " has_more"
    " message status ok success code cod cnt took object url type self href size start end per_page"
    " total_pages total_count errors error warnings cursor version api_version generated apiversion timestamp support"
    " incomplete_results skip response_metadata cache_ts jsonapi included bbox resultcount copyright request_id"
    " totalpages totalelements number numberofelements first empty sort pageable totalcount totalresults"
    " endofrecords".split()
)
"""Names that tell about a list, and belong to no record."""
IDS = ("id", "uid", "uuid", "_id", "key", "slug", "sha", "code", "name")


@dataclass(frozen=True, slots=True)
class Place:
    """Where records lie and what lies there."""

    path: str
    records: list[dict[str, Any]]
    guess: Guess
    columnar: bool = False
    one: bool = False
    """The answer is one record, or an object of records, and no list."""


def place_of(document: object, *, hint: str = "") -> Place | None:
    """The records of an answer; None where it has none. `hint`: the address's last part, as lists are often named."""
    if isinstance(document, list):
        return _bare(document)
    if not isinstance(document, dict):
        return None
    lists = sorted(lists_in(document), key=lambda each: -_score(each[0], each[1], hint))
    columns = [place for place in _columnar(document) if place.path]
    if columns and (not lists or _score(*lists[0], hint) < 50):
        return columns[0]
    if lists and not _is_record(document, lists[0][0], hint):
        path, records = lists[0]
        return Place(path, records, _why_list(path, records, lists))
    if (whole := _columnar_whole(document)) is not None:
        return whole
    path = _one_path(document)
    inner = at(document, path)
    if not isinstance(inner, dict) or not inner:
        return None
    if by_name(inner) and all(name in map(str, each.values()) for name, each in inner.items()):
        place = f"{path}.*" if path else "*"
        return Place(place, list(inner.values()), Guess(place, "likely", "an object of records by their ids"), one=True)
    return Place(path, [inner], Guess(path, "likely", "the answer is one record and holds no list of them"), one=True)


def by_name(record: Mapping[str, Any]) -> bool:
    """Whether it is records by their names rather than one record: objects throughout, with fields in common."""
    inner = list(record.values())
    if len(inner) < 2 or not all(isinstance(each, dict) and each for each in inner):
        return False
    return len(set.intersection(*(set(each) for each in inner))) >= 2


def columnar_places(document: object) -> list[Place]:
    """All tables that an answer holds column by column."""
    return list(_columnar(document)) if isinstance(document, dict) else []


def lists_in(document: Mapping[str, Any], path: str = "", depth: int = 1) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every list of objects, or empty list, with its path; those within lists are no lists of records."""
    for name, value in document.items():
        here = f"{path}.{name}" if path else name
        if not _can_be_path(name, depth):
            continue
        if isinstance(value, list) and all(isinstance(each, dict) for each in value[:50]):
            yield here, [each for each in value if isinstance(each, dict)]
        elif isinstance(value, dict) and depth < DEEPEST:
            yield from lists_in(value, here, depth + 1)


def at(document: Any, path: str) -> Any:
    """What lies at a path of names, or of places in a list."""
    for name in path.split(".") if path else ():
        if isinstance(document, list) and name.isdigit():
            document = document[int(name)] if int(name) < len(document) else None
        else:
            document = document.get(name) if isinstance(document, dict) else None
    return document


def _can_be_path(name: str, depth: int) -> bool:
    """A name with a dot or star can't be a step of a path, nor can one that reads as a place in a list."""
    return bool(name.strip()) and not any(sign in name for sign in '.*\n"') and not name.isdigit() and depth <= DEEPEST


def _bare(document: list[Any]) -> Place | None:
    if len(document) == 2 and isinstance(document[0], dict) and isinstance(document[1], list):
        inner = _bare(document[1])  # the World Bank's way: what is told of the list, then the list
        return inner and Place(
            "1", inner.records, inner.guess._replace(value="1", why="the list behind what tells of it")
        )
    records = [each for each in document if isinstance(each, dict)]
    if len(records) != len(document):
        return None
    why = "the whole answer is a list" if records else "the whole answer is a list, an empty one"
    return Place("", records, Guess("", "certain", why))


def _score(path: str, records: list[dict[str, Any]], hint: str = "") -> float:
    """How much a list looks like the records: by its name above all, then depth and length."""
    name, depth = path.rpartition(".")[2].casefold(), path.count(".")
    known = 100.0 - KNOWN.index(name) if name in KNOWN else 0.0
    named = 60.0 if hint and name.strip("_s") and name.strip("_s") in (hint.casefold().strip("_s"),) else 0.0
    telling = -80.0 if name in ("links", "errors", "warnings", "included", "agencies") else 0.0
    return max(known, named) + telling + min(len(records), 40) - 30.0 * depth - (40.0 if not records else 0.0)


def _why_list(path: str, records: list[dict[str, Any]], lists: list[tuple[str, list[dict[str, Any]]]]) -> Guess:
    if not records:
        return Guess(path, "likely", "a list, empty in the answer")
    if len(lists) == 1:
        return Guess(path, "certain", f"the only list in the answer, with {plural(len(records), 'record')}")
    others = ", ".join(other for other, _ in lists[1:4])
    return Guess(path, "likely", f"{plural(len(records), 'record')}; the answer has other lists too: {others}")


def _is_record(document: Mapping[str, Any], path: str, hint: str) -> bool:
    """Whether a list within is a field of one record rather than the records.

    A record has an id of its own, or several plain values that tell nothing about a list.
    """
    top, name = path.partition(".")[0], path.rpartition(".")[2].casefold()
    if name in KNOWN[:12] or (hint and name.strip("_s") == hint.casefold().strip("_s")):
        return False
    plain = [
        other
        for other, value in document.items()
        if other != top and not isinstance(value, (dict, list)) and other.casefold() not in TELLING
    ]
    has_id = any(other in document and not isinstance(document[other], (dict, list)) for other in IDS)
    return len(plain) >= 5 or (has_id and len(plain) >= 2)


def _columnar(document: Mapping[str, Any]) -> Iterator[Place]:
    """Objects of lists that are all of one length, one level down, and hold plain values."""
    for name, value in document.items():
        if isinstance(value, dict) and _can_be_path(name, 1) and _is_columnar(value):
            rows = _rows(value)
            why = f"{plural(len(value), 'list')} of {plural(len(rows), 'value')} each: its columns"
            yield Place(name, rows, Guess(name, "certain" if len(rows) > 1 else "likely", why), columnar=True)


def _columnar_whole(document: dict[str, Any]) -> Place | None:
    if not _is_columnar(document):
        return None
    why = f"the whole answer is {plural(len(document), 'list')} of one length: its columns"
    return Place("", _rows(document), Guess("", "likely", why), columnar=True)


def _is_columnar(value: Mapping[str, Any]) -> bool:
    lists = list(value.values())
    if len(lists) < 2 or not all(isinstance(each, list) and each for each in lists):
        return False
    return len({len(each) for each in lists}) == 1 and not any(
        isinstance(cell, (dict, list)) for each in lists for cell in each[:50]
    )


def _rows(value: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]


def _one_path(document: dict[str, Any]) -> str:
    """The path of the one record in an answer: through wrappers that hold little else.

    >>> _one_path({"message": "ok", "result": {"uid": "1", "properties": {"name": "Luke", "mass": "77", "url": "…"}}})
    'result.properties'
    """
    path, best = "", len(document)
    for name, value in document.items():
        if not isinstance(value, dict) or not _can_be_path(name, 1):
            continue
        deeper = ((f"{name}.{inner}", each) for inner, each in value.items() if _can_be_path(inner, 2))
        for place, each in [(name, value), *deeper]:
            wraps = all(_tells(document, other) for other in document if other != name)
            if isinstance(each, dict) and len(each) > best - (place == name and wraps) and wraps:
                path, best = place, len(each)
    return path


def _tells(document: Mapping[str, Any], name: str) -> bool:
    """Whether a field beside a wrapper only tells about the answer."""
    told = name.casefold() in TELLING or name.casefold() in ("message", "apiversion", "social", "timestamp")
    return told or (not isinstance(document[name], (dict, list)) and name.casefold() in ("id", "type"))
