"""Commands about webhooks: takes whom to tell when runs end, hands it to the site, which keeps it in its database."""

from __future__ import annotations

import click

from ladle.cli.face import home_option, json_option
from ladle.cli.options import number_argument
from ladle.cli.serving import become_site
from ladle.collect.progress import ENDED
from ladle.home import Home


@click.group()
def webhooks() -> None:
    """Tell other programs when runs end, by a signed call: `ladle serve` or `ladle worker` makes the calls."""


@webhooks.command()
@click.argument("url")
@click.option("--dataset", "datasets", metavar="NAME", multiple=True, help="'swapi/people', 'swapi/*'; all by default.")
@click.option("--end", "ends", type=click.Choice(ENDED), multiple=True, help="Ends of runs to tell of; all by default.")
@click.option("--site", metavar="URL", help="Where the site is found, for the links in what is sent.")
@home_option
@json_option
def add(
    url: str, datasets: tuple[str, ...], ends: tuple[str, ...], site: str | None, home: Home, as_json: bool
) -> None:
    """Have URL called when runs end. The secret that the calls are signed with is shown once."""
    words = [*(f"--dataset={each}" for each in datasets), *(f"--end={each}" for each in ends)]
    words += [f"--site={site}"] if site else []
    become_site("ladle_server.webhooks", home, ["add", *words, "--", url], as_json=as_json)


@webhooks.command(name="list")
@home_option
@json_option
def list_(home: Home, as_json: bool) -> None:
    """List the webhooks, and how the latest call of each went."""
    become_site("ladle_server.webhooks", home, ["list"], as_json=as_json)


@webhooks.command()
@number_argument
@home_option
@json_option
def remove(number: int, home: Home, as_json: bool) -> None:
    """Tell a webhook nothing more."""
    become_site("ladle_server.webhooks", home, ["remove", str(number)], as_json=as_json)


@webhooks.command()
@number_argument
@home_option
@json_option
def test(number: int, home: Home, as_json: bool) -> None:
    """Call a webhook once, now, and say what it answered. Exit code 1 where the call did not arrive."""
    become_site("ladle_server.webhooks", home, ["test", str(number)], as_json=as_json)
