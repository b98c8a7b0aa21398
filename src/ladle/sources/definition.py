"""From a TOML text to a Source: takes a definition, gives the frozen model, and exact words for every mistake."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from ladle.errors import BadInput, DefinitionError, Mistake
from ladle.sources.addresses import BASE_URL_HINT, can_be_called, check_base_url, without_password
from ladle.sources.credentials import read_auth, read_headers
from ladle.sources.datasets import default_datasets, read_dataset
from ladle.sources.lists import ListReader, Lists
from ladle.sources.notes import Notes, not_toml
from ladle.sources.parameters import NAME, NAME_HINT, put, read_parameters
from ladle.sources.places import Filler
from ladle.sources.quotas import parse_quotas
from ladle.sources.resources import Around, check_parents, read_resource
from ladle.sources.rules import read_retry, read_rules
from ladle.sources.source import Auth, Pace, Quota, Source
from ladle.sources.toml import Table

__all__ = ["ListReader", "check", "check_base_url", "parse"]

VERSION = 1
MOST_CONCURRENT = 256
"""Requests at once: beyond it a definition is more likely a slip than a wish."""
MOST_WORKERS = 64
"""Workers at one run: beyond it one driver could not take up what they collect."""
_IN_ADDRESS = re.compile(r"[A-Za-z0-9._~-]*")
"""What a parameter can bring into a base URL: nothing that leads out of the part where it stands."""
_ENDS_SITE = re.compile(r"^https?://[^/?#:]*\}(?!\.[\w-]+\.\w)[\w.-]*(?::|/|$)", re.IGNORECASE)
"""A site whose last two words are not written down can be anybody's."""


def parse(
    text: str, *, where: str, lists: ListReader, values: Mapping[str, str] | None = None, trusted: bool = True
) -> Source:
    """The source that a definition describes. `where` names it in errors; `lists` gives the text of a CSV it names.

    `values` are the parameters set for this run. Where it is not `trusted`, it may name no Python functions.
    Raises DefinitionError with all mistakes; BadInput for a value or a list from outside that does not fit.
    """
    source, notes = read_noting(text, where, lists, values or {}, trusted=trusted)
    if mistakes := notes.mistakes:
        if all(each in notes.errors for each in mistakes):
            raise notes.errors[mistakes[0]]
        raise DefinitionError.of(mistakes)
    return replace(source, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())


def check(
    text: str, *, where: str, lists: ListReader, values: Mapping[str, str] | None = None, trusted: bool = True
) -> list[Mistake]:
    """Every mistake in a definition, in the order of lines; none where `parse` would give its source."""
    try:
        return read_noting(text, where, lists, values or {}, trusted=trusted)[1].mistakes
    except DefinitionError as error:
        return list(error.mistakes)


def read_noting(
    text: str, where: str, lists: ListReader, values: Mapping[str, str], *, trusted: bool
) -> tuple[Source, Notes]:
    """The source, with stand-ins where something is wrong, and what is. Raises DefinitionError for no TOML at all."""
    top = Table.read(text, where=where)
    try:
        return _source(top, lists, values, trusted=trusted), top.notes
    except RecursionError as error:
        raise DefinitionError.of([not_toml(error, text, where=where)]) from error


def _source(top: Table, lists: ListReader, values: Mapping[str, str], *, trusted: bool) -> Source:
    if not _is_of_this_version(top):
        return _empty(trusted)
    parameters = read_parameters(top)
    try:
        fill = Filler(put(parameters, values))
    except BadInput as error:
        top.blame("parameters", error)
        fill = Filler(put(parameters, {}))
    auth = read_auth(top)
    source = Source(
        name=_name(top),
        title=top.text("title", _title(top)),
        homepage=top.text("homepage", ""),
        license=top.text("license", ""),
        base_url=_base_url(top, fill, auth),
        quotas=_quotas(top),
        pace=cast(Pace, top.text("pace", "safe", choices=("safe", "fast"))),
        concurrency=top.whole("concurrency", 8, least=1, most=MOST_CONCURRENT) or 8,
        workers=top.whole("workers", 1, least=1, most=MOST_WORKERS) or 1,
        auth=auth,
        headers=read_headers(top, auth, fill),
        retry=read_retry(top),
        parameters=parameters,
        values=fill.values,
        trusted=trusted,
        resources={},
        datasets={},
    )
    read = Lists(read=lists, chosen=frozenset(values), trusted=trusted)
    around = Around(source=source, address_known=top.sound("base_url"), lists=read, fill=fill)
    return _with_resources(top, around)


