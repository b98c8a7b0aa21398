"""Python where a definition has no word for it: takes a source and `module:function`, gives the function, kept safe.

    transform(record)          → the record as it is wanted, a list of several, or None for none
    paginator(answer, request) → None at the end, or where the next page is: {"url": …}, {"params": …} or {"body": …}

A module lies beside its definition, else it is one that Python can import. Only a definition that its operator trusts,
and that lies in a folder, may have any. What a function raises becomes an AnswerError with its words.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from ladle.errors import DefinitionError, unknown
from ladle.sources.page import AnswerError, Record
from ladle.sources.source import Resource, Source

Function = Callable[..., Any]
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
LONGEST = 200
"""Characters of an exception's words that are shown."""


def load(source: Source, name: str) -> Function:
    """The function that `module:function` names; raises DefinitionError in words where there is none to be had."""
    if not source.trusted:
        hint = "Put the definition into a folder of the machine that runs Ladle, and collect it by its file."
        raise DefinitionError(f'"{name}" is a Python function, and this definition may have none.', hint=hint)
    return load_from(source.folder, name)


def load_from(folder: str | None, name: str) -> Function:
    """As `load`, of a trusted definition in that folder."""
    if folder is None:
        hint = "Keep the definition in a file, and its functions in a module beside it."
        raise DefinitionError(f'"{name}" is a Python function, and this definition lies in no folder.', hint=hint)
    if not NAME.fullmatch(name):
        raise DefinitionError(f'"{name}" is no function.', hint='Write "module:function".')
    module, _, function = name.partition(":")
    path = Path(folder, *module.split(".")).with_suffix(".py")
    try:
        state = path.stat()
    except OSError:
        loaded = _imported(module, path)
    else:
        loaded = _module(path, state.st_mtime_ns, state.st_size)
    found: Function | None = getattr(loaded, function, None)
    if found is None or not callable(found):
        names = [each for each, value in vars(loaded).items() if callable(value) and not each.startswith("_")]
        raise DefinitionError(unknown("function", name, [f"{module}:{each}" for each in names]))
    return found


def transformed(resource: Resource, records: list[Record]) -> list[Record]:
    """The records that the resource's `transform` makes of those that the API gave."""
    name = resource.transform or ""
    transform = _function_of(resource, name)
    found: list[Record] = []
    for record in records:
        made = _called(transform, name, record)
        if isinstance(made, dict):
            found.append(made)
        elif isinstance(made, list) and all(isinstance(each, dict) for each in made):
            found += made
        elif made is not None:
            kind = type(made).__name__
            raise AnswerError(
                f"The function {name} gave {kind}, not a record, a list of records or None.", means="gone"
            )
    return found


def following(resource: Resource, answer: object, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the resource's paginator says of the next page: None at the end, else `url`, or `params` and `body`."""
    name = resource.paging.function or ""
    told = _called(_function_of(resource, name), name, answer, request)
    if told is None:
        return None
    kinds: dict[str, type] = {"url": str, "params": Mapping, "body": Mapping}
    usable = isinstance(told, Mapping) and told and all(isinstance(told[key], kinds.get(key, ())) for key in told)
    if not usable or ("url" in told and len(told) > 1):
        what = ", ".join(map(str, told)) or "nothing" if isinstance(told, Mapping) else type(told).__name__
        wanted = '{"url": text}, {"params": table} or {"body": table}'
        raise AnswerError(f"The function {name} gave {what}, not None, {wanted}.", means="gone")
    return cast("Mapping[str, Any]", told)


def _function_of(resource: Resource, name: str) -> Function:
    try:
        return load_from(resource.folder, name)
    except DefinitionError as error:
        raise AnswerError(f"{error}", means="gone") from error


def _called(function: Function, name: str, *arguments: object) -> Any:
    try:
        return function(*arguments)
    except Exception as error:  # whatever it is, it is somebody else's code: a gap that says so, and no traceback
        raise AnswerError(f"The function {name} failed: {_words(error)}.", means="gone") from error


def _words(error: BaseException) -> str:
    """`KeyError: 'name'`, in one short line."""
    words = " ".join(f"{error}".split())[:LONGEST].rstrip(".")
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _imported(module: str, path: Path) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and (module == error.name or module.startswith(f"{error.name}.")):
            hint = f"Write {path.name} beside the definition, or install the module."
            raise DefinitionError(f'There is no module "{module}".', hint=hint) from error
        raise DefinitionError(f'The module "{module}" can\'t be loaded: {_words(error)}.') from error
    except Exception as error:
        raise DefinitionError(f'The module "{module}" can\'t be loaded: {_words(error)}.') from error


@lru_cache(maxsize=64)
def _module(path: Path, _changed: int, _size: int) -> ModuleType:
    """The module in a file; loaded once while the file stays as it is."""
    name = f"ladle_beside_{abs(hash(path)):x}_{path.stem}"
    module = ModuleType(name)
    module.__file__ = f"{path}"
    sys.modules[name] = module  # where its own dataclasses look for it
    try:
        # Not by a loader, which trusts compiled files whose source changed within the same second.
        exec(compile(path.read_bytes(), path, "exec"), vars(module))  # noqa: S102 - a definition that is trusted
    except Exception as error:
        del sys.modules[name]
        raise DefinitionError(f"{path.name} can't be loaded: {_words(error)}.") from error
    return module
