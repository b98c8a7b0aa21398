"""When schedules are due: the times of a cron in its zone, over changed clocks, and what a late look finds missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladle.errors import BadInput
from ladle.site_words.schedules import daily
from ladle_server.catalog.cron import NAMED, Cron, read
from ladle_server.catalog.due import GRACE, MOST, due

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ZURICH = "Europe/Zurich"


def times(text: str, then: datetime, *, zone: str = "UTC", most: int = 4) -> list[str]:
    cron = read(text, time_zone=zone, now=NOW)
    return [f"{each:%d %H:%M}" for each in islice(cron.after(then), most)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 6 * * *", ["22 06:30", "23 06:30"]),
        ("@hourly", ["21 13:00", "21 14:00"]),
        ("@Daily", ["22 00:00", "23 00:00"]),
        ("@weekly", ["22 00:00", "29 00:00"]),
        ("@monthly", ["01 00:00", "01 00:00"]),
        ("  */20  12 * * SAT ", ["21 12:20", "21 12:40"]),
        ("0 0 L * *", ["30 00:00", "31 00:00"]),
    ],
)
def test_a_cron_is_due_at_its_times(text: str, expected: list[str]) -> None:
    assert times(text, NOW, most=2) == expected


def test_a_time_is_of_the_schedules_own_zone() -> None:
    assert times("30 6 * * *", NOW, zone=ZURICH, most=1) == ["22 05:30"]
    assert times("30 6 * * *", NOW, zone="America/New_York", most=1) == ["22 11:30"]
    (first,) = read("30 6 * * *", time_zone=ZURICH, now=NOW).coming(NOW, most=1)
    assert first.isoformat() == "2026-11-22T06:30:00+01:00"


# In Zurich clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 to 02:00 on 25 October, both at 01:00 UTC.
def test_in_the_hour_that_is_left_out_a_time_of_day_is_due_once_when_it_is_over() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert times("30 2 * * *", before, zone=ZURICH, most=3) == ["29 01:00", "30 00:30", "31 00:30"]
    assert times("0,30 2 * * *", before, zone=ZURICH, most=2) == ["29 01:00", "30 00:00"]


def test_in_the_hour_that_comes_twice_a_time_of_day_is_due_once() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert times("30 2 * * *", before, zone=ZURICH, most=2) == ["25 00:30", "26 01:30"]
    second_round = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
    assert times("30 2 * * *", second_round, zone=ZURICH, most=1) == ["26 01:30"]


def test_every_hour_stays_every_hour_where_clocks_are_changed() -> None:
    spring, autumn = datetime(2026, 3, 29, 0, 15, tzinfo=UTC), datetime(2026, 10, 24, 23, 45, tzinfo=UTC)
    assert times("30 * * * *", spring, zone=ZURICH, most=3) == ["29 00:30", "29 01:30", "29 02:30"]
    assert times("30 * * * *", autumn, zone=ZURICH, most=3) == ["25 00:30", "25 01:30", "25 02:30"]


@given(start=st.integers(0, 2 * 366 * 1440), text=st.sampled_from(["30 2 * * *", "*/30 2 * * *", "0,59 1-3 * * *"]))
def test_times_only_go_forward_wherever_one_begins(start: int, text: str) -> None:
    then = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    found = [then, *islice(Cron(text=text, time_zone=ZURICH).after(then), 3)]
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("60 * * * *", '"60 * * * *" is no cron expression: "60" can\'t be its minute.'),
        ("0 0 * * MOO", '"MOO" can\'t be its day of week.'),
        ("* * * *", "it has 4 fields, not 5"),
        ("0 * * * * *", "it has 6 fields, not 5"),
        ("", "it has 0 fields, not 5"),
        (f"{','.join(['15'] * 80)} * * * *", "it has 247 characters, at most 200 fit"),
        ("@yearly", 'There is no "@yearly". There are @hourly, @daily, @weekly, @monthly'),
        ("0 0 30 2 *", '"30" can\'t be its day of month'),
        ("0 0 1 * 1#6", '"1#6" can\'t be its day of week'),
        ("* * */20 * 1L", "is never due"),
    ],
)
def test_a_cron_that_is_none_is_told_by_its_field(text: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text, time_zone="UTC", now=NOW)
    assert words in str(refused.value)


@given(st.lists(st.text("0123456789*/,-#LW@MON ٣²\0", max_size=8), min_size=4, max_size=6).map(" ".join))
def test_no_text_breaks_it(text: str) -> None:
    try:
        cron = read(text, time_zone=ZURICH, now=NOW)
    except BadInput:
        return
    assert cron.words
    assert cron.next(NOW) is not None


@pytest.mark.parametrize(("name", "meant"), [("zurich", "Europe/Zurich"), ("../etc/passwd", ""), ("", ""), ("a\0", "")])
def test_a_time_zone_that_is_none_is_told_with_what_was_meant(name: str, meant: str) -> None:
    with pytest.raises(BadInput, match=f'There is no time zone "{name}"') as refused:
        read("@daily", time_zone=name, now=NOW)
    assert meant in str(refused.value)


def test_a_time_of_day_is_a_cron_and_back() -> None:
    assert Cron(text=daily("6:05"), time_zone="UTC").at == "06:05"
    assert Cron(text="@daily", time_zone="UTC").at == "00:00"
    assert Cron(text="*/5 6 * * *", time_zone="UTC").at == ""
    assert Cron(text="5 6 * * *", time_zone="UTC").words == "At 06:05 every day"
    for wrong in ("24:00", "6", "06:60", "", "٠٦:٣٠"):
        with pytest.raises(BadInput, match="is no time of day"):
            daily(wrong)
    assert all(Cron(text=name, time_zone="UTC").words for name in NAMED)


HOURLY = Cron(text="@hourly", time_zone="UTC")


def test_a_look_within_a_minute_is_on_time() -> None:
    for late in (timedelta(), timedelta(seconds=59)):
        found = due(HOURLY, next_at=NOW, now=NOW + late)
        assert (found.missed, found.on_time, found.next_at) == (0, NOW, NOW + timedelta(hours=1))


def test_a_look_after_a_minute_finds_it_missed() -> None:
    found = due(HOURLY, next_at=NOW, now=NOW + GRACE)
    assert (found.missed, found.first_missed, found.on_time) == (1, NOW, None)
    assert found.next_at == NOW + timedelta(hours=1)


def test_a_look_after_hours_counts_what_was_missed_and_finds_what_is_due_just_now() -> None:
    found = due(HOURLY, next_at=NOW, now=NOW + timedelta(hours=3, seconds=10))
    assert (found.missed, found.first_missed) == (3, NOW)
    assert (found.on_time, found.next_at) == (NOW + timedelta(hours=3), NOW + timedelta(hours=4))


def test_years_of_missed_minutes_are_counted_to_a_thousand() -> None:
    minutes = Cron(text="* * * * *", time_zone="UTC")
    found = due(minutes, next_at=NOW, now=NOW + timedelta(days=900, seconds=30))
    assert (found.missed, found.on_time) == (MOST, NOW + timedelta(days=900))
    assert found.next_at == NOW + timedelta(days=900, minutes=1)


def test_a_day_that_comes_every_four_years_is_waited_for() -> None:
    leap = Cron(text="0 0 29 2 *", time_zone="UTC")
    found = due(leap, next_at=datetime(2028, 2, 29, tzinfo=UTC), now=datetime(2028, 2, 29, 0, 0, 5, tzinfo=UTC))
    assert found.on_time == datetime(2028, 2, 29, tzinfo=UTC)
    assert found.next_at == datetime(2032, 2, 29, tzinfo=UTC)
