"""What every process of the site does first: takes a home, gives Django set up, settings checked and tables made."""

from __future__ import annotations

import os

import django

import ladle
from ladle_server import database, environment, logs
from ladle_server.operations import reach


def make_ready(home: str | None) -> environment.Environment:
    """Check and prepare everything; raises SettingError for what is set wrongly, or can't be used."""
    read = set_up(home)
    database.prepare()
    return read


def set_up(home: str | None) -> environment.Environment:
    """Check the settings and set up Django, without touching the database; raises SettingError."""
    os.environ["LADLE_HOME"] = ladle.Home.open(home).address
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")
    read = check_settings()
    django.setup()
    return read


def check_settings() -> environment.Environment:
    """What is set; raises SettingError for the first that can't be meant."""
    read = environment.read(os.environ)
    environment.answer_seconds(os.environ)
    logs.style(os.environ)
    reach.networks(os.environ.get(reach.SETTING, ""))
    ladle.check_settings()
    return read
