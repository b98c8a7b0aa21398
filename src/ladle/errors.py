"""Every error that Ladle raises on purpose: what happened, to which value, and what to do next.

    LadleError
    ├── BadInput            the caller's value is wrong        exit 2 · 400
    │   ├── DefinitionError     a source's definition
    │   └── SettingError        an environment variable or option
    ├── NotFound            a name that nothing goes by        exit 2 · 404
    ├── Conflict            it exists, or somebody is at it    exit 1 · 409
    │   └── Stopped             a question that was given up
    ├── UpstreamError       the API ended the run              exit 1 · 502
    ├── Busy                as many wait already as may        exit 1 · 503
    ├── Ending              this process is being ended        exit 1 · 503
    ├── Unreachable         where things are kept is away      exit 1 · 503
    └── Damaged             a kept file is not what was kept   exit 1 · 500

Each face (command line, API, pages) translates the family once, by these branches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class LadleError(Exception):
    """The root: `str(error)` is a sentence for people, `hint` says what to do next (may be empty)."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(LadleError):
    """A value from outside is wrong; nothing was started and nothing is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong in a definition."""

    place: str
    """The file, or what stands for it."""
    line: int | None
    """From 1; None for a key that lacks at the top."""
    key: str
    """Dotted, the items of lists by their number from 1: `datasets.people.columns.3.path`. Empty: not even TOML."""
    what: str
    """What is wrong with it, the value among it: `is "pgae"`."""
    hint: str = ""
    """What was meant, or what to do."""

    @property
    def message(self) -> str:
        """A sentence: `own.toml, line 3: "paging" is "pgae".`"""
        if not self.key:
            return f"{self.place} {self.what}."
        at = f"{self.place}, line {self.line}" if self.line else self.place
        return f'{at}: "{self.key}" {self.what}.'


class DefinitionError(BadInput):
    """A source's definition is wrong; the message names the file, the key or line, and the value.

    `mistakes` are all that were found, in the order of their lines; the message is the first one's.
    """

    def __init__(self, message: str, *, hint: str = "", mistakes: tuple[Mistake, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.mistakes = mistakes

    @classmethod
    def of(cls, mistakes: Iterable[Mistake]) -> DefinitionError:
        """The error that tells the first of some mistakes, and how many more there are."""
        first, *others = found = tuple(mistakes)
        more = f"There {'is 1 more mistake' if len(others) == 1 else f'are {len(others)} more mistakes'}."
        return cls(first.message, hint=f"{first.hint} {more}".strip() if others else first.hint, mistakes=found)


class SettingError(BadInput):
    """An environment variable or an option is missing or wrong; the message names it."""


class NotFound(LadleError):
    """No source, dataset, run or snapshot goes by that name."""


class Conflict(LadleError):
    """The thing exists already, or another process is working on it."""


class Stopped(Conflict):
    """Somebody stopped the question, or nobody asked for its answer any more; whoever asks again begins it anew."""


class UpstreamError(LadleError):
    """The API can't be reached, refused the key or answered in a way that ends the run."""


class Busy(LadleError):
    """So many questions wait already that no other is taken for now; nothing was begun."""


class Ending(LadleError):
    """This process is being ended, and what was asked of it is given up."""


class Unreachable(LadleError):
    """The server that keeps things does not answer; nothing is lost, and it can be tried again."""


class Damaged(LadleError):
    """A kept file differs from what its manifest says; it is refused instead of misread."""


def unknown(kind: str, name: str, known: Iterable[str], *, guess: bool = True) -> str:
    """A sentence for a name that nothing goes by, with what was probably meant: a `guess` takes its time.

    >>> unknown("column", "homewrld", ["name", "homeworld"])
    'There is no column "homewrld". Did you mean "homeworld"? There are: name, homeworld.'
    """
    names = list(known)
    close = get_close_matches(name, names, n=1) if guess else []
    meant = f' Did you mean "{close[0]}"?' if close else ""
    listed = ", ".join(names[:30]) + (", …" if len(names) > 30 else "")
    return f'There is no {kind} "{name}".{meant} There are: {listed or "none"}.'
