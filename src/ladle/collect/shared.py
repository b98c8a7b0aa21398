"""Runs of a home on S3: takes a run's folder here, keeps there what other machines must know, and fetches it.

    runs/months.json · runs/<yyyymm>.json    the runs that there are, by the month of their id
    runs/<run>/run.json · functions.json     what was asked for; never changes
    runs/<run>/<fence>-<n>.seg               the journal's segments; put once, when they are full or two seconds old
    runs/<run>/<fence>.<stint>-<n>.seg       those that helpers wrote
    runs/<run>/segments.json                 how many there are of each fence, and of each helper's stint
    runs/<run>/progress.json · wish.json · answers.json · driver.json · removed.json

The folder on this machine has the same files, so that everything that reads a run reads it there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from ladle.collect.segment import Name, name_of, named, of_helpers, segments
from ladle.errors import Unreachable
from ladle.home import write_whole
from ladle.storage.lease import Lease
from ladle.storage.lists import TRIES, add_name, names_in
from ladle.storage.mirror import Mirror, mirror_of

RUN, FUNCTIONS, COUNTS = "run.json", "functions.json", "segments.json"
PROGRESS, WISH, ANSWERS, DRIVER = "progress.json", "wish.json", "answers.json", "driver.json"
MONTHS, SERIES = "runs/months.json", "series.json"


def share(folder: Path, *, functions: str) -> None:
    """Keep a new run where every machine finds it; nothing for a home that is a folder.

    `functions` names the folder in it that holds its Python.
    """
    mirror = mirror_of(folder)
    if mirror is None:
        return
    modules = folder / functions
    texts = {path.relative_to(modules).as_posix(): path.read_text("utf-8") for path in modules.rglob("*.py")}
    if texts:
        mirror.store.put(mirror.key(folder / FUNCTIONS), orjson.dumps(texts))
    ship(mirror, folder, segments(folder))
    mirror.store.put(mirror.key(folder / RUN), (folder / RUN).read_bytes())
    month = folder.name[:6]
    add_name(mirror.store, f"runs/{month}.json", folder.name)
    add_name(mirror.store, MONTHS, month)


def known(mirror: Mirror) -> list[str]:
    """The ids of all runs, oldest first."""
    return [id for month in names_in(mirror.store, MONTHS) for id in names_in(mirror.store, f"runs/{month}.json")]


def fetch_run(folder: Path, *, functions: str) -> None:
    """Have a run's definition on this machine, if there is such a run."""
    mirror = mirror_of(folder)
    if mirror is None or (folder / RUN).exists():
        return
    found = mirror.store.get(mirror.key(folder / FUNCTIONS))
    for name, text in orjson.loads(found.data).items() if found is not None else ():
        path = folder / functions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    mirror.small(folder / RUN)


def fetch_journal(folder: Path) -> None:
    """Have all segments on this machine that are on S3."""
    mirror = mirror_of(folder)
    for name in _names(_counts(mirror, folder)) if mirror is not None else ():
        if mirror is not None:
            mirror.small(folder / name)


def taken_from(folder: Path, *, fence: int | None = None) -> list[Path]:
    """Helpers' segments that a driver may take up, of one driver's helpers or of all; those on S3 are fetched.

    Of a home on S3 none that is not there yet: its helper may still be writing, and other machines would lack it.
    """
    mirror = mirror_of(folder)
    if mirror is None:
        return of_helpers(folder, fence=fence)
    found = [folder / name for name in _names(_counts(mirror, folder))]
    wanted = [each for each in found if named(each).stint is not None and fence in (None, named(each).fence)]
    for segment in wanted:
        mirror.small(segment)
    return sorted(wanted)


def ship(mirror: Mirror, folder: Path, finished: list[Path]) -> None:
    """Put segments on S3 that are not there yet, in their order; they must be finished. One by one of each row."""
    there = set(_names(_counts(mirror, folder)))
    for segment in finished:
        if segment.name not in there:
            mirror.store.upload(mirror.key(segment), segment)
            _count(mirror, folder, named(segment))


def has_journal(folder: Path) -> bool:
    """Whether any of a run's segments are on S3."""
    mirror = mirror_of(folder)
    return mirror is not None and bool(_counts(mirror, folder))


