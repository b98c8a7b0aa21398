"""The sources at hand: takes a name and the environment, gives the Source as it is to be used here and now."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from ladle.errors import BadInput, DefinitionError, NotFound, SettingError, unknown
from ladle.sources.allowed import check_variables
from ladle.sources.definition import check_base_url, parse
from ladle.sources.quotas import parse_quotas
from ladle.sources.source import Dataset, Pace, Source

BUILTIN = Path(__file__).parent / "builtin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What a caller asks for instead of the definition's own, before the environment is looked at."""

    base_url: str | None = None
    quota: str | None = None
    pace: str | None = None


def source_names() -> list[str]:
    """The built-in sources' names, in order."""
    return sorted((path.stem for path in BUILTIN.glob("*.toml")), key=lambda name: (name != "swapi", name))


def load_source(name: str, *, env: Mapping[str, str] = os.environ, overrides: Overrides = Overrides()) -> Source:
    """The source with settings applied: an override first, then LADLE_<SOURCE>_…, then the definition.

    Raises NotFound for a name that no source has, SettingError for a setting that can't be used.
    """
    if name not in source_names():
        raise NotFound(unknown("source", name, source_names()))
    path = BUILTIN / f"{name}.toml"

    def read(_resource: str, file: str, setting: str | None) -> tuple[str, str]:
        return _read_csv(BUILTIN / file, setting, env)

    try:
        source = parse(path.read_text("utf-8"), where=path.name, lists=read)
    except DefinitionError:
        raise
    except BadInput as error:  # a list: the definition's own is right, so a setting brought it
        raise SettingError(error.message, hint=error.hint) from error
    return with_settings(source, env=env, overrides=overrides)


def load_dataset(
    dataset: str, *, env: Mapping[str, str] = os.environ, overrides: Overrides = Overrides()
) -> tuple[Source, Dataset]:
    """Source and dataset of a name like `swapi/people`."""
    source_name, slash, name = dataset.partition("/")
    source = load_source(source_name, env=env, overrides=overrides)
    if name not in source.datasets:
        known = [f"{source.name}/{each}" for each in source.datasets]
        if not slash:
            raise NotFound(
                f'"{dataset}" is a source; a dataset is named source/dataset. There are: {", ".join(known)}.'
            )
        raise NotFound(unknown("dataset", dataset, known))
    return source, source.datasets[name]


def with_settings(source: Source, *, env: Mapping[str, str], overrides: Overrides) -> Source:
    """The source with base URL, quotas and pace as asked for; an error names the setting or the option."""
    base_url = overrides.base_url or env.get(source.base_url_setting)
    quota = overrides.quota or env.get(source.quota_setting)
    pace = overrides.pace or env.get(source.pace_setting)
    if base_url:
        with _Blame("--base-url" if overrides.base_url else source.base_url_setting):
            source = replace(source, base_url=check_base_url(base_url))
    if quota:
        with _Blame("--quota" if overrides.quota else source.quota_setting):
            source = replace(source, quotas=parse_quotas(quota))
    if pace:
        with _Blame("--pace" if overrides.pace else source.pace_setting):
            source = replace(source, pace=_pace(pace))
    return source


def _pace(value: str) -> Pace:
    if value not in ("safe", "fast"):
        raise BadInput(f'The pace "{value}" is not known.', hint='It can be "safe" or "fast".')
    return cast(Pace, value)


class _Blame:
    """Say which setting or option a bad value came from."""

    def __init__(self, setting: str) -> None:
        self.setting = setting

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, BadInput):
            raise SettingError(f"{self.setting}: {error.message}", hint=error.hint) from error


def _read_csv(file: Path, setting: str | None, env: Mapping[str, str]) -> tuple[str, str]:
    """Where a list was read from, and its text: the setting's file before the definition's own."""
    chosen = env.get(setting) if setting else None
    path = Path(chosen or file)
    try:
        path = path.expanduser()
        return (f"{setting} ({path})" if chosen else path.name), path.read_text("utf-8")
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: a zero byte; RuntimeError: ~ of nobody
        told = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", "") or error
        raise SettingError(
            f'The list "{path}" can\'t be read: {told}.', hint=f"Look at {setting or 'the definition'}."
        ) from error


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
