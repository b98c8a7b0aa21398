"""An API without a network: takes collections of records, gives answers to a planner's requests in any order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ladle.collect.plan import Planner
from ladle.collect.request import Request, shape_of
from ladle.sources.definition import parse
from ladle.sources.paging import AnswerError, Page, read_answer
from ladle.sources.source import Source

BASE = "https://api.example.org/v1/"
Record = dict[str, Any]


def source_of(resources: str, *, columns: str = "", each: str = "id\n1\n", auth: str = "") -> Source:
    """A source with the dataset `own/things` of the resource `things`."""
    text = f'ladle = 1\nname = "own"\ntitle = "Own"\nbase_url = "{BASE}"\n{auth}\n{resources}\n'
    text += f'[datasets.things]\nresource = "things"\ncolumns = [{columns}]\n'
    return parse(text, where="own.toml", lists=lambda _resource, file, _setting: (file, each))


def paged(name: str, *, style: str = "page", told: str = 'count = "count"\nnext = "next"', more: str = "") -> str:
    """The definition of a resource."""
    return (
        f'[resources.{name}]\npath = "{name}/"\nrecords = "results"\nkey = "url"\npaging = "{style}"\n{told}\n{more}\n'
    )


def records(name: str, number: int, /, **more: Callable[[int], object]) -> list[Record]:
    """`number` records with addresses `…/name/1/` and so on."""
    made = range(1, number + 1)
    return [{"url": f"{BASE}{name}/{n}/", **{key: make(n) for key, make in more.items()}} for n in made]


@dataclass
class World:
    """Answers as an API of pages with numbers (`count` and `next`) and of links (`next` alone, by `?after=`) would."""

    collections: dict[str, list[Record]]
    base: str = BASE
    size: int = 10
    refused: set[str] = field(default_factory=set)
    """Keys of requests that are never answered."""

    def body(self, request: Request) -> bytes | None:
        """The answer to a request, by its address alone; None where it is refused."""
        address = urlsplit(request.url)
        path = address.path.removeprefix(urlsplit(self.base).path).strip("/")
        if request.key in self.refused or not request.url.startswith(self.base):
            return None
        if path in self.collections:
            return json.dumps(self._page(path, dict(parse_qsl(address.query)))).encode()
        name, _, id_ = path.rpartition("/")
        found = [each for each in self.collections.get(name, ()) if each["url"].strip("/").endswith(f"/{name}/{id_}")]
        return json.dumps(found[0]).encode() if found else None

    def _page(self, name: str, query: dict[str, str]) -> Record:
        everything = self.collections[name]
        start = int(query["after"]) if "after" in query else (int(query.get("page", "1")) - 1) * self.size
        end = start + self.size
        param = f"page={end // self.size + 1}" if "page" in query else f"after={end}"
        following = f"{self.base}{name}/?{param}" if end < len(everything) else None
        return {"count": len(everything), "next": following, "results": everything[start:end]}

    def pages(self, name: str) -> int:
        """How many pages a collection has."""
        return ceil(len(self.collections[name]) / self.size)


@dataclass
class Journey:
    """A planner's way to the end: every request that was made, in the order of the answers."""

    planner: Planner
    world: World
    answered: list[tuple[Request, bytes]] = field(default_factory=list)
    gaps: list[Request] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    pool: list[Request] = field(default_factory=list)

    def resume(self, answered: Iterable[tuple[Request, bytes]]) -> Journey:
        """Begin where a journal ends."""
        self._add(self.planner.begin())
        for request, body in answered:
            self.keys.add(request.key)
            self._add(self.planner.answered(request, self.read(request, body)))
        self.pool = [request for request in self.pool if request.key not in self.keys]
        return self

    def go(self, choose: Callable[[int], int] = lambda open: 0, *, at_most: int = 10_000) -> Journey:
        """Answer what is open, in the order that `choose` takes from so many, until nothing is."""
        if not self.answered and not self.keys:
            self.resume(())
        while self.pool and len(self.answered) < at_most:
            self._step(self.pool.pop(choose(len(self.pool))))
        return self

    def _step(self, request: Request) -> None:
        assert request.key not in self.keys, f"{request.key} was asked for twice"
        self.keys.add(request.key)
        body = self.world.body(request)
        try:
            if body is None:
                raise AnswerError("refused")
            self._add(self.planner.answered(request, self.read(request, body)))
        except AnswerError:
            self.gaps.append(request)
            self._add(self.planner.given_up(request))
        else:
            assert body is not None
            self.answered.append((request, body))

    def _add(self, requests: Iterable[Request]) -> None:
        self.pool += [request for request in requests if request.key not in self.keys]
        assert len({request.key for request in self.pool}) == len(self.pool), "a request is waiting twice"

    def read(self, request: Request, body: bytes) -> Page:
        """As the collector does."""
        return read_answer(shape_of(self.planner.source.resources[request.resource], request.role), body)

    @property
    def made(self) -> list[str]:
        """Keys of all requests that were made here."""
        return [request.key for request, _ in self.answered] + [request.key for request in self.gaps]

    @property
    def told(self) -> int:
        """What the planner says the whole run costs."""
        return sum(part.requests for part in self.planner.parts())


def set_out(source: Source, world: World, *, dataset: str = "things") -> Journey:
    """A journey that has not begun."""
    return Journey(Planner(source, source.datasets[dataset]), world)
