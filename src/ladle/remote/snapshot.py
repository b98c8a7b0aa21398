"""A snapshot on a server: takes its manifest, gives all that a home's snapshot gives, by asking the server for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from ladle.errors import BadInput
from ladle.explore.address import write_view
from ladle.explore.charting import Chart
from ladle.explore.charting.asked import Asked
from ladle.explore.charting.wanted import check as check_chart
from ladle.explore.counts import CountRow, Counts, Order
from ladle.explore.diff import Diff
from ladle.explore.history import Moment
from ladle.explore.keys import Side
from ladle.explore.look import Look
from ladle.explore.reading import read
from ladle.explore.rows import check_range
from ladle.explore.same import written
from ladle.explore.sandbox import Selected
from ladle.explore.snapshot import FileKind, Snapshot
from ladle.explore.view import WHOLE, View, chosen
from ladle.explore.work import Work, answered
from ladle.remote import files, reading
from ladle.remote.counting import count, every
from ladle.remote.diff import diff
from ladle.remote.door import Pairs, get, pieces, place, post
from ladle.remote.manifests import lines, manifest_of
from ladle.remote.server import Server
from ladle.remote.tables import RemoteFrames
from ladle.remote.values import row_of, types_of
from ladle.remote.waiting import Tell, answer, answer_within, begun
from ladle.snapshots.manifest import Manifest

T = TypeVar("T")
_KEYS = ("by", "kind", "of", "value", "colour")
"""What a question's own keys are called, beside those that begin with `_`."""


@dataclass(frozen=True)
class RemoteSide(Side):
    """One of the snapshots that are compared, its profile on the server."""

    server: Server

    @cached_property
    def profile(self) -> dict[str, Any]:
        """The figures of its columns."""
        return _profile(self.server, self.manifest.id)


