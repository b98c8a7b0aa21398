"""A long question on the terminal: takes what is being worked on, gives a bar until it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rich.progress import BarColumn, Progress, TextColumn

from ladle.cli.face import err
from ladle.explore.work import StillRunning, Work, within

T = TypeVar("T")
_MOMENT = 0.5
_STEP = 0.1


def wait_for(work: Work[int], title: str) -> None:
    """Wait for the answer; on a terminal with a bar where that takes more than a moment, elsewhere with a line.

    Raises what the work failed with.
    """
    answer_to(lambda seconds: within(work, seconds), title)


def answer_to(ask: Callable[[float | None], T], title: str) -> T:
    """The same for a question that is asked with the seconds to wait, and raises StillRunning; its answer."""
    try:
        return ask(_MOMENT)
    except StillRunning:
        if not err.is_terminal:
            err.print(f"{title} …", markup=False)
            return ask(None)
    told = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28),
        TextColumn("{task.percentage:.0f} %"),
    )
    with Progress(*told, console=err, transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        while True:
            try:
                return ask(_STEP)
            except StillRunning as running:
                bar.update(task, completed=running.progress or 0.0)
