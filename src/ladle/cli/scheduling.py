"""Commands about schedules: takes what to collect when, has the site of a home or a server keep it in its database."""

from __future__ import annotations

import click

from ladle.cli.completing import dataset_names
from ladle.cli.face import json_option, place_option
from ladle.cli.of_site import OfSite
from ladle.cli.options import is_path, number_argument, parameters_of
from ladle.errors import BadInput
from ladle.home import Home
from ladle.remote import site
from ladle.remote.server import Server
from ladle.site_words.schedules import daily, said

_SCHEDULES = OfSite("ladle_server.schedule", said)


@click.group(short_help="Collect datasets by themselves, each at its times.")
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
@place_option
@json_option
def add(
    dataset: str,
    at: str | None,
    cron: str | None,
    time_zone: str | None,
    missed: str | None,
    parameters: tuple[str, ...],
    home: Home | Server,
    as_json: bool,
) -> None:
    """Have DATASET collected by itself."""
    if (at is None) == (cron is None):
        raise BadInput("Say when, in one way.", hint="Take --at 06:30, or --cron '30 6 * * MON-FRI'.")
    if is_path(dataset):
        raise BadInput(f'"{dataset}" is a file.', hint=f"Keep it first: ladle sources add {dataset.partition('#')[0]}")
    values = parameters_of(parameters)
    told = {"--at": at, "--cron": cron, "--time-zone": time_zone, "--missed": missed}
    words = [f"{name}={value}" for name, value in told.items() if value is not None]
    _SCHEDULES.done(
        home,
        ["add", *words, *(f"--set={each}" for each in parameters), "--", dataset],
        lambda server: site.add_schedule(
            server,
            dataset,
            cron=daily(at) if at is not None else cron or "",
            time_zone=time_zone,
            missed=missed,
            parameters=values,
        ),
        as_json=as_json,
    )


@schedule.command(name="list", short_help="List the schedules, when each is due next, and its last run.")
@place_option
@json_option
def list_(home: Home | Server, as_json: bool) -> None:
    """List the schedules, when each is due next, and what came of it last."""
    _SCHEDULES.done(home, ["list"], lambda server: site.listed(server, "schedules"), as_json=as_json)


@schedule.command()
@number_argument
@place_option
@json_option
def pause(number: int, home: Home | Server, as_json: bool) -> None:
    """Let a schedule rest until it is resumed. What is due meanwhile is not made up for."""
    _paused(home, number, "pause", as_json=as_json)


@schedule.command()
@number_argument
@place_option
@json_option
def resume(number: int, home: Home | Server, as_json: bool) -> None:
    """Let a schedule that was paused go on."""
    _paused(home, number, "resume", as_json=as_json)


@schedule.command()
@number_argument
@place_option
@json_option
def remove(number: int, home: Home | Server, as_json: bool) -> None:
    """Forget a schedule. Its runs and snapshots stay."""
    words = ["remove", str(number)]
    _SCHEDULES.done(home, words, lambda server: site.removed(server, "schedules", number), as_json=as_json)


def _paused(home: Home | Server, number: int, do: str, *, as_json: bool) -> None:
    _SCHEDULES.done(
        home,
        [do, str(number)],
        lambda server: site.pause_schedule(server, number, paused=do == "pause"),
        as_json=as_json,
    )
