"""Questions that take their time: worked on once for all who ask, failing for all of them, telling how far they are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ladle.errors import Damaged
from ladle.explore.answers import Answers
from ladle.explore.desk import Desk
from ladle.explore.query import ask_batches, ask_numbers, table
from ladle.explore.work import Meter, StillRunning, answered, within
from tests.snapshots.kit import from_records


def test_a_question_is_worked_on_once_for_all_who_ask_meanwhile() -> None:
    desk, go_on, times = Desk("test", most=2), threading.Event(), []

    def answer(_: Meter) -> str:
        go_on.wait(10)
        times.append(1)
        return "forty-two"

    first, second, other = desk.ask("a", answer), desk.ask("a", answer), desk.ask("b", answer)
    assert first is second
    assert not desk.is_idle()
    go_on.set()
    assert [each.result(10) for each in (first, second, other)] == ["forty-two"] * 3
    assert len(times) == 2
    assert desk.is_idle()
    assert desk.ask("a", answer) is not first


def test_a_question_that_fails_has_failed_for_all_and_a_new_one_begins_anew() -> None:
    desk, go_on = Desk("test", most=1), threading.Event()

    def fails(_: Meter) -> str:
        go_on.wait(10)
        raise Damaged("The file is gone.")

    asked = [desk.ask("a", fails) for _ in range(3)]
    again = asked[0].then(str.upper)
    go_on.set()
    for each in [*asked, again]:
        with pytest.raises(Damaged, match="gone"):
            each.result(10)
    assert desk.ask("a", lambda _: "there again").result(10) == "there again"


def test_nobody_can_cancel_a_question_for_the_others() -> None:
    desk, go_on = Desk("test", most=1), threading.Event()
    waits = desk.ask("a", lambda _: go_on.wait(10))
    queued = desk.ask("b", lambda _: "an answer")
    assert not queued.cancel()
    go_on.set()
    assert (waits.result(10), queued.result(10)) == (True, "an answer")


def test_progress_goes_from_query_to_query_and_never_back() -> None:
    meter, part = Meter(), [0.0]
    assert meter.share is None
    meter.watch(lambda: None, to=0.5)
    assert meter.share is None
    meter.watch(lambda: part[0], to=0.5)
    shares: list[float | None] = []
    for part[0] in (0.2, 0.1, 1.0):
        shares.append(meter.share)
    meter.watch(lambda: part[0])
    for part[0] in (0.0, 0.5, 2.0):
        shares.append(meter.share)
    assert shares == [0.1, 0.1, 0.5, 0.5, 0.75, 1.0]


def test_what_is_made_of_an_answer_is_as_far_as_that() -> None:
    desk, told, go_on = Desk("test", most=1), threading.Event(), threading.Event()

    def answer(meter: Meter) -> int:
        meter.watch(lambda: 0.42)
        told.set()
        go_on.wait(10)
        return 7

    work = desk.ask("a", answer)
    double = work.then(lambda number: number * 2)
    assert told.wait(10)
    assert (work.progress, double.progress) == (0.42, 0.42)
    go_on.set()
    assert (double.result(10), double.progress, answered("x").progress) == (14, 1.0, 1.0)


def test_a_query_tells_how_far_it_is_to_another_thread_and_prints_nothing(tmp_path: Path) -> None:
    parquet = from_records(tmp_path, [{"n": number} for number in range(50)]).path("parquet")
    tells: list[Callable[[], float | None]] = []
    sql = f"SELECT file_row_number FROM {table(1)} ORDER BY c0"
    assert sum(len(batch) for batch in ask_numbers(parquet, sql, watch=tells.append)) == 50
    with ThreadPoolExecutor(1) as other:
        share = other.submit(tells[0]).result(10)
    assert share is None or 0 <= share <= 1
    told = ("enable_progress_bar", "enable_progress_bar_print")
    bar = ", ".join(f"current_setting('{name}') AS {letter}" for name, letter in zip(told, "ab", strict=True))
    batches = ask_batches(parquet, f"SELECT {bar} FROM {table(1)} LIMIT 1")
    assert [batch.to_pylist() for batch in batches] == [[{"a": True, "b": False}]]


def test_an_answer_is_kept_until_others_take_its_place() -> None:
    answers, made = Answers(Desk("test", most=1), most=2), []

    def ask(key: str, *, at_once: bool = True) -> str:
        return answers.ask(key, lambda _: made.append(key) or key.upper(), at_once=at_once).result(10)  # type: ignore[func-returns-value]

    assert [ask(key) for key in "abab"] == ["A", "B", "A", "B"]
    assert made == ["a", "b"]
    assert [ask(key, at_once=False) for key in "acb"] == ["A", "C", "B"]
    assert made == ["a", "b", "c", "b"]


def test_who_waits_for_a_time_alone_hears_how_far_it_is_and_has_it_later() -> None:
    answers, told, go_on = Answers(Desk("test", most=1), most=2), threading.Event(), threading.Event()

    def answer(meter: Meter) -> str:
        meter.watch_next(lambda: 1.0)
        meter.watch_next(lambda: 0.5)
        told.set()
        go_on.wait(10)
        return "forty-two"

    work = answers.ask("a", answer, at_once=False)
    assert told.wait(10)
    with pytest.raises(StillRunning) as still:
        within(work, 0)
    assert still.value.progress == 0.625
    go_on.set()
    assert within(work, 10) == "forty-two"
    assert answers.ask("a", answer, at_once=False).result(0) == "forty-two"
