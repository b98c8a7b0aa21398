"""Sources at the front door: takes a definition, a name or an address, and a home or a server, gives what comes of it.

What a server does it does with its own settings and keys, and trusts nobody: see `remote/defining.py`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ladle import keeping, previewing
from ladle.asking import Memory, run_through
from ladle.home import Home, home_in
from ladle.inferring import infer as infer_at
from ladle.previewing import Preview
from ladle.remote.server import Place, Server, server_of
from ladle.sources.given import Parameters
from ladle.sources.infer import Inferred
from ladle.sources.library import NOTHING
from ladle.sources.source import Auth, Source
from ladle.sources.store import Version


def preview(
    dataset: str | Path = "",
    *,
    definition: str | Source | None = None,
    parameters: Parameters = NOTHING,
    files: Mapping[str, str] = NOTHING,
    trusted: bool = True,
    home: Place = None,
    base_url: str | None = None,
    quota: str | None = None,
    pace: str | None = None,
    memory: Memory | None = None,
    silent: bool = False,
    env: Mapping[str, str] = os.environ,
) -> Preview:
    """The first rows of a dataset, for one request for each resource involved. Nothing is kept.

    What `memory` holds is not asked for again; `silent`: nothing else is shown, and NotAsked raised where it lacks.

    `definition` is the text of one that is nowhere kept, `files` the texts of its lists by their names in it, or the
    Source that `check` has made of both; `dataset` is then the name of one of its datasets, or empty where it has one
    alone. Works where an event loop runs already.

    Raises what `start` raises, and UpstreamError where the API gives no answer that can be read. A server asks by
    itself and remembers for a quarter of an hour; BadInput for a definition, for `base_url`, `quota` and `pace`, and
    for `memory` and `silent`.
    """
    if (server := server_of(home, env=env)) is not None:
        from ladle.remote import defining, running

        settings = {"definition": definition, "base_url": base_url, "quota": quota, "pace": pace}
        running.refuse_settings({**settings, "memory": memory, "silent": silent or None})
        return defining.preview(server, running.name_of(dataset), parameters)
    return previewing.preview(
        dataset,
        definition=definition,
        parameters=parameters,
        files=files,
        trusted=trusted,
        home=_folder(home),
        base_url=base_url,
        quota=quota,
        pace=pace,
        memory=memory,
        silent=silent,
        env=env,
    )


def infer(
    url: str,
    *,
    openapi: bool = False,
    auth: Auth | None = None,
    name: str | None = None,
    trusted: bool = True,
    memory: Memory | None = None,
    home: Place = None,
    env: Mapping[str, str] = os.environ,
) -> Inferred:
    """The definition of what an address gives, at the price of a few requests; nothing is kept.

    `auth` says where a key goes and which environment variable holds it: of a server, one that its settings list.
    Works where an event loop runs already. Raises BadInput for an address that leads to no data, SettingError,
    UpstreamError.
    """
    if (server := server_of(home, env=env)) is not None:
        from ladle.remote import defining

        return defining.infer(server, url, openapi=openapi, auth=auth, name=name)
    place = home_in(_folder(home), env=env)
    return run_through(
        infer_at(url, home=place, openapi=openapi, auth=auth, name=name, trusted=trusted, memory=memory, env=env)
    )


def add_source(
    definition: str | Path,
    *,
    home: Place = None,
    files: Mapping[str, str] = NOTHING,
    trusted: bool = True,
    made_by: str = "Python",
    env: Mapping[str, str] = os.environ,
) -> Source:
    """Keep a definition in the home, to be used by its name from now on; a name that is there gets a new version.

    Raises DefinitionError with all mistakes, Conflict where the name is that of a built-in source, or where one that
    is trusted would be replaced by one that is not. A server trusts none: a definition with Python functions is a
    DefinitionError there.
    """
    if (server := server_of(home, env=env)) is not None:
        from ladle.remote import defining

        return defining.added(server, definition, files)
    return keeping.add_source(definition, home=_folder(home), files=files, trusted=trusted, made_by=made_by, env=env)


def remove_source(name: str, *, home: Place = None, trusted: bool = True) -> None:
    """Let nothing go by the name any more; its versions stay to be looked at. Raises NotFound, Conflict as adding."""
    if (server := server_of(home)) is not None:
        from ladle.remote import defining

        defining.remove(server, name)
        return
    keeping.remove_source(name, home=_folder(home), trusted=trusted)


def source_versions(name: str, *, home: Place = None) -> list[Version]:
    """All versions of a source of one's own, newest first; raises NotFound where there never was one.

    Of a server's, `files` tells names alone: the lists stay there.
    """
    if (server := server_of(home)) is not None:
        from ladle.remote import defining

        return defining.versions(server, name)
    return keeping.source_versions(name, home=_folder(home))


def _folder(home: Place) -> Home | str | Path | None:
    """What is no server, as it was named."""
    return None if isinstance(home, Server) else home
