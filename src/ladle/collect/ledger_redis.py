"""The ledger of all machines with one Redis: takes its address, gives a `Ledger` in which every step is one script.

    look up what this process knows → decide → "append this if nothing is new" → done; else take in what is new, again

Nobody waits for a lock: of two who decide at once one is told what it missed, and decides again. The time is Redis's:
a step is decided at the earliest that it may be there, and an answer is charged at the latest that it may have come.
What this process knows is never changed in place, so displays may read it at any moment, and while Redis is away.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from ladle.collect.known import Known, restored, whole, without
from ladle.collect.ledger import Asked, Clock, LedgerAway, Stepped, Wish, step
from ladle.collect.outlook import Prospect, seconds_left
from ladle.collect.permits import Event, GateState
from ladle.collect.quota import QuotaUse, use
from ladle.collect.redis_log import REDIS_TIME, Append, Heard, Place, RedisLog
from ladle.collect.watch import Trip
from ladle.errors import Damaged
from ladle.sources.source import Quota

JITTER = 0.003
"""Seconds, at most and at random, that a process waits whose turn it is not: a step of another takes about one."""
PATIENCE, GLANCE = 2.0, 0.25
"""Seconds that Redis may take to answer: who needs a permit, and a display."""
QUIET = 30.0
"""Seconds for which displays don't ask a Redis that did not answer, unless it answers who needs a permit."""
CHECKPOINT_EVERY = 1000
"""Events between checkpoints, at least, as in SQLite."""


