"""What no server does for another machine: takes a command and its home, refuses a server, with why and the remedy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import click

from ladle.errors import SettingError
from ladle.home import SERVER_SETTING, is_server


class Refused(NamedTuple):
    """A command that works on a home itself."""

    why: str
    """As the end of a sentence."""
    remedy: str = "Do it where the server runs"


REFUSED: Mapping[str, Refused] = {
    "serve": Refused("who serves must have its files and its database"),
    "worker": Refused("a worker must have its files and its database"),
    "doctor": Refused("it tries the settings, files and services of its own machine"),
    "gc": Refused("files are removed where they lie, which a server's worker also does once a day by itself"),
    "copy": Refused("a home's files are read where they lie"),
    "import": Refused("no route of a server takes files"),
    "users": Refused(
        "no token makes users, so that one that was stolen leaves none behind",
        "Take the server's page People, or do it where the server runs",
    ),
    "tokens": Refused(
        "no token makes tokens, so that one that was stolen leaves none behind",
        "Take the server's page Account, or do it where the server runs",
    ),
}
"""By the command's first word."""


def refuse_server(context: click.Context, home: str | None) -> None:
    """Raise SettingError where the command, which works on a home itself, is given a server in its place."""
    if home is not None and is_server(home):
        named = "what is named as the home is a server"
    elif not home and os.environ.get(SERVER_SETTING, "").strip():
        named = f"{SERVER_SETTING} names a server"
    else:
        return
    refused = REFUSED.get(_first_word(context), Refused("no route of a server does it"))
    told = f"This is done in a home itself, and {named}: {refused.why}."
    raise SettingError(told, hint=f"{refused.remedy}; or name a folder with --home, and leave {SERVER_SETTING} unset.")


def _first_word(context: click.Context) -> str:
    """What stands after `ladle`."""
    while context.parent is not None and context.parent.parent is not None:
        context = context.parent
    return context.info_name or ""
