"""What every process of the site does first: takes a home, gives Django set up, settings checked and tables made."""

from __future__ import annotations

import os

import django

import ladle
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


def set_up(home: str | None, *, forks: bool = False) -> environment.Environment:
    """Check the settings and set up Django, without touching the database; raises SettingError."""
    os.environ["LADLE_HOME"] = _opened(home, forks=forks)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")
    read = check_settings()
    django.setup()
    return read


def _opened(home: str | None, *, forks: bool) -> str:
    """The address of a home that can be used; raises SettingError."""
    if not forks:
        return ladle.Home.open(home).address
    done_beside(lambda: _open(home))
    return ladle.Home.at(home).address


def _open(home: str | None) -> None:
    ladle.Home.open(home)


def check_settings() -> environment.Environment:
    """What is set; raises SettingError for the first that can't be meant."""
    read = environment.read(os.environ)
    environment.answer_seconds(os.environ)
    logs.style(os.environ)
    reach.networks(os.environ.get(reach.SETTING, ""))
    ladle.check_settings()
    return read
