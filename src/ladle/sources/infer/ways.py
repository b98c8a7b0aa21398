"""How further pages may be asked for: takes a first answer, gives the ways it could be, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ladle.sources.infer.addresses import is_address, params_of, with_params
from ladle.sources.infer.envelope import (
    COUNT_HEADERS,
    PAGES_HEADERS,
    Told,
    beside,
    count_in,
    has_links,
    header_number,
    named,
    next_by_header,
    pages_in,
    simple,
)
from ladle.sources.infer.fields import key_of
from ladle.sources.infer.findings import Guess
from ladle.sources.infer.heard import Heard
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
    step_between,
)
from ladle.sources.infer.places import Place
from ladle.sources.paging import join, same_origin

MORE = frozenset(
    "hasmore hasnext hasnextpage more moreresults moreavailable morepages hasmorepages hasmoreitems".split()
)
NEXT_LINK = frozenset("next nextpage nextpageurl nexturl nextlink nexthref nextpagelink odatanextlink".split())
MOST = 7
"""Ways that are worth a request each."""
TOKEN = frozenset(
    "nextcursor nextpagetoken nexttoken cursor cursornext after endcursor next nextpage continuation continuationtoken"
    " nextpagecursor scrollid bookmark nextmarker marker pagetoken offset resumptiontoken nextkey nextid cursormark"
    " nextcursormark lastevaluatedkey".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way, what it would say in the definition, and the address that proves it."""

    keys: dict[str, Guess]
    second: str | None = None
    """None: there is no further page to prove it by."""
    without: tuple[str, ...] = ()
    """Parameters that paging puts in."""
    told: bool = True
    """The answer itself speaks of further pages; else it is only worth trying."""
    offset: str | None = None
    """The offset's parameter."""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A first answer, with what it says beside its records."""

    heard: Heard
    place: Place
    told: list[Told]

    @classmethod
    def of(cls, heard: Heard, place: Place) -> Seen:
        """Look beside the records."""
        return cls(heard, place, beside(heard.document, place))

    @property
    def many(self) -> int:
        """Records in the answer."""
        return len(self.place.records)

    def counted(self) -> bool:
        """Whether it tells how many records, or pages, there are in all."""
        by_body = count_in(self.told, self.many) or pages_in(self.told)
        return bool(by_body or header_number(self.heard, COUNT_HEADERS) or header_number(self.heard, PAGES_HEADERS))


def ways(seen: Seen) -> list[Way]:
    """All of them, as many as are worth a request; none where the answer is one record."""
    if seen.place.one or seen.place.columnar:
        return []
    told = [*_by_standard(seen), *_by_links(seen), *_by_token(seen), *_by_more(seen), *_by_numbers(seen)]
    tries = [] if any(way.second is None for way in told) else list(_by_trying(seen))
    found: list[Way] = []
    for way in [*told, *tries]:
        if not any(way.keys == other.keys or (way.second and way.second == other.second) for other in found):
            found.append(way)
    return found[:MOST]


def _by_standard(seen: Seen) -> Iterator[Way]:
    """OData and JSON:API are known by their looks."""
    document, place = seen.heard.document, seen.place
    if not isinstance(document, dict):
        return
    if place.path == "value" and any(name.startswith("@odata.") for name in document):
        link = document.get("@odata.nextLink")
        yield Way(
            keys={"paging": Guess("odata", "certain", "the answer speaks OData: @odata.… beside a list named value")},
            second=join(seen.heard.url, link) if isinstance(link, str) and link else None,
        )
    items = place.records[:20]
    if place.path == "data" and items and all({"type", "id"} <= set(each) and "attributes" in each for each in items):
        links = document.get("links")
        link = links.get("next") if isinstance(links, dict) else None
        link = link.get("href") if isinstance(link, dict) else link
        yield Way(
            keys={"paging": Guess("jsonapi", "certain", "the answer speaks JSON:API: data with type, id, attributes")},
            second=join(seen.heard.url, link) if isinstance(link, str) and link else None,
        )


def _by_links(seen: Seen) -> Iterator[Way]:
    """An address in the body or in the Link header."""
    header = next_by_header(seen.heard)
    for each in seen.told:
        name = each.name if each.name != "href" else simple(each.path.split(".")[-2] if "." in each.path else "")
        if name not in NEXT_LINK:
            continue
        if each.value in (None, "") or each.value is False:
            why = f'the answer\'s "{each.path}" is {"null" if each.value is None else "empty"}: this page is the last'
            yield Way(keys={"paging": Guess("link", "likely", why), "next": Guess(each.path, "certain", why)})
        elif _is_link(each.value, seen.heard.url):
            yield from _of_link(seen, each.path, str(each.value))
    if header is not None:
        yield from _of_link(seen, None, header)
    elif has_links(seen.heard):
        why = "its Link header names pages, but none that follows: this page is the last"
        yield Way(keys={"paging": Guess("header", "likely", why)})


def _of_link(seen: Seen, path: str | None, link: str) -> Iterator[Way]:
    """By its pages' numbers, where the link differs by one alone and a count tells the end; else by following it."""
    following = join(seen.heard.url, link) or ""
    where = f'the answer\'s "{path}"' if path else "its Link header"
    step = step_between(seen.heard.url, link, records=seen.many)
    own = same_origin(following, seen.heard.url)
    by_number = [_of_step(seen, step, f"{where} differs by {step.param} alone")] if step else []
    if step and (seen.counted() or not own):
        yield from by_number
    if own:
        keys = {"paging": Guess("link", "certain", f"{where} is the address of the next page")}
        keys |= {"next": Guess(path, "certain", "the address of the next page")} if path else {}
        if not path:
            keys["paging"] = Guess("header", "certain", f"{where} has the address of the next page")
        yield Way(keys=keys, second=following)
    if not (step and (seen.counted() or not own)):
        yield from by_number


