"""`ladle users`, `tokens` and `audit`: takes words of the command line, keeps and changes who may come in, says it."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from typing import Any

from ladle.errors import BadInput
from ladle.site_words import deeds
from ladle.site_words.lines import cell, table
from ladle_server import command

COLUMNS = {
    "users": ("name", "kind", "active", "created_at", "last_login"),
    "tokens": ("id", "user", "name", "scope", "begins", "state", "expires_at", "used_at"),
}


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say, and give the exit code."""
    return command.begun(arguments(words), carry_out)


def carry_out(asked: argparse.Namespace) -> int:
    """The same, of a site that is ready."""
    return command.done(asked, _do, lambda told: _said(asked, told))


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What the words ask for; ends the process with exit code 2 where they make no sense."""
    parser = command.parser("ladle", "Who may come in.")
    of = parser.add_subparsers(dest="of", required=True)
    users = of.add_parser("users").add_subparsers(dest="do", required=True)
    users.add_parser("list")
    for name in ("add", "passwd", "change", "disable", "enable", "remove"):
        users.add_parser(name).add_argument("name")
    for name in ("add", "change"):
        users.choices[name].add_argument("--kind", default="collector")
    tokens = of.add_parser("tokens").add_subparsers(dest="do", required=True)
    tokens.add_parser("list").add_argument("--user", default="")
    tokens.add_parser("revoke").add_argument("number")
    add = tokens.add_parser("add")
    add.add_argument("name")
    for name in ("--user", "--scope", "--expires"):
        add.add_argument(name, default="")
    audit = of.add_parser("audit")
    audit.add_argument("--who", default="")
    audit.add_argument("--limit", type=int, default=50)
    audit.add_argument("--offset", type=int, default=0)
    return parser.parse_args(words)


def _do(asked: argparse.Namespace) -> dict[str, Any]:
    # What needs Django is loaded when Django is set up.
    from ladle_server.access import audit, telling

    if asked.of == "audit":
        known = audit.read(who=asked.who)
        found = known[asked.offset : asked.offset + asked.limit]
        return command.listed([telling.deed_told(row) for row in found], count=known.count())
    return _users(asked) if asked.of == "users" else _tokens(asked)


def _users(asked: argparse.Namespace) -> dict[str, Any]:
    from ladle_server.access import audit, people, telling
    from ladle_server.access.models import User

    if asked.do == "list":
        return command.listed([telling.user_told(row) for row in User.objects.all()])
    if asked.do == "add":
        user = people.add(asked.name, kind=asked.kind, password=_password())
        audit.by_command_line("add a user", f"{user.name}, {user.kind}")
        return telling.user_told(user)
    if asked.do == "remove":
        people.remove(asked.name)
        audit.by_command_line("remove a user", asked.name.lower())
        return {"name": asked.name.lower(), "removed": True}
    if asked.do == "passwd":
        user = people.get(asked.name)
        people.set_password(user, _password())
        audit.by_command_line("set the password of a user", user.name)
    elif asked.do == "change":
        user = people.change(asked.name, kind=asked.kind)
        audit.by_command_line("change the kind of a user", f"{user.name}, {user.kind}")
    else:
        user = people.change(asked.name, active=asked.do == "enable")
        audit.by_command_line(f"{asked.do} a user", user.name)
    return telling.user_told(user)


def _tokens(asked: argparse.Namespace) -> dict[str, Any]:
    from ladle_server.access import audit, people, telling, tokens
    from ladle_server.access.models import Token

    if asked.do == "list":
        rows = Token.objects.select_related("user")
        rows = rows.filter(user=people.get(asked.user)) if asked.user else rows
        return command.listed([telling.token_told(row) for row in rows])
    if asked.do == "revoke":
        row = tokens.revoke(asked.number)
        audit.by_command_line("revoke a token", f"{row.name}, of {row.user.name}")
        return telling.token_told(row)
    user = people.get(asked.user)
    row, text = tokens.make(user, name=asked.name, scope=asked.scope, expires=asked.expires)
    audit.by_command_line("make a token", f"{row.name}, {row.scope}, of {user.name}")
    return {**telling.token_told(row), "token": text}


def _password() -> str:
    """Typed twice at a terminal; else the first line of standard input, so that it is in no list of processes."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise BadInput("No password was given.", hint="Send it to standard input, in one line.")
        return line
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise BadInput("The password was typed in two ways.", hint="Try again.")
    return first


def _said(asked: argparse.Namespace, told: dict[str, Any]) -> str:
    """The same in words."""
    if asked.of == "audit":
        return deeds.said("audit", told)
    if "results" in told:
        columns = COLUMNS[asked.of]
        rows = ([cell(row[name]) for name in columns] for row in told["results"])
        return table([name.replace("_", " ") for name in columns], *rows)
    if "token" in told:
        ends = f" It is good until {cell(told['expires_at'])}." if told["expires_at"] else ""
        return f"{told['token']}\nThis is shown once and kept as a digest alone.{ends}"
    if asked.of == "tokens":
        return f'The token {told["id"]}, "{told["name"]}" of {told["user"]}, is revoked.'
    if told.get("removed"):
        return f"The user {told['name']} is removed, with all tokens."
    state = "" if told["active"] else ", disabled"
    return f"The user {told['name']} ({told['kind']}{state}) is {'added' if asked.do == 'add' else 'changed'}."


if __name__ == "__main__":
    sys.exit(main())
