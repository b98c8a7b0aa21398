"""Pages by what the last one says: takes a first answer, gives the ways by link, token or last record that it tells."""

from __future__ import annotations

from collections.abc import Iterator

from ladle.sources.infer.addresses import is_address, with_params
from ladle.sources.infer.envelope import (
    Told,
    has_links,
    simple,
)
from ladle.sources.infer.fields import key_of
from ladle.sources.infer.findings import Guess
from ladle.sources.infer.numbering import of_step, usual_steps
from ladle.sources.infer.params import (
    step_between,
)
from ladle.sources.infer.way import Seen, Way
from ladle.sources.leads import linked
from ladle.sources.paging import join, same_origin

MORE = frozenset(
    "hasmore hasnext hasnextpage more moreresults moreavailable morepages hasmorepages hasmoreitems".split()
)
NEXT_LINK = frozenset("next nextpage nextpageurl nexturl nextlink nexthref nextpagelink odatanextlink".split())
TOKEN = frozenset(
    "nextcursor nextpagetoken nexttoken cursor cursornext after endcursor next nextpage continuation continuationtoken"
    " nextpagecursor scrollid bookmark nextmarker marker pagetoken offset resumptiontoken nextkey nextid cursormark"
    " nextcursormark lastevaluatedkey".split()
)


def by_standard(seen: Seen) -> Iterator[Way]:
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


def by_links(seen: Seen) -> Iterator[Way]:
    """An address in the body or in the Link header."""
    header = linked(seen.heard.headers)
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
    by_number = [of_step(seen, step, f"{where} differs by {step.param} alone")] if step else []
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


def by_token(seen: Seen) -> Iterator[Way]:
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


def by_more(seen: Seen) -> Iterator[Way]:
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
        for step in usual_steps(seen):
            yield of_step(seen, step, f'"{more.path}" says that there is more', more=says)


def _is_link(value: object, url: str) -> bool:
    """Whether a value is an address: absolute, from the root, or a query alone."""
    if not isinstance(value, str) or not value:
        return False
    looks_so = value.startswith(("http://", "https://", "?")) or is_address(value, like=url)
    return looks_so and join(url, value) is not None
