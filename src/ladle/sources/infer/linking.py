"""References: takes drafts and their records, asks for siblings not known yet, gives columns that show names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urljoin

from ladle.errors import LadleError
from ladle.sources.infer.addresses import Address, is_address, under
from ladle.sources.infer.collection import collection
from ladle.sources.infer.fields import name_of
from ladle.sources.infer.findings import Guess
from ladle.sources.infer.kin import Sibling, siblings_of
from ladle.sources.infer.names import resource_name
from ladle.sources.infer.talk import Steps, Talk, Work

SIBLINGS = 4
"""Collections that are asked for because records refer to them, at most."""


def linked(talk: Talk, works: list[Work], *, ask: bool) -> Steps[None]:
    """Turn fields with addresses of siblings into references to their names. `ask`: also of collections not known."""
    asked = 0
    for work in list(works):
        if not work.draft.dataset:
            continue
        for sibling in siblings_of(work.records, talk.base_url, work.path):
            target = _known(works, sibling)
            if target is None and ask and asked < SIBLINGS and talk.left:
                asked += 1
                target = yield from _asked(talk, works, sibling)
            if target is not None:
                _refer(work, sibling, target, talk.base_url)


def _known(works: Iterable[Work], sibling: Sibling) -> Work | None:
    """The collection that lists them: of a list with details the list, which has their names and costs less."""
    return next((work for work in works if _is_list(work) and work.path.strip("/") == sibling.path.strip("/")), None)


def _is_list(work: Work) -> bool:
    return "each" not in work.draft.keys


def _asked(talk: Talk, works: list[Work], sibling: Sibling) -> Steps[Work | None]:
    """The sibling's first page, read as any collection is; no dataset of its own."""
    where = Address(talk.base_url, sibling.path, {})
    slash = all(not work.path.endswith("/") for work in works)
    where = where._replace(path=sibling.path.rstrip("/") + ("" if slash else "/"))
    answer = yield from talk.ask(urljoin(where.base_url, where.path), f'what "{sibling.field}" refers to')
    if not answer.good:
        return None
    taken = {work.draft.name for work in works}
    name = resource_name(where.path, taken)
    whole = Talk(talk.base_url, heard=[answer] * 1000)  # nothing more is asked for
    try:
        found = yield from collection(whole, where, answer, name=name, taken=taken, prove=False)
    except LadleError:
        return None
    target = found[0]
    if target.path and not target.records:
        return None
    target.draft.dataset = False
    works.append(target)
    return target


def _refer(work: Work, sibling: Sibling, target: Work, base_url: str) -> None:
    """Write the reference, where the target's records have a name, and an address of their own as key."""
    shown = name_of(target.records)
    key = _address_field(target, base_url)
    if shown is None or key is None:
        return
    target.draft.keys = _with_key(target, key)
    why = f'addresses under {sibling.path}, shown by their "{shown}"'
    draft = work.draft
    draft.fields = tuple(
        replace(field, more=(("reference", f"{target.draft.name}.{shown}"),), sure="certain", why=why)
        if field.name == sibling.field and field.path is None and field.item is None
        else field
        for field in draft.fields
    )


def _address_field(target: Work, base_url: str) -> str | None:
    """The field with a record's own address under its collection."""
    beginning = target.path.strip("/") + "/"
    for name in ("url", "href", "self", "uri", "resource_uri", *(target.records[0] if target.records else ())):
        values = [record.get(name) for record in target.records]
        if values and all(
            is_address(value, like=base_url) and (under(str(value), base_url) or "").startswith(beginning)
            for value in values
        ):
            return name if len(set(map(str, values))) == len(values) and "." not in name else None
    return None


def _with_key(target: Work, key: str) -> dict[str, Guess]:
    keys = dict(target.draft.keys)
    guess = Guess(key, "certain", "each record's own address, by which others refer to it")
    if "key" in keys:
        keys["key"] = guess
        return keys
    named = list(keys.items())
    place = next((number for number, (name, _) in enumerate(named) if name == "paging"), len(named))
    return dict([*named[:place], ("key", guess), *named[place:]])
