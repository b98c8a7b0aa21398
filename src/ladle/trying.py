"""What `ladle doctor` tries without a site: takes a home and the environment, gives what is good and what is not.

Nothing here asks an API, and nothing changes what is kept.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from ladle.collect.knock import knock
from ladle.collect.ledgers import PREFIX, URL, check_address, open_ledger
from ladle.collect.reach import SETTING, allowed_by
from ladle.errors import LadleError
from ladle.explore.sandbox import limits_of
from ladle.home import Home
from ladle.public import all_sources, unusable_sources
from ladle.retention import KEEP, read_retention
from ladle.sources.found import source_names
from ladle.sources.library import load_source
from ladle.sources.settings import wrong_settings as wrong_settings_of_sources
from ladle.sources.source import Source
from ladle.storage.proof import prove
from ladle.storage.settings import read_cache

TrialState = Literal["good", "not set", "away", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One thing that was tried."""

    what: str
    """`home`, `database`, `source swapi`."""
    state: TrialState
    """`not set` and `away` (can't be reached now): it works without, but for what needs it."""
    said: str
    """What was found, in words."""
    hint: str = ""
    """What to do about it."""


def tried(what: str, work: Callable[[], str]) -> Trial:
    """What became of a piece of work, which says what it found."""
    try:
        return Trial(what=what, state="good", said=work())
    except LadleError as error:
        return Trial(what=what, state="failed", said=error.message, hint=error.hint)
    except OSError as error:
        said = f"{error.strerror or error}: {error.filename}." if error.filename else f"{error}."
        return Trial(what=what, state="failed", said=said)


def try_all(*, home: str | None = None, env: Mapping[str, str] = os.environ) -> Iterator[Trial]:
    """Try home, quota ledger, the settings of the library and each source's key, one after the other."""
    yield tried("home", lambda: _home(home, env))
    yield tried("quota ledger", lambda: _ledger(Home.open(home, env=env), env))
    yield tried("limits of SQL", lambda: _limits(env))
    yield tried("addresses allowed", lambda: _addresses(env))
    yield tried("what is kept", lambda: _kept(env))
    try:
        here = Home.at(home, env=env)
        for name, error in unusable_sources(home=here, env=env).items():
            yield Trial(what=f"source {name}", state="failed", said=error.message, hint=error.hint)
        sources = all_sources(home=here, env=env)
        yield from (_source(source, env) for source in sources)
        yield from _apis(sources)
    except LadleError as error:
        yield Trial(what="sources", state="failed", said=error.message, hint=error.hint)


def wrong_settings(env: Mapping[str, str] = os.environ) -> list[LadleError]:
    """Every setting of the library that can't be meant: to be told at a start, not when it is needed. Asks nobody."""
    checks = (lambda: Home.at(env=env), lambda: read_cache(env), lambda: check_address(env), lambda: limits_of(env))
    more = (lambda: _addresses(env), lambda: read_retention(env))
    # Without its list of cities OpenWeatherMap can't be read, and no list of sources be shown.
    lists = (partial(load_source, name, env=env) for name in source_names())
    wrong = [*wrong_among(*checks, *more), *wrong_settings_of_sources(env), *wrong_among(*lists)]
    return list({str(error): error for error in wrong}.values())


def wrong_among(*checks: Callable[[], object]) -> list[LadleError]:
    """What the checks raise, each of them."""
    wrong = []
    for check in checks:
        try:
            check()
        except LadleError as error:
            wrong.append(error)
    return wrong


def check_home(home: Home) -> None:
    """Write a file into the home's folder, which is gone again at once; of a home on S3 ask there for it, too.

    Raises OSError or LadleError where it can't be used.
    """
    with tempfile.TemporaryFile(dir=home.path) as file:
        file.write(b"tried by Ladle")
        file.flush()
    if home.mirror is not None:
        home.mirror.ask()


def _home(wanted: str | None, env: Mapping[str, str]) -> str:
    home = Home.open(wanted, env=env)
    check_home(home)
    if home.mirror is not None:
        return f"{home.address}, by {home.path}: {prove(home.mirror.store)}"
    return f"{home.path}, {shutil.disk_usage(home.path).free / 1e9:,.1f} GB free"


def _ledger(home: Home, env: Mapping[str, str]) -> str:
    open_ledger(home, env=env).shut()
    if env.get(URL, "").strip():
        return f"Redis, by {URL}" + (f", its keys begin with {env[PREFIX]}" if env.get(PREFIX) else "")
    return f"SQLite, {home.ledger}"


def _kept(env: Mapping[str, str]) -> str:
    set_ = read_retention(env)
    journals = "for good" if set_.journal_days is None else f"for {set_.journal_days:,} days"
    return f"of each dataset {env.get(KEEP, '').strip() or 'all'} snapshots; journals {journals}"


def _limits(env: Mapping[str, str]) -> str:
    limits = limits_of(env)
    return f"{limits.seconds} seconds, {limits.memory >> 20} MB, {limits.rows or 0:,} rows"


def _addresses(env: Mapping[str, str]) -> str:
    listed = env.get(SETTING, "").strip()
    allowed_by(listed)
    return listed or "public ones alone"


def _source(source: Source, env: Mapping[str, str]) -> Trial:
    what = f"source {source.name}"
    if source.auth is None:
        return Trial(what=what, state="good", said="needs no key")
    lacking = source.auth.lacking(env)
    meant = lacking or source.auth.settings
    names, are = " and ".join(meant), "is" if len(meant) == 1 else "are"
    if not lacking:
        return Trial(what=what, state="good", said=f"{names} {are} set")
    hint = f"Set {names} before you collect from it."
    return Trial(what=what, state="not set", said=f"{names} {are} not set", hint=hint)


def _apis(sources: Sequence[Source]) -> Iterator[Trial]:
    """Whether each API takes a connection, which is in no quota; that none does is no fault of what is set here."""
    silent = knock({source.base_url for source in sources})
    for source in sources:
        what, url = f"API of {source.name}", source.base_url
        if (why := silent.get(url)) is None:
            yield Trial(what=what, state="good", said=f"{url} takes connections")
        else:
            hint = (
                f"Nothing is collected from it meanwhile. Is this machine online, and {source.base_url_setting} right?"
            )
            yield Trial(what=what, state="away", said=f"{url} can't be reached: {why}.", hint=hint)
