"""Takes a run's progress and the time, gives the sentences and figures that its page shows; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ladle
from ladle.words import duration, plural
from ladle_server.catalog.discover import moment
from ladle_server.pages.words import about, window

LIVE = frozenset({"queued", "running", "waiting", "paused", "finishing"})
_TONES = {"complete": "good", "incomplete": "warn", "failed": "bad", "paused": "warn"}
_CONTROLS = {
    **dict.fromkeys(("queued", "running", "waiting", "finishing"), ("pause", "cancel")),
    "paused": ("resume", "cancel"),
    "failed": ("resume",),
}
_SILENT = 90.0
"""Seconds without a sign of life after which the page says so: more than any one request may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """How much of a quota's window is spent."""

    label: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A request that failed so far, and when it is tried again."""

    key: str
    status: int | None
    reason: str
    again: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything the page of a run says, in words."""

    state: str
    answered: int
    percent: int
    sentence: str
    silent: str
    meters: tuple[Meter, ...]
    troubles: tuple[Trouble, ...]
    next_request: str
    started: datetime | None
    ended: datetime | None
    wake_at: datetime | None
    """While it waits."""

    @property
    def live(self) -> bool:
        """Whether anything more will happen."""
        return self.state in LIVE

    @property
    def tone(self) -> str:
        """The class that colours the state."""
        return tone_of(self.state)

    @property
    def spoken(self) -> str:
        """What a screen reader hears: it changes with every quarter, not with every second."""
        if self.state == "waiting":
            return "Waiting for the quota"
        return f"Running, {self.percent // 25 * 25}% done" if self.state == "running" else self.sentence


def shown(progress: ladle.Progress, *, now: float, took: float | None = None) -> Shown:
    """The page's words for one moment; `now` in seconds since 1970."""
    return Shown(
        state=progress.state,
        answered=_answered(progress),
        percent=percent(_answered(progress), progress.total, ended=progress.state == "complete"),
        sentence=sentence(progress, now=now, took=took),
        silent=silence(progress, now=now),
        meters=_meters(progress),
        troubles=_troubles(progress, now=now),
        next_request=_next(progress.next_call_in) if progress.state == "running" else "",
        started=moment(progress.started),
        ended=moment(progress.ended),
        wake_at=moment(progress.wake_at) if progress.state == "waiting" else None,
    )


def tone_of(state: str) -> str:
    """The class that colours a state."""
    return _TONES.get(state, "")


def controls(state: str) -> tuple[str, ...]:
    """What can be wanted of a run.

    >>> controls("running"), controls("paused"), controls("complete")
    (('pause', 'cancel'), ('resume', 'cancel'), ())
    """
    return _CONTROLS.get(state, ())


def percent(done: int, total: int | None, *, ended: bool) -> int:
    """Whole percents, rounded down so that 100 means all.

    >>> percent(60, 167, ended=False), percent(0, None, ended=False), percent(0, 0, ended=True)
    (35, 0, 100)
    """
    if ended:
        return 100
    return min(100, 100 * done // total) if total else 0


def sentence(progress: ladle.Progress, *, now: float, took: float | None = None) -> str:
    """Where the run stands, in one or two sentences; `took` are its seconds from end to end."""
    match progress.state:
        case "queued":
            return "Waiting for its turn."
        case "finishing":
            return f"All {plural(progress.done, 'request')} are answered. Writing the snapshot."
        case "waiting":
            return f"{_counted(progress)}. {_until(progress, now=now)}"
        case "paused":
            return f"{_counted(progress)}. {progress.reason} Nothing is asked for until it is resumed."
        case "running":
            left = f" {about(progress.seconds_left).capitalize()} left." if progress.seconds_left is not None else ""
            return f"{_counted(progress)}{_by(progress)}.{left}"
        case _:
            return f"{_counted(progress)}{_lasted(progress, took)}."


def silence(progress: ladle.Progress, *, now: float) -> str:
    """What to do about a run that nobody drives any more; empty while it is well."""
    # While the quota allows nothing, there is nothing to be told.
    quiet = now - (progress.updated or progress.created or now) - (progress.next_call_in or 0.0)
    if progress.state == "waiting":
        quiet = now - (progress.wake_at or now)
    if progress.state not in ("queued", "running", "waiting", "finishing") or quiet < _SILENT:
        return ""
    return f"Nothing has been heard of this run for {duration(quiet)}."


def _counted(progress: ladle.Progress) -> str:
    rows = plural(progress.records, "row")
    if progress.claimed is not None and progress.claimed != progress.records:
        rows = f"{progress.records:,} of {plural(progress.claimed, 'row')}"
    if not progress.total:
        return f"{plural(progress.done, 'request')}{_unchanged(progress)}, {rows}"
    answered = _answered(progress)
    if answered == progress.total:
        return f"{plural(progress.total, 'request')}{_unchanged(progress)}, {rows}"
    guess = "" if progress.exact else "about "
    return f"{answered:,} of {guess}{plural(progress.total, 'request')}{_unchanged(progress)}, {rows}"


def _unchanged(progress: ladle.Progress) -> str:
    return f", {progress.unchanged:,} unchanged" if progress.unchanged else ""


def _by(progress: ladle.Progress) -> str:
    return f", by {progress.workers} workers" if progress.workers > 1 else ""


def _answered(progress: ladle.Progress) -> int:
    """Requests with a usable answer: a gap is done with, but nothing came of it."""
    return progress.done - len(progress.gaps)


def _until(progress: ladle.Progress, *, now: float) -> str:
    if progress.reason:
        return f"{progress.reason} It goes on by itself when that is over."
    left = (progress.wake_at or now) - now
    if left <= 0:
        return "It goes on in a moment."
    why = "The API asked to be left alone" if progress.asked_to_wait else "The quota is used up"
    return f"{why}; it goes on by itself in {about(left)}."


def _lasted(progress: ladle.Progress, took: float | None) -> str:
    if took is None and progress.started is not None and progress.ended is not None:
        took = progress.ended - progress.started
    return "" if took is None else f", in {duration(took)}"


def _next(seconds: float | None) -> str:
    return f"next request in {seconds:.1f} s" if seconds else ""


def _meters(progress: ladle.Progress) -> tuple[Meter, ...]:
    return tuple(Meter(label=window(use.text), used=use.used, limit=use.limit) for use in progress.quota)


def _troubles(progress: ladle.Progress, *, now: float) -> tuple[Trouble, ...]:
    return tuple(
        Trouble(
            key=trouble.key,
            status=trouble.status,
            reason=trouble.reason,
            again=f"tried {plural(trouble.attempt, 'time')}{_again(trouble.again_at, now=now)}",
        )
        for trouble in progress.troubles
    )


def _again(at: float | None, *, now: float) -> str:
    if at is None:
        return ""
    return f", again in {duration(at - now)}" if at - now >= 1 else ", again now"
