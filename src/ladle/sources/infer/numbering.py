"""Pages by number: takes a first answer, gives the ways by page or offset that it speaks of, or that may be tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ladle.sources.infer.addresses import params_of, with_params
from ladle.sources.infer.envelope import (
    COUNT_HEADERS,
    PAGES_HEADERS,
    Told,
    count_in,
    header_number,
    named,
)
from ladle.sources.infer.findings import Guess
from ladle.sources.infer.params import (
    OFFSET,
    OFFSETS_OF_SIZE,
    PAGE,
    PAGES_OF_SIZE,
    SIZE,
    Step,
    is_offset,
    is_page,
    size_in,
)
from ladle.sources.infer.way import Seen, Way


def of_step(seen: Seen, step: Step, why: str, *, told: bool = True, more: Guess | None = None) -> Way:
    """Pages or offsets by a parameter."""
    usual = "page" if step.kind == "page" else "offset"
    first = 1 if step.kind == "page" else 0
    keys = {"paging": Guess(step.kind, "likely", why)}
    if step.param != usual:
        keys[f"{usual}_param"] = Guess(step.param, "likely", why)
    if step.first != first:
        keys[f"first_{usual}"] = Guess(step.first, "likely", f"it begins with {step.first}")
    if step.size_param and step.size:
        keys["page_size"] = Guess(step.size, "certain", f"as {step.size_param} says")
        keys["size_param"] = Guess(step.size_param, "certain", "it takes the page's size")
    elif seen.many and step.kind == "page" and count_in(seen.told, seen.many):
        keys["page_size"] = Guess(seen.many, "likely", "as many records as the first page has")
    if more:
        keys["more"] = more
    size = {step.size_param: f"{step.size}"} if step.size_param else {}
    number = step.first + (1 if step.kind == "page" else seen.many)
    taken = tuple(name for name in (step.param, step.size_param) if name)
    return Way(
        keys=keys,
        second=with_params(seen.heard.url, {**size, step.param: f"{number}"}),
        without=taken,
        told=told,
        offset=step.param if step.kind == "offset" else None,
    )


def by_numbers(seen: Seen) -> Iterator[Way]:
    """Numbers beside the records, or in headers, speak of pages or offsets."""
    params = params_of(seen.heard.url)
    size = named(seen.told, SIZE - {"count", "results", "n"})
    offset, page = named(seen.told, OFFSET - {"from"}), named(seen.told, PAGE)
    in_url = size_in(params)
    usual = in_url or ((_own_name(size), size.value) if size and size.value and size.value >= seen.many else None)
    many = count_in(seen.told, seen.many)
    if many and many.value == seen.many and not (usual and usual[1] == seen.many):
        return
    if offset is not None and offset.value in (0, 1):
        first = int(offset.value)
        step = Step("offset", _given(params, is_offset) or _own_name(offset), first, *(usual or (None, None)))
        yield of_step(seen, step, f'"{offset.path}" is {offset.value}: the answer counts what was skipped')
    if page is not None and page.value in (0, 1):
        known = usual if in_url or not size else None
        step = Step("page", _given(params, is_page) or _page_name(page), int(page.value), *(known or (None, None)))
        why = f'"{page.path}" is {page.value}: the answer numbers its pages'
        yield of_step(seen, step, why)
        yield of_step(seen, step._replace(param=_own_name(page)), why)
    header = header_number(seen.heard, PAGES_HEADERS) or header_number(seen.heard, COUNT_HEADERS)
    if header == header_number(seen.heard, PAGES_HEADERS) and header and header[1] == 1:
        only = of_step(seen, usual_steps(seen)[0], f"the header {header[0]} is 1: this page is the only one")
        yield replace(only, second=None)
    elif seen.counted():
        why = f"the header {header[0]} speaks of more" if header else "the answer counts more records than it holds"
        usual_ones = usual_steps(seen)
        rare = [Step("offset", name, 0, *(usual_ones[0][3:])) for name in ("start", "skip", "from")]
        for step in [*usual_ones, *rare]:
            yield of_step(seen, step, why)


def _own_name(told: Told) -> str:
    return told.path.rpartition(".")[2]


def _page_name(told: Told) -> str:
    """The parameter's name behind `currentPage`, which is `page`."""
    name = _own_name(told)
    return "page" if told.name in ("currentpage", "pageindex", "pageno", "pagenum", "pagenumber") else name


def _given(params: dict[str, str], fits: object) -> str | None:
    return next((name for name in params if callable(fits) and fits(name)), None)


def usual_steps(seen: Seen) -> list[Step]:
    """What is worth trying: parameters that are in the address, that go with its size, or that are usual."""
    params = params_of(seen.heard.url)
    size = size_in(params)
    told = size or (None, None)
    steps = [
        Step("page", name, min(int(value), 1), *told)
        for name, value in params.items()
        if _numbered(name, value, is_page)
    ]
    steps += [
        Step("offset", name, min(int(value), 1), *told)
        for name, value in params.items()
        if _numbered(name, value, is_offset)
    ]
    if size:
        steps += [Step("offset", name, 0, *size) for name in OFFSETS_OF_SIZE.get(size[0], ())[:1]]
        steps += [Step("page", name, 1, *size) for name in PAGES_OF_SIZE.get(size[0], ())[:1]]
        steps += [Step("offset", name, 0, *size) for name in OFFSETS_OF_SIZE.get(size[0], ())[1:2]]
    steps += [Step("page", "page", 1, *told), Step("offset", "offset", 0, *told)]
    once: dict[tuple[str, str], Step] = {}
    for step in steps:
        once.setdefault((step.kind, step.param), step)
    return list(once.values())


def _numbered(name: str, value: str, fits: object) -> bool:
    return callable(fits) and bool(fits(name)) and value.isascii() and value.isdigit() and len(value) < 10


def by_trying(seen: Seen) -> Iterator[Way]:
    """Nothing speaks of pages, but a full list may be a first page all the same."""
    size = size_in(params_of(seen.heard.url))
    if seen.many < 2 or (size and size[1] > seen.many):
        return
    for step in usual_steps(seen):
        yield of_step(seen, step, "it was tried, and brought other records", told=False)
