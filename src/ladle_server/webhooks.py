"""`ladle webhooks`: takes words of the command line, keeps webhooks in the site's database, tries and tells them."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

from ladle.errors import BadInput, LadleError, NotFound
from ladle_server.ready import make_ready

USAGE, FAILED = 2, 1
COLUMNS = ("id", "url", "datasets", "ends", "last")


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say, and give the exit code."""
    asked = arguments(words)
    try:
        make_ready(asked.home)
    except LadleError as error:
        return _refused(error)
    return carry_out(asked)


def carry_out(asked: argparse.Namespace) -> int:
    """The same, of a site that is ready."""
    try:
        told = _do(asked)
    except LadleError as error:
        return _refused(error)
    print(json.dumps(told, indent=2, default=_iso) if asked.json else _said(asked.do, told))
    return FAILED if asked.do == "test" and told["state"] != "delivered" else 0


def _refused(error: LadleError) -> int:
    print(f"ladle: {error}", file=sys.stderr)
    return USAGE if isinstance(error, (BadInput, NotFound)) else FAILED


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What the words ask for; ends the process with exit code 2 where they make no sense."""
    parser = argparse.ArgumentParser(prog="ladle webhooks", description="Webhooks of a home's site.")
    parser.add_argument("--home", help="folder of runs and snapshots (default: LADLE_HOME, else ~/.ladle)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
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
        found = [told_webhook(row) for row in Webhook.objects.all()]
        return {"count": len(found), "next": None, "previous": None, "results": found}
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


def _said(do: str, told: dict[str, Any]) -> str:
    """The same in words."""
    if do == "remove":
        return f"The webhook {told['id']} is removed."
    if do == "list":
        lines = [COLUMNS, *(_line(each) for each in told["results"])]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        rows = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join(row.rstrip() for row in rows)
    if do == "add":
        return (
            f"The webhook {told['id']} tells {told['url']} of {', '.join(told['datasets'])}.\n"
            f"Its calls are signed with this secret, which is shown only now: {told['secret']}\n"
            f"Try it with: ladle webhooks test {told['id']}"
        )
    if told["state"] == "delivered":
        return f"The call arrived: the receiver answered {told['status']}."
    return f"The call did not arrive. {told['reason']}"


def _line(told: dict[str, Any]) -> tuple[str, ...]:
    last = told["last"]
    came = "disabled" if told["disabled"] else f"{last['type']} {last['state']}" if last else "–"
    return (str(told["id"]), told["url"], ", ".join(told["datasets"]), ", ".join(told["ends"]), came)


def _iso(value: Any) -> str:
    return str(value.isoformat()).replace("+00:00", "Z")


if __name__ == "__main__":
    sys.exit(main())
