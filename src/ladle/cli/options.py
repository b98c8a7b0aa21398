"""What several commands take: takes words of the command line, gives datasets, parameters and settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ladle.cli.completing import dataset_or_file
from ladle.errors import BadInput
from ladle.home import Home
from ladle.remote import running, sources
from ladle.remote.server import Server
from ladle.runs import list_runs
from ladle.sources.given import Typed
from ladle.sources.library import load_dataset

F = TypeVar("F", bound=Callable[..., Any])


def is_path(word: str) -> bool:
    """Whether a word is the path of a definition file, with or without one of its datasets.

    >>> is_path("own.toml"), is_path("apis/own.toml#people"), is_path("own/people")
    (True, True, False)
    """
    return word.partition("#")[0].endswith(".toml")


def named(word: str) -> str | Path:
    """A dataset's name, or the path of a definition file."""
    return Path(word) if is_path(word) else word


number_argument = click.argument("number", metavar="ID", type=click.IntRange(1))
"""`ID`: of what the site keeps in its database."""


def dataset_argument(command: F) -> F:
    """`DATASET`: a name like `swapi/people`, or a definition file, `own.toml` or `own.toml#people`."""

    def read(_context: click.Context, _parameter: click.Parameter, value: str) -> str | Path:
        return named(value)

    return click.argument("dataset", metavar="DATASET|FILE", callback=read, shell_complete=dataset_or_file)(command)


def dataset_name(home: Home | Server, dataset: str | Path) -> str:
    """The name of a dataset at hand, or of one that there are runs or snapshots of; raises NotFound."""
    if isinstance(home, Server):
        name = running.name_of(dataset)
        known = any(run.dataset == name for run in running.all_runs(home))
        return name if known else sources.dataset_name(home, name)
    if isinstance(dataset, str) and "/" in dataset and any(run.dataset == dataset for run in list_runs(home)):
        return dataset  # of a definition file, or of a source that was removed since
    source, found = load_dataset(dataset, home=home)
    return f"{source.name}/{found.name}"


def set_option(command: F) -> F:
    """`--set name=value`, as often as wanted."""

    def read(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, Typed]:
        return parameters_of(value)

    text = "Set a parameter of the source; a list is the path of a CSV file. As often as wanted."
    return click.option("--set", "parameters", metavar="NAME=VALUE", multiple=True, callback=read, help=text)(command)


def parameters_of(words: tuple[str, ...]) -> dict[str, Typed]:
    """`units=metric` and the like, each name once."""
    found: dict[str, Typed] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise BadInput(f'--set "{word}" sets nothing.', hint="Write a parameter and its value: --set units=metric")
        if name in found:
            raise BadInput(f'--set "{name}" is given twice.', hint="Leave one out.")
        found[name] = Typed(value)
    return found


def settings_options(command: F) -> F:
    """The options that stand for a source's settings."""
    for option in (
        click.option(
            "--pace", help="safe (default: spread evenly, one request below the limit) or fast (all at once)."
        ),
        click.option("--quota", help='Instead of the definition\'s: "60 per minute, 10000 per day".'),
        click.option("--base-url", help="Where the API is, when not where its definition says."),
    ):
        command = option(command)
    return command
