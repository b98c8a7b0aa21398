"""A SELECT over tables on disk: takes its text and their Parquet files, gives the file that holds its result.

It is run by a child (`boxed`); here its limits are a build's, and what goes wrong is told in words for whoever wrote
the definition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ladle.errors import BadInput, LadleError, UpstreamError
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.boxed import Limits, Stopped, run, sentence, short

CHECK_SECONDS = 20
"""To read a SELECT without running it."""
_REMEDY = 'Change "sql" in the source\'s definition.'
_LESS = 'Select less: name the columns, filter before joining, or group, in "sql" of the source\'s definition.'


def select(
    sql: str,
    *,
    tables: Mapping[str, Path],
    into: Path,
    of: str,
    bounds: Bounds = BOUNDS,
    wanted: Callable[[], None] = lambda: None,
) -> None:
    """Put the result, an Arrow stream, into the file `into`; `of` names the dataset in errors.

    The same tables give the same result: one thread runs it, and what changes by itself (`random()`) is refused.

    Raises BadInput for a SELECT that is none, or that names what is not there, UpstreamError where it can't be run on
    these tables or takes more than `bounds` allow; what `wanted` raises ends it.
    """
    _run(sql, tables=tables, into=into, of=of, bounds=bounds, wanted=wanted)


def check_select(sql: str, *, tables: Collection[str], of: str) -> None:
    """Raises BadInput for what is no SELECT over those tables, as far as that is known without them.

    UpstreamError where that takes too long to be found out. What was looked at lately is not looked at again: a
    definition is checked while it is typed.
    """
    refused = _looked_at(sql, tuple(sorted(tables)), of)
    if refused is not None:
        message, hint = refused
        raise BadInput(message, hint=hint)


@lru_cache(maxsize=256)
def _looked_at(sql: str, tables: tuple[str, ...], of: str) -> tuple[str, str] | None:
    """Message and hint of a refusal, which is for good. Anything else may pass: it is raised, so that none remembers.

    An error that is kept and raised again would grow, since each time its traceback is added.
    """
    bounds = replace(BOUNDS, select_seconds=CHECK_SECONDS)
    try:
        _run(sql, tables=dict.fromkeys(tables), into=None, of=of, bounds=bounds, wanted=lambda: None)
    except BadInput as error:
        return error.message, error.hint
    return None


def _run(
    sql: str,
    *,
    tables: Mapping[str, Path | None],
    into: Path | None,
    of: str,
    bounds: Bounds,
    wanted: Callable[[], None],
) -> None:
    limits = Limits(memory=bounds.select_memory, seconds=bounds.select_seconds, bytes=bounds.select_bytes)
    try:
        run(sql, tables=tables, into=into, limits=limits, wanted=wanted)
    except Stopped as stopped:
        raise _error(stopped, sql=sql, of=of, limits=limits) from None  # the error says all that it says


def _error(stopped: Stopped, *, sql: str, of: str, limits: Limits) -> LadleError:
    """What went wrong, in words that name the SELECT."""
    name, message = f'The SELECT of {of}, "{short(sql)}"', sentence(str(stopped))
    if stopped.why == "refused":
        return BadInput(f"{name}, can't be run. {message}", hint=_REMEDY)
    if stopped.why == "memory":
        return UpstreamError(f"{name}, needs more than {limits.memory >> 20:,} MB of memory.", hint=_LESS)
    if stopped.why == "time":
        return UpstreamError(f"{name}, takes more than {limits.seconds:,} seconds.", hint=_LESS)
    if stopped.why == "large":
        return UpstreamError(f"{name}, gives more than {limits.bytes >> 20:,} MB.", hint=_LESS)
    return UpstreamError(f"{name}, failed. {message}", hint=_REMEDY)
