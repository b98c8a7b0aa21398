"""Another clock through round trips: takes trips and steps of our clock, gives bounds that always hold the truth."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ladle.collect.watch import FRESH, SURE, Trip

times = st.floats(0, 1000)
short = st.floats(0, 0.4)


@given(apart=st.floats(-1e6, 1e6), sent=times, there=short, back=short, later=short, ago=short)
def test_the_truth_lies_between_the_bounds_wherever_the_other_read_its_clock(
    apart: float, sent: float, there: float, back: float, later: float, ago: float
) -> None:
    read, came = sent + there, sent + there + back
    trip, now = Trip(read + apart, sent, came, came + 7e8), came + later
    clock = now + 7e8
    assert trip.earliest(now) - 1e-6 <= now + apart <= trip.latest(now) + 1e-6
    at = clock - ago
    assert trip.earliest_at(at, clock=clock, steady=now) - 1e-6 <= now - ago + apart
    assert now - ago + apart <= trip.latest_at(at, clock=clock, steady=now) + 1e-6


@given(step=st.floats(0.2, 1e7) | st.floats(-1e7, -0.2))
def test_after_a_step_of_our_clock_an_answer_counts_from_now_on(step: float) -> None:
    trip, now = Trip(5000.0, 10.0, 10.0, 1_000_010.0), 11.0
    before, clock = 1_000_010.5, 1_000_011.0 + step
    assert trip.latest_at(before, clock=clock, steady=now) == trip.latest(now)
    later = Trip(5001.0, now, now, clock).after(trip)
    assert later.latest_at(before, clock=clock, steady=now) == later.latest(now), "the next trip has not forgotten it"
    assert later.latest_at(clock + 1, clock=clock + 1.5, steady=now + 1.5) == 5002.0


def test_a_trip_is_believed_while_it_is_fresh_and_when_it_was_short() -> None:
    assert Trip(0, 10.0, 10.1, 0).is_good(10.1 + FRESH / 2)
    assert not Trip(0, 10.0, 10.1, 0).is_good(10.2 + FRESH)
    assert not Trip(0, 10.0, 10.1 + SURE, 0).is_good(10.2 + SURE)
