"""Sources of one's own: takes a definition's text, gives its mistakes, or keeps it in the home to be used by name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from ladle.collect.reach import reach_of
from ladle.errors import BadInput, Conflict, DefinitionError, LadleError, Mistake, SettingError, UpstreamError
from ladle.explore.finding import all_snapshots
from ladle.home import Home, home_at, home_in
from ladle.snapshots.selecting import check_select
from ladle.sources import store
from ladle.sources.allowed import check_variables
from ladle.sources.found import Definition, at_path, given, is_built_in, of_version
from ladle.sources.functions import load
from ladle.sources.given import own_list
from ladle.sources.library import mistakes_in, source_of
from ladle.sources.modules import file_of, module_names, modules_of
from ladle.sources.source import Source
from ladle.sources.store import Version as Version
from ladle.sources.toml_lines import line_of

NOTHING: Mapping[str, str] = {}
Slip = tuple[tuple[str, ...], str, LadleError]
"""Where in a definition, how its error is introduced, and the error."""
MOST_SELECTS = 10
"""Each is read by a process of its own, which takes half a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found: a source, or mistakes."""

    source: Source | None
    """None where there are mistakes."""
    mistakes: tuple[Mistake, ...]
    """In the order of their lines."""


def check(
    definition: str | Path,
    *,
    trusted: bool = True,
    files: Mapping[str, str] = NOTHING,
    env: Mapping[str, str] = os.environ,
) -> Checked:
    """What is wrong with a definition, all of it; asks nobody and keeps nothing.

    A text with `files`, the texts of its lists by their names in it; or the Path of a file, whose lists lie beside it.
    """
    found = _definition(definition, files=files, trusted=trusted)
    if mistakes := mistakes_in(found):
        return Checked(source=None, mistakes=mistakes)
    source = _source(found)
    mistakes = tuple(_beyond_grammar(source, where=found.where, env=env, look_up=False))
    return Checked(source=None if mistakes else source, mistakes=mistakes)


def add_source(
    definition: str | Path,
    *,
    home: Home | str | Path | None = None,
    files: Mapping[str, str] = NOTHING,
    trusted: bool = True,
    made_by: str = "Python",
    env: Mapping[str, str] = os.environ,
) -> Source:
    """Keep a definition in the home, to be used by its name from now on; a name that is there gets a new version.

    Raises DefinitionError with all mistakes, Conflict where the name is that of a built-in source, or where one that
    is trusted would be replaced by one that is not.
    """
    place = home_in(home, env=env)
    found = _definition(definition, files=files, trusted=trusted)
    source = _right(found)
    if mistakes := tuple(_beyond_grammar(source, where=found.where, env=env, look_up=True)):
        raise DefinitionError.of(mistakes)
    _check_name(place, source.name, trusted=trusted)
    beside = _files_beside(found, source)
    version = store.keep(place, source.name, text=found.text, files=beside, trusted=trusted, made_by=made_by)
    return source_of(of_version(version), env=env)


def parcel(definition: str | Path, *, files: Mapping[str, str] = NOTHING) -> tuple[str, dict[str, str]]:
    """A definition's text and the texts of its lists, by the names it uses, to be kept where nobody is trusted.

    Raises DefinitionError with all mistakes; that it names Python functions is one.
    """
    found = replace(_definition(definition, files=files, trusted=True), trusted=False)
    return found.text, _files_beside(found, _right(found))


def remove_source(name: str, *, home: Home | str | Path | None = None, trusted: bool = True) -> None:
    """Let nothing go by the name any more; its versions stay to be looked at. Raises NotFound, Conflict as adding."""
    place = home_at(home)
    if is_built_in(name):
        raise Conflict(f"{name} is built in: it can't be removed.")
    _check_trust(place, name, trusted=trusted)
    store.remove(place, name)


def source_versions(name: str, *, home: Home | str | Path | None = None) -> list[Version]:
    """All versions of a source of one's own, newest first; raises NotFound where there never was one."""
    return store.versions(home_at(home), name)


def _definition(definition: str | Path, *, files: Mapping[str, str], trusted: bool) -> Definition:
    if isinstance(definition, Path):
        return at_path(definition, trusted=trusted)
    return given(definition, files=files, trusted=trusted)


