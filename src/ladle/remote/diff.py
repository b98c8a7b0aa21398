"""What has changed, by a server: takes two of its snapshots, gives the Diff whose rows it is asked for page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ladle.explore.diff import Diff, RowDiff
from ladle.explore.keys import Side
from ladle.explore.rows import check_range
from ladle.remote.door import Pairs, get, place
from ladle.remote.reading import column_diff, differing, row_diff
from ladle.remote.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteDiff(Diff):
    """As a home's, its rows on the server."""

    _server: Server = field(repr=False)

    def rows(
        self, *, only: str | None = None, column: str | None = None, offset: int = 0, limit: int = 10
    ) -> list[RowDiff]:
        """As of a home's."""
        self._check(only, column)
        check_range(offset=offset, limit=limit)
        pairs = [*_by(self.key), ("_offset", str(offset)), ("_limit", str(limit))]
        pairs += [("_only", only)] if only is not None else []
        pairs += [("_column", column)] if column is not None else []
        told = get(self._server, _path(*self._sides), pairs)
        before, after = (side.types for side in self._sides)
        return [row_diff(row, before, after) for row in told["results"]]


def diff(server: Server, before: Side, after: Side, *, key: Sequence[str]) -> RemoteDiff:
    """How two snapshots differ; errors as the server says them."""
    told = get(server, _path(before, after), [*_by(key), ("_limit", "1")])
    return RemoteDiff(
        before=before.manifest,
        after=after.manifest,
        key=tuple(told["key"]),
        key_from=told["key_from"],
        unique=tuple(told["unique"]),
        **{name: told[name] for name in ("added", "removed", "changed", "same")},
        columns=tuple(column_diff(each) for each in told["columns"]),
        _sides=(before, after),
        _found=differing(told),
        _server=server,
    )


def _path(before: Side, after: Side) -> str:
    return place("diff", f"{before.manifest.id}..{after.manifest.id}")


def _by(key: Sequence[str]) -> Pairs:
    return [("_key", name) for name in key]
