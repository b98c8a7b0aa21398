"""Pages as the Star Wars API gives people: takes a page's number, its size and how many there are, gives its JSON.

The values are the API's own 82 people (by Paul Hallett, see `src/ladle/demo/data/swapi/LICENSE.txt`), over and over;
an `id` from 1 on is put before the 16 fields, and makes name, time of editing and address differ from row to row.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import orjson

from ladle.demo.records import load_collections


@cache
def people() -> tuple[bytes, ...]:
    """Every person's JSON, with places for four numbers: id, name, microseconds, address."""
    return tuple(_template(person) for person in load_collections()["people"])


def page(number: int, *, size: int, pages: int, address: str) -> bytes:
    """The page of that number, from 1, of the collection at `address`."""
    first = (number - 1) * size + 1
    ids = range(first, first + size)
    following = b'"%s?page=%d"' % (address.encode(), number + 1) if number < pages else b"null"
    numbers = [each for id_ in ids for each in (id_, id_, id_ % 1_000_000, id_)]
    return _shape((first - 1) % len(people()), size) % (size * pages, following, *numbers)


def write(folder: Path, *, size: int, pages: int, address: str) -> None:
    """All pages as files `1.json`, `2.json` …, for a server of static files."""
    folder.mkdir(parents=True)
    for number in range(1, pages + 1):
        (folder / f"{number}.json").write_bytes(page(number, size=size, pages=pages, address=address))


@cache
def _shape(start: int, size: int) -> bytes:
    """A page that begins with the person `start`, with places for its numbers."""
    records = b",".join(people()[(start + offset) % len(people())] for offset in range(size))
    return b'{"count":%d,"next":%s,"previous":null,"results":[' + records + b"]}"


def _template(person: dict[str, object]) -> bytes:
    places = {
        "name": f"{person['name']} @",
        "edited": "2014-12-20T21:17:56.~Z",
        "url": "https://swapi.dev/api/people/@/",
    }
    text = orjson.dumps({"id": "@", **person, **places}).replace(b"%", b"%%")
    return text.replace(b'"@"', b"%d").replace(b"@", b"%d").replace(b"~", b"%06d")


if __name__ == "__main__":
    write(Path(sys.argv[1]), size=int(sys.argv[2]), pages=int(sys.argv[3]), address=sys.argv[4])
