"""The command that writes a definition: takes an address, shows or keeps what was inferred from a few answers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ladle.cli.face import FAILED, can_be_written, err, json_option, out, place_option, say_json, write_file
from ladle.errors import BadInput
from ladle.home import Home
from ladle.public_sources import add_source
from ladle.public_sources import infer as infer_at
from ladle.remote.server import Server
from ladle.shapes_of_sources import inferred_shape
from ladle.sources.infer import Inferred, auth_given
from ladle.sources.source import Auth
from ladle.words import plural


@click.command(short_help="Write the definition of an API from its address.")
@click.argument("url")
@click.option("--openapi", is_flag=True, help="URL is an OpenAPI (or Swagger) document in JSON.")
@click.option("--save", is_flag=True, help="Keep it in the home, to be used by its name at once.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the definition to a file.")
@click.option("--name", metavar="NAME", help="What the source is called, when not after its host.")
@click.option("--bearer", metavar="ENV", help="The environment variable that holds the API's token.")
@click.option("--basic", metavar="ENV", help='The variable that holds "user:password", or a key in the user\'s place.')
@click.option("--header", metavar="NAME=ENV", help="A header, and the variable that holds the key for it.")
@click.option("--query", metavar="NAME=ENV", help="A query parameter, and the variable that holds the key for it.")
@place_option
@json_option
def infer(
    url: str,
    openapi: bool,
    save: bool,
    output: Path | None,
    name: str | None,
    bearer: str | None,
    basic: str | None,
    header: str | None,
    query: str | None,
    home: Home | Server,
    as_json: bool,
) -> None:
    """Write the definition of an API from its address: a collection, an API's root, or an OpenAPI document.

    A few requests find out where the records lie, how further pages are asked for, and what the records hold. Each
    line of the definition says how sure it is and why. Exit code 1: it lacks something; what, is said.
    """
    if output is not None:
        can_be_written(output)
    auth = _auth(bearer=bearer, basic=basic, header=header, query=query)
    told = infer_at(url, home=home, openapi=openapi, auth=auth, name=name)
    if output is not None:
        write_file(output, told.definition.encode())
    if save and told.ready:
        add_source(told.definition, home=home, made_by="ladle infer")
    if as_json:
        say_json({**inferred_shape(told), "saved": save and told.ready})
    else:
        _say(told, output=output, saved=save and told.ready, save=save)
    if not told.ready:
        sys.exit(FAILED)


def _auth(**ways: str | None) -> Auth | None:
    """Where the credential goes; the variable that holds it is named, never the credential itself."""
    given = {way: word for way, word in ways.items() if word is not None}
    if len(given) > 1:
        raise BadInput(f"The key goes to one place: {', '.join(f'--{way}' for way in given)} name several.")
    for way, word in given.items():
        return auth_given(way, word)
    return None


def _say(told: Inferred, *, output: Path | None, save: bool, saved: bool) -> None:
    if output is None and not saved:
        out.print(told.definition, end="")
    for each in told.missing:
        err.print(each, style="yellow")
    if save and not saved:
        err.print("It is not saved, since it would not run as it is.")
    datasets = [f"{told.name}/{each}" for each in told.datasets]
    where = f" in {output}" if output else ", saved" if saved else ""
    err.print(f"{plural(len(datasets), 'dataset')}{where}, inferred with {plural(told.requests, 'request')}.")
    if saved and datasets:
        err.print(f"See first rows with: ladle preview {datasets[0]}")
    elif output is not None:
        err.print(
            f"See first rows with: ladle preview {output}" + (f"#{told.datasets[0]}" if len(datasets) > 1 else "")
        )
