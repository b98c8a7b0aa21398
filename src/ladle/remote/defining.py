"""Sources of one's own at a server: takes definitions, names, addresses, gives first rows, what was inferred or kept.

A server trusts none of it, as nothing that comes from its API: a definition names no Python functions, reaches public
addresses alone, and its key's variable is one that the server's settings list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ladle.errors import NotFound
from ladle.keeping import parcel
from ladle.previewing import Preview
from ladle.remote.door import change, get, pages, place, post
from ladle.remote.refusal import known
from ladle.remote.server import Server
from ladle.remote.sources import named, read_plan, read_source, shape
from ladle.remote.values import row_of, types_of
from ladle.snapshots.manifest import TableColumn
from ladle.sources.infer import Finding, Inferred
from ladle.sources.source import Auth, Source
from ladle.sources.store import Version


@dataclass(frozen=True, kw_only=True)
class RemoteVersion(Version):
    """As a home's, its definition on the server."""

    server: Server

    @property
    def text(self) -> str:
        """The definition."""
        return str(get(self.server, place("sources", self.name, "versions", str(self.number)))["definition"])


def preview(server: Server, dataset: str, parameters: Mapping[str, Any]) -> Preview:
    """The first rows of a dataset, asked for by the server."""
    source, name = named(dataset)
    asked = [(key, str(value)) for key, value in parameters.items()]
    return _preview(get(server, place("sources", source, "datasets", name, "preview"), asked))


def infer(server: Server, url: str, *, openapi: bool, auth: Auth | None, name: str | None) -> Inferred:
    """The definition of what an address gives, found out by the server; the key's variable is one of the server's."""
    body: dict[str, Any] = {"url": url, "openapi": openapi}
    body |= {"auth": {"place": auth.place, "name": auth.name, "env": auth.env}} if auth is not None else {}
    body |= {"name": name} if name is not None else {}
    return _inferred(post(server, place("sources", "infer"), body))


def add(server: Server, definition: str | Path, files: Mapping[str, str]) -> dict[str, Any]:
    """The shape of the source that is kept there now. Raises DefinitionError, of a file by its own lines; Conflict."""
    told: dict[str, Any] = post(server, place("sources"), _body(definition, files), once=True)
    return told


def added(server: Server, definition: str | Path, files: Mapping[str, str]) -> Source:
    """The same as the source itself, with its lists."""
    body = _body(definition, files)
    name = post(server, place("sources"), body, once=True)["name"]
    return read_source(shape(server, name), files=body["files"])


def remove(server: Server, name: str) -> None:
    """Let nothing go by the name there any more; raises NotFound, Conflict."""
    change(server, "DELETE", place("sources", _one(name)))


def versions(server: Server, name: str) -> list[Version]:
    """All versions of a source of the server's own, newest first; raises NotFound where there never was one."""
    return [_version(server, told) for told in pages(server, place("sources", _one(name), "versions"))]


def _body(definition: str | Path, files: Mapping[str, str]) -> dict[str, Any]:
    text, beside = parcel(definition, files=files)
    return {"definition": text, "files": beside}


def _one(name: str) -> str:
    if "/" in name or not name.strip("."):
        raise NotFound(f'There is no source "{name}".', hint="List them with: ladle sources")
    return name


@known
def _preview(told: Mapping[str, Any]) -> Preview:
    columns = tuple(TableColumn(each["name"], each["type"]) for each in told["columns"])
    return Preview(
        dataset=told["dataset"],
        columns=columns,
        rows=[row_of(types_of(columns), row) for row in told["rows"]],
        requests=told["requests"],
        plan=read_plan(told["plan"]),
        notes=tuple(told["notes"]),
    )


@known
def _inferred(told: Mapping[str, Any]) -> Inferred:
    findings = tuple(Finding(**each) for each in told["findings"])
    lists = {name: tuple(told[name]) for name in ("missing", "datasets")}
    return Inferred(**{**told, **lists, "findings": findings})


@known
def _version(server: Server, told: Mapping[str, Any]) -> RemoteVersion:
    return RemoteVersion(
        server=server,
        name=told["name"],
        number=told["version"],
        made=datetime.fromisoformat(told["made_at"]),
        made_by=told["made_by"],
        trusted=told["trusted"],
        sha256=told["sha256"],
        current=told["current"],
        folder=Path(),
        files={name: Path(name) for name in told["files"]},
    )
