"""The modules of a source's own Python functions: takes a source, gives the texts of those beside its definition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ladle.sources.source import Source


def modules_of(source: Source) -> dict[str, str]:
    """The modules that lie beside the definition, by file name; those that are installed are not among them."""
    if source.folder is None:
        return {}
    paths = [Path(source.folder) / f"{module}.py" for module in sorted(set(_named(source)))]
    return {path.name: path.read_text("utf-8") for path in paths if path.is_file()}


def _named(source: Source) -> Iterator[str]:
    for resource in source.resources.values():
        for function in (resource.transform, resource.paging.function):
            if function is not None:
                yield function.partition(":")[0]
