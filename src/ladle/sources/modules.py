"""The modules of a source's own Python functions: takes a source, gives their names and texts, of those beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ladle.sources.source import Source


def module_names(source: Source) -> list[str]:
    """The modules that its functions are of, each once."""
    return sorted(set(_named(source)))


def modules_of(source: Source) -> dict[str, str]:
    """The texts of the modules that lie beside the definition, by file name; others are installed ones."""
    if source.folder is None:
        return {}
    paths = {name: Path(source.folder, name) for name in map(file_of, module_names(source))}
    return {name: path.read_text("utf-8") for name, path in paths.items() if path.is_file()}


def file_of(module: str) -> str:
    """Where a module lies beside the definition: `tidy.py`, `tools/tidy.py` for `tools.tidy`."""
    return f"{module.replace('.', '/')}.py"


def _named(source: Source) -> Iterator[str]:
    for resource in source.resources.values():
        for function in (resource.transform, resource.paging.function):
            if function is not None:
                yield function.partition(":")[0]
