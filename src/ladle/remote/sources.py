"""Sources and prices on a server: takes a name, gives plans and sources as of a home, and the server's own shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ladle.collect.parts import PlanPart
from ladle.collect.price import Plan
from ladle.errors import BadInput, NotFound, unknown
from ladle.remote.door import get, pages, place
from ladle.remote.refusal import known
from ladle.remote.server import Server
from ladle.sources.found import given, is_built_in
from ladle.sources.library import NOTHING, load_source, source_of
from ladle.sources.source import Source


def plan(server: Server, dataset: str, parameters: Mapping[str, Any]) -> Plan:
    """What collecting a dataset will cost the server."""
    source, name = named(dataset)
    asked = [(key, str(value)) for key, value in parameters.items()]
    return read_plan(get(server, place("sources", source, "datasets", name, "plan"), asked))


def shapes(server: Server) -> Iterator[dict[str, Any]]:
    """All sources, in the API's shape."""
    return pages(server, place("sources"))


def shape(server: Server, name: str) -> dict[str, Any]:
    """One source, with its definition; raises NotFound."""
    if "/" in name or not name.strip("."):
        raise NotFound(f'There is no source "{name}".', hint="List them with: ladle sources")
    told: dict[str, Any] = get(server, place("sources", name))
    return told


def source(server: Server, name: str) -> Source:
    """The source, the server's settings applied; raises BadInput for one whose lists stay on the server."""
    return read_source(shape(server, name))


def all_sources(server: Server) -> list[Source]:
    """All sources at hand there; each is asked for by its name."""
    return [source(server, told["name"]) for told in shapes(server)]


def dataset_name(server: Server, dataset: str) -> str:
    """The name of a dataset that one of the server's sources has; raises NotFound."""
    source, name = named(dataset)
    found = [each["name"] for each in shape(server, source)["datasets"]]
    if name not in found:
        raise NotFound(unknown(f"dataset of {source}", name, found))
    return dataset


def named(dataset: str) -> tuple[str, str]:
    """A dataset's source and its name in it; raises NotFound."""
    source, _, name = dataset.partition("/")
    if not source.strip(".") or not name.strip(".") or "/" in name:
        raise NotFound(f'There is no dataset "{dataset}".', hint="Name one like swapi/people: ladle sources")
    return source, name


@known
def read_plan(told: Mapping[str, Any]) -> Plan:
    """A price, of its shape."""
    parts = tuple(PlanPart(**each) for each in told["parts"])
    return Plan(**{**told, "parts": parts, "quotas": tuple(told["quotas"])})


@known
def read_source(told: Mapping[str, Any], *, files: Mapping[str, str] = NOTHING) -> Source:
    """Read as the server read it; the settings that it has applied are told beside its definition, `files` are not."""
    name = told["name"]
    base_url, quota, pace = told["settings"]
    env = {base_url: told["base_url"], quota: ", ".join(told["quotas"]) or "none", pace: told["pace"]}
    if is_built_in(name) and (own := load_source(name, env=env)).text == told["definition"]:
        return own
    try:
        found = source_of(given(told["definition"], files=files, trusted=told["trusted"]), env=env)
    except BadInput as error:
        raise BadInput(f"The source {name} reads what stays on the server: {error.message}") from error
    return replace(found, version=told["version"])
