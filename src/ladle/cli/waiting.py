"""A long question on the terminal: takes what is being worked on, gives a bar until it is done."""

from __future__ import annotations

from concurrent.futures import TimeoutError as NotYet

from rich.progress import BarColumn, Progress, TextColumn

from ladle.cli.face import err
from ladle.explore.work import Work

_MOMENT = 0.5
_STEP = 0.1


def wait_for(work: Work[int], title: str) -> None:
    """Wait for the answer; on a terminal with a bar where that takes more than a moment, elsewhere with a line.

    Raises what the work failed with.
    """
    if _is_done(work, _MOMENT):
        return
    if not err.is_terminal:
        err.print(f"{title} …", markup=False)
        work.result()
        return
    told = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28),
        TextColumn("{task.percentage:.0f} %"),
    )
    with Progress(*told, console=err, transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        while not _is_done(work, _STEP):
            bar.update(task, completed=work.progress or 0.0)


def _is_done(work: Work[int], seconds: float) -> bool:
    try:
        work.result(timeout=seconds)
    except NotYet:
        if work.done():  # the work itself ended with a time-out
            raise
        return False
    return True