def _with_resources(top: Table, around: Around) -> Source:
    rules = read_rules(top)
    group = _named(top, "resources", needed=True)
    known = {name: read_resource(name, table, around) for name, table in group.items()}
    known = {name: replace(each, errors=(*each.errors, *rules)) for name, each in known.items()}
    check_parents(group, known)
    found = _named(top, "datasets", needed=False)
    datasets = {name: read_dataset(name, table, known) for name, table in found.items()}
    if "datasets" not in top:
        datasets = default_datasets(known)
    top.done()
    fill = around.fill
    _check_used(top, fill)
    parameters = {name: replace(each, file=name in fill.files) for name, each in around.source.parameters.items()}
    return replace(around.source, resources=known, datasets=datasets, parameters=parameters)


def _is_of_this_version(top: Table) -> bool:
    """Of another version nothing else is told, since its other keys may be right there."""
    version = top.whole("ladle", least=1)
    hint = f"This Ladle reads definitions of version {VERSION}: write ladle = {VERSION}."
    if "ladle" not in top:
        top.refuse("ladle", "is missing", hint=hint, missing=True)
    elif top.sound("ladle") and version != VERSION:
        top.refuse("ladle", f"is {version}", hint=hint)
        return False
    return True


def _empty(trusted: bool) -> Source:
    return Source(
        name="", title="", base_url="", quotas=(), pace="safe", concurrency=8, auth=None, resources={}, datasets={},
        trusted=trusted,
    )  # fmt: skip


def _named(top: Table, key: str, *, needed: bool) -> dict[str, Table]:
    """The tables `[key.name]`, at least one, each with a usable name."""
    group = top.table(key, needed=needed)
    if not group.names() and top.sound(key) and (needed or key in top):
        top.refuse(key, "is empty", hint=f"Describe at least one, as [{key}.name].")
    for name in group.names():
        if not NAME.fullmatch(name):
            group.refuse(name, "is no name", hint=NAME_HINT)
    tables = {name: group.table(name) for name in group.names()}
    # One with a wrong name is read too: it may be referred to by that name, and hold mistakes of its own.
    return {name: table for name, table in tables.items() if isinstance(group.raw(name), dict)}


def _name(top: Table) -> str:
    name = top.text("name")
    if top.sound("name") and not NAME.fullmatch(name):
        top.refuse("name", f'is "{name}"', hint=NAME_HINT)
    return name


def _title(top: Table) -> str:
    """A source is called by its name where it has no title."""
    name = top.raw("name")
    return name if isinstance(name, str) and name.strip() else "untitled"


def _base_url(top: Table, fill: Filler, auth: Auth | None) -> str:
    """With parameters put in. One that brings the site itself could send the credential anywhere."""
    text = top.text("base_url")
    if not top.sound("base_url"):
        return ""
    begins = re.match(r"\{(\w[\w-]*)\}", text)
    for name in re.findall(r"\{(\w[\w-]*)\}", text):
        value = fill.values.get(name, "")
        if begins and begins[1] == name and auth is None:
            continue
        if begins and begins[1] == name:
            hint = 'The credential of "auth" would go wherever it says: write the site itself.'
            top.refuse("base_url", f'begins with "{{{name}}}"', hint=hint)
        elif auth is not None and _ENDS_SITE.search(text):
            hint = 'The credential of "auth" would go wherever it says: end the site as in "https://{it}.example.org/".'
            top.refuse("base_url", "ends its site with a parameter", hint=hint)
        elif not _IN_ADDRESS.fullmatch(value):
            hint = "In a base URL a parameter can be letters, digits, full stops, -, _ and ~."
            top.blame("base_url", BadInput(f'The parameter "{name}" is "{value}".', hint=hint))
    address = fill.text(top, "base_url", text)
    if not top.sound("base_url"):
        return ""
    if not can_be_called(address):
        top.refuse("base_url", f'is "{without_password(address)}"', hint=BASE_URL_HINT)
        return ""
    return check_base_url(address)


def _quotas(top: Table) -> tuple[Quota, ...]:
    text = top.text("quota", "none")
    try:
        return parse_quotas(text) if top.sound("quota") else ()
    except BadInput as error:
        top.refuse("quota", f'is "{text}"', hint=error.hint)
        return ()


def _check_used(top: Table, fill: Filler) -> None:
    """A parameter that is put in nowhere is a slip, where no place is."""
    if top.notes.mistakes:
        return
    for name in fill.values:
        if name not in fill.used:
            hint = f'Write "{{{name}}}" where its value goes, or leave it out.'
            top.inside("parameters", {}).refuse(name, "is used nowhere", hint=hint)
