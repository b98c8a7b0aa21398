"""The modules of a source's own Python functions: takes a source, gives their names, and the texts of those beside it."""

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
    paths = [Path(source.folder) / f"{module}.py" for module in module_names(source)]
    return {path.name: path.read_text("utf-8") for path in paths if path.is_file()}


def _named(source: Source) -> Iterator[str]:
    for resource in source.resources.values():
        for function in (resource.transform, resource.paging.function):
            if function is not None:
                yield function.partition(":")[0]
