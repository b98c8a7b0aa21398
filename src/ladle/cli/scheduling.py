"""Commands about schedules: takes what to collect when, hands it to the site, which keeps it in its database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import click

from ladle.cli.completing import dataset_names
from ladle.cli.face import home_option, json_option
from ladle.cli.options import is_path, number_argument, parameters_of
from ladle.cli.serving import become_site
from ladle.errors import BadInput
from ladle.home import Home


@click.group()
def schedule() -> None:
    """Collect datasets by themselves, each at its times: `ladle serve` or `ladle worker` starts the runs."""


@schedule.command()
@click.argument("dataset", shell_complete=dataset_names)
@click.option("--at", metavar="HH:MM", help="Every day at this time.")
@click.option("--cron", help="Five fields, such as '*/15 8-17 * * MON-FRI', or @hourly, @daily, @weekly, @monthly.")
@click.option("--time-zone", metavar="ZONE", help="Such as Europe/Zurich.  [default: LADLE_TIME_ZONE, or UTC]")
@click.option("--missed", type=click.Choice(("run", "skip")), help="One run for all missed times, or none.")
@click.option(
    "--set", "parameters", metavar="NAME=VALUE", multiple=True, help="A parameter; a list is the path of a CSV file."
)
@home_option
@json_option
def add(
    dataset: str,
    at: str | None,
    cron: str | None,
    time_zone: str | None,
    missed: str | None,
    parameters: tuple[str, ...],
    home: Home,
    as_json: bool,
) -> None:
    """Have DATASET collected by itself."""
    if (at is None) == (cron is None):
        raise BadInput("Say when, in one way.", hint="Take --at 06:30, or --cron '30 6 * * MON-FRI'.")
    if is_path(dataset):
        raise BadInput(f'"{dataset}" is a file.', hint=f"Keep it first: ladle sources add {dataset.partition('#')[0]}")
    parameters_of(parameters)
    told = {"--at": at, "--cron": cron, "--time-zone": time_zone, "--missed": missed}
    words = [f"{name}={value}" for name, value in told.items() if value is not None]
    _ask(home, ["add", *words, *(f"--set={each}" for each in parameters), "--", dataset], as_json=as_json)


@schedule.command(name="list")
@home_option
@json_option
def list_(home: Home, as_json: bool) -> None:
    """List the schedules, when each is due next, and what came of it last."""
    _ask(home, ["list"], as_json=as_json)


@schedule.command()
@number_argument
@home_option
@json_option
def pause(number: int, home: Home, as_json: bool) -> None:
    """Let a schedule rest until it is resumed. What is due meanwhile is not made up for."""
    _ask(home, ["pause", str(number)], as_json=as_json)


@schedule.command()
@number_argument
@home_option
@json_option
def resume(number: int, home: Home, as_json: bool) -> None:
    """Let a schedule that was paused go on."""
    _ask(home, ["resume", str(number)], as_json=as_json)


@schedule.command()
@number_argument
@home_option
@json_option
def remove(number: int, home: Home, as_json: bool) -> None:
    """Forget a schedule. Its runs and snapshots stay."""
    _ask(home, ["remove", str(number)], as_json=as_json)


def _ask(home: Home, words: Sequence[str], *, as_json: bool) -> NoReturn:
    become_site("ladle_server.schedule", home, words, as_json=as_json)
