"""One collection: takes its first answer, asks for what proves the guesses, gives the drafts of its resources."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from ladle.sources.infer.addresses import Address, apart, params_of, with_params
from ladle.sources.infer.fields import fields_of, key_of
from ladle.sources.infer.findings import Draft, Field, Guess
from ladle.sources.infer.heard import Heard
from ladle.sources.infer.kin import detail_field
from ladle.sources.infer.names import plain, unique
from ladle.sources.infer.places import Place, by_name, columnar_places, place_of
from ladle.sources.infer.proof import Verdict, counts, expected, settled, verdict
from ladle.sources.infer.refusal import no_data, said_within
from ladle.sources.infer.talk import Steps, Talk, Work
from ladle.sources.infer.way import Seen, Way
from ladle.sources.infer.ways import ways
from ladle.sources.infer.writing import doubled
from ladle.sources.spelling import plain_path

TRIES = 7
"""Requests for a second page, at most."""
FAR = 1000
"""A page that hardly any collection has: what the API says to it is how its end looks."""


def collection(
    talk: Talk, where: Address, first: Heard, *, name: str, taken: Collection[str] = (), prove: bool = True
) -> Steps[list[Work]]:
    """The drafts of a collection: of itself, or of the list and its details. Raises what `no_data` gives."""
    hint = where.path.strip("/").rpartition("/")[2]
    place = place_of(first.document, hint=hint)
    if place is None or (place.one and said_within(first) is not None):
        raise no_data(first)
    if place.columnar:
        return _columnar(where, first, place, name, taken)
    seen = Seen.of(first, place)
    way, second, proved = yield from _proven(talk, seen, prove=prove)
    found = counts(seen, way, second, proved)
    pages = settled(seen, way, found, proved) if way else {}
    if way and way.offset is None and not found and prove:
        pages |= yield from _end(talk, seen, way, pages)
    found |= expected(seen, found)
    records = [*place.records, *(proved.new if proved else [])]
    path, own = _own(where, way)
    draft = Draft(name=name, keys=_keys(path, own, place, found, pages, key_of(records)))
    draft.missing += _unsettled(seen, way, proved, name)
    work = Work(draft, first.url, path, records, pages)
    child = (yield from _detail(talk, work)) if talk.left else None
    if child is None:
        _describe(draft, records)
        return [work]
    draft.name, draft.dataset = unique(f"{name}_list", taken), False
    child.draft.name = name
    child.draft.keys["each"] = Guess({"resource": draft.name, **_each(child)}, "certain", child.draft.keys["each"].why)
    return [work, child]


def _each(child: Work) -> dict[str, Any]:
    return {name: value for name, value in child.draft.keys["each"].value.items() if name != "resource"}


def _proven(talk: Talk, seen: Seen, *, prove: bool) -> Steps[tuple[Way | None, Heard | None, Verdict | None]]:
    """The first way that leads to other records; without proof, the first that the answer tells."""
    hollow: Way | None = None
    for way in ways(seen)[:TRIES]:
        if way.second is None:
            return way, None, None
        if not prove or talk.left < 1:
            if way.told:
                return way, None, None
            continue
        second = yield from talk.ask(way.second, "a second page")
        proved = verdict(seen, second)
        if proved.outcome == "more":
            return way, second, proved
        if proved.outcome == "empty" and not way.told and hollow is None:
            hollow = way
    if hollow is not None:
        paging = hollow.keys["paging"]._replace(sure="guess", why="a second page was asked for, and was empty")
        return replace(hollow, keys={**hollow.keys, "paging": paging}), None, None
    return None, None, None


def _end(talk: Talk, seen: Seen, way: Way, pages: dict[str, Guess]) -> Steps[dict[str, Guess]]:
    """How the API says that a page lies past the end, where no count tells the end and 404 need not be the answer."""
    if pages["paging"].value != "page" or "more" in pages or way.second is None or not talk.left:
        return {}
    param = str(pages["page_param"].value) if "page_param" in pages else "page"
    far = yield from talk.ask(with_params(way.second, {param: f"{FAR}"}), "a page past the end")
    if 400 <= far.status < 500 and far.status not in (401, 403, 404, 408, 410, 425, 429):
        why = f"so it answered page {FAR:,}, taken for one past the end"
        return {"end": Guess([far.status, 404], "likely", why)}
    return {}


def _own(where: Address, way: Way | None) -> tuple[str, dict[str, str]]:
    """The path, with the slash that the API's own links have, and the parameters that paging doesn't put in."""
    path, params = where.path, dict(where.params)
    if way is not None:
        sized = way.keys.get("size_param")
        params = {
            name: value for name, value in params.items() if name not in way.without or (not sized and name == sized)
        }
        if way.second and way.keys["paging"].value in ("page", "offset", "link"):
            path = _slash(path, way.second, where.base_url)
    return path, params


def _slash(path: str, second: str, base_url: str) -> str:
    """The path as the next page's address writes it, where the two differ by their last slash alone."""
    there, here = second.partition("?")[0], urljoin(base_url, path or ".")
    if there != here and plain_path(there) == plain_path(here) and path:
        return path.rstrip("/") + ("/" if there.endswith("/") else "")
    return path


