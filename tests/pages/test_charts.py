"""Pictures as numbers: ticks are round and cover, shapes stay in their frame and stand for what they are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladle_server.pages.charts.columns import columns
from ladle_server.pages.charts.heat import heat, tone
from ladle_server.pages.charts.land import clipped, within
from ladle_server.pages.charts.line import line
from ladle_server.pages.charts.map import drawn, window_of
from ladle_server.pages.charts.scales import ticks, time_ticks

numbers = st.floats(min_value=-1e200, max_value=1e200, allow_nan=False)
years = st.integers(-62_000_000_000, 220_000_000_000).map(
    lambda s: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(numbers, numbers, st.integers(2, 12))
def test_ticks_are_round_equally_apart_and_cover(a: float, b: float, most: int) -> None:
    low, high = min(a, b), max(a, b)
    found = ticks(low, high, most=most)
    tiny = (found[1] - found[0]) * 1e-6  # not to be seen in a picture
    assert found[0] <= low + tiny
    assert found[-1] >= high - tiny
    assert 2 <= len(found) <= most + 1
    step = found[1] - found[0]
    assert all(later - earlier == pytest.approx(step, rel=1e-3) for earlier, later in pairwise(found))
    digits = f"{step:.3e}".partition("e")[0].rstrip("0").rstrip(".")
    if max(map(abs, found)) < step * 1e9:  # else the difference of two large numbers is not what was added
        assert digits in ("1", "2", "5")


@given(years, st.integers(60, 30_000_000_000))
def test_ticks_of_time_lie_between_the_ends_in_their_order(low: datetime, seconds: int) -> None:
    found = time_ticks(low, low + timedelta(seconds=seconds))
    assert len(found) <= 12
    assert all(0 <= tick.at <= 100 for tick in found)
    assert [tick.at for tick in found] == sorted({tick.at for tick in found})


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_a_bin_is_as_high_as_its_count_and_none_is_lost(counts: list[int]) -> None:
    shape = columns(counts, edges=[float(each) for each in range(len(counts) + 1)], single=False)
    for column, count in zip(shape.columns, counts, strict=True):
        assert (column.height > 0) == (count > 0)
        assert column.y + column.height == pytest.approx(shape.frame.bottom, abs=0.11)
        assert 0 <= column.x < column.x + column.width <= 100.001
        if column.height > 2:
            assert column.height == pytest.approx(shape.frame.height * count / shape.frame.high, abs=0.2)
    assert len(shape.frame.across) <= 11


def test_a_line_is_broken_where_values_lack() -> None:
    shape = line([1.0, 2.0, None, 3.0], at=[0, 30, 60, 90], across=[], from_zero=True)
    assert shape.path.count("M") == 2
    assert [dot.place for dot in shape.dots] == [0, 1, 3]
    assert shape.dotted


@given(st.lists(st.lists(st.integers(0, 5000), min_size=3, max_size=3), min_size=1, max_size=20))
def test_every_pair_with_rows_has_a_tone_that_the_legend_tells(cells: list[list[int]]) -> None:
    shape = heat(cells, down=["r"] * len(cells), across=["a", "b", "a long name of a column"])
    assert {(cell.row, cell.column) for cell in shape.cells} == {
        (i, j) for i, row in enumerate(cells) for j, count in enumerate(row) if count
    }
    for cell in shape.cells:
        count = cells[cell.row][cell.column]
        assert [number for number, low, high in shape.bounds if low <= count <= high] == [cell.tone]
        assert cell.x + shape.cell_width <= shape.width
        assert cell.y + shape.cell_height <= shape.height


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_more_rows_are_never_lighter(a: int, b: int) -> None:
    assert tone(min(a, b), max(a, b)) <= tone(max(a, b), max(a, b)) == 6


@given(st.lists(places, max_size=30))
def test_a_map_shows_every_place(found: list[tuple[float, float]]) -> None:
    window = window_of(found)
    assert -180 <= window.west < window.east <= 180
    assert -90 <= window.south < window.north <= 90
    for lat, lon in found:
        assert -0.1 <= window.x(lon) <= 1000.1
        assert -0.1 <= window.y(lat) <= window.height + 0.1


def test_a_map_of_a_small_area_shows_it_alone_and_says_what_the_colours_mean() -> None:
    shape = drawn([(51.0, 7.0), (50.0, 8.0), (52.0, 9.0)], counts=[1, 5, 1], values=[3.0, None, 17.0])
    assert shape.window.east - shape.window.west < 20
    assert [dot.tone for dot in shape.dots] == [1, 0, 4]
    assert shape.legend[-1] == (0, "no value")
    assert shape.dots[1].size > shape.dots[0].size


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=3, max_size=12))
def test_land_is_cut_at_the_frame(ring: list[tuple[float, float]]) -> None:
    for x, y in clipped(ring, west=-10, south=-5, east=10, north=5):
        assert -10.000001 <= x <= 10.000001
        assert -5.000001 <= y <= 5.000001


@pytest.mark.parametrize(
    ("place", "land"), [((10, 50), True), ((-60, -10), True), ((-30, 0), False), ((-150, 30), False), ((0, -85), True)]
)
def test_the_land_is_where_it_is(place: tuple[float, float], land: bool) -> None:
    x, y = place
    assert bool(within(x - 0.5, y - 0.5, x + 0.5, y + 0.5)) == land


def test_no_word_on_a_map_is_cut_by_its_upper_edge() -> None:
    uruguay = [(-34.95, -58.3), (-30.9053, -53.8)]
    map_ = drawn(uruguay, counts=[1, 1], values=[None, None])
    assert [tick.text for tick in map_.parallels] == ["34°S", "32°S"]
    assert map_.grid.count("H") == 3  # the line of 30°S is there without its word