def _of_step(seen: Seen, step: Step, why: str, *, told: bool = True, more: Guess | None = None) -> Way:
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


def _by_token(seen: Seen) -> Iterator[Way]:
    """A token in the answer that goes into a parameter of the next request."""
    for each in seen.told:
        if not _is_token(each.name) or isinstance(each.value, (bool, float)) or _is_link(each.value, seen.heard.url):
            continue
        if each.value is None or each.value == "":
            if each.name in NEXT_LINK:
                continue
            why = f'"{each.path}" is empty: this page is the last'
            keys = {
                "paging": Guess("cursor", "likely", why),
                "cursor": Guess(each.path, "likely", "where the next page's token will be"),
                "cursor_param": Guess(_token_params(each)[0], "guess", "after the token's name; no second page told"),
            }
            yield Way(keys=keys)
        elif not (isinstance(each.value, int) and each.name == "offset"):
            for param in _token_params(each)[:3]:
                yield _of_token(seen, each, param)


def _is_token(name: str) -> bool:
    """MediaWiki's are called `cmcontinue`, `apcontinue` and the like."""
    return name in TOKEN or name.endswith("continue")


def _of_token(seen: Seen, token: Told, param: str) -> Way:
    why = f'"{token.path}" holds a token for the next page'
    keys = {
        "paging": Guess("cursor", "likely", why),
        "cursor": Guess(token.path, "certain", why),
        "cursor_param": Guess(param, "likely", "the parameter that takes the token"),
    }
    if keys["cursor_param"].value == "cursor":
        del keys["cursor_param"]
    more = next((each for each in seen.told if each.name in MORE and each.value is True), None)
    if more:
        keys["more"] = Guess(more.path, "certain", "it says whether there is more")
    second = with_params(seen.heard.url, {param: str(token.value)})
    return Way(keys=keys, second=second, without=(param,))


