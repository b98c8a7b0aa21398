"""Takes the name of an API, gives a faithful replica of it on loopback, which also tells the truth about its records.

with replica("github", token="ghp_secret") as api:
    api.url            # its base URL, as a definition has it
    api.first          # the address that somebody who wants the records would find in its documentation
    api.records        # every record that is to be found, whole, in the API's order, links on the replica's own host
    api.collections    # the same for each of its collections by name; `records` are those of the first
    api.requests       # what arrived; `api.answered` counts the answers by status

Each module describes one API: its frame, its paging, its traps (which are told in its first lines), its headers and
statuses, and the limits that it has in truth. Options of a replica are the arguments of the module's `model`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from tests.replicas.kit import Replica

NAMES = (
    "swapi_info",
    "swapi_tech",
    "pokeapi",
    "github",
    "stripe",
    "slack",
    "odata",
    "jsonapi",
    "usgs",
    "open_meteo",
    "rick_and_morty",
    "wordpress",
    "notion",
    "openalex",
    "hacker_news",
)


@contextmanager
def replica(name: str, **options: Any) -> Iterator[Replica]:
    """The replica while the block runs; `options` are those of its module."""
    module = import_module(f"tests.replicas.{name.replace('-', '_')}")
    with Replica(module.model(**options)) as api:
        yield api
