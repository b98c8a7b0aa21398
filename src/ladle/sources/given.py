"""What is set for a run: takes parameters and files as a caller gives them, gives values, and lists by their names.

A list is a file, and a file's path is never taken from a text: only a `Path`, or what was `Typed` at this machine, is
opened. So whoever speaks to a server can name files at will, and reads none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ladle.errors import BadInput, SettingError
from ladle.sources.definition import ListReader
from ladle.sources.found import Definition
from ladle.sources.source import Scalar


class Typed(str):
    """A parameter's value as somebody typed it at this machine: where it stands for a list, the path of its file."""

    __slots__ = ()


Parameters = Mapping[str, Scalar | Path]
"""By name; a number is its text, a truth value is `true` or `false`, a Path is a list's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a caller sets for a run."""

    values: Mapping[str, str] = field(default_factory=dict)
    """By parameter; of a list what it is called."""
    lists: Mapping[str, str] = field(default_factory=dict)
    """The texts of lists, by what they are called."""
    paths: frozenset[str] = frozenset()
    """Values that may be paths."""
    trusted: bool = True
    """False: they came from a browser or the API, and must not lead a source elsewhere."""


def given_of(parameters: Parameters, files: Mapping[str, str], *, trusted: bool = True) -> Given:
    """What the parameters and the texts of lists, by the parameters' names, come to."""
    values = {name: _text(value) for name, value in parameters.items()}
    paths = frozenset(values[name] for name, value in parameters.items() if isinstance(value, (Path, Typed)))
    lists: dict[str, str] = {}
    for name, text in files.items():
        called = values.get(name) or f"{name}.csv"
        while called in lists:  # two files of one name
            called = f"{name}-{called}"
        values[name], lists[called] = called, text
    return Given(values=values, lists=lists, paths=paths, trusted=trusted)


NOTHING_GIVEN = Given()


def list_reader(definition: Definition, given: Given, *, env: Mapping[str, str]) -> ListReader:
    """What reads the lists of a definition: those given for the run, then the setting's, then its own."""

    def read(_resource: str, file: str, setting: str | None) -> tuple[str, str]:
        if file in given.lists:
            return file, given.lists[file]
        if file in given.paths and Path(file).expanduser().is_file():
            return file, read_list(Path(file), blame="its parameter")
        # The operator's setting is not for strangers to name: it may hold the path of anything.
        if setting and definition.trusted and (chosen := env.get(setting)):
            return f"{setting} ({chosen})", read_list(Path(chosen), blame=setting)
        return file, own_list(definition, file, given)

    return read


def own_list(definition: Definition, file: str, given: Given = NOTHING_GIVEN) -> str:
    """A list that lies with the definition, by the name that it gives it. Raises BadInput where there is none."""
    own, folder = definition.files.get(file), definition.folder
    if isinstance(own, str):
        return own
    if own is not None:
        return read_list(own, blame="the definition")
    if folder is not None and _may_beread_list(folder, file, definition) and not _is_typed(folder, file, given):
        return read_list(folder / file, blame="the definition")
    if file in given.paths:
        return read_list(Path(file), blame="its parameter")
    raise BadInput(f'The list "{file}" is not at hand.', hint="Give the text of its file, too.")


def _may_beread_list(folder: Path, file: str, definition: Definition) -> bool:
    """A path that the definition itself says may lead anywhere; one that a parameter made stays in the folder."""
    return file in definition.text or (folder / file).resolve().is_relative_to(folder.resolve())


def _is_typed(folder: Path, file: str, given: Given) -> bool:
    """Somebody typed a path that is none beside the definition either: the mistake is theirs."""
    return file in given.paths and not (folder / file).is_file()


def read_list(path: Path, *, blame: str) -> str:
    """The text of a list's file. Raises SettingError where it can't be read; `blame` is what named it."""
    try:
        return path.expanduser().read_text("utf-8")
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: a zero byte; RuntimeError: ~ of nobody
        told = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", "") or error
        raise SettingError(f'The list "{path}" can\'t be read: {told}.', hint=f"Look at {blame}.") from error


def _text(value: Scalar | Path) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
