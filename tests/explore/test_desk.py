"""Long questions: as many as may stand in line, each can be stopped, and those that nobody wants make room."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import ladle
from ladle.explore.desk import Desk, stop_question
from ladle.explore.query import ask, table
from ladle.explore.wanting import FORGOTTEN_AFTER, Interest, unwanted
from ladle.explore.work import Meter, Told, Work
from tests.snapshots.kit import from_records

SECONDS = 60


class Held:
    """A desk that works on one question at a time, with `waiting` places in line; its answers wait for `go_on`."""

    def __init__(self, *, waiting: int = 40) -> None:
        self.now = 0.0
        self.go_on, self.begun = threading.Event(), list[str]()
        self.desk = Desk("held", most=1, waiting=waiting, clock=lambda: self.now)
        self.first = self.ask("first")

    def ask(self, key: str) -> Work[str]:
        def answer(_: Meter) -> str:
            self.begun.append(key)
            self.go_on.wait(SECONDS)
            return key.upper()

        return self.desk.ask(key, answer)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.go_on.set()


def test_a_line_that_is_full_takes_no_other_question_and_goes_on_with_those_it_has() -> None:
    held = Held(waiting=2)
    waiting = [held.ask(key) for key in ("second", "third")]
    with pytest.raises(
        ladle.Busy, match=r"3 questions are being worked on or wait already\. Ask again in a few seconds"
    ):
        held.ask("fourth")
    assert held.ask("third") is waiting[1]
    held.go_on.set()
    assert [each.result(SECONDS) for each in (held.first, *waiting)] == ["FIRST", "SECOND", "THIRD"]
    assert held.ask("fourth").result(SECONDS) == "FOURTH"


def test_a_question_in_line_that_is_stopped_is_never_begun_and_makes_room(held: Held) -> None:
    work = held.ask("second")
    made_of_it = work.then(len)
    assert (work.question, made_of_it.question) == (work.question, work.question) != ("", "")
    made_of_it.stop()
    for each in (work, made_of_it):
        with pytest.raises(ladle.Stopped, match=r"stopped before it was answered\. Ask again"):
            each.result(SECONDS)
    assert not stop_question(work.question)
    again = held.ask("second")
    held.go_on.set()
    assert again.result(SECONDS) == "SECOND"
    assert held.begun == ["first", "second"]


def test_a_question_that_duckdb_works_on_ends_when_it_is_stopped_by_its_name(tmp_path: Path) -> None:
    parquet = from_records(tmp_path, [{"n": number} for number in range(2000)]).path("parquet")
    data, begun = table(1), threading.Event()
    three = ", ".join(data.replace("AS t", f"AS {letter}") for letter in "tuv")
    endless = f"SELECT count(*) FROM {three} WHERE (t.c0 * 7 + u.c0 * 3) % 11 = v.c0 % 5"

    def answer(meter: Meter) -> object:
        def watch(told: Told) -> None:
            meter.watch(told)
            begun.set()

        return ask(parquet, endless, watch=watch)

    work = Desk("test", most=1).ask("a", answer)
    assert begun.wait(SECONDS)
    assert stop_question(work.question)
    with pytest.raises(ladle.Stopped):
        work.result(SECONDS)
    assert ask(parquet, f"SELECT count(*) FROM {data}") == [(2000,)]


def test_what_is_answered_has_no_question_any_more_and_cannot_be_stopped(held: Held) -> None:
    name = held.first.question
    held.go_on.set()
    assert held.first.result(SECONDS) == "FIRST"
    held.first.stop()
    assert (held.first.question, stop_question(name), held.first.result(0)) == ("", False, "FIRST")


def test_a_question_that_nobody_asks_again_ends_when_others_stand_in_line(held: Held) -> None:
    forgotten, wanted = held.ask("forgotten"), held.ask("wanted")
    held.now = FORGOTTEN_AFTER - 1
    assert held.ask("first") is held.first
    assert held.ask("wanted") is wanted
    held.now = FORGOTTEN_AFTER
    assert held.ask("wanted") is wanted
    with pytest.raises(ladle.Stopped):
        forgotten.result(SECONDS)
    held.go_on.set()
    assert (held.first.result(SECONDS), wanted.result(SECONDS)) == ("FIRST", "WANTED")


@pytest.mark.parametrize(
    ("asked", "waiting", "served", "ended"),
    [
        ((0, 60), (0, 0), 1, ["a"]),
        ((0, 60), (1, 0), 1, []),  # somebody waits for it
        ((0, 60), (0, 0), 2, []),  # nobody stands in line
        ((1, 60), (0, 0), 1, []),
        ((0, 0), (0, 0), 1, ["a", "b"]),
        ((), (), 1, []),
    ],
)
def test_which_questions_nobody_wants(
    asked: tuple[float, ...], waiting: tuple[int, ...], served: int, ended: list[str]
) -> None:
    questions = {name: Interest(when) for name, when in zip("ab", asked, strict=False)}
    for each, number in zip(questions.values(), waiting, strict=True):
        each.waiting = number
    assert unwanted(questions, now=60, served=served) == ended


def test_who_waits_is_counted_as_long_as_that_lasts(held: Held) -> None:
    interest = held.first._asked.interest if held.first._asked else Interest(0)
    seen = threading.Event()
    waits = threading.Thread(target=lambda: (held.first.result(SECONDS), seen.set()))
    waits.start()
    while not interest.waiting:
        waits.join(0.01)
    held.go_on.set()
    assert seen.wait(SECONDS)
    assert interest.waiting == 0
