"""`ladle schedule`: takes words of the command line, keeps and changes schedules in the site's database, says them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ladle
from ladle.errors import BadInput
from ladle.site_words.schedules import daily, said
from ladle_server import command

if TYPE_CHECKING:
    from ladle_server.catalog.schedules import Wish


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say, and give the exit code."""
    return command.begun(arguments(words), carry_out)


def carry_out(asked: argparse.Namespace) -> int:
    """The same, of a site that is ready."""
    return command.done(asked, _do, lambda told: said(asked.do, told))


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What the words ask for; ends the process with exit code 2 where they make no sense."""
    parser = command.parser("ladle schedule", "Schedules of a home's site.")
    commands = parser.add_subparsers(dest="do", required=True)
    add = commands.add_parser("add")
    add.add_argument("dataset")
    for name in ("--at", "--cron", "--time-zone", "--missed"):
        add.add_argument(name)
    add.add_argument("--set", action="append", default=[])
    commands.add_parser("list")
    for name in ("pause", "resume", "remove"):
        commands.add_parser(name).add_argument("number", type=int)
    return parser.parse_args(words)


def _do(asked: argparse.Namespace) -> dict[str, Any]:
    # What needs Django is loaded when Django is set up.
    from ladle_server.access import audit
    from ladle_server.catalog import schedules
    from ladle_server.catalog.models import Schedule
    from ladle_server.catalog.telling import told

    if asked.do == "list":
        return command.listed([told(row) for row in Schedule.objects.all()])
    if asked.do == "add":
        row = schedules.add(asked.dataset, _wish(asked))
    elif asked.do == "remove":
        schedules.remove(asked.number)
        audit.by_command_line("remove a schedule", str(asked.number))
        return {"id": asked.number, "removed": True}
    else:
        row = schedules.change(asked.number, schedules.Wish(paused=asked.do == "pause"))
    audit.by_command_line(f"{asked.do} a schedule", f"{row.pk} of {row.dataset}")
    return told(row)


def _wish(asked: argparse.Namespace) -> Wish:
    from ladle_server.catalog import runs, schedules
    from ladle_server.catalog.free import source_of

    values = dict(word.split("=", 1) for word in asked.set)
    source = ladle.source(source_of(asked.dataset), home=runs.home())
    lists = {name for name in values if name in source.parameters and source.parameters[name].file}
    return schedules.Wish(
        cron=daily(asked.at) if asked.at is not None else asked.cron,
        time_zone=asked.time_zone,
        parameters={name: value for name, value in values.items() if name not in lists},
        files={name: _text_of(values[name]) for name in lists},
        missed=asked.missed,
    )


def _text_of(path: str) -> str:
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: ~ of nobody
        raise BadInput(f'The list "{path}" can\'t be read.', hint="Name a CSV file in UTF-8.") from error


if __name__ == "__main__":
    sys.exit(main())
