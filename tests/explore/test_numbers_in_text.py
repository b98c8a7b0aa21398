"""Numbers written as text: what a view reads as a number, against plain Python, in every way of asking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ladle.errors import BadInput
from ladle.explore.address import write_view
from ladle.explore.saying import view_words
from ladle.explore.snapshot import Snapshot
from ladle.explore.view import Filter, Sort, View
from tests.explore.plain import python_number
from tests.snapshots.kit import field, from_records

SIGNS = st.sampled_from(
    [*"0123456789.,eE+-_ nafiNxk°", "\t", "\u00a0", "\u2003", "\u3000", "\u200b", "\0", "٣", "é", "10"]
)
NEAR = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", " ", "\t ", "\u00a0", "\u3000 ", " \u00a0"]),
    st.sampled_from(["", "+", "-", "+-", "--", "$"]),
    st.sampled_from(
        [
            "0",
            "7",
            "078",
            "1,358",
            "1,35",
            "0,358",
            "1,2,345",
            "1,234,567.5",
            ".5",
            "5.",
            ".",
            "1_0",
            "9" * 310,
            "1" + ",358" * 73,
            "1" + ",358" * 75,
        ]
    ),
    st.sampled_from(["", "e4", "E+4", "e-400", "e400", "e", "e4.5", "km", "%"]),
    st.sampled_from(["", " ", "\n", "\u2009", "\u2028", "\0"]),
)
TEXTS = st.lists(st.one_of(NEAR, st.lists(SIGNS, max_size=8).map("".join), st.none()), min_size=20, max_size=200)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=TEXTS, least=st.sampled_from([-1.0, 0.0, 7.0, 1358.0]))
def test_any_text_is_read_as_plain_python_reads_it(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str | None], least: float
) -> None:
    records = [{"t": text, "n": place} for place, text in enumerate(texts)]
    snapshot = from_records(tmp_path_factory.mktemp("home"), records, field("t", type="text"), field("n"))
    read = [python_number(text) for text in texts]

    def places(*filters: Filter, sort: tuple[Sort, ...] = ()) -> list[int]:
        return [row["n"] for row in snapshot.rows(view=View(filters=filters, sort=sort, numbers=("t",)), limit=1000)]

    assert places(Filter("t", "isnull")) == [place for place, number in enumerate(read) if number is None]
    assert places(Filter("t", "gte", least)) == [
        n for n, number in enumerate(read) if number is not None and number >= least
    ]
    for number in sorted({number for number in read if number is not None})[:3]:
        assert places(Filter("t", "in", [number, 1e300])) == [
            n for n, each in enumerate(read) if each in (number, 1e300)
        ]
    there = sorted((n for n, number in enumerate(read) if number is not None), key=lambda n: (-(read[n] or 0.0), n))
    last = [n for n, number in enumerate(read) if number is None]
    assert places(sort=(Sort("t", descending=True),)) == there + last


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A mass as the Star Wars API writes it, beside columns of other types."""
    masses = ["77", "1,358", "unknown", "78.2", None, "1000km", " 8e1\u00a0", "1,35"]
    columns = [field("mass", type="text"), field("height"), field("able"), field("born", type="date")]
    records = [{"mass": mass, "height": place, "able": True, "born": "2014-12-20"} for place, mass in enumerate(masses)]
    return from_records(tmp_path_factory.mktemp("home"), records, *columns)


def heights(snapshot: Snapshot, *pairs: tuple[str, str]) -> list[Any]:
    return [row["height"] for row in snapshot.rows(view=snapshot.view(pairs))]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([("mass__gte", "78")], [1, 3, 6]),
        ([("mass", "1358")], [1]),
        ([("mass__not", "77.0")], [1, 3, 6]),
        ([("mass__in", "77,80")], [0, 6]),
        ([("mass__notin", "77,80")], [1, 3]),
        ([("mass__isnull", "1")], [2, 4, 5, 7]),
        ([("mass__notnull", "1"), ("_sort", "-mass")], [1, 6, 3, 0]),
        ([("_sort", "mass")], [0, 3, 6, 1, 2, 4, 5, 7]),
        ([("_search", "1,3"), ("_sort", "-mass")], [1, 7]),
        ([("_number", "height"), ("height__lt", "2")], [0, 1]),
    ],
)
def test_filters_and_sorts_of_a_column_read_as_numbers_are_numeric(
    people: Snapshot, pairs: list[tuple[str, str]], found: list[int]
) -> None:
    assert heights(people, ("_number", "mass"), *pairs) == found
    view = people.view([("_number", "mass"), *pairs])
    assert people.view(write_view(view)) == view


def test_the_rows_show_the_text_all_the_same(people: Snapshot) -> None:
    view = people.view([("_number", "mass"), ("mass__gt", "79")])
    assert [row["mass"] for row in people.rows(view=view)] == ["1,358", " 8e1\u00a0"]


def test_it_is_said_that_a_column_is_read_as_a_number(people: Snapshot) -> None:
    view = people.view([("_number", "mass"), ("mass__gte", "150"), ("height__lt", "9"), ("_sort", "-mass,height")])
    said = (
        "where mass (as a number) at least 150 and height below 9, "
        "sorted by mass (as a number), descending, then by height"
    )
    assert view_words(view, people.columns) == said
    assert view_words(View(numbers=("mass",)), people.columns) == ""


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ([("_number", "mas")], r'no column "mas". Did you mean "mass"'),
        ([("_number", "mass"), ("_number", "mass")], r'"mass" is named twice'),
        ([("_number", "able")], r'"able" can\'t be read as numbers: its type is boolean. Only text columns can'),
        ([("_number", "born")], r'"born" can\'t be read as numbers'),
        (
            [("_number", "mass"), ("mass__contains", "3")],
            r'"contains" can\'t be asked of "mass": it is read as a number',
        ),
        ([("_number", "mass"), ("mass__gt", "tall")], r'"tall" is no value for "mass"'),
    ],
)
def test_what_cannot_be_read_as_numbers_is_refused_by_name(
    people: Snapshot, pairs: list[tuple[str, str]], told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        people.view(pairs)


def test_a_view_of_the_whole_table_is_held_to_its_numbers_too(people: Snapshot) -> None:
    for ask in (people.look, people.prepare):
        with pytest.raises(BadInput, match="no column"):
            ask(View(numbers=("mas",)))


def test_a_column_called_like_the_key_is_asked_for_by_its_operator(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"_number": "1,358"}, {"_number": "9"}])
    view = snapshot.view([("_number", "_number"), ("_number__exact", "1358")])
    assert snapshot.rows(view=view) == [{"_number": "1,358"}]
    assert snapshot.view(write_view(view)) == view
