"""The command about one's own files: takes a file and how it is written, gives its snapshot."""

from __future__ import annotations

from pathlib import Path

import click

from ladle.cli.face import err, home_option, json_option, out, say_json, size
from ladle.home import Home
from ladle.importing import import_file
from ladle.words import plural


@click.command("import", short_help="Keep your own CSV or Parquet FILE as a snapshot.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", metavar="SOURCE/DATASET", help="What it is called.  [default: files/ and the file's name]")
@click.option("--key", metavar="COLUMN", help="The column by which snapshots of it are compared.")
@click.option("--encoding", help="Of a CSV: utf-8, windows-1252 …  [default: found out]")
@click.option("--delimiter", help='One character, or "tab".  [default: found out]')
@click.option("--quote", help='One character, or "none".  [default: "]')
@click.option("--escape", help="The character before a quote within quotes.  [default: it is doubled]")
@click.option("--header/--no-header", default=None, help="Whether the first line has the names.  [default: found out]")
@click.option("--missing", multiple=True, metavar="TEXT", help="A text that means a missing value, as often as wanted.")
@home_option
@json_option
def import_(
    file: Path,
    name: str | None,
    key: str | None,
    encoding: str | None,
    delimiter: str | None,
    quote: str | None,
    escape: str | None,
    header: bool | None,
    missing: tuple[str, ...],
    home: Home,
    as_json: bool,
) -> None:
    """Keep your own CSV or Parquet FILE as a snapshot of a dataset, to be looked into like any other."""
    with err.status(f"Reading {file} …"):
        taken = import_file(
            file,
            name=name,
            key=key,
            encoding=encoding,
            delimiter=delimiter,
            quote=quote,
            escape=escape,
            header=header,
            missing=missing,
            home=home,
        )
    if as_json:
        say_json(taken.manifest.to_json())
        return
    manifest = taken.manifest
    settings = manifest.imported.settings if manifest.imported else {}
    err.print(f"{file}: {', '.join(f'{what} {value}' for what, value in settings.items())}.")
    for note in manifest.notes:
        err.print(note)
    told = f"{plural(len(taken), 'row')}, {plural(len(taken.columns), 'column')}"
    out.print(f"{taken.id}: {taken.dataset}, {told}, {size(manifest.files['data.csv'].size)}")
    err.print(f"Look into it with: ladle show {taken.dataset}")