def size_of_journal(folder: Path) -> int:
    """Bytes of a run's segments on S3, as a listing tells."""
    mirror = mirror_of(folder)
    listed = () if mirror is None else mirror.store.listed(mirror.key(folder))
    return sum(each.size for each in listed if each.key.endswith(".seg"))


def forget_journal(folder: Path) -> None:
    """Remove a run's segments on S3; that there are any is forgotten last, so that a kill leaves none behind."""
    mirror = mirror_of(folder)
    if mirror is not None:
        names = (*_names(_counts(mirror, folder)), COUNTS)
        mirror.store.delete(*(mirror.key(folder / name) for name in names))


def put(folder: Path, name: str) -> None:
    """Put a small file of the run on S3 as it is now."""
    mirror = mirror_of(folder)
    if mirror is not None:
        with suppress(FileNotFoundError):
            mirror.store.put(mirror.key(folder / name), (folder / name).read_bytes())


def get(folder: Path, name: str) -> bytes | None:
    """A small file of the run as it is on S3; None where there is none, and while S3 can't be reached."""
    try:
        return ask(folder, name)
    except Unreachable:
        return None


def ask(folder: Path, name: str) -> bytes | None:
    """The same; raises Unreachable."""
    mirror = mirror_of(folder)
    found = None if mirror is None else mirror.store.get(mirror.key(folder / name))
    return None if found is None else found.data


def fetch(folder: Path, name: str) -> bool:
    """Have a small file of the run on this machine as it is on S3; False where there is none."""
    data = get(folder, name)
    if data is not None:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, data, durable=False)
    return data is not None


def remove(folder: Path, name: str) -> None:
    """Remove a small file of the run, here and there."""
    (folder / name).unlink(missing_ok=True)
    mirror = mirror_of(folder)
    if mirror is not None:
        mirror.store.delete(mirror.key(folder / name))


def fetch_earlier(runs: Path, *, dataset: str, besides: str) -> None:
    """Have what is known of the run that made the dataset's newest snapshot: its answers can be asked about."""
    mirror = mirror_of(runs)
    if mirror is None:
        return
    ids = [id for id in names_in(mirror.store, f"snapshots/{dataset}/{SERIES}") if id != besides]
    folder = runs / ids[-1] if ids else None
    if folder is not None and not (folder / ANSWERS).exists() and fetch(folder, ANSWERS):
        fetch_journal(folder)


def lease_of(folder: Path) -> Lease | None:
    """The lock of the run's driver among all machines; None for a home that is a folder, whose lock is a file."""
    mirror = mirror_of(folder)
    return None if mirror is None else Lease(mirror.store, mirror.key(folder / DRIVER), by=mirror.machine())


@contextmanager
def leased(lease: Lease | None) -> Iterator[bool]:
    """Hold a run among all machines inside the block; True where there is but one."""
    if lease is None:
        yield True
        return
    ours = lease.acquire()
    try:
        yield ours
    finally:
        if ours:
            with suppress(Unreachable):  # then it ends by itself
                lease.release()


def _counts(mirror: Mirror, folder: Path) -> dict[str, int]:
    found = mirror.store.get(mirror.key(folder / COUNTS))
    return {} if found is None else {str(row): int(count) for row, count in orjson.loads(found.data).items()}


def _count(mirror: Mirror, folder: Path, segment: Name) -> None:
    """Say that a segment is there; drivers with other fences, and helpers, may do so at the same time."""
    for _ in range(TRIES):
        found = mirror.store.get(mirror.key(folder / COUNTS))
        counts: dict[str, int] = {} if found is None else orjson.loads(found.data)
        data = orjson.dumps(counts | {segment.row: max(counts.get(segment.row, 0), segment.number + 1)})
        key = mirror.key(folder / COUNTS)
        if mirror.store.put_new(key, data) if found is None else mirror.store.put_over(key, data, tag=found.tag):
            return
    raise Unreachable(f"{COUNTS} of the run {folder.name} is changed by others all the time.", hint="Try again.")


def _names(counts: dict[str, int]) -> list[str]:
    """The segments of each row are numbered from 0; of a home on S3 with six digits, since there are many."""
    return [name_of(row, number) for row, count in counts.items() for number in range(count)]
