"""The one door to S3: takes keys below a home's prefix, gives and keeps bytes, whole, in part, or on a condition.

obstore does the work: it signs, retries with growing pauses and sends large files in parts. Unlike pyarrow's S3 it can
put an object on the condition that there is none yet, or that it is still the one that was read, and a machine that
keeps its home in a folder does without it. Its threads do not outlive a fork: a process that forks opens stores after.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ladle.errors import LadleError, SettingError, Unreachable
from ladle.storage.settings import Bucket
from ladle.storage.trouble import is_absent, told

if TYPE_CHECKING:
    from obstore.store import S3Store

CONNECT, READ = timedelta(seconds=5), timedelta(seconds=20)
TRIES, PATIENCE = 6, timedelta(seconds=10)
"""How often a request is tried, and how long in all: whoever can wait longer asks again."""
PART = 8 << 20
"""Bytes of one request for a part of a large file."""
PIECE = 1 << 18
CONFLICT, CONFLICTS = "ConditionalRequestConflict", 10
"""How often a put is tried again while another is under way."""
T = TypeVar("T")
_users: dict[str, int] = {}
"""The process that has begun the client's threads."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing tells of it, which may lag behind."""

    key: str
    size: int
    """Bytes."""
    changed: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object's bytes, and the tag that tells this state of it from any other."""

    data: bytes
    tag: str