def _token_params(token: Told) -> list[str]:
    """Parameters that may take it: after its own name, in the way that the API writes names."""
    name = token.path.rpartition(".")[2]
    short = name.removeprefix("next_").removeprefix("next").lstrip("_") if name.lower().startswith("next") else name
    short = short[:1].lower() + short[1:]
    usual = {
        "nextcursor": ["cursor"],
        "cursornext": ["cursor"],
        "endcursor": ["after", "cursor"],
        "next": ["cursor", "next", "page", "after"],
        "nextpage": ["page", "cursor"],
        "nextpagetoken": ["pageToken" if "Token" in name else "page_token"],
    }.get(token.name, [])
    return list(dict.fromkeys([*usual, *([short] if short else []), name, "cursor"]))


def _by_more(seen: Seen) -> Iterator[Way]:
    """`has_more` without a token: the last record's id says where to go on, or pages are numbered."""
    more = next((each for each in seen.told if each.name in MORE and isinstance(each.value, bool)), None)
    if more is None or any(each.name in TOKEN and isinstance(each.value, str) and each.value for each in seen.told):
        return
    says = Guess(more.path, "certain", "it says whether there is more")
    key = key_of(seen.place.records)
    params = ["starting_after", "after"]
    if key and seen.place.records:
        last = seen.place.records[-1].get(key.value)
        for param in params:
            keys = {
                "paging": Guess(
                    "cursor", "likely", f'"{more.path}" without a token: the last record says where to go on'
                ),
                "last": Guess(key.value, "likely", "what stands for the last record"),
                "cursor_param": Guess(param, "likely" if more.value else "guess", "the parameter that takes it"),
                "more": says,
            }
            second = with_params(seen.heard.url, {param: str(last)}) if more.value else None
            yield Way(keys=keys, second=second, without=(param,))
            if not more.value:
                return
    if more.value:
        for step in _usual_steps(seen):
            yield _of_step(seen, step, f'"{more.path}" says that there is more', more=says)


def _by_numbers(seen: Seen) -> Iterator[Way]:
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
        yield _of_step(seen, step, f'"{offset.path}" is {offset.value}: the answer counts what was skipped')
    if page is not None and page.value in (0, 1):
        known = usual if in_url or not size else None
        step = Step("page", _given(params, is_page) or _page_name(page), int(page.value), *(known or (None, None)))
        why = f'"{page.path}" is {page.value}: the answer numbers its pages'
        yield _of_step(seen, step, why)
        yield _of_step(seen, step._replace(param=_own_name(page)), why)
    header = header_number(seen.heard, PAGES_HEADERS) or header_number(seen.heard, COUNT_HEADERS)
    if seen.counted():
        why = f"the header {header[0]} speaks of more" if header else "the answer counts more records than it holds"
        usual_steps = _usual_steps(seen)
        rare = [Step("offset", name, 0, *(usual_steps[0][3:])) for name in ("start", "skip", "from")]
        for step in [*usual_steps, *rare]:
            yield _of_step(seen, step, why)


def _own_name(told: Told) -> str:
    return told.path.rpartition(".")[2]


def _page_name(told: Told) -> str:
    """The parameter's name behind `currentPage`, which is `page`."""
    name = _own_name(told)
    return "page" if told.name in ("currentpage", "pageindex", "pageno", "pagenum", "pagenumber") else name


def _given(params: dict[str, str], fits: object) -> str | None:
    return next((name for name in params if callable(fits) and fits(name)), None)


def _usual_steps(seen: Seen) -> list[Step]:
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


def _by_trying(seen: Seen) -> Iterator[Way]:
    """Nothing speaks of pages, but a full list may be a first page all the same."""
    size = size_in(params_of(seen.heard.url))
    if seen.many < 2 or (size and size[1] > seen.many):
        return
    for step in _usual_steps(seen):
        yield _of_step(seen, step, "it was tried, and brought other records", told=False)


def _is_link(value: object, url: str) -> bool:
    """Whether a value is an address: absolute, from the root, or a query alone."""
    if not isinstance(value, str) or not value:
        return False
    looks_so = value.startswith(("http://", "https://", "?")) or is_address(value, like=url)
    return looks_so and join(url, value) is not None
