"""How far a run was when its driver last said so: takes its folder, gives the Progress that was left there or on S3."""

from __future__ import annotations

from pathlib import Path

from ladle.collect import shared
from ladle.collect.progress import FINAL, Progress
from ladle.home import write_whole
from ladle.storage.mirror import mirror_of


def said_here(folder: Path) -> Progress | None:
    """As far as this machine knows; None where nothing was said, or it is torn: the journal has everything."""
    try:
        return _read((folder / shared.PROGRESS).read_bytes())
    except FileNotFoundError:
        return None


def last_word(folder: Path) -> Progress | None:
    """The same among all machines; of a home on S3 one request, but for a run that is known to have ended for good.

    Raises Unreachable.
    """
    here = said_here(folder)
    if mirror_of(folder) is None or (here is not None and here.state in FINAL):
        return here
    data = shared.ask(folder, shared.PROGRESS) or b""
    there = _read(data)
    if there is None or (here is not None and here.updated > there.updated):
        return here
    if there.state in FINAL:  # it is never another: nobody need ask again
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / shared.PROGRESS, data, durable=False)
    return there


def _read(told: bytes) -> Progress | None:
    try:
        return Progress.from_json(told)
    except (ValueError, KeyError, TypeError):
        return None