def _keys(
    path: str,
    params: dict[str, str],
    place: Place,
    found: dict[str, Guess],
    pages: dict[str, Guess],
    key: Guess | None,
) -> dict[str, Guess]:
    keys = {"path": written_path(path)}
    if params:
        keys["params"] = Guess({name: doubled(value) for name, value in params.items()}, "certain", "as in the address")
    if place.path and not (pages and pages["paging"].value in ("odata", "jsonapi")):
        keys["records"] = place.guess
    keys |= found
    if key is not None:
        keys["key"] = key
    return keys | pages


def written_path(path: str) -> Guess:
    """The path as the definition has it; a slash alone is the base URL itself."""
    return Guess(doubled(path) or "/", "certain", "" if path else "the base URL itself")


def _describe(draft: Draft, records: list[dict[str, Any]]) -> None:
    draft.fields, draft.drop, draft.flatten = fields_of(records)
    if len(records) == 1 and by_name(records[0]):
        draft.missing.append(
            f'"{draft.name}" is an object of {len(records[0]):,} records by their names, and comes as one row: write a '
            "function that takes it and gives a list of records, as `transform`."
        )
    if not records:
        draft.missing.append(
            f'The list of "{draft.name}" is empty in the answer: its key and columns could not be seen.'
        )


def _unsettled(seen: Seen, way: Way | None, proved: Verdict | None, name: str) -> list[str]:
    """Told of more than came, and no way to it was found."""
    if way is not None:
        return []
    first = next((each for each in ways(seen) if each.told), None)
    if first is None:
        return []
    return [
        f'"{name}" has more records than its first answer ({first.keys["paging"].why}), and how its further pages are '
        "asked for could not be found. Look for it in the API's documentation and write it as `paging`."
    ]


def _columnar(where: Address, first: Heard, place: Place, name: str, taken: Collection[str]) -> list[Work]:
    """A resource for each table that the answer holds column by column."""
    places = columnar_places(first.document) or [place]
    works, names = [], set(taken)
    for each in places:
        own = name if len(places) == 1 else plain(each.path, name)
        own = unique(own, names)
        names.add(own)
        keys = _keys(where.path, where.params, each, {}, {}, key_of(each.records))
        keys["columnar"] = Guess(True, "certain", "a list for each column")
        draft = Draft(name=own, keys=keys)
        _describe(draft, each.records)
        works.append(Work(draft, first.url, where.path, each.records))
    return works


def _detail(talk: Talk, work: Work) -> Steps[Work | None]:
    """The records behind a list that holds little more than names and addresses: one is asked for."""
    name = detail_field(work.records, work.url)
    if name is None:
        return None
    address = urljoin(work.url, str(work.records[0][name]))
    answer = yield from talk.ask(address, "one record, since the list holds little more than names")
    place = place_of(answer.document) if answer.good else None
    if place is None or not place.one or len(place.records) != 1 or set(place.records[0]) <= set(work.records[0]):
        return None
    record = place.records[0]
    columns = fields_of([record])
    names = {field.name for field in columns.fields}
    lacking = [each for each in work.records[0] if each not in record and each not in names and "." not in each]
    beside = tuple(Field(name=each, item=each, why="from the list") for each in lacking)
    why = f'its records hold little more than a name; the whole record is at their "{name}"'
    keys = {"path": Guess(f"{{{name}}}", "certain", "the address in the list's record")}
    if place.path:
        keys["records"] = Guess(place.path, "certain", "where the answer has the one record")
    if key := key_of([record], prefer=name if record.get(name) == work.records[0][name] else None):
        keys["key"] = key._replace(sure="likely", why="it tells the one record seen")
    keys["each"] = Guess({"key": name}, "certain", why)
    draft = Draft(name="", keys=keys, fields=(*beside, *columns.fields), drop=columns.drop, flatten=columns.flatten)
    return Work(draft, address, work.path, [record])


def address_of(base_url: str, url: str) -> Address:
    """An address in its parts, under a base URL that is known already."""
    if url.startswith(base_url):
        return Address(base_url, url.partition("?")[0][len(base_url) :], params_of(url))
    return apart(url)