def _right(found: Definition) -> Source:
    """The source of a definition that is written as it should be; raises DefinitionError with all mistakes."""
    if mistakes := mistakes_in(found):
        raise DefinitionError.of(mistakes)
    return _source(found)


def _source(found: Definition) -> Source:
    """As the definition itself has it, whatever is set: a setting neither mends it nor breaks it."""
    return source_of(found, env={})


def _beyond_grammar(source: Source, *, where: str, env: Mapping[str, str], look_up: bool) -> Iterator[Mistake]:
    """What is wrong though it is written as it should be. `look_up`: the names of hosts are looked up too."""
    for path, what, error in chain(
        _not_allowed(source, env=env, look_up=look_up), _bad_selects(source), _bad_functions(source)
    ):
        line, told = line_of(source.text, path), f"{what} {error.message.rstrip('.')}"
        yield Mistake(place=where, line=line, key=".".join(path), what=told, hint=error.hint)


def _not_allowed(source: Source, *, env: Mapping[str, str], look_up: bool) -> Iterator[Slip]:
    """What a definition that is not trusted may not say on this machine."""
    try:
        check_variables(source, env=env)
    except SettingError as error:
        yield ("auth",), "can't be used:", error
    reach = reach_of(source, env)
    addresses = {("base_url",): source.base_url, ("auth", "oauth2"): source.auth.token_url if source.auth else ""}
    for path, address in addresses.items():
        try:
            if address:
                reach.refuse(address, look_up=look_up)
        except BadInput as error:
            yield path, "is refused:", error


def _bad_selects(source: Source) -> Iterator[Slip]:
    """A SELECT that could never be the table's: known before anything is collected. Of very many the first are read."""
    selects = [dataset for dataset in source.datasets.values() if dataset.sql is not None]
    for dataset in selects[:MOST_SELECTS]:
        try:
            tables = dataset.tables or (dataset.resource,)
            check_select(dataset.sql or "", tables=tables, of=f"{source.name}/{dataset.name}")
        except (BadInput, UpstreamError) as error:
            yield ("datasets", dataset.name, "sql"), "can't be run:", error


def _bad_functions(source: Source) -> Iterator[Slip]:
    """A function that is not there, where the definition is a file: known before a run is started for it."""
    for resource in source.resources.values() if source.folder is not None else ():
        for key, name in (("transform", resource.transform), ("paginator", resource.paging.function)):
            try:
                if name is not None:
                    load(source, name)
            except DefinitionError as error:
                yield ("resources", resource.name, key), f'is "{name}".', error


def _check_name(home: Home, name: str, *, trusted: bool) -> None:
    if is_built_in(name):
        raise Conflict(f'The name "{name}" is taken by a built-in source.', hint='Choose another: name = "…".')
    if any(manifest.imported for manifest in all_snapshots(home) if manifest.source == name):
        raise Conflict(f'The name "{name}" is taken by files that were imported.', hint='Choose another: name = "…".')
    _check_trust(home, name, trusted=trusted)


def _check_trust(home: Home, name: str, *, trusted: bool) -> None:
    """A stranger doesn't take the place of what the operator has put there, nor takes it away."""
    before = store.current(home, name)
    if before is not None and before.trusted and not trusted:
        hint = "Choose another name, or change it there, with: ladle sources add FILE"
        raise Conflict(f'The source "{name}" was added on the machine itself.', hint=hint)


def _files_beside(found: Definition, source: Source) -> dict[str, str]:
    """The texts of what a definition reads, by the names it uses: its lists, and the modules of its functions."""
    wanted = [resource.each.csv for resource in source.resources.values() if resource.each and resource.each.csv]
    texts = {name: own_list(found, name) for name in wanted}
    for parameter in source.parameters.values():
        choices = parameter.choices if parameter.file else ()
        texts |= {name: own_list(found, name) for name in choices}
    given_with = {name: found.files.get(name) for name in map(file_of, module_names(source))}
    texts |= {name: text for name, text in given_with.items() if isinstance(text, str)}
    return texts | modules_of(source)
