"""Commands about webhooks: takes whom to tell when runs end, has the site of a home or a server keep it, and try it."""

from __future__ import annotations

import click

from ladle.cli.face import json_option, place_option
from ladle.cli.of_site import OfSite
from ladle.cli.options import number_argument
from ladle.collect.progress import ENDED
from ladle.home import Home
from ladle.remote import site as there
from ladle.remote.server import Server
from ladle.site_words.webhooks import did_not_arrive, said

_WEBHOOKS = OfSite("ladle_server.webhooks", said)


@click.group(short_help="Tell other programs when runs end, by a signed call.")
def webhooks() -> None:
    """Tell other programs when runs end, by a signed call: `ladle serve` or `ladle worker` makes the calls."""


@webhooks.command()
@click.argument("url")
@click.option("--dataset", "datasets", metavar="NAME", multiple=True, help="'swapi/people', 'swapi/*'; all by default.")
@click.option("--end", "ends", type=click.Choice(ENDED), multiple=True, help="Ends of runs to tell of; all by default.")
@click.option("--site", metavar="URL", help="Where the site is found, for the links in what is sent.")
@place_option
@json_option
def add(
    url: str, datasets: tuple[str, ...], ends: tuple[str, ...], site: str | None, home: Home | Server, as_json: bool
) -> None:
    """Have URL called when runs end. The secret that the calls are signed with is shown once."""
    words = [*(f"--dataset={each}" for each in datasets), *(f"--end={each}" for each in ends)]
    words += [f"--site={site}"] if site else []
    _WEBHOOKS.done(
        home,
        ["add", *words, "--", url],
        lambda server: there.add_webhook(server, url, datasets=datasets, ends=ends, site=site),
        as_json=as_json,
    )


@webhooks.command(name="list")
@place_option
@json_option
def list_(home: Home | Server, as_json: bool) -> None:
    """List the webhooks, and how the latest call of each went."""
    _WEBHOOKS.done(home, ["list"], lambda server: there.listed(server, "webhooks"), as_json=as_json)


@webhooks.command()
@number_argument
@place_option
@json_option
def remove(number: int, home: Home | Server, as_json: bool) -> None:
    """Tell a webhook nothing more."""
    words = ["remove", str(number)]
    _WEBHOOKS.done(home, words, lambda server: there.removed(server, "webhooks", number), as_json=as_json)


@webhooks.command()
@number_argument
@place_option
@json_option
def test(number: int, home: Home | Server, as_json: bool) -> None:
    """Call a webhook once, now, and say what it answered. Exit code 1 where the call did not arrive."""
    words = ["test", str(number)]
    _WEBHOOKS.done(
        home, words, lambda server: there.try_webhook(server, number), as_json=as_json, failed=did_not_arrive
    )
