"""What a record goes by: takes a reference or a record's key as it is written, gives one name, an address and an id.

An API refers to a record by its address (`https://…/planets/7/`, `/planets/7`) or by its key alone (`7`). Both come to
one name, the address's canonical one, since a key is put into the resource's `one` first.
"""

from __future__ import annotations

from functools import cached_property
from string import Formatter
from urllib.parse import quote

from ladle.sources.paging import canonical
from ladle.sources.source import Resource
from ladle.sources.spelling import plain_path, without_key

KEY = "{key}"
_MARK = "0key0"
"""Stands for any key, in the name of an address."""


class Naming:
    """Names the records of one resource. `key_param` is the source's: what an API writes as its value is in no name."""

    def __init__(self, resource: Resource, base_url: str, *, key_param: str | None) -> None:
        self._base_url, self._said, self._key_param = base_url, resource.one, key_param
        self._one = one_of(resource)
        self._below = plain_path(resource.path) + "/"

    def name(self, written: str) -> str:
        """The one name of all spellings.

        >>> stars = Naming(Resource(name="planets", path="planets/"), "https://stars.example/api/", key_param="k")
        >>> stars.name("7"), stars.name("http://stars.example/api/planets/7/?k=secret")
        ('planets/7', 'planets/7')
        """
        if self._one is None or self._is_address(written):
            return canonical(without_key(written, self._key_param), self._base_url)
        if written.isascii() and written.isalnum():  # nothing in it is written in %XX, or has two spellings
            return f"{self._around[0]}{written}{self._around[1]}"
        return canonical(self._filled(written), self._base_url)

    def address(self, written: str) -> str:
        """Where the record is, absolute or under the base URL; a key's by `one`."""
        if self._one is None or self._is_address(written):
            return without_key(written, self._key_param)
        return self._filled(written)

    def is_key(self, written: str) -> bool:
        """Whether it is a key alone, whose address is known by `one`."""
        return self._one is not None and not self._is_address(written)

    def id_of(self, name: str) -> str:
        """The id in a name: what stands where the key does, or the last part of its path, or all of what is no path.

        >>> stars = Naming(Resource(name="planets", path="planets/"), "https://stars.example/api/", key_param=None)
        >>> stars.id_of("planets/7")
        '7'
        """
        before, after = self._around
        if (before or after) and name.startswith(before) and name.endswith(after) and len(name) > len(before + after):
            return name[len(before) : len(name) - len(after)]
        return name.partition("?")[0].rpartition("/")[2] or name

    def _is_address(self, written: str) -> bool:
        """A key of one's own may hold a slash where the definition says where keys go."""
        if "/" not in written and "?" not in written:
            return False
        return self._said is None or "://" in written or written[0] in "/?" or written.startswith(self._below)

    def _filled(self, key: str) -> str:
        return (self._one or KEY).replace(KEY, quote(key.strip(), safe=""))

    @cached_property
    def _around(self) -> tuple[str, str]:
        """What stands before and behind the key in a name."""
        if self._one is None:
            return "", ""
        before, _, after = canonical(self._filled(_MARK), self._base_url).partition(_MARK)
        return before, after


def one_of(resource: Resource) -> str | None:
    """The path of one record, with the place of its key: as said, else the key below the resource's own path.

    Of a resource that is asked for by its parent's records, its own path where the parent's key alone stands in it.
    None where nothing tells it.
    """
    if resource.one is not None:
        return resource.one
    path, each = resource.path, resource.each
    if each is None:
        return f"{path.rstrip('/')}/{KEY}{'/' if path.endswith('/') else ''}" if path.strip("/") else None
    places, place = {name for _, name, _, _ in Formatter().parse(path) if name}, f"{{{each.key}}}"
    return path.replace(place, KEY) if places == {each.key} and path != place else None
