"""From an API's own description: takes an OpenAPI 3 or Swagger 2 document, gives drafts of all its lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from ladle.errors import BadInput
from ladle.sources.infer.findings import Draft, Guess
from ladle.sources.infer.keys import auth_table
from ladle.sources.infer.limits import CAREFUL
from ladle.sources.infer.names import resource_name, source_name
from ladle.sources.infer.operations import paging_of
from ladle.sources.infer.schemas import Schemas
from ladle.sources.infer.securing import auth_of
from ladle.sources.infer.writing import doubled
from ladle.sources.paging import join
from ladle.sources.source import Auth

MOST = 60
"""Datasets written from one document."""
MOST_COLUMNS = 2_500
"""Columns of all of them, about: a definition may have so many letters and no more."""
MOST_READ = 5_000
"""Operations of one document that are looked at."""
HINT = "Give the address of the document itself, often /openapi.json or /swagger.json."


@dataclass(slots=True)
class Told:
    """What a document told."""

    top: dict[str, Guess]
    drafts: list[Draft] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def is_openapi(document: object) -> bool:
    """Whether it is such a document."""
    if not isinstance(document, Mapping) or not isinstance(document.get("paths"), Mapping):
        return False
    return any(isinstance(document.get(name), (str, float)) for name in ("openapi", "swagger"))


def read_openapi(document: object, *, url: str, auth: Auth | None, called: Guess) -> Told:
    """Every GET that answers with a list and wants nothing that isn't known. Raises BadInput for another document."""
    if not is_openapi(document) or not isinstance(document, Mapping):
        raise BadInput(f"{url.partition('?')[0]} is no OpenAPI document in JSON.", hint=HINT)
    base_url, doubt = base_url_of(document, url)
    same_host = urlsplit(base_url).hostname == urlsplit(url).hostname
    called = (
        called if same_host or called.sure == "certain" else Guess(source_name(base_url), "likely", "after the host")
    )
    name = str(called.value)
    info = document.get("info")
    title = info.get("title") if isinstance(info, Mapping) else None
    told = Told(top={"name": called})
    told.top["title"] = Guess(_line(title) or name, "certain", "by the document")
    told.top["base_url"] = Guess(base_url, "guess" if doubt else "certain", doubt or "the document's first server")
    told.top["quota"] = Guess(CAREFUL, "guess", "careful: a document of this kind tells no limit")
    _secure(told, document, auth, name)
    schemas = Schemas(document)
    for path, operation, shared in islice(_gets(document), MOST_READ):
        if len(told.drafts) == MOST or sum(len(draft.fields) for draft in told.drafts) > MOST_COLUMNS:
            told.missing.append(f"The document has more than {len(told.drafts)} lists; these are the first.")
            break
        _read(told, schemas, path, operation, shared)
    if not told.drafts:
        hint = "Infer from the address of one of its collections instead."
        reasons = " ".join(told.missing[:3])
        raise BadInput(
            f"The document describes no GET that answers with a list of records. {reasons}".strip(), hint=hint
        )
    return told


def _secure(told: Told, document: Mapping[str, Any], auth: Auth | None, name: str) -> None:
    found, words = (auth, "") if auth else auth_of(document, name)
    if found is not None:
        told.top["auth"] = Guess(auth_table(found), "certain", "as you said" if auth else "by the document")
        if auth is None:
            told.missing.append(f"The API wants a key: set the environment variable {found.env}.")
    elif words:
        told.missing.append(words)


