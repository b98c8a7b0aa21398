"""The ledger of all processes of a home: takes an SQLite file, gives a `Ledger` that survives restarts and kill -9.

    event       what happened at each gate, numbered from 1; every process replays what is new to it, decides, appends
    checkpoint  a gate's whole state as of an event, so that older events can go

Everything happens inside BEGIN IMMEDIATE: between a process's look and its grant nobody else can grant. A process that
is killed leaves either the whole step or nothing. Commits are not synced to the platter (WAL, synchronous=NORMAL): a
kill loses nothing, and a machine that lost power is away for longer than the windows that are nearly full.
"""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from ladle.collect.ledger import Asked, Clock, Stepped, Wish, step
from ladle.collect.outlook import Prospect, seconds_left
from ladle.collect.permits import Event, GateState, Kind, apply
from ladle.collect.quota import QuotaUse, use
from ladle.errors import Conflict, Damaged, LadleError
from ladle.sources.source import Quota

FORMAT = 2
OLDER = 1
"""A format that this one only adds to: a ledger of it is taken over as it is. Older versions then refuse it."""
BUSY_SECONDS = 30.0
RETRY_SECONDS = 0.0005, 0.002
"""Between two tries to lock the file, at random: a step takes as long. SQLite's own wait grows to a tenth."""
CHECKPOINT_EVERY = 1000
"""Events between checkpoints, at least: at 60 calls a minute one in eight minutes."""

SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA user_version = {FORMAT};
CREATE TABLE event (
    gate TEXT, seq INTEGER, kind TEXT, permit TEXT, at REAL, now REAL, PRIMARY KEY (gate, seq)
) WITHOUT ROWID;
CREATE TABLE checkpoint (gate TEXT PRIMARY KEY, seq INTEGER, state TEXT);
"""


class SqliteLedger(Stepped):
    """A ledger in a file, shared by every process that opens it. Damaged when the file is not a whole ledger.

    Each call raises Conflict when another process has kept the file locked for half a minute.
    """

    blocking = True

    def __init__(self, path: Path, *, clock: Clock = time.time) -> None:
        self._path = path
        self._clock = clock
        self._gates: dict[str, GateState] = {}
        self._lock = threading.Lock()
        with self._told():
            if not path.exists():
                _create(path)
            self._database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            with self._told():
                self._check()
        except BaseException:
            self._database.close()
            raise

    def use(self, gate: str, *, quotas: Sequence[Quota]) -> list[QuotaUse]:
        """As `Ledger.use`; about a tenth of a millisecond."""
        with self._lock, self._transaction(gate) as state:
            self._keep(gate, state, step(state, Wish(quotas=quotas), clock=self._clock())[0])
            return use(state, quotas=quotas, now=state.last)

    def outlook(self, gate: str, prospect: Prospect) -> float:
        """As `Ledger.outlook`; a few milliseconds."""
        with self._lock, self._transaction(gate) as state:
            self._keep(gate, state, step(state, Wish(quotas=prospect.quotas), clock=self._clock())[0])
            mine = state.copy()
        return seconds_left(mine, prospect)

    def shut(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _step(self, gate: str, wish: Wish) -> Asked:
        with self._lock, self._transaction(gate) as state:
            events, asked = step(state, self._mourned(wish, state), clock=self._clock())
            self._keep(gate, state, events)
            return asked

    @contextmanager
    def _transaction(self, gate: str) -> Iterator[GateState]:
        """The gate's state with all that other processes wrote, and nobody else at it until the end."""
        with self._told():
            self._lock_file()
            try:
                yield self._caught_up(gate)
                self._database.execute("COMMIT")
            except BaseException:
                self._gates.pop(gate, None)  # it may have seen events that were never kept
                with suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
                raise

    def _lock_file(self) -> None:
        give_up = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > give_up:
                    raise
            time.sleep(random.uniform(*RETRY_SECONDS))

    def _caught_up(self, gate: str) -> GateState:
        state = self._gates.get(gate)
        rows = self._events(gate, after=state.seq) if state else []
        if state is None or (rows and rows[0][0] != state.seq + 1):
            # New here, or a checkpoint took events that were not seen. It leaves the newest one, so the gap shows.
            state = self._gates[gate] = self._checkpoint(gate)
            rows = self._events(gate, after=state.seq)
        for _, kind, permit, at, now in rows:
            apply(state, Event(kind, permit, at, now))
        return state

    def _events(self, gate: str, *, after: int) -> list[tuple[int, Kind, str, float, float]]:
        sql = "SELECT seq, kind, permit, at, now FROM event WHERE gate = ? AND seq > ? ORDER BY seq"
        return self._database.execute(sql, (gate, after)).fetchall()

    def _checkpoint(self, gate: str) -> GateState:
        row = self._database.execute("SELECT state FROM checkpoint WHERE gate = ?", (gate,)).fetchone()
        try:
            return GateState.from_json(row[0]) if row else GateState()
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged("it holds a checkpoint that can't be read") from error

    def _keep(self, gate: str, state: GateState, events: Sequence[Event]) -> None:
        if not events:
            return
        first = state.seq - len(events) + 1
        rows = [(gate, first + n, *event) for n, event in enumerate(events)]
        self._database.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", rows)
        (oldest,) = self._database.execute("SELECT min(seq) FROM event WHERE gate = ?", (gate,)).fetchone()
        # Writing a large state takes long, so it is done in proportion to its size.
        if state.seq - oldest >= max(CHECKPOINT_EVERY, len(state.settled) + len(state.minutes)):
            row = (gate, state.seq, state.to_json())
            self._database.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)", row)
            self._database.execute("DELETE FROM event WHERE gate = ? AND seq < ?", (gate, state.seq))

    def _check(self) -> None:
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version == OLDER:
            self._database.execute(f"PRAGMA user_version = {FORMAT}")
        elif version != FORMAT:
            raise self._damaged(f"its format is {version}, and this version of Ladle reads format {FORMAT}")
        (verdict,) = self._database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise self._damaged(str(verdict))
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("SELECT 1 FROM event, checkpoint LIMIT 1").fetchone()
        self._database.execute("PRAGMA busy_timeout = 0")  # from now on `_lock_file` waits

    @contextmanager
    def _told(self) -> Iterator[None]:
        """SQLite's errors in Ladle's words."""
        try:
            yield
        except sqlite3.Error as error:
            code = _kind(error)
            if _is_busy(error):
                raise Conflict(
                    f"Another process has kept the quota ledger {self._path} locked for {BUSY_SECONDS:.0f} seconds.",
                    hint="End the process that hangs, then try again.",
                ) from error
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
                raise self._damaged(str(error)) from error
            raise LadleError(
                f"The quota ledger {self._path} can't be written: {error}.",
                hint="Is there room on the disk, and may this user write there?",
            ) from error

    def _damaged(self, why: str) -> Damaged:
        return Damaged(
            f"The quota ledger {self._path} can't be used: {why}.",
            hint="It is not replaced silently, for it knows which calls were made. When the longest quota's window has "
            f"passed since the last call, delete {self._path.name} and the files named {self._path.name}-*.",
        )


def _kind(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF  # the low byte


def _is_busy(error: sqlite3.Error) -> bool:
    return _kind(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _create(path: Path) -> None:
    """Make an empty ledger whole, then give it its name: a file that has the name but no tables is a damaged one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with closing(sqlite3.connect(temporary)) as database:
            database.executescript(SCHEMA)
        with suppress(FileExistsError):  # another process was first: its ledger counts
            os.link(temporary, path)
    finally:
        for leftover in temporary.parent.glob(temporary.name + "*"):
            leftover.unlink()
