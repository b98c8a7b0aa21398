"""One's own file as a dataset: takes a CSV or Parquet file, gives a snapshot of it like any other; there is no run."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ladle.errors import BadInput, Conflict, NotFound, unknown
from ladle.explore.finding import find
from ladle.explore.snapshot import Snapshot
from ladle.home import Home, home_in, new_id
from ladle.snapshots.dialect import SAMPLE, Said, dialect
from ladle.snapshots.files import MANIFEST, PARQUET, PROFILE, TableWriter, keep, publish, remove_leftovers, unfinished
from ladle.snapshots.manifest import Imported, KeptFile, Manifest, manifest_bytes
from ladle.snapshots.own import OwnCsv, OwnParquet, OwnTable
from ladle.snapshots.profile import profile, profile_bytes
from ladle.sources.found import gallery_names, source_names
from ladle.version import VERSION

SOURCE = "files"
"""Stands for the source of files that nobody gives a name."""
_PART = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_MAGIC = b"PAR1"


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was when it was first gone through."""

    path: Path
    size: int
    changed: int
    sha256: str
    sample: bytes
    is_utf8: bool


def import_file(
    path: str | Path,
    *,
    name: str | None = None,
    key: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
    header: bool | None = None,
    missing: tuple[str, ...] = (),
    home: Home | str | Path | None = None,
) -> Snapshot:
    """Keep a CSV or Parquet file as a snapshot of the dataset `name`, else `files/<the file's name>`, in flat memory.

    What is not said of a CSV is found out, and told in the manifest. Types are decided over all rows; a text that no
    type keeps as it is written makes the column text. `key` names the column by which snapshots are compared.

    Raises BadInput for a file that can't be read and for an unknown key, Conflict where the name is a source's.
    """
    place, file = home_in(home), Path(path)
    source, dataset = _named(place, name or f"{SOURCE}/{_as_name(file)}")
    seen = _seen(file)
    said = Said(encoding=encoding, delimiter=delimiter, quote=quote, escape=escape, header=header, missing=missing)
    table, told = _opened(seen, said)
    if key is not None and key not in (names := [column.name for column in table.columns]):
        raise BadInput(unknown("column", key, names))
    now = datetime.now(UTC)
    final = place.snapshots / source / dataset / new_id(now)
    remove_leftovers(final.parent, now=now.timestamp())
    with unfinished(final) as folder:
        files, rows = _written(folder, table)
        if (file.stat().st_size, file.stat().st_mtime_ns) != (seen.size, seen.changed):
            raise Conflict(f'"{file}" was changed while it was read.', hint="Import it again.")
        found = profile(folder / PARQUET, columns=table.columns, rows=rows)
        (folder / PROFILE).write_bytes(profile_bytes(found))
        manifest = Manifest(
            id=final.name,
            source=source,
            dataset=dataset,
            title=file.name,
            run="",
            definition_sha256="",
            base_url="",
            license="",
            quotas=(),
            requests=0,
            started=now,
            finished=now,
            rows=rows,
            duplicates=0,
            claimed=None,
            found=rows,
            complete=True,
            reasons=(),
            gaps=(),
            columns=table.columns,
            files={**files, PROFILE: keep(folder / PROFILE)},
            made_by=f"ladle {VERSION}",
            notes=table.notes,
            key=key,
            imported=Imported(file=file.name, size=seen.size, sha256=seen.sha256, settings=told),
        )
        (folder / MANIFEST).write_bytes(manifest_bytes(manifest))
        publish(folder, final)
    return Snapshot(final, manifest)


def _written(folder: Path, table: OwnTable) -> tuple[dict[str, KeptFile], int]:
    writer = TableWriter(folder, schema=table.schema)
    try:
        for piece in table.tables():
            writer.write(piece)
        return writer.close(), writer.rows
    except BaseException:
        writer.abandon()
        raise


def _opened(file: _File, said: Said) -> tuple[OwnTable, dict[str, str]]:
    """The table in the file, and in words how it is written."""
    if file.sample.startswith(_MAGIC):
        return OwnParquet(file.path), {"form": "parquet"}
    if not file.size:
        raise BadInput(f'"{file.path}" is empty.', hint="A table has at least a header.")
    found = dialect(file.sample, said=said, is_utf8=file.is_utf8)
    return OwnCsv(file.path, found, missing=said.missing), {"form": "csv", **found.told()}


def _seen(path: Path) -> _File:
    """The file gone through once: its checksum, and whether it is UTF-8 throughout."""
    with _readable(path) as file:
        before, digest, decoder = os.fstat(file.fileno()), hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
        sample, is_utf8 = file.read(SAMPLE), True
        piece = sample
        while piece:
            digest.update(piece)
            is_utf8 = is_utf8 and _decodes(decoder, piece)
            piece = file.read(SAMPLE)
        return _File(path, before.st_size, before.st_mtime_ns, digest.hexdigest(), sample, is_utf8)


@contextmanager
def _readable(path: Path) -> Iterator[BinaryIO]:
    try:
        if not path.is_file():
            raise BadInput(f'"{path}" is no file.', hint="Name a CSV or Parquet file.")
        with path.open("rb") as file:
            yield file
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        told = getattr(error, "strerror", None) or error
        raise BadInput(f'"{path}" can\'t be read: {told}.') from error


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes) -> bool:
    try:
        decoder.decode(piece)
    except UnicodeDecodeError:
        return False
    return True


def _named(home: Home, name: str) -> tuple[str, str]:
    """Source and dataset of a name that no source goes by; raises BadInput, Conflict."""
    source, _, dataset = name.partition("/")
    if not _PART.fullmatch(source) or not _PART.fullmatch(dataset):
        hint = "It is two words of small letters, digits, _ and -, like files/people."
        raise BadInput(f'The name is "{name}".', hint=hint)
    if source in (*source_names(home), *gallery_names()) or _was_collected(home, f"{source}/{dataset}"):
        raise Conflict(f'The name "{source}" is taken by a source.', hint=f"Choose another: --name {SOURCE}/{dataset}")
    return source, dataset


def _was_collected(home: Home, name: str) -> bool:
    """Whether there are snapshots by that name that a run has taken, from a definition file perhaps."""
    try:
        return find(home, name).manifest.imported is None
    except NotFound:
        return False


def _as_name(path: Path) -> str:
    """A dataset's name made from the file's."""
    stem = re.sub(r"[^a-z0-9_]+", "-", path.name.partition(".")[0].lower()).strip("-_")
    return (stem if stem[:1].isalpha() else f"file-{stem}".rstrip("-"))[:63]