def base_url_of(document: Mapping[str, Any], url: str) -> tuple[str, str]:
    """The API's base URL and, where it had to be guessed, why."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], Mapping) else {}
    told = first.get("url")
    if isinstance(told, str):
        address, doubt = join(url, _filled(told, first.get("variables"))) or "", ""
    elif isinstance(document.get("host"), str) or isinstance(document.get("basePath"), str):
        schemes = document.get("schemes")
        scheme = "https" if not isinstance(schemes, list) or "https" in schemes else str(schemes[0])
        scheme = scheme if isinstance(document.get("host"), str) else urlsplit(url).scheme
        address, doubt = (
            f"{scheme}://{document.get('host') or urlsplit(url).netloc}{document.get('basePath') or '/'}",
            "",
        )
    else:
        address, doubt = urljoin(url, "/"), "the document names no server: its own site"
    parts = urlsplit(address if join(url, address) else "")
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username
        or re.search(r"[\s{}<>\\]", address)
    ):
        return urljoin(url, "/"), "the document's server can't be used: its own site"
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/", doubt


def _filled(text: str, variables: object) -> str:
    """A server's address with its variables' defaults."""
    known = variables if isinstance(variables, Mapping) else {}

    def default(found: re.Match[str]) -> str:
        variable = known.get(found[1])
        return str(variable.get("default", "")) if isinstance(variable, Mapping) else ""

    return re.sub(r"\{([^{}]*)\}", default, text)


def _gets(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], list[Any]]]:
    """Path, operation and the path's own parameters."""
    for path, item in document["paths"].items():
        operation = item.get("get") if isinstance(item, Mapping) else None
        if isinstance(operation, Mapping) and isinstance(path, str) and not operation.get("deprecated"):
            shared = item.get("parameters")
            yield path, operation, shared if isinstance(shared, list) else []


def _read(told: Told, schemas: Schemas, path: str, operation: Mapping[str, Any], shared: list[Any]) -> None:
    """One operation, where it answers with a list."""
    listed = schemas.listed(_answer(schemas, operation))
    if listed is None:
        return
    plain = path.lstrip("/")
    if "{" in path:
        # A parent and child, perhaps; which record's field fills the place the document doesn't say.
        told.missing.append(f"GET {path} is left out: say with `each` what its places stand for.")
        return
    own = operation.get("parameters")
    parameters = [schemas.resolved(each) for each in [*(own if isinstance(own, list) else []), *shared]]
    fixed, lacking = _fixed(schemas, parameters)
    if lacking:
        told.missing.append(f"GET {path} is left out: it wants {', '.join(lacking)}, and no value is known.")
        return
    name = resource_name(plain, {draft.name for draft in told.drafts})
    keys = {"path": Guess(plain or "/", "certain", _line(operation.get("summary")))}
    paging = paging_of(parameters, listed, schemas)
    params = {key: value for key, value in fixed.items() if key not in paging.taken}
    if params:
        keys["params"] = Guess(params, "likely", "what the document wants, by its defaults")
    if listed.path and paging.style not in ("odata", "jsonapi"):
        keys["records"] = Guess(listed.path, "likely", "the list in the answer, by the document")
    keys |= paging.keys
    columns = schemas.fields(listed.record)
    told.drafts.append(Draft(name=name, keys=keys, fields=columns.fields, flatten=columns.flatten))


def _answer(schemas: Schemas, operation: Mapping[str, Any]) -> Any:
    """The schema of a good answer in JSON."""
    responses = operation.get("responses")
    if not isinstance(responses, Mapping):
        return None
    good = next((responses[code] for code in ("200", 200, "2XX", "2xx", "206", "default") if code in responses), None)
    answer = schemas.resolved(good)
    if "schema" in answer:  # Swagger 2
        return answer["schema"]
    content = answer.get("content")
    if not isinstance(content, Mapping):
        return None
    kinds = [each for kind, each in content.items() if "json" in str(kind) or kind == "*/*"]
    return kinds[0].get("schema") if kinds and isinstance(kinds[0], Mapping) else None


def _fixed(schemas: Schemas, parameters: list[Mapping[str, Any]]) -> tuple[dict[str, str], list[str]]:
    """Values of parameters that must be there, and the names of those without one."""
    fixed, lacking = {}, []
    for each in parameters:
        name, place = each.get("name"), each.get("in")
        if not isinstance(name, str) or not each.get("required") or place not in ("query", "header", "path"):
            continue
        schema = schemas.resolved(each.get("schema")) or each
        choices = schema.get("enum")
        value = next(
            (v for v in (schema.get("default"), each.get("example"), schema.get("example")) if v is not None), None
        )
        value = value if value is not None or not isinstance(choices, list) or not choices else choices[0]
        if place == "query" and isinstance(value, (str, int, float)):
            written = str(value).lower() if isinstance(value, bool) else str(value)
            fixed[name] = doubled(written)
        elif place == "query" or (place == "header" and name.lower() not in ("authorization", "accept")):
            lacking.append(f"{'the header ' if place == 'header' else ''}{name}")
    return fixed, lacking


def _line(text: object) -> str:
    return " ".join(text.split())[:100] if isinstance(text, str) else ""
