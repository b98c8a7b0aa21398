"""An inference from first question to definition: takes an address, gives questions, and in the end Inferred."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from ladle.errors import BadInput, LadleError
from ladle.sources.infer.addresses import Address, under
from ladle.sources.infer.collection import address_of, collection
from ladle.sources.infer.findings import Draft, Finding, Guess, Inferred, shown
from ladle.sources.infer.heard import Heard
from ladle.sources.infer.keys import auth_table
from ladle.sources.infer.kin import collections_of
from ladle.sources.infer.limits import quota_of
from ladle.sources.infer.linking import linked
from ladle.sources.infer.names import plain, resource_name, unique
from ladle.sources.infer.openapi import is_openapi, read_openapi
from ladle.sources.infer.refusal import key_draft, key_words, no_data, post_draft, post_words, wants_key, wants_post
from ladle.sources.infer.settings import Settings
from ladle.sources.infer.talk import Steps, Talk, Work
from ladle.sources.infer.writing import written
from ladle.words import plural

ASKED = 12
"""Collections of an API's root that are asked for; the others are written by analogy."""


def inference(settings: Settings, *, now: float) -> Steps[Inferred]:
    """Ask, and answer with a definition. Raises BadInput or UpstreamError where the address leads to no data."""
    talk = Talk(settings.where.base_url)
    first = yield from talk.ask(settings.url, "the address itself")
    if settings.openapi or (first.good and is_openapi(first.document)):
        return _from_document(settings, talk, first)
    path, params = settings.where.path, settings.where.params
    name = resource_name(path)
    if wants_post(first):
        return _draft(settings, talk, post_draft(name, path, params), post_words(first), now)
    if wants_key(first):
        return _draft(settings, talk, key_draft(name, path, params), key_words(first, source=settings.name), now)
    if not first.good:
        raise no_data(first)
    if roots := collections_of(first.document, first.url):
        talk.base_url = _base_of(settings.where, roots)
        works = yield from _root(talk, roots)
        yield from linked(talk, works, ask=False)
    else:
        works = yield from collection(talk, settings.where, first, name=name)
        yield from linked(talk, works, ask=True)
    return _inferred(settings, talk, works, now=now)


def _base_of(where: Address, roots: Mapping[str, str]) -> str:
    """The root itself, or its site where a collection lies elsewhere on it."""
    parts = urlsplit(where.url)
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
    return base if all(under(url, base) is not None for url in roots.values()) else urljoin(base, "/")


def _root(talk: Talk, roots: Mapping[str, str]) -> Steps[list[Work]]:
    """A collection for each address that the root names; pages are proved by the first that has some."""
    works: list[Work] = []
    proved = False
    for number, (key, url) in enumerate(roots.items()):
        name = plain(key, f"collection_{number + 1}")
        if number >= ASKED or talk.left < 2:
            talk.missing.append(
                f'The root names "{key}" too ({url}), which was not asked for: infer it by its address.'
            )
            continue
        answer = yield from talk.ask(url, f'the collection "{key}"')
        try:
            if not answer.good:
                raise no_data(answer)
            taken = {work.draft.name for work in works}
            where = address_of(talk.base_url, _here(url, talk.base_url))
            found = yield from collection(talk, where, answer, name=unique(name, taken), taken=taken, prove=not proved)
        except LadleError as error:
            talk.missing.append(f'"{key}" is left out. {error}')
            continue
        proved = proved or any(guess.sure == "certain" for work in found for guess in work.pages.values())
        works += found
    if not works:
        raise BadInput("None of the addresses that the API's root names gave records.", hint=" ".join(talk.missing[:3]))
    return works


def _here(url: str, base_url: str) -> str:
    """An address of the root at the base URL's own scheme and host."""
    inner = under(url, base_url)
    return url if inner is None or url.startswith(base_url) else urljoin(base_url, inner)


def _draft(settings: Settings, talk: Talk, draft: Draft, words: str, now: float) -> Inferred:
    """A definition to be completed, and what it lacks."""
    talk.missing.append(words)
    return _inferred(settings, talk, [Work(draft, settings.url, settings.where.path, [])], now=now, ready=False)


def _inferred(settings: Settings, talk: Talk, works: list[Work], *, now: float, ready: bool = True) -> Inferred:
    top = _top(settings, talk.base_url, quota_of(talk.heard, now=now))
    return gathered(settings, top, [work.draft for work in works], talk, ready=ready)


def _top(settings: Settings, base_url: str, quota: Guess) -> dict[str, Guess]:
    host = urlsplit(settings.url).hostname or settings.name
    top = {
        "name": settings.called,
        "title": Guess(host, "guess", "a name for people"),
        "base_url": Guess(base_url, "certain", ""),
        "quota": quota,
    }
    if settings.auth:
        top["auth"] = Guess(auth_table(settings.auth), "certain", "the key itself is only ever in the environment")
    return top


def gathered(settings: Settings, top: dict[str, Guess], drafts: list[Draft], talk: Talk, *, ready: bool) -> Inferred:
    """The definition and all findings."""
    missing = [*talk.missing, *(each for draft in drafts for each in draft.missing)]
    asked = len(talk.heard)
    head = [
        f"Inferred from {_without_query(settings.url)} with {plural(asked, 'request')}.",
        "Beside each line stands how sure it is, and why.",
        *settings.notes,
        *settings.lacking,
    ]
    return Inferred(
        name=str(top["name"].value),
        definition=written(head, top, drafts, missing),
        findings=(
            *(Finding("", key, shown(guess.value), guess.sure, guess.why) for key, guess in top.items()),
            *(finding for draft in drafts for finding in draft.findings()),
        ),
        missing=(*settings.lacking, *missing),
        requests=asked,
        datasets=tuple(draft.name for draft in drafts if draft.dataset),
        ready=ready,
    )


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def _from_document(settings: Settings, talk: Talk, first: Heard) -> Inferred:
    """From an OpenAPI document, which costs this one request."""
    if not first.good:
        raise no_data(first)
    told = read_openapi(first.document, url=settings.url, auth=settings.auth, called=settings.called)
    talk.missing += told.missing
    return gathered(settings, told.top, told.drafts, talk, ready=bool(told.drafts))
