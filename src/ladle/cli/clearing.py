"""The command that makes room: takes a home, removes what need not be kept, says what that was."""

from __future__ import annotations

import click

from ladle.clearing import Cleared, Going, clear
from ladle.cli.face import err, home_option, json_option, out, say_json, say_table
from ladle.home import Home
from ladle.words import plural


@click.command(short_help="Remove what need not be kept.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@home_option
@json_option
def gc(dry_run: bool, home: Home, as_json: bool) -> None:
    """Remove what need not be kept: snapshots and journals beyond what is set, and what killed processes left.

    The latest complete snapshot of a dataset stays in any case.
    """
    cleared = clear(home, dry_run=dry_run)
    for note in cleared.notes:
        err.print(note)
    if as_json:
        removed = [_shape(home, each) for each in cleared.going]
        say_json({"dry_run": dry_run, "bytes": cleared.bytes, "removed": removed})
        return
    rows = [(each.kind, _name(home, each), f"{each.bytes:,}", each.why) for each in cleared.going]
    if rows:
        say_table(("what", "name", "bytes", "why"), rows, right=("bytes",))
    out.print(_summary(cleared))


def _summary(cleared: Cleared) -> str:
    if not cleared.going:
        return "Nothing goes." if cleared.dry else "Nothing was removed."
    told = f"{plural(len(cleared.going), 'thing')}, {plural(cleared.bytes, 'byte')}"
    return f"This would go: {told}." if cleared.dry else f"Removed: {told}."


def _name(home: Home, going: Going) -> str:
    """`snapshots/swapi/people/20261121-120103-7f3a9c`, below the home."""
    return going.path.relative_to(home.path).as_posix()


def _shape(home: Home, going: Going) -> dict[str, object]:
    return {"kind": going.kind, "name": _name(home, going), "bytes": going.bytes, "why": going.why}
