"""What calls will cost in time: takes their number and the quotas, gives seconds before the first call."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ladle.collect.outlook import time_for
from ladle.sources.source import Pace, Quota

MINUTELY = Quota(limit=60, seconds=60, text="60 per minute")
DAILY = Quota(limit=10_000, seconds=86_400, text="10000 per day")
MONTHLY = Quota(limit=1_000_000, seconds=31 * 86_400, text="1000000 per month")


@pytest.mark.parametrize(
    ("calls", "quotas", "pace", "least", "most"),
    [
        (0, [MINUTELY], "safe", 0, 0),
        (15, [DAILY], "safe", 0.4, 0.4),
        (167, [MINUTELY, MONTHLY], "safe", 150, 165),
        (167, [MINUTELY, MONTHLY], "fast", 120, 125),
        (25_000, [DAILY], "safe", 2 * 86_400, 2.1 * 86_400),
        (25_000, [MINUTELY, DAILY], "fast", 2 * 86_400, 2.1 * 86_400),
        (25_000, [MINUTELY], "safe", 25_000 / 59 * 60 - 60, 25_000 / 59 * 60 * 1.01),
        (25_000, [], "safe", 624, 626),
        (3_000_001, [MINUTELY, MONTHLY], "fast", 3 * 31 * 86_400, 3.01 * 31 * 86_400),
    ],
)
def test_the_time_that_calls_will_take_is_known_before(
    calls: int, quotas: list[Quota], pace: Pace, least: float, most: float
) -> None:
    assert least <= time_for(calls, quotas=quotas, pace=pace) <= most


def test_the_time_grows_steadily_where_playing_through_ends_and_whole_windows_begin() -> None:
    times = [time_for(calls, quotas=[MINUTELY], pace="safe") for calls in range(980, 1021)]
    assert all(0 <= later - sooner < 13 for sooner, later in pairwise(times))
