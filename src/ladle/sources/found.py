"""Where a definition lies: takes a source's name or a file's path, gives the text and what it may read beside it.

a name:  built in, then of one's own in the home, then in the gallery of examples
a path:  a file on this machine; only where the caller says so, by a Path, since a text never opens a file
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ladle.errors import BadInput, NotFound, unknown
from ladle.home import Home
from ladle.sources import store

BUILTIN = Path(__file__).parent / "builtin"
GALLERY = Path(__file__).parent / "gallery"
UNSAVED = "definition"
"""What a definition is called in errors that is no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A definition as it lies somewhere, not read yet."""

    text: str
    where: str
    """Its name in errors."""
    files: Mapping[str, str | Path] = field(default_factory=dict)
    """What was given with it, by the name that it uses: a text, or the path of one that was kept."""
    folder: Path | None = None
    """Where else its lists and functions lie; None: nothing is read but `files`."""
    trusted: bool = True
    version: int | None = None


def source_names(home: Home | None = None) -> list[str]:
    """The names of the sources at hand: those built in, the Star Wars first, then the home's own."""
    built_in = _names(BUILTIN)
    own = store.names(home) if home is not None else []
    return sorted(built_in, key=lambda name: (name != "swapi", name)) + [name for name in own if name not in built_in]


def gallery_names() -> list[str]:
    """The names of the examples, which can be used as sources and are not listed among them."""
    return _names(GALLERY)


def is_built_in(name: str) -> bool:
    """Whether a name is taken for good."""
    return name in _names(BUILTIN)


def find(name: str, *, home: Home | None) -> Definition:
    """The definition that goes by a name; raises NotFound."""
    if is_built_in(name):
        return _beside(BUILTIN, name)
    own = store.current(home, name) if home is not None else None
    if own is not None:
        return of_version(own)
    if name in gallery_names():
        return _beside(GALLERY, name)
    known = source_names(home)
    raise NotFound(unknown("source", name, known), hint=_path_hint(name))


def at_path(path: Path, *, trusted: bool = True) -> Definition:
    """The definition in a file, whose lists and functions lie beside it. Raises BadInput where it can't be read."""
    if not trusted:
        raise BadInput(f'The file "{path}" is read for those alone who are trusted.', hint="Give its text.")
    try:
        place = path.expanduser().absolute()
        text = place.read_text("utf-8")
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: a zero byte; RuntimeError: ~ of nobody
        told = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", "") or error
        raise BadInput(f'The definition "{path}" can\'t be read: {told}.') from error
    return Definition(text=text, where=str(path), folder=place.parent)


def given(text: str, *, files: Mapping[str, str], trusted: bool) -> Definition:
    """A definition that is nowhere kept, with the texts of what it reads by the names it uses."""
    return Definition(text=text, where=UNSAVED, files=files, trusted=trusted)


def of_version(version: store.Version) -> Definition:
    """A version of a source of one's own."""
    return Definition(
        text=version.text,
        where=f"{version.name} (version {version.number})",
        files=version.files,
        folder=version.folder if version.trusted else None,
        trusted=version.trusted,
        version=version.number,
    )


def _beside(folder: Path, name: str) -> Definition:
    path = folder / f"{name}.toml"
    return Definition(text=path.read_text("utf-8"), where=path.name, folder=folder)


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def _path_hint(name: str) -> str:
    return "A definition file is read where its path is given as one." if name.endswith(".toml") else ""