class Store:
    """Objects below a home's prefix. Every method raises SettingError or Unreachable, and is safe in any thread."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self._opened: S3Store | None = None

    def get(self, key: str) -> Found | None:
        """An object whole; None where there is none."""
        return self._asked(lambda obstore, store: _found(obstore.get(store, self._path(key))))

    def ranges(self, key: str, spans: Sequence[tuple[int, int]]) -> list[bytes] | None:
        """Bytes from each start up to each end, which must lie within the object; None where there is none."""
        starts, ends = [start for start, _ in spans], [end for _, end in spans]

        def ask(obstore: Any, store: S3Store) -> list[bytes]:
            if len(spans) == 1:
                return [bytes(obstore.get_range(store, self._path(key), start=starts[0], end=ends[0]))]
            return [bytes(part) for part in obstore.get_ranges(store, self._path(key), starts=starts, ends=ends)]

        return self._asked(ask)

    def pieces(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Bytes from `start` up to `end`, as they come; fewer where the object is gone or shorter."""
        for begin in range(start, end, PART):
            found = self.ranges(key, [(begin, min(begin + PART, end))])
            if found is None:
                return
            yield from (found[0][at : at + PIECE] for at in range(0, len(found[0]), PIECE))

    def put(self, key: str, data: bytes) -> None:
        """Keep an object, whatever was there."""
        self._asked(lambda obstore, store: obstore.put(store, self._path(key), data, use_multipart=False))

    def put_new(self, key: str, data: bytes) -> bool:
        """Keep an object where there is none; False where there is another already."""
        return self._put_if(key, data, "create")

    def put_over(self, key: str, data: bytes, *, tag: str) -> bool:
        """Keep an object in place of that with the tag; False where there is another by now, or none."""
        return self._put_if(key, data, {"e_tag": tag})

    def upload(self, key: str, path: Path) -> None:
        """Keep a file, in parts where it is large."""
        self._asked(
            lambda obstore, store: obstore.put(store, self._path(key), path, chunk_size=PART, max_concurrency=4)
        )

    def download(self, key: str, path: Path) -> str | None:
        """Write an object to a file, in flat memory; its SHA-256, None where there is no such object."""

        def ask(obstore: Any, store: S3Store) -> str:
            digest = hashlib.sha256()
            with path.open("wb") as file:
                for piece in obstore.get(store, self._path(key)).stream(min_chunk_size=PIECE):
                    digest.update(piece)
                    file.write(piece)
            return digest.hexdigest()

        return self._asked(ask)

    def delete(self, *keys: str) -> None:
        """Remove objects; one that isn't there is none that matters."""
        paths = [self._path(key) for key in keys]
        for path in paths:  # one by one: some servers know no other way
            self._asked(partial(_delete, path))

    def left(self, prefix: str) -> list[str]:
        """Keys below a prefix (all without one), to tidy up by: what is there says nothing of what is true."""
        return [each.key for each in self.listed(prefix)]

    def listed(self, prefix: str) -> list[Listed]:
        """The same, with what else a listing tells."""
        cut = len(self._path(""))

        def ask(obstore: Any, store: S3Store) -> list[Listed]:
            told = [each for some in obstore.list(store, self._path(f"{prefix}/" if prefix else "")) for each in some]
            return [Listed(each["path"][cut:], each["size"], each["last_modified"].timestamp()) for each in told]

        return self._asked(ask) or []

    def _put_if(self, key: str, data: bytes, mode: object) -> bool:
        """Whether it was put. Amazon's S3 says 409 while another is being put: neither yes nor no.

        A refusal of the second try, when the first one's answer was lost, is of what we have put ourselves.
        """

        def ask(obstore: Any, store: S3Store) -> bool:
            refusals = (obstore.exceptions.AlreadyExistsError, obstore.exceptions.PreconditionError)
            try:
                obstore.put(store, self._path(key), data, mode=mode)
            except refusals:
                return False
            return True

        for tried in range(CONFLICTS):
            try:
                if self._asked(ask):
                    return True
                break
            except Unreachable as error:
                if CONFLICT not in error.message or tried + 1 == CONFLICTS:
                    raise
        there = self.get(key)
        return there is not None and there.data == data

    def _asked(self, ask: Callable[[Any, S3Store], T]) -> T | None:
        obstore, store = self._client()
        try:
            return ask(obstore, store)
        except (obstore.exceptions.BaseError, FileNotFoundError) as error:
            if is_absent(error):
                return None
            raise told(error, self.bucket) from None  # its words may hold a key

    def _client(self) -> tuple[Any, S3Store]:
        try:
            import obstore  # here, since it takes 50 ms that a home in a folder need not wait
            import obstore.exceptions
            import obstore.store
        except ImportError as error:
            hint = "Install it: pip install 'ladle[s3]'."
            raise SettingError("A home on S3 needs obstore, which is not installed.", hint=hint) from error
        _refuse_fork()
        if self._opened is None:
            self._opened = _opened(obstore.store.S3Store, self.bucket)
        return obstore, self._opened

    def _path(self, key: str) -> str:
        return f"{self.bucket.prefix}/{key}" if self.bucket.prefix else key


def _opened(kind: Any, bucket: Bucket) -> S3Store:
    """Nothing but what was read goes in: the client would take other settings from the environment."""
    keys = {"access_key_id": bucket.key_id, "secret_access_key": bucket.secret, "session_token": bucket.token}
    given = {name: value for name, value in (*keys.items(), ("endpoint", bucket.endpoint)) if value}
    # A long answer may take its time, but not from one piece to the next.
    client = {"allow_http": True, "connect_timeout": CONNECT, "read_timeout": READ, "timeout": timedelta(hours=12)}
    retry = {"max_retries": TRIES - 1, "retry_timeout": PATIENCE}
    store: S3Store = kind(bucket.name, region=bucket.region, client_options=client, retry_config=retry, **given)
    return store


def _refuse_fork() -> None:
    """The client's threads are not there after a fork, and a request would wait for them for ever."""
    pid = os.getpid()
    if _users.setdefault("pid", pid) != pid:
        hint = "Open homes on S3 after the fork, not before."
        raise LadleError("This process was forked from one that has used S3.", hint=hint)


def _delete(path: str, obstore: Any, store: S3Store) -> None:
    obstore.delete(store, path)


def _found(answer: Any) -> Found:
    return Found(bytes(answer.bytes()), answer.meta["e_tag"] or "")
