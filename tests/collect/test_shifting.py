"""Collections that move while they are read: takes random changes, holds what was kept against what there ever was."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.collect.moving import Change, Style, read

SCHEDULES = 200
WAYS: list[tuple[Change, ...]] = [("insert",), ("delete",), ("move",), ("insert", "delete", "move")]
STYLES: list[Style] = ["page", "link", "offset", "cursor"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kinds", WAYS, ids=",".join)
def test_what_is_called_complete_is_the_collection_of_one_moment(style: Style, kinds: tuple[Change, ...]) -> None:
    readings = [read(seed, style=style, kinds=kinds) for seed in range(SCHEDULES)]
    wrong = [seed for seed, each in enumerate(readings) if each.complete and not each.true and not each.moving.hides]
    assert wrong == []
    moved = [each for each in readings if len(each.moving.states) > 1]
    assert len(moved) > SCHEDULES // 2
    # It is no proof if it gives up: most of what moves comes to rest.
    assert sum(each.complete for each in moved) > len(moved) // 3


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kinds", [("insert",), ("move",)], ids=",".join)
def test_without_a_count_a_key_that_comes_again_is_the_sign(style: Style, kinds: tuple[Change, ...]) -> None:
    readings = [read(seed, style=style, kinds=kinds, counted=False) for seed in range(SCHEDULES)]
    assert [seed for seed, each in enumerate(readings) if each.complete and not each.true] == []


@settings(deadline=None, max_examples=300)
@given(
    seed=st.integers(0, 2**32),
    style=st.sampled_from(STYLES),
    counted=st.booleans(),
    rate=st.floats(0.1, 1.0),
)
@example(seed=12335, style="page", counted=True, rate=0.90625)  # both readings torn in the same place
def test_where_two_readings_must_agree_nothing_at_all_slips_through(
    seed: int, style: Style, counted: bool, rate: float
) -> None:
    reading = read(seed, style=style, kinds=WAYS[-1], counted=counted, rate=rate, more="verify = true")
    assert not reading.complete or reading.true


@settings(deadline=None, max_examples=300)
@given(seed=st.integers(0, 2**32), style=st.sampled_from(STYLES), rate=st.floats(0.1, 1.0))
def test_no_schedule_makes_a_counted_collection_complete_that_is_not(seed: int, style: Style, rate: float) -> None:
    reading = read(seed, style=style, kinds=WAYS[-1], rate=rate)
    assert not reading.complete or reading.true or reading.moving.hides


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("counted", [True, False])
def test_what_stands_still_is_read_once(style: Style, counted: bool) -> None:
    for seed in range(50):
        reading = read(seed, style=style, kinds=("insert",), counted=counted, rate=0.0)
        assert reading.complete
        assert reading.requests == max(1, -(-len(reading.moving.records) // reading.moving.size))
        assert reading.planner.settling.settled.readings == 1


@pytest.mark.parametrize("style", STYLES)
def test_no_page_is_read_more_than_three_times(style: Style) -> None:
    for seed in range(SCHEDULES):
        reading = read(seed, style=style, kinds=WAYS[-1], rate=1.0)
        assert reading.planner.settling.settled.readings <= 3


def test_what_never_rests_is_incomplete_with_the_numbers() -> None:
    seeds = (read(seed, kinds=("insert", "delete"), rate=1.0) for seed in range(SCHEDULES))
    reading = next(each for each in seeds if each.planner.settling.reason)
    assert not reading.complete
    assert "after 3 readings" in reading.planner.settling.reason
    assert "its count between" in reading.planner.settling.reason


@pytest.mark.parametrize("style", STYLES)
def test_the_plan_counts_what_is_read_again_and_says_why(style: Style) -> None:
    readings = [read(seed, style=style, kinds=("insert", "move")) for seed in range(SCHEDULES)]
    for reading in readings:
        (part,) = reading.planner.parts()
        assert (part.requests, part.exact) == (reading.requests, True)
        assert ("reading again" in part.why) == (reading.planner.settling.reread > 0)
    assert any("that moved" in each.planner.parts()[0].why for each in readings)
