"""What a process knows of a gate's log in Redis: takes what was heard, gives a state that is never changed in place."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ladle.collect.ledger import Wish
from ladle.collect.merging import has_more, hold, merged
from ladle.collect.permits import Event, GateState, apply
from ladle.collect.redis_log import KEPT, Heard, Place
from ladle.sources.source import Quota

AGAIN = "again-"
"""So begins the life of a log that was begun by somebody who knew that an earlier one is lost."""


@dataclass(frozen=True, slots=True)
class Known:
    """What this process knows of a gate: its log up to `place`, and the state that this makes. It is not changed."""

    place: Place = Place()  # noqa: RUF009 - a tuple
    base: int = 0
    """Number of the event at which the checkpoint is."""
    state: GateState = field(default_factory=GateState)

    def with_all(self, place: Place, events: Sequence[tuple[str, Event]]) -> Known:
        """The same, later: with events up to that place."""
        state = self.state.copy()
        for _, event in events:
            apply(state, event)
        return Known(place, self.base, state)


def whole(heard: Heard) -> Known:
    """All that Redis knows, from its checkpoint on. ValueError, KeyError or TypeError when that can't be read."""
    state = GateState.from_json(heard.checkpoint) if heard.checkpoint else GateState()
    return Known(heard.base, heard.base.seq, state).with_all(heard.place, heard.events)


def restored(known: Known, kept: Known, *, quotas: Sequence[Quota], now: float) -> Known:
    """What is to be in Redis when it kept less than is known: all of both, the gate held where nobody has held it yet.

    It is `kept` where that has everything, or where what is known is too old to count. `now` is Redis's time.
    """
    again = kept.place.life.startswith(AGAIN) and kept.place.life != known.place.life
    is_old = now + known.state.shift - known.state.last > KEPT
    if is_old or (again and not has_more(known.state, than=kept.state)):
        return kept
    state = merged(kept.state, known.state)
    if not again:
        hold(state, quotas=quotas, now=max(now + state.shift, state.last))
    state.seq = max(kept.state.seq, known.state.seq) + 1
    life = kept.place.life if again else AGAIN + secrets.token_hex(6)
    return Known(Place(life, state.seq, secrets.token_hex(6)), state.seq, state)


def without(wish: Wish, mine: Sequence[Event]) -> Wish:
    """What is left of a wish when an earlier try at it was written down after all: permits nobody heard of go back."""
    done = {event.permit for event in mine if event.kind in ("settle", "unused")}
    given = [(event.permit, None) for event in mine if event.kind == "grant"]
    left = [(permit, at) for permit, at in wish.settled if permit not in done]
    is_closed = any(event.kind == "close" for event in mine)
    return replace(wish, settled=[*left, *given], close=wish.close and not is_closed)
