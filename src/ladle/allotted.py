"""How many snapshots each dataset keeps: takes a home and its setting, gives a dataset's Keep as its definition says.

The definition that goes by the source's name now says it; of a source without a name (a file, one that was removed)
that of the dataset's newest run; else the setting does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property

import orjson

from ladle.collect.shared import RUN
from ladle.errors import NotFound
from ladle.home import Home
from ladle.runs import open_run, run_folders
from ladle.sources.keep import Keep
from ladle.sources.library import load_source
from ladle.sources.source import Source


class Allotted:
    """Of the datasets of one home, at one time."""

    def __init__(self, home: Home, *, usual: Keep, env: Mapping[str, str]) -> None:
        self._home, self._usual, self._env = home, usual, env
        self._sources: dict[str, Source | None] = {}

    def to(self, source: str, dataset: str) -> Keep:
        """What a dataset keeps; raises Damaged, BadInput or SettingError where that can't be known."""
        found = self._source(source)
        if found is None or dataset not in found.datasets:
            newest = self._newest.get(f"{source}/{dataset}")
            if newest is None:
                return self._usual
            return open_run(self._home, newest).dataset_definition.keep or self._usual
        return found.datasets[dataset].keep or self._usual

    def _source(self, name: str) -> Source | None:
        if name not in self._sources:
            self._sources[name] = None
            with suppress(NotFound):
                self._sources[name] = load_source(name, home=self._home, env=self._env)
        return self._sources[name]

    @cached_property
    def _newest(self) -> dict[str, str]:
        """The newest run of each dataset."""
        return dict(sorted(self._runs()))

    def _runs(self) -> Iterator[tuple[str, str]]:
        for folder in run_folders(self._home):
            with suppress(OSError, ValueError, KeyError):
                yield orjson.loads((folder / RUN).read_bytes())["dataset"], folder.name
