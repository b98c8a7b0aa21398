"""Commands about who may come in: takes names, hands them to the site, which keeps users in its database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

import click

from ladle.cli.face import home_option, json_option, place_option
from ladle.cli.of_site import OfSite
from ladle.cli.options import number_argument
from ladle.cli.serving import become_site
from ladle.errors import BadInput
from ladle.home import Home
from ladle.remote import site
from ladle.remote.server import Server
from ladle.site_words.deeds import said

_name = click.argument("name")
_staff = click.option("--staff", "kind", flag_value="staff", help="May do everything, and let others in.")
_reader = click.option("--reader", "kind", flag_value="reader", help="May look at everything.")
_collector = click.option("--collector", "kind", flag_value="collector", help="May start, pause and cancel runs too.")


@click.group()
def users() -> None:
    """Say who may log in where other machines reach the site."""


@users.command()
@_name
@_staff
@_collector
@_reader
@home_option
@json_option
def add(name: str, kind: str | None, home: Home, as_json: bool) -> None:
    """Add a user, a collector where nothing else is said. The password is asked for, or read from standard input."""
    _ask(home, ["users", "add", f"--kind={kind or 'collector'}", "--", name], as_json=as_json)


@users.command(name="list")
@home_option
@json_option
def list_users(home: Home, as_json: bool) -> None:
    """List the users."""
    _ask(home, ["users", "list"], as_json=as_json)


@users.command()
@_name
@_staff
@_collector
@_reader
@home_option
@json_option
def change(name: str, kind: str | None, home: Home, as_json: bool) -> None:
    """Make a user another kind of user."""
    if kind is None:
        raise BadInput("No kind was said.", hint="Take --staff, --collector or --reader.")
    _ask(home, ["users", "change", f"--kind={kind}", "--", name], as_json=as_json)


def _of_one(does: str, text: str) -> None:
    @users.command(name=does, help=text, short_help=f"{re.split('[.:]', text)[0]}.")
    @_name
    @home_option
    @json_option
    def command(name: str, home: Home, as_json: bool) -> None:
        _ask(home, ["users", does, "--", name], as_json=as_json)


_of_one("passwd", "Set a user's password: it is asked for, or read from standard input. Their sessions end.")
_of_one("disable", "Keep a user out, and their tokens, until they are enabled.")
_of_one("enable", "Let a user in again.")
_of_one("remove", "Remove a user and their tokens. Runs, snapshots and the audit log stay.")


@click.group()
def tokens() -> None:
    """Make what programs send in place of a password."""


@tokens.command(name="add")
@_name
@click.option("--user", required=True, help="Whose it is: it may do no more than they.")
@click.option("--scope", type=click.Choice(("read", "collect", "define")), required=True, help="What it is good for.")
@click.option("--expires", metavar="SPAN", default="90 days", show_default=True, help="90 days, 12 hours, or never.")
@home_option
@json_option
def add_token(name: str, user: str, scope: str, expires: str, home: Home, as_json: bool) -> None:
    """Make a token; NAME says what for. It is shown once."""
    words = [f"--user={user}", f"--scope={scope}", f"--expires={expires}"]
    _ask(home, ["tokens", "add", *words, "--", name], as_json=as_json)


@tokens.command(name="list")
@click.option("--user", default="", help="Of this user alone.")
@home_option
@json_option
def list_tokens(user: str, home: Home, as_json: bool) -> None:
    """List the tokens, by the characters that each begins with."""
    _ask(home, ["tokens", "list", f"--user={user}"], as_json=as_json)


@tokens.command()
@number_argument
@home_option
@json_option
def revoke(number: int, home: Home, as_json: bool) -> None:
    """Make a token good for nothing any more."""
    _ask(home, ["tokens", "revoke", str(number)], as_json=as_json)


@click.command()
@click.option("--who", default="", help="Of this user alone.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many lines to skip.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many lines.")
@place_option
@json_option
def audit(who: str, offset: int, limit: int, home: Home | Server, as_json: bool) -> None:
    """Show who did what on the site, newest first."""
    OfSite("ladle_server.users", said).done(
        home,
        ["audit", f"--who={who}", f"--offset={offset}", f"--limit={limit}"],
        lambda server: site.deeds(server, who=who, offset=offset, limit=limit),
        as_json=as_json,
    )


def _ask(home: Home, words: Sequence[str], *, as_json: bool) -> NoReturn:
    become_site("ladle_server.users", home, words, as_json=as_json)
