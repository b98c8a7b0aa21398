"""What paths lead to is remembered, but for long ones: takes paths, counts how often it was asked for."""

from __future__ import annotations

from ladle_server.remembered import LONGEST, MOST, by_path


def test_usual_paths_are_asked_for_once_and_long_ones_are_kept_nowhere() -> None:
    asked: list[str] = []
    length = by_path(lambda path: asked.append(path) or len(path))
    short, long = "/runs/", "/" * (LONGEST + 1)
    assert [length(path) for path in (short, short, long, long)] == [6, 6, LONGEST + 1, LONGEST + 1]
    assert asked == [short, long, long]


def test_the_paths_that_were_asked_for_long_ago_are_forgotten() -> None:
    asked: list[str] = []
    length = by_path(lambda path: asked.append(path) or len(path))
    for path in ("/first/", *(f"/{number}/" for number in range(MOST)), "/first/"):
        length(path)
    assert asked.count("/first/") == 2
