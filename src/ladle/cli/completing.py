"""What a shell offers at the Tab key: takes a word begun, gives names of the home; and the script that asks for them.

Nothing is made, nothing fails and no server is asked: where the home can't be read, nothing is offered.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from contextlib import suppress

import click
from click.shell_completion import CompletionItem, get_completion_class

from ladle.cli.face import json_option, say_json
from ladle.errors import LadleError
from ladle.explore.finding import find
from ladle.explore.finding import snapshot_ids as ids_of_snapshots
from ladle.explore.folders import folders
from ladle.home import Home
from ladle.public import all_sources
from ladle.public import gallery as gallery_sources
from ladle.runs import open_run, run_ids

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_LADLE_COMPLETE"
NEWEST = 50
"""How many runs, the newest, are opened for the names of their datasets, and offered by their ids."""

Offering = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@json_option
@click.pass_context
def completion(context: click.Context, shell: str, as_json: bool) -> None:
    """Write the script by which a shell completes commands, options and the names of datasets and snapshots.

    \b
    bash: ladle completion bash > ~/.local/share/bash-completion/completions/ladle
    zsh:  ladle completion zsh > a file _ladle in a folder of $fpath
    fish: ladle completion fish > ~/.config/fish/completions/ladle.fish
    """
    writer = get_completion_class(shell)
    assert writer is not None, shell  # noqa: S101 - click knows all three
    script = writer(context.find_root().command, {}, "ladle", VARIABLE).source()
    if as_json:
        say_json({"shell": shell, "script": script})
    else:
        click.echo(script)


def _offering(names: Callable[[Home, click.Context, str], Iterable[str]]) -> Offering:
    """The names of a home that begin with the word; nothing where a server stands in the home's place."""

    @functools.wraps(names)
    def offered(context: click.Context, _parameter: click.Parameter, word: str) -> list[CompletionItem]:
        home = context.params.get("home")
        if not isinstance(home, Home):
            return []
        with suppress(LadleError, OSError):
            found = dict.fromkeys(names(home, context, word))
            return [CompletionItem(name) for name in found if name.startswith(word)]
        return []

    return offered


@_offering
def dataset_names(home: Home, _context: click.Context, _word: str) -> Iterable[str]:
    """Datasets of the sources at hand, and those that there are snapshots of."""
    yield from (f"{source.name}/{name}" for source in all_sources(home=home) for name in source.datasets)
    yield from _kept(home)


@_offering
def snapshot_names(home: Home, _context: click.Context, word: str) -> Iterable[str]:
    """Datasets that there are snapshots of; once a digit is typed, the snapshots' ids, newest first."""
    return sorted(ids_of_snapshots(home), reverse=True) if word[:1].isdigit() else _kept(home)


@_offering
def run_names(home: Home, _context: click.Context, word: str) -> Iterable[str]:
    """Datasets of the newest runs; once a digit is typed, the runs' ids, newest first."""
    newest = sorted(run_ids(home), reverse=True)[:NEWEST]
    for each in newest:
        with suppress(LadleError):
            yield each if word[:1].isdigit() else open_run(home, each).dataset


@_offering
def source_names(home: Home, _context: click.Context, _word: str) -> Iterable[str]:
    """Sources at hand, then the gallery's."""
    yield from (source.name for source in all_sources(home=home))
    yield from (source.name for source in gallery_sources())


@_offering
def column_names(home: Home, context: click.Context, _word: str) -> Iterable[str]:
    """Columns of the snapshot that was named before."""
    return [column.name for column in find(home, context.params["snapshot"]).columns]


def dataset_or_file(context: click.Context, parameter: click.Parameter, word: str) -> list[CompletionItem]:
    """A dataset; or where none begins so, the path of a definition file."""
    return dataset_names(context, parameter, word) or [CompletionItem(word, type="file")]


def _kept(home: Home) -> list[str]:
    """The datasets that there are snapshots of."""
    return sorted({f"{folder.parent.parent.name}/{folder.parent.name}" for folder in folders(home)})
