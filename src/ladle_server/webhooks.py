"""`ladle webhooks`: takes words of the command line, keeps webhooks in the site's database, tries and tells them."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from ladle.site_words.webhooks import did_not_arrive, said
from ladle_server import command


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say, and give the exit code."""
    return command.begun(arguments(words), carry_out)


def carry_out(asked: argparse.Namespace) -> int:
    """The same, of a site that is ready."""
    return command.done(
        asked,
        _do,
        lambda told: said(asked.do, told),
        failed=lambda told: asked.do == "test" and did_not_arrive(told),
    )


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What the words ask for; ends the process with exit code 2 where they make no sense."""
    parser = command.parser("ladle webhooks", "Webhooks of a home's site.")
    commands = parser.add_subparsers(dest="do", required=True)
    add = commands.add_parser("add")
    add.add_argument("url")
    add.add_argument("--dataset", action="append", default=[])
    add.add_argument("--end", action="append", default=[])
    add.add_argument("--site", default="")
    commands.add_parser("list")
    for name in ("remove", "test"):
        commands.add_parser(name).add_argument("number", type=int)
    return parser.parse_args(words)


def _do(asked: argparse.Namespace) -> dict[str, Any]:
    # What needs Django is loaded when Django is set up.
    from ladle_server.access import audit
    from ladle_server.catalog.hooks import webhooks
    from ladle_server.catalog.models import Webhook
    from ladle_server.catalog.telling_hooks import told_webhook

    if asked.do == "list":
        return command.listed([told_webhook(row) for row in Webhook.objects.all()])
    if asked.do == "add":
        added = webhooks.add(webhooks.checked(asked.url, datasets=asked.dataset, ends=asked.end), site=asked.site)
        audit.by_command_line("add a webhook", str(added.row.pk))
        return told_webhook(added.row, secret=added.secret)
    if asked.do == "remove":
        webhooks.remove(asked.number)
        audit.by_command_line("remove a webhook", str(asked.number))
        return {"id": asked.number, "removed": True}
    return _tested(asked.number)


def _tested(number: int) -> dict[str, Any]:
    """The call is made here and now, whether a worker is there or not."""
    from ladle_server.catalog.hooks import webhooks
    from ladle_server.catalog.posting import calls
    from ladle_server.catalog.telling_hooks import told_delivery

    row, call = calls.call_for_test(webhooks.get(number))
    if call is not None:
        calls.note(call, asyncio.run(calls.make(call)))
    row.refresh_from_db()
    return told_delivery(row)


if __name__ == "__main__":
    sys.exit(main())
