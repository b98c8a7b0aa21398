"""A run on the terminal: takes Progress after Progress, gives one line that moves, with the quota and the time left."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from ladle.collect.progress import Progress as RunProgress
from ladle.words import duration, plural, waiting


class Bar:
    """On a terminal a moving bar; elsewhere a line now and then, so that a log stays short."""

    def __init__(self, console: Console, title: str) -> None:
        self._console, self._title = console, title
        self._last_share = -1.0
        self._last_state = ""
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[told]}", markup=False),
            console=console,
            transient=False,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=None, told="")
        return self

    def __exit__(self, *_: object) -> None:
        if self._task is not None:
            self._bar.stop()

    def show(self, progress: RunProgress) -> None:
        """Show where the run is."""
        if self._task is not None:
            total = progress.total or None
            self._bar.update(self._task, total=total, completed=progress.done, told=told(progress))
        elif self._is_news(progress):
            self._last_share, self._last_state = progress.share, progress.state
            self._console.print(f"{self._title} {told(progress)}", markup=False)

    def _is_news(self, progress: RunProgress) -> bool:
        """What a log should hold: every tenth, every wait's beginning, the end."""
        waits = progress.state == "waiting"
        if not waits:
            self._last_state = progress.state
        return progress.share - self._last_share >= 0.1 or progress.is_over or (waits and self._last_state != "waiting")


def told(progress: RunProgress) -> str:
    """The line's words: requests, rows, trouble, quota, time left."""
    total = f"{progress.total:,}" if progress.exact else f"about {progress.total:,}"
    parts = [f"{progress.done:,}/{total} requests", plural(progress.records, "record")]
    if progress.workers > 1:
        parts.append(f"{progress.workers} workers")
    if progress.unchanged:
        parts.append(f"{progress.unchanged:,} unchanged")
    if progress.gaps:
        parts.append(plural(len(progress.gaps), "gap"))
    if progress.troubles:
        parts.append(f"trouble: {progress.troubles[0].reason}")
    if not progress.is_over:
        parts += [f"{line.used:,} of {line.text}" for line in progress.quota if line.used]
        if progress.next_call_in is not None and progress.state != "waiting":
            parts.append(f"next request in {progress.next_call_in:.1f} s")
        if progress.seconds_left is not None:
            parts.append(f"{duration(progress.seconds_left)} left")
    return ", ".join([standing(progress), *parts])


def standing(progress: RunProgress) -> str:
    """The state; of a run that waits also until when."""
    if progress.state != "waiting" or progress.wake_at is None:
        return progress.state
    if progress.reason:
        return f"waiting: {progress.reason.rstrip('.')}; it goes on by itself"
    until = datetime.fromtimestamp(progress.wake_at).astimezone()
    day = "" if until.date() == datetime.now(until.tzinfo).date() else f"{until:%Y-%m-%d} "
    return waiting(f"{day}{until:%H:%M:%S}", progress.wake_at - time.time(), asked=progress.asked_to_wait)
