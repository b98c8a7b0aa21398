"""Two memories of one gate: takes a history and what two processes saw of it, gives all that either saw, once."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladle.collect.merging import has_more, hold, merged
from ladle.collect.permits import HOUR, MAX_HOLD, Event, GateState, apply
from ladle.collect.quota import spent
from ladle.sources.source import Quota

START = 1_800_000_000.0
WINDOWS = [Quota(limit=10**6, seconds=seconds, text="") for seconds in (6, 60, 3600, 86_400, 31 * 86_400)]


def history(seed: int, *, length: int = 200) -> list[Event]:
    """Calls over some hours; of some nothing is heard again."""
    random, now, flying, events = Random(seed), START, list[str](), list[Event]()
    for _ in range(length):
        now += random.choice([0.01, 1.0, 70.0])
        if flying and random.random() < 0.6:
            events.append(Event("settle", flying.pop(0), now - 0.001, now))
        else:
            flying.append(str(len(events)))
            events.append(Event("grant", flying[-1], now, now))
    return events


def after(events: list[Event]) -> GateState:
    state = GateState()
    for event in events:
        apply(state, event)
    return state


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), seen=st.integers(0, 200))
def test_who_saw_less_adds_nothing_but_what_was_under_way_and_who_saw_more_adds_the_rest(seed: int, seen: int) -> None:
    events = history(seed)
    whole, part = after(events), after(events[:seen])
    for both in (merged(whole, part), merged(part, whole)):
        for quota in WINDOWS:
            counted, truth = (spent(each, quota, now=whole.last) for each in (both, whole))
            assert truth <= counted <= truth + len(part.flying)
    assert has_more(whole, than=part) or seen == len(events)
    assert not has_more(part, than=merged(whole, part))


def test_what_each_saw_alone_counts_together() -> None:
    base = history(1, length=50)
    now = base[-1].now
    one = after([*base, Event("grant", "a", now + 1, now + 1), Event("settle", "a", now + 2, now + 2)])
    other = after([*base, Event("grant", "b", now + 1.5, now + 1.5), Event("close", "", now + 99, now + 3)])
    both = merged(one, other)
    assert spent(both, WINDOWS[-1], now=now + 3) == spent(after(base), WINDOWS[-1], now=now + 3) + 2
    assert (both.closed_until, both.seq, both.last) == (now + 99, one.seq, now + 3)


def test_of_two_permits_with_one_name_both_count() -> None:
    one, other = after([Event("grant", "0", START, START)]), after([Event("grant", "0", START + 1, START + 1)])
    assert len(merged(one, other).flying) == 2


@pytest.mark.parametrize(("seconds", "window"), [([6.0, 60.0], 60.0), ([6.0, 86_400.0], 6.0), ([HOUR], 0.0)])
def test_a_gate_is_held_for_a_call_and_the_longest_of_its_short_windows(seconds: list[float], window: float) -> None:
    state = GateState()
    hold(state, quotas=[Quota(limit=5, seconds=each, text="") for each in seconds], now=START)
    assert state.closed_until == pytest.approx(START + MAX_HOLD + window * 1.001)