@dataclass(frozen=True)
class RemoteSnapshot(RemoteFrames, Snapshot):
    """As a home's; `folder` is where a file of it lies on this machine once it was asked for.

    Errors are those of a home's snapshot in the server's words, and Unreachable where the server does not answer.
    """

    server: Server

    @classmethod
    def of(cls, server: Server, manifest: Manifest) -> RemoteSnapshot:
        """The snapshot of a manifest."""
        return cls(files.folder_of(server, manifest), manifest, server)

    def path(self, kind: FileKind) -> Path:
        """Where the CSV or the Parquet file lies, fetched into a folder that is gone when this process ends.

        Raises BadInput for another kind: `export` writes what is to stay.
        """
        if (file := files.as_kind(kind)) is None:
            raise BadInput(f'The file "{kind}" stays on the server.', hint="There are: csv, parquet.")
        return files.fetched(self.server, self.manifest, file)

    def look(self, view: View = WHOLE, *, offset: int = 0, limit: int = 10, longest: int | None = None) -> Look:
        """As of a home's, but no text is cut."""
        check_range(offset=offset, limit=limit)
        self.check(view)
        told = answer(self.server, self._at("rows"), self._part(view, offset=offset, limit=limit))
        rows = [row_of(self._types, row) for row in told["results"]]
        return Look(rows, told["count"], tuple(told["numbers"]))

    def row(self, number: int) -> dict[str, Any]:
        """As of a home's."""
        return row_of(self._types, get(self.server, self._at("rows", str(number)))["row"])

    def prepare(self, view: View) -> Work[int]:
        """As of a home's; the server is asked again until it knows."""
        read(view, self.columns)
        chosen(view, self.columns)
        if view.whole:
            return answered(self.manifest.rows)

        def ask(tell: Tell) -> int:
            part = self._part(view, offset=0, limit=1)
            return int(answer(self.server, self._at("rows"), part, tell=tell)["count"])

        return begun(ask)

    def count(
        self, *terms: str, view: View = WHOLE, limit: int | None = None, offset: int = 0, order: Order = "count"
    ) -> Counts:
        """As of a home's."""
        asked = self._counted(terms, view, order)
        return count(partial(answer, self.server, self._at("counts")), asked, self._types, limit=limit, offset=offset)

    def prepare_count(self, *terms: str, view: View = WHOLE, order: Order = "count") -> Work[int]:
        """As of a home's; the server is asked again until it knows."""
        asked = [*self._counted(terms, view, order), ("_limit", "1")]
        return begun(lambda tell: int(answer(self.server, self._at("counts"), asked, tell=tell)["count"]))

    def count_every(self, *terms: str, view: View = WHOLE, order: Order = "count") -> Iterator[CountRow]:
        """As of a home's, asked for page by page."""
        return every(partial(answer, self.server, self._at("counts")), self._counted(terms, view, order), self._types)

    def profile(self) -> dict[str, Any]:
        """As of a home's."""
        return _profile(self.server, self.id)

    def export(
        self, kind: str, *, view: View = WHOLE, made: Callable[[int], None] = lambda rows: None
    ) -> Iterator[bytes]:
        """As of a home's, as it comes; `made` is told when all rows are there."""
        self.check(view)
        file = files.as_kind(kind)
        if view == WHOLE and file is not None:
            found, rows = files.kept(self.server, self.manifest, file), self.manifest.rows
        else:
            rows = self.prepare(view).result()
            found = pieces(self.server, files.path_of(self.id, kind), write_view(view))
        return _told_at_end(found, lambda: made(rows))

    def part(self, kind: Literal["csv", "parquet"], *, start: int, end: int) -> Iterator[bytes]:
        """As of a home's."""
        return pieces(self.server, files.path_of(self.id, kind), part=(start, end)) if start < end else iter(())

    def diff(self, other: Snapshot, *, key: str | Sequence[str] = ()) -> Diff:
        """As of a home's; raises BadInput for a snapshot that is not on the same server."""
        if not isinstance(other, RemoteSnapshot) or other.server != self.server:
            told = f"{self.id} is on {self.server.address}, and {other.id} is not."
            raise BadInput(told, hint="Compare two snapshots of one home, or of one server.")
        return diff(self.server, self._side, other._side, key=_names(key))

    def history(self, *value: Any, key: str | Sequence[str] = ()) -> list[Moment]:
        """As of a home's."""
        asked = [("key", written(each)) for each in value] + [("_key", name) for name in _names(key)]
        told = get(self.server, self._at("history"), asked)
        return reading.moments(told["results"], partial(manifest_of, self.server))

    def previous(self) -> RemoteSnapshot | None:
        """As of a home's."""
        before = next((line["id"] for line in lines(self.server, self.dataset) if line["id"] < self.id), None)
        return None if before is None else RemoteSnapshot.of(self.server, manifest_of(self.server, before))

    def sql(
        self,
        query: str,
        *,
        offset: int = 0,
        limit: int = 10,
        env: Mapping[str, str] = os.environ,
        wanted: Callable[[], None] = lambda: None,
    ) -> Selected:
        """As of a home's, within the server's settings and not those of `env`; `wanted` is not asked."""
        check_range(offset=offset, limit=limit)
        part = [("offset", str(offset)), ("limit", str(limit))]
        return reading.selected(post(self.server, self._at("sql"), {"query": query}, pairs=part))

    def sql_csv(
        self,
        query: str,
        *,
        for_spreadsheets: bool = False,
        env: Mapping[str, str] = os.environ,
        wanted: Callable[[], None] = lambda: None,
    ) -> Iterator[bytes]:
        """As of a home's: the Parquet file is fetched, and the query run on this machine."""
        files.fetched(self.server, self.manifest, "parquet")
        return super().sql_csv(query, for_spreadsheets=for_spreadsheets, env=env, wanted=wanted)

    def chart(
        self,
        kind: str,
        *columns: str,
        view: View = WHOLE,
        bins: int | None = None,
        value: str = "",
        how: str = "",
        unit: str = "",
        colour: str = "",
        wait: float | None = None,
    ) -> Chart:
        """As of a home's; with `wait` the server is asked once, and takes up to ten seconds for that."""
        said = {"bins": bins, "value": value, "how": how, "unit": unit, "colour": colour}
        check_chart(kind, columns, said=said)
        self.check(view)
        names = {"bins": "_bins", "how": "_how", "unit": "_bin"}
        asked = [("kind", kind), *(("of", each) for each in columns), *self._rows_of(view)]
        asked += [(names.get(name, name), str(each)) for name, each in said.items() if each not in (None, "")]
        return reading.chart(answer_within(self.server, self._at("chart"), asked, wait=wait), self.columns)

    def _drawn(self, draw: Callable[[Asked], T], view: View, *told: object, wait: float | None) -> T:
        kind = {"heat": "heatmap", "points": "map"}.get(str(told[0]), str(told[0]))
        raise BadInput(f"A server has no route for {told[0]}().", hint=f'Take its table, with: chart("{kind}", …).')

    def _counted(self, terms: Sequence[str], view: View, order: str) -> list[tuple[str, str]]:
        self.check(view)
        return [*(("by", term) for term in terms), ("_order", order), *self._rows_of(view)]

    def _part(self, view: View, *, offset: int, limit: int) -> Pairs:
        return [*write_view(view), ("_offset", str(offset)), ("_limit", str(limit))]

    @staticmethod
    def _rows_of(view: View) -> list[tuple[str, str]]:
        """What says which rows, without their order and columns; no column is taken for another key."""
        filters = [
            (f"{key}__exact" if key in _KEYS else key, value) for key, value in write_view(View(filters=view.filters))
        ]
        return filters + write_view(View(search=view.search, numbers=view.numbers))

    def _at(self, *parts: str) -> str:
        return place("snapshots", self.id, *parts)

    @property
    def _types(self) -> Mapping[str, Any]:
        return types_of(self.columns)

    @property
    def _side(self) -> RemoteSide:
        return RemoteSide(self.folder, self.manifest, self.server)


def _profile(server: Server, snapshot: str) -> dict[str, Any]:
    document: dict[str, Any] = get(server, place("snapshots", snapshot, "profile"))
    return document


def _told_at_end(found: Iterator[bytes], tell: Callable[[], None]) -> Iterator[bytes]:
    yield from found
    tell()


def _names(key: str | Sequence[str]) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)
