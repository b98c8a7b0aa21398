"""A reference becomes the name it stands for: takes the records that references point at, gives their values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ladle.collect.batch import lookup_batch
from ladle.collect.journal import Entry
from ladle.collect.naming import Naming
from ladle.collect.request import shape_of
from ladle.sources.paging import AnswerError, dig, read_answer
from ladle.sources.source import Dataset, Reference, Resource, Source


class Names:
    """The value of every record of one resource by its canonical name, and which names were asked for in vain."""

    def __init__(self, reference: Reference, *, resource: Resource, base_url: str, key_param: str | None) -> None:
        self.reference, self.resource = reference, resource
        self.missing: dict[str, None] = {}
        """Canonical names that no record goes by, in the order they were met."""
        self._naming = Naming(resource, base_url, key_param=key_param)
        self._values: dict[str, Any] = {}
        self._ids: dict[str, Any] = {}
        """By id, where the API takes batches of ids."""
        self._spelled: dict[str, str] = {}

    def add(self, entry: Entry) -> None:
        """Learn the records of one answer: by the resource's key, one alone by its request's key too."""
        resource = self.resource
        try:
            records = read_answer(shape_of(resource, entry.role), entry.body, entry.headers).records
        except AnswerError:
            return
        for record in records:
            value = dig(record, self.reference.value)
            if entry.role == "lookup" or (entry.role == "item" and len(records) == 1):
                for name in {entry.key, entry.key.removeprefix(f"{resource.name}/")}:
                    self._values.setdefault(name, value)
            key = dig(record, resource.key) if resource.key else None
            if key is not None:
                name = self._name(str(key))
                self._values.setdefault(name, value)
                if lookup_batch(resource):
                    self._ids.setdefault(self._naming.id_of(name), value)

    def resolve(self, reference: Any) -> Any:
        """The value that a reference stands for; null for null and for a missing record; a list for a list."""
        if reference is None:
            return None
        if isinstance(reference, list):
            return [self.resolve(each) for each in reference]
        name = self._name(str(reference))
        if name not in self._values:
            if self._ids and (id_ := self._naming.id_of(name)) in self._ids:
                return self._ids[id_]
            self.missing[name] = None
            return None
        return self._values[name]

    def _name(self, reference: str) -> str:
        known = self._spelled.get(reference)
        if known is None:
            known = self._spelled[reference] = self._naming.name(reference)
        return known


def names_for(dataset: Dataset, *, source: Source, base_url: str) -> dict[Reference, Names]:
    """An empty store for each reference of the dataset's columns."""
    references = [column.reference for column in dataset.columns if column.reference is not None]
    known = {reference: source.resources[reference.resource] for reference in references}
    return {
        reference: Names(reference, resource=known[reference], base_url=base_url, key_param=source.key_param)
        for reference in references
    }


def learn(names: Iterable[Names], entry: Entry) -> None:
    """Give an answer to every store that its resource matters to."""
    for store in names:
        if store.resource.name == entry.resource:
            store.add(entry)
