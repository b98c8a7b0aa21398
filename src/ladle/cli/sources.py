"""Commands about sources: list them, keep one's own, show one, take one away."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from ladle.cli.completing import source_names
from ladle.cli.face import err, json_option, out, place_option, say_json, say_table
from ladle.cli.options import is_path
from ladle.errors import BadInput, NotFound
from ladle.home import Home
from ladle.keeping import Version
from ladle.public import all_sources, unusable_sources
from ladle.public import plan as plan_of
from ladle.public_sources import add_source, remove_source, source_versions
from ladle.remote import defining
from ladle.remote import sources as there
from ladle.remote.server import Server
from ladle.shapes import Shape, listed
from ladle.shapes_of_sources import source_shape, version_shape
from ladle.sources.found import at_path, find
from ladle.sources.library import load_source
from ladle.words import duration, plural


@click.group(invoke_without_command=True)
@place_option
@json_option
@click.pass_context
def sources(context: click.Context, home: Home | Server, as_json: bool) -> None:
    """List the APIs that Ladle knows how to take whole, or keep and look at those of your own."""
    if context.invoked_subcommand is None:
        _say_all(home, as_json=as_json)
        return
    # What stands before the subcommand's name holds for it, too.
    context.default_map = {context.invoked_subcommand: {"home": home.address, "as_json": as_json}}


def _say_all(home: Home | Server, *, as_json: bool) -> None:
    found = list(there.shapes(home)) if isinstance(home, Server) else _shapes(home)
    if as_json:
        say_json(listed(found))
        return
    rows = []
    for source in found:
        auth = source["auth"]
        key = "none needed" if auth is None else "set" if auth["present"] else f"missing: set {auth['setting']}"
        for dataset in source["datasets"]:
            price = plan_of(f"{source['name']}/{dataset['name']}", home=home)
            cost = f"{'' if price.exact else 'about '}{plural(price.total, 'request')}, {duration(price.seconds)}"
            rows.append((price.dataset, price.title, cost, ", ".join(price.quotas), key))
    say_table(("dataset", "what", "cost", "quota", "key"), rows)


def _shapes(home: Home) -> list[Shape]:
    """The sources of a home, those that can't be used said beside."""
    for name, error in unusable_sources(home=home).items():
        err.print(f"The source {name} can't be used: {error}", style="yellow")
    return [source_shape(source, env=os.environ) for source in all_sources(home=home)]


@sources.command()
@click.argument("file", type=click.Path(path_type=Path))
@place_option
@json_option
def add(file: Path, home: Home | Server, as_json: bool) -> None:
    """Keep a definition file, with its lists and functions, to be used by its name.

    A name that is there already gets a new version. A server takes no functions.
    """
    if isinstance(home, Server):
        kept = defining.add(home, file, {})
    else:
        kept = source_shape(add_source(file, home=home, made_by="command line"), env=os.environ)
    if as_json:
        say_json(kept)
        return
    datasets = [f"{kept['name']}/{each['name']}" for each in kept["datasets"]]
    out.print(f"{kept['name']} (version {kept['version']}): {', '.join(datasets)}")
    out.print(f"See its first rows with: ladle preview {datasets[0]}")


@sources.command()
@click.argument("name", shell_complete=source_names)
@click.option("--version", type=int, help="One of a source of your own; the current one otherwise.")
@place_option
@json_option
def show(name: str, version: int | None, home: Home | Server, as_json: bool) -> None:
    """Show a source's definition, and of one of your own its versions. NAME may be of the gallery, or a FILE."""
    if isinstance(home, Server) and is_path(name):
        hint = "Name one of its sources, or a home with: --home FOLDER"
        raise BadInput("A server reads no files of this machine.", hint=hint)
    kept = _versions(home, name)
    if version is not None:
        _say_version(_one(kept, name, version), as_json=as_json)
        return
    if kept and not any(each.current for each in kept):
        hint = f"Show what it was with: ladle sources show {name} --version {kept[0].number}"
        raise NotFound(f"The source {name} was removed.", hint=hint)
    told = there.shape(home, name) if isinstance(home, Server) else _shape(home, name, kept)
    if as_json:
        say_json(told)
        return
    out.print(told["definition"].rstrip("\n"))
    if told["versions"]:
        out.print()
        say_table(("version", "kept", "by", "trusted", "current"), [_told_row(each) for each in told["versions"]])


@sources.command()
@click.argument("name", shell_complete=source_names)
@place_option
@json_option
def remove(name: str, home: Home | Server, as_json: bool) -> None:
    """Let nothing go by the name of a source of your own any more.

    Its versions stay to be looked at; runs and snapshots are not touched.
    """
    remove_source(name, home=home)
    number = source_versions(name, home=home)[0].number
    if as_json:
        say_json({"name": name, "removed": True})
    else:
        out.print(f"{name} is removed. What it was is kept: ladle sources show {name} --version {number}")


def _shape(home: Home, name: str, kept: list[Version]) -> Shape:
    """A source of a home, or a file, with its definition and its versions."""
    definition = at_path(Path(name)) if is_path(name) else find(name, home=home)
    told = source_shape(load_source(Path(name) if is_path(name) else name, home=home), env=os.environ)
    return {**told, "definition": definition.text, "versions": [version_shape(each) for each in kept]}


def _versions(home: Home | Server, name: str) -> list[Version]:
    """Of a source that never was one's own, none."""
    try:
        return source_versions(name, home=home)
    except NotFound:
        return []


def _one(kept: list[Version], name: str, number: int) -> Version:
    for each in kept:
        if each.number == number:
            return each
    known = ", ".join(str(each.number) for each in reversed(kept)) or "none"
    raise BadInput(f"{name} has no version {number}.", hint=f"There are: {known}.")


def _say_version(version: Version, *, as_json: bool) -> None:
    if as_json:
        say_json({**version_shape(version), "definition": version.text})
    else:
        out.print(version.text.rstrip("\n"))


def _told_row(version: Shape) -> tuple[object, ...]:
    made = datetime.fromisoformat(version["made_at"]).astimezone()
    trusted, current = ("yes" if version[name] else "no" for name in ("trusted", "current"))
    return (version["version"], f"{made:%Y-%m-%d %H:%M}", version["made_by"], trusted, current)
