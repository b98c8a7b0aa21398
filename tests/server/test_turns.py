"""Who may run a query now: two at once, the others in the order in which they came, and whoever leaves is forgotten."""

from __future__ import annotations

import pytest

from ladle_server.catalog.turns import GONE_AFTER, MOST, Full, Line


def test_two_are_served_and_the_others_know_their_place() -> None:
    line = Line()
    assert [line.turn(ticket) for ticket in "abcde"] == [0, 0, 1, 2, 3]
    assert [line.turn(ticket) for ticket in "edc"] == [3, 2, 1]


def test_a_place_goes_to_who_came_first() -> None:
    line = Line(served=1)
    for ticket in "abc":
        line.turn(ticket)
    line.done()
    assert [line.turn("c"), line.turn("b"), line.turn("c")] == [1, 0, 1]


def test_who_leaves_or_stays_silent_keeps_nobody_waiting() -> None:
    now = [0.0]
    line = Line(served=1, clock=lambda: now[0])
    for ticket in "abcd":
        line.turn(ticket)
    line.leave("b")
    assert line.turn("d") == 2
    now[0] = GONE_AFTER + 1
    assert line.turn("d") == 1


def test_a_line_that_is_full_sends_away_those_who_come() -> None:
    line = Line(served=0)
    for number in range(MOST):
        line.turn(f"{number}")
    with pytest.raises(Full, match=f"{MOST} queries wait already"):
        line.turn("another")
    assert line.turn("0") == 1
