"""What every process of the site does first: takes a home, gives Django set up, settings checked and tables made."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import django

import ladle
from ladle.errors import LadleError, SettingError
from ladle_server import database, environment, logs
from ladle_server.beside import done_beside
from ladle_server.operations import reach


def make_ready(home: str | None, *, forks: bool = False) -> environment.Environment:
    """Check and prepare everything; raises SettingError for what is set wrongly, or can't be used.

    A process that forks has not touched its home afterwards.
    """
    read = set_up(home, forks=forks)
    database.prepare()
    return read


OF_A_CLIENT = ("LADLE_URL", "LADLE_TOKEN")
"""Which server this terminal usually asks: a site serves a home, and gives no token on."""


def set_up(home: str | None, *, forks: bool = False) -> environment.Environment:
    """Check the settings and set up Django, without touching the database; raises SettingError."""
    for name in OF_A_CLIENT:
        os.environ.pop(name, None)
    if home:
        os.environ["LADLE_HOME"] = home
    check_settings()
    os.environ["LADLE_HOME"] = _opened(forks=forks)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")
    django.setup()
    return environment.read(os.environ)


def _opened(*, forks: bool) -> str:
    """The address of a home that can be used; raises SettingError."""
    if not forks:
        return ladle.Home.open().address
    done_beside(_open)
    return ladle.Home.at().address


def _open() -> None:
    ladle.Home.open()


def check_settings() -> None:
    """Raise SettingError with everything that can't be meant, each with its remedy on a line of its own."""
    wrong = [str(error) for error in wrong_settings(os.environ)]
    if wrong:
        raise SettingError("\n       ".join(wrong))


def say_unknown() -> None:
    """Tell the terminal of variables that look like settings and are none: nothing heeds them."""
    for sentence in environment.unknown(os.environ):
        print(f"ladle: {sentence}", file=sys.stderr)


def wrong_settings(env: Mapping[str, str]) -> list[LadleError]:
    """Every setting that can't be meant, of library and site; nobody is asked."""
    checks = (
        lambda: logs.style(env),
        lambda: reach.networks(env.get(reach.SETTING, "")),
        lambda: reach.shared_folder(env),
    )
    return [*ladle.wrong_settings(env), *environment.wrong(env), *ladle.wrong_among(*checks)]
