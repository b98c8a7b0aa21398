"""Commands for whoever writes a definition: check names its mistakes, preview shows first rows, plan says the price."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ladle.cli.face import USAGE, err, json_option, out, place_option, say_json, say_rows, say_table
from ladle.cli.options import dataset_argument, set_option, settings_options
from ladle.collect.price import Plan
from ladle.home import Home
from ladle.keeping import check as check_definition
from ladle.public import plan as plan_of
from ladle.public_sources import preview as preview_of
from ladle.remote.server import Server
from ladle.shapes_of_sources import mistake_shape, plan_shape, preview_shape
from ladle.words import duration, plural


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check(file: Path, as_json: bool) -> None:
    """Name every mistake in a definition file, with line, key, value and what was meant. Asks nobody."""
    checked = check_definition(file)
    source, mistakes = checked.source, checked.mistakes
    if as_json:
        datasets = [f"{source.name}/{name}" for name in source.datasets] if source is not None else []
        say_json({"mistakes": [mistake_shape(each) for each in mistakes], "datasets": datasets})
    elif source is not None:
        out.print(f"{file} is right: {', '.join(f'{source.name}/{name}' for name in source.datasets)}")
        one = f"#{next(iter(source.datasets))}" if len(source.datasets) > 1 else ""
        out.print(f"See first rows with: ladle preview {file}{one}")
    for mistake in () if as_json else mistakes:
        err.print(f"{mistake.message} {mistake.hint}".strip(), style="red")
    if mistakes:
        sys.exit(USAGE)


@click.command()
@dataset_argument
@set_option
@settings_options
@place_option
@json_option
def preview(dataset: str | Path, home: Home | Server, as_json: bool, **asked: Any) -> None:
    """Show a dataset's first rows for one request of each resource that it needs; nothing is kept.

    The dataset is a name, or a definition file: own.toml, or own.toml#people for one of several.
    """
    shown = preview_of(dataset, home=home, **asked)
    if as_json:
        say_json(preview_shape(shown))
        return
    say_rows(shown.columns, shown.rows)
    err.print(f"{shown.dataset}: the first {plural(len(shown.rows), 'row')}, {plural(shown.requests, 'request')}.")
    for note in shown.notes:
        err.print(note)


@click.command()
@dataset_argument
@set_option
@settings_options
@place_option
@json_option
def plan(dataset: str | Path, home: Home | Server, as_json: bool, **asked: Any) -> None:
    """Say what collecting a dataset will cost, before anything is asked.

    The dataset is a name, or a definition file: own.toml, or own.toml#people for one of several.
    """
    price = plan_of(dataset, home=home, **asked)
    if as_json:
        say_json(plan_shape(price))
        return
    _say_plan(price)


def _say_plan(price: Plan) -> None:
    out.print(f"{price.title} ({price.dataset}) from {price.base_url}")
    about = "" if price.exact else "about "
    out.print(f"{about}{plural(price.total, 'request')}, {duration(price.seconds)} at pace {price.pace}")
    rows = [(part.resource, f"{'' if part.exact else 'about '}{part.requests:,}", part.why) for part in price.parts]
    say_table(("resource", "requests", "how"), rows, right=("requests",))
    out.print(f"quota: {', '.join(price.quotas) or 'none'}")
    if price.key_setting:
        out.print(f"key: {price.key_setting} is {'set' if price.key_present else 'not set'}")
