"""The sources at hand: takes a name and the environment, gives the Source as it is to be used here and now."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from ladle.errors import BadInput, DefinitionError, Mistake, NotFound, SettingError, unknown
from ladle.home import Home
from ladle.sources.allowed import check_variables
from ladle.sources.definition import ListReader, check, parse, read_noting
from ladle.sources.found import BUILTIN as BUILTIN
from ladle.sources.found import Definition, at_path, find
from ladle.sources.found import given as given_text
from ladle.sources.found import source_names as source_names
from ladle.sources.given import NOTHING_GIVEN, Given, Parameters, given_of, list_reader
from ladle.sources.modules import module_names
from ladle.sources.settings import AS_IT_IS, with_settings
from ladle.sources.settings import Overrides as Overrides
from ladle.sources.source import Dataset, Source

NOTHING: Mapping[str, Any] = MappingProxyType({})


def load_source(
    name: str | Path,
    *,
    home: Home | None = None,
    env: Mapping[str, str] = os.environ,
    overrides: Overrides = AS_IT_IS,
    values: Parameters = NOTHING,
    files: Mapping[str, str] = NOTHING,
) -> Source:
    """The source with settings applied: an override first, then LADLE_<SOURCE>_…, then the definition.

    A name is one built in, of one's own in the home, or of the gallery; a Path leads to a definition file. `values` are
    its parameters for this run, `files` the texts of those that are lists.

    Raises NotFound for a name that no source has, SettingError for a setting that can't be used, BadInput for a value.
    """
    definition = at_path(name) if isinstance(name, Path) else find(name, home=home)
    return source_of(definition, env=env, overrides=overrides, given=given_of(values, files))


def load_dataset(
    dataset: str | Path,
    *,
    home: Home | None = None,
    env: Mapping[str, str] = os.environ,
    overrides: Overrides = AS_IT_IS,
    values: Parameters = NOTHING,
    files: Mapping[str, str] = NOTHING,
    trusted: bool = True,
) -> tuple[Source, Dataset]:
    """Source and dataset of a name like `swapi/people`, or of a path like `own.toml` or `own.toml#people`.

    Not `trusted` are values that came from a browser or the API: none of them may lead to another site.
    """
    given = given_of(values, files, trusted=trusted)
    if isinstance(dataset, Path):
        path, _, name = str(dataset).partition("#")
        source = source_of(at_path(Path(path)), env=env, overrides=overrides, given=given)
        return source, dataset_of(source, name, before=f"{path}#")
    source_name, slash, name = dataset.partition("/")
    source = source_of(find(source_name, home=home), env=env, overrides=overrides, given=given)
    if not slash:
        known = ", ".join(f"{source.name}/{each}" for each in source.datasets)
        raise NotFound(f'"{dataset}" is a source; a dataset is named source/dataset. There are: {known}.')
    return source, dataset_of(source, name, needed=True)


def load_any(
    dataset: str | Path,
    *,
    definition: str | Source | None,
    trusted: bool,
    home: Home | None,
    env: Mapping[str, str] = os.environ,
    overrides: Overrides = AS_IT_IS,
    values: Parameters = NOTHING,
    files: Mapping[str, str] = NOTHING,
) -> tuple[Source, Dataset]:
    """The same, or of the text of a definition that is nowhere kept: `files` are then its lists, by their names in it.

    One that is loaded already, with its lists and parameters, is taken as it is, the machine's settings applied.
    A dataset of such a text may be named with its source or without, or not at all where there is one alone.
    """
    if definition is None:
        if isinstance(dataset, Path) and not trusted:
            at_path(dataset, trusted=False)
        return load_dataset(
            dataset, home=home, env=env, overrides=overrides, values=values, files=files, trusted=trusted
        )
    if isinstance(definition, Source):
        source = with_settings(definition, env=env, overrides=overrides)
    else:
        text = given_text(definition, files=files, trusted=trusted)
        source = source_of(text, env=env, overrides=overrides, given=given_of(values, {}))
    return source, dataset_of(source, str(dataset))


def dataset_of(source: Source, name: str, *, needed: bool = False, before: str = "") -> Dataset:
    """A dataset of a source by its name, with the source's or without; without one the only, unless it is `needed`.

    Raises NotFound; `before` is what stands before a dataset's name where this source is not one by name.
    """
    name = name.removeprefix(f"{source.name}/") if not needed else name
    if not name and not needed and len(source.datasets) == 1:
        return next(iter(source.datasets.values()))
    if name in source.datasets:
        return source.datasets[name]
    before = before or f"{source.name}/"
    known = [f"{before}{each}" for each in source.datasets]
    if not name and not needed:
        raise NotFound(f"{source.name} has several datasets.", hint=f"Name one of: {', '.join(known)}.")
    raise NotFound(unknown("dataset", f"{before}{name}", known))


def source_of(
    definition: Definition,
    *,
    env: Mapping[str, str] = os.environ,
    overrides: Overrides = AS_IT_IS,
    given: Given = NOTHING_GIVEN,
) -> Source:
    """The source that a definition describes, as it is to be used here and now."""
    lists = list_reader(definition, given, env=env)
    try:
        source = parse(
            definition.text, where=definition.where, lists=lists, values=given.values, trusted=definition.trusted
        )
    except DefinitionError:
        raise
    except BadInput as error:  # a list, or a parameter's value: not the definition's own mistake
        raise SettingError(error.message, hint=error.hint) from error
    if given.values and not given.trusted:
        _check_site(source, definition, lists)
    source = replace(source, version=definition.version)
    if definition.trusted and definition.folder is not None and module_names(source):
        source = replace(source, folder=str(definition.folder))
    return with_settings(source, env=env, overrides=overrides)


def _check_site(source: Source, definition: Definition, lists: ListReader) -> None:
    """What a stranger sets changes no site: a source that is trusted reaches all that this machine can see."""
    usual, _ = read_noting(definition.text, definition.where, lists, {}, trusted=definition.trusted)
    if urlsplit(source.base_url)[:2] != urlsplit(usual.base_url)[:2]:
        problem = f"What was set would lead {source.title} to another site, {urlsplit(source.base_url).netloc}."
        raise BadInput(problem, hint="It can be set on the machine that runs Ladle alone.")


def mistakes_in(definition: Definition) -> tuple[Mistake, ...]:
    """All that is wrong with a definition and the lists that it names, whatever is set."""
    lists = list_reader(definition, NOTHING_GIVEN, env={})
    return tuple(check(definition.text, where=definition.where, lists=lists, trusted=definition.trusted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the variables of a source hold. Its `repr` tells nothing."""

    secret: str | None = field(default=None, repr=False)
    id: str = field(default="", repr=False)
    """Of oauth2: the client's."""


def secret(source: Source, *, env: Mapping[str, str] = os.environ) -> str | None:
    """The credential, or None where the source needs none; raises SettingError that names the missing variable.

    Of basic it is the variable's value, of oauth2 the client's secret.
    """
    return credentials(source, env=env).secret


def credentials(source: Source, *, env: Mapping[str, str] = os.environ) -> Credentials:
    """All that the source's variables hold; raises SettingError for one that is missing, or that it may not name."""
    auth = source.auth
    if auth is None:
        return Credentials()
    check_variables(source, env=env)
    values = [env.get(name, "").strip() if name else "" for name in (auth.env, auth.id_env)]
    for name, value in zip((auth.env, auth.id_env), values, strict=True):
        if name and not value:
            hint = f"Set the environment variable {name}"
            hint += f" (see {source.homepage})." if source.homepage else "."
            raise SettingError(
                f"{source.title} needs {'a key' if name == auth.env else 'the id of a client'}.", hint=hint
            )
    return Credentials(secret=values[0], id=values[1])