class RedisLedger(Stepped):
    """A ledger in a Redis, shared by every process that names it and the prefix.

    `clock` is the one by which answers are told; `steady` is never put forward or back. Raises SettingError for an
    address that is none; LedgerAway, at each step, when Redis can't be reached within two
    seconds or so.
    """

    blocking = True

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "ladle",
        clock: Clock = time.time,
        steady: Clock = time.monotonic,
        redis_time: str = REDIS_TIME,
    ) -> None:
        self._clock, self._steady = clock, steady
        me = secrets.token_hex(6)
        self._log = RedisLog(url, prefix=prefix, me=me, timeout=PATIENCE, time=redis_time)
        self._glances = RedisLog(url, prefix=prefix, me=me, timeout=GLANCE, time=redis_time)
        self._known: dict[str, Known] = {}
        self._trip: Trip | None = None
        self._marks: dict[str, set[str]] = {}
        """Steps that were sent and of which nothing was heard: they may yet turn up in the log."""
        self._found: dict[str, list[Event]] = {}
        """What turned up of them, until a later step has taken it into account."""
        self._quiet_until = 0.0
        self._asking = threading.Lock()

    def use(self, gate: str, *, quotas: Sequence[Quota]) -> list[QuotaUse]:
        """As `Ledger.use`; while Redis is away, as far as this process knows."""
        state = self._glance(gate, quotas)
        return use(state, quotas=quotas, now=state.last)

    def outlook(self, gate: str, prospect: Prospect) -> float:
        """As `Ledger.outlook`; while Redis is away, as far as this process knows."""
        state = self._glance(gate, prospect.quotas)
        since = self._earliest_at(prospect.since)
        return seconds_left(state, replace(prospect, since=since))

    def check(self) -> None:
        """Try the whole way. SettingError when Redis refuses, LedgerAway when it can't be reached."""
        self._log.look("check", Place())

    def shut(self) -> None:
        """Let go of the connections."""
        self._log.shut()
        self._glances.shut()

    def _step(self, gate: str, wish: Wish) -> Asked:
        with self._asking:
            known = self._known.get(gate, Known())
            if self._trip is None or not self._trip.is_good(self._steady()):
                known = self._taken_in(gate, known, self._heard(self._log, gate, known.place), wish.quotas)
            give_up, eager = time.monotonic() + PATIENCE, False
            while time.monotonic() < give_up:
                asked, wanted, after = self._decided(known, without(wish, self._found.get(gate, ())))
                heard = self._heard(self._log, gate, known.place, replace(wanted, eager=eager))
                if heard.verdict == "done":
                    self._keep(gate, after)
                    self._found.pop(gate, None)
                    return asked
                known, eager = self._taken_in(gate, known, heard, wish.quotas), True
                if heard.verdict == "turn":
                    time.sleep(random.uniform(0.0, JITTER))
            raise LedgerAway(f"The quota ledger {self._log.shown} is asked by too many at once.")

    def _decided(self, known: Known, wish: Wish) -> tuple[Asked, Append, Known]:
        """What is to be answered, what to be appended, and what is known when that is done."""
        trip, steady = self._trip, self._steady()
        assert trip is not None, "Redis was looked at"  # noqa: S101 - narrows the type
        state, now = known.state.copy(), trip.earliest(steady)
        wish = self._in_redis_time(self._mourned(wish, state), trip, steady)
        events, asked = step(state, wish, clock=now)
        if not events:
            return asked, Append(clock=now, to=known.place), Known(known.place, known.base, state)
        to = Place(known.place.life or secrets.token_hex(6), state.seq, secrets.token_hex(6))
        # Writing a large state takes long, so it is done in proportion to its size.
        is_due = state.seq - known.base >= max(CHECKPOINT_EVERY, len(state.settled) + len(state.minutes))
        checkpoint = state.to_json() if is_due else ""
        wanted = Append(clock=now, to=to, events=events, checkpoint=checkpoint)
        return asked, wanted, Known(to, to.seq if is_due else known.base, state)

    def _in_redis_time(self, wish: Wish, trip: Trip, steady: float) -> Wish:
        """The wish, its times turned into Redis's: never too early for an answer or the end of a refusal."""
        clock = self._clock()

        def latest(at: float) -> float:
            return trip.latest_at(at, clock=clock, steady=steady)

        settled = [(permit, None if at is None else latest(at)) for permit, at in wish.settled]
        told = [
            each._replace(granted=trip.earliest_at(each.granted, clock=clock, steady=steady), at=latest(each.at))
            for each in wish.told
        ]
        until = None if wish.until is None else trip.latest(steady) + (wish.until - clock)
        return replace(wish, settled=settled, told=told, until=until)

    def _earliest_at(self, at: float) -> float:
        trip, steady = self._trip, self._steady()
        return at if trip is None else trip.earliest_at(at, clock=self._clock(), steady=steady)

    def _heard(self, log: RedisLog, gate: str, place: Place, wanted: Append | None = None) -> Heard:
        """Go to Redis and back, and note the time."""
        if wanted is not None and wanted.to != place:
            self._marks.setdefault(gate, set()).add(wanted.to.mark)
        sent = self._clock(), self._steady()
        try:
            heard = log.look(gate, place) if wanted is None else log.append(gate, place, wanted)
        except LedgerAway:
            self._quiet_until = self._steady() + QUIET
            raise
        self._trip = Trip(heard.time, sent[1], self._steady(), self._clock()).after(self._trip)
        self._quiet_until = 0.0
        return heard

    def _taken_in(self, gate: str, known: Known, heard: Heard, quotas: Sequence[Quota]) -> Known:
        """What is known after what was heard."""
        mine = [event for mark, event in heard.events if mark in self._marks.get(gate, ())]
        if heard.verdict == "lost":
            after = self._told_again(gate, known, heard, quotas)
        else:
            after = self._later(gate, known, heard)
        if after is not known:
            self._found.setdefault(gate, []).extend(mine)
            self._keep(gate, after)
        return after

    def _later(self, gate: str, known: Known, heard: Heard) -> Known:
        """What is known with what is new."""
        if heard.verdict == "new":
            return known.with_all(heard.place, heard.events)
        return self._whole(gate, heard) if heard.verdict == "whole" else known

    def _told_again(self, gate: str, known: Known, heard: Heard, quotas: Sequence[Quota]) -> Known:
        """Redis has lost what is known here. What is known when it was told, or found to have it from others."""
        after = restored(known, self._whole(gate, heard), quotas=quotas, now=heard.time)
        if after.place == heard.place:
            return after
        step = Append(clock=0.0, to=after.place, checkpoint=after.state.to_json())
        answer = self._heard(self._log, gate, heard.place, step)
        return after if answer.verdict == "done" else known

    def _whole(self, gate: str, heard: Heard) -> Known:
        try:
            return whole(heard)
        except (ValueError, KeyError, TypeError) as error:
            hint = "When the longest quota's window has passed since the last call, delete its keys."
            raise Damaged(f"The ledger {self._log.shown} has an unreadable checkpoint of {gate}.", hint=hint) from error

    def _keep(self, gate: str, known: Known) -> None:
        if known.place != self._known.get(gate, Known()).place:
            self._marks.pop(gate, None)  # the log went on, so what was sent before is in it, or never will be
        self._known[gate] = known

    def _glance(self, gate: str, quotas: Sequence[Quota]) -> GateState:
        """The gate's state now, to be played with: Redis's where it answers at once, else as far as it is known."""
        known = self._known.get(gate)
        if self._steady() >= self._quiet_until:
            try:
                heard = self._heard(self._glances, gate, (known or Known()).place)
            except LedgerAway:
                if known is None:
                    raise
            else:
                # A log that lost something, and steps of which nothing was heard, are left to who asks for permits.
                known = self._later(gate, known or Known(), heard)
        state = (known or Known()).state.copy()
        if self._trip is not None:
            step(state, Wish(quotas=quotas), clock=self._trip.earliest(self._steady()))
        return state
