"""Verdicts: takes everything that can come back from a call, gives what is done about it and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladle.collect.limits import LONGEST_ASKED, retry_after
from ladle.collect.retry import ATTEMPTS, LONGEST, PUT_OFF, Answer, Failure, Trouble, Verdict, judge
from ladle.sources.library import load_source
from ladle.sources.source import Meaning, Retry

NOW = 1_763_726_400.0  # 2025-11-21 12:00:00 UTC
SWAPI, OPENWEATHER = (load_source(name, env={}) for name in ("swapi", "openweather"))
ELSEWHERE = "Where the API is reachable at another address, set LADLE_SWAPI_BASE_URL (or --base-url) to it."


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=named, body=body, started=NOW, took=0.1)


def failure(trouble: Trouble) -> Failure:
    return Failure(trouble=trouble, reason="Something broke.", started=NOW, took=0.1)


def verdict_on(outcome: Answer | Failure, *, attempt: int = 1, chance: float = 0.5, put_off: int = 0) -> Verdict:
    return judge(outcome, attempt=attempt, source=SWAPI, now=NOW, random=lambda: chance, put_off=put_off)


class Case(NamedTuple):
    outcome: Answer | Failure
    first: Literal["keep", "again", "give up", "stop"]
    last: Literal["keep", "again", "give up", "stop"]
    reason: str


DETAIL = b'{"detail": "Not found."}'
CASES = {
    "200": Case(answer(200, b"{}"), "keep", "keep", ""),
    "204": Case(answer(204), "keep", "keep", ""),
    "304": Case(answer(304), "give up", "give up", "The API answered 304."),
    "400": Case(
        answer(400, b'{"cod":"400","message":"Nothing to geocode"}'), "give up", "give up", "400: Nothing to geocode."
    ),
    "401": Case(answer(401), "stop", "stop", "Star Wars API refused the call. The API answered 401."),
    "403": Case(answer(403), "stop", "stop", "Star Wars API refused the call. The API answered 403."),
    "404": Case(answer(404, DETAIL), "give up", "give up", "The API answered 404: Not found."),
    "408": Case(answer(408), "again", "give up", "The API answered 408."),
    "410": Case(answer(410, b'["a", "list"]'), "give up", "give up", "The API answered 410."),
    "425": Case(answer(425), "again", "give up", "The API answered 425."),
    "429": Case(answer(429), "again", "again", "The API says that its limit is reached."),
    "403 with Retry-After": Case(
        answer(403, retry_after="5"), "again", "again", "The API says that its limit is reached."
    ),
    "500 with HTML": Case(answer(500, b"<html>oops</html>"), "again", "give up", "The API answered 500."),
    "501": Case(answer(501), "give up", "give up", "The API answered 501."),
    "505": Case(answer(505), "give up", "give up", "The API answered 505."),
    "502": Case(answer(502, b'{"message": 7}'), "again", "give up", "The API answered 502."),
    "503": Case(answer(503, b'{"error": "  Come back.  "}'), "again", "give up", "The API answered 503: Come back."),
    "599": Case(answer(599, b'{"reason": ""}'), "again", "give up", "The API answered 599."),
    "unreachable": Case(failure("unreachable"), "again", "stop", "Something broke."),
    "certificate": Case(failure("certificate"), "stop", "stop", "Something broke."),
    "timeout": Case(failure("timeout"), "again", "give up", "Something broke."),
    "broken": Case(failure("broken"), "again", "give up", "Something broke."),
    "unreadable": Case(failure("unreadable"), "again", "give up", "Something broke."),
    "too large": Case(failure("too large"), "give up", "give up", "Something broke."),
    "elsewhere": Case(failure("elsewhere"), "give up", "give up", "Something broke."),
    "not allowed": Case(failure("not allowed"), "stop", "stop", "Something broke."),
    "a limit told inside": Case(failure("limited"), "again", "again", "Something broke."),
    "a refused key told inside": Case(failure("refused"), "stop", "stop", "refused the call. Something broke."),
    "nothing there, told inside": Case(failure("gone"), "give up", "give up", "Something broke."),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_verdict_on_the_first_and_on_the_last_attempt(case: Case) -> None:
    first, last = verdict_on(case.outcome), verdict_on(case.outcome, attempt=ATTEMPTS)
    assert (first.action, last.action) == (case.first, case.last)
    assert first.reason.endswith(case.reason)
    assert last.reason == first.reason


def test_every_kind_of_trouble_is_in_the_table() -> None:
    kinds = {case.outcome.trouble for case in CASES.values() if isinstance(case.outcome, Failure)}
    assert kinds == set(Trouble.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_with_its_variable(status: int) -> None:
    told = answer(status, b'{"cod":401, "message": "Invalid API key. Please see openweathermap.org."}')
    verdict = judge(told, attempt=1, source=OPENWEATHER, now=NOW, random=lambda: 0.5)
    assert verdict.reason == (
        f"OpenWeatherMap refused the key. The API answered {status}: Invalid API key. Please see openweathermap.org."
    )
    assert verdict.hint == "Check the key in the environment variable OPENWEATHER_API_KEY."


def test_a_refused_call_without_a_key_is_told_so() -> None:
    assert verdict_on(answer(403)).hint == "It may want a key, or have shut you out."


@pytest.mark.parametrize("status", [202, 204, 304, 420])
@pytest.mark.parametrize(("means", "action"), [("again", "again"), ("limit", "again"), ("gone", "give up")])
def test_a_status_means_what_the_definition_says_a_good_one_too(status: int, means: Meaning, action: str) -> None:
    source = replace(SWAPI, retry=Retry(statuses={status: means}))
    verdict = judge(answer(status, b"[]"), attempt=1, source=source, now=NOW, random=lambda: 0.5)
    assert (verdict.action, verdict.limited) == (action, means == "limit")


@pytest.mark.parametrize("trouble", ["certificate", "unreachable"])
def test_a_site_that_cant_be_had_is_told_with_the_setting_that_changes_its_address(trouble: Trouble) -> None:
    assert verdict_on(failure(trouble), attempt=ATTEMPTS).hint == ELSEWHERE


def test_a_long_error_is_cut() -> None:
    assert len(verdict_on(answer(500, b'{"message": "' + b"x" * 5000 + b'"}')).reason) < 250


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("Fri, 21 Nov 2025 12:02:00 GMT", 120),
        ("Friday, 21-Nov-25 12:02:00 GMT", 120),
        ("Fri Nov 21 12:02:00 2025", 120),
        ("Fri, 21 Nov 2025 13:02:00 +0100", 120),
        ("Fri, 21 Nov 2025 11:00:00 GMT", 0),
        ("Fri, 01 Jan 2999 00:00:00 GMT", LONGEST_ASKED),
        ("9" * 400, LONGEST_ASKED),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e3", None),
        ("²", None),
        ("٣", None),
        ("inf", None),
        ("NaN", None),
        ("Fri, 99 Nov 2025 99:00:00 GMT", None),
        ("Fri, 21 Nov 99999 12:00:00 GMT", None),
        ("Fri, 21 Nov 0001 00:00:00 +2359", 0),
    ],
)
def test_retry_after_is_read_as_seconds_as_a_date_and_not_as_nonsense(written: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": written}, now=NOW) == seconds


@given(
    st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{1,6} \d\d:\d\d:\d\d [+-]?\w{0,5}")
)
def test_no_retry_after_is_the_end_of_a_run(written: str) -> None:
    seconds = retry_after({"retry-after": written}, now=NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_ASKED


def test_a_limit_is_told_with_what_the_api_asked_for_and_is_never_counted() -> None:
    for headers, seconds in (({"retry_after": "17"}, 17), ({}, None), ({"retry_after": "soon"}, None)):
        for attempt in (1, ATTEMPTS, 1000):
            verdict = verdict_on(answer(429, **headers), attempt=attempt)
            assert (verdict.action, verdict.limited, verdict.retry_after) == ("again", True, seconds)


def test_other_troubles_do_not_close_the_gate_for_everyone() -> None:
    limited = [name for name, case in CASES.items() if verdict_on(case.outcome).limited]
    assert limited == ["429", "403 with Retry-After", "a limit told inside"]


@given(st.integers(1, ATTEMPTS - 1), st.integers(0, 2**32))
def test_waits_lie_between_nothing_and_a_bound_that_doubles(attempt: int, seed: int) -> None:
    random = Random(seed)
    wait = judge(failure("broken"), attempt=attempt, source=SWAPI, now=NOW, random=random.random).wait
    assert 0 <= wait <= min(LONGEST, 0.5 * 2**attempt)


def test_the_jitter_is_full() -> None:
    waits = [verdict_on(failure("broken"), attempt=3, chance=chance).wait for chance in (0.0, 0.25, 1.0)]
    assert waits == [0.0, 1.0, 4.0]


@pytest.mark.parametrize(
    ("headers", "least"), [({"retry_after": "20"}, 20.0), ({"retry_after": "soon"}, 0.5), ({}, 0.5)]
)
def test_a_server_that_names_a_time_is_given_it(headers: Mapping[str, str], least: float) -> None:
    assert verdict_on(answer(503, **headers)).wait == least


def test_the_last_attempt_is_the_last_whatever_the_server_asks_for() -> None:
    assert verdict_on(answer(500, retry_after="20"), attempt=ATTEMPTS).action == "give up"


def test_a_site_that_is_down_and_says_until_when_is_a_limit_so_many_times_and_then_counted() -> None:
    down = answer(503, retry_after="5")
    for put_off in range(PUT_OFF):
        verdict = verdict_on(down, attempt=ATTEMPTS, put_off=put_off)
        assert (verdict.action, verdict.limited, verdict.retry_after) == ("again", True, 5)
    verdict = verdict_on(down, attempt=1, put_off=PUT_OFF)
    assert (verdict.action, verdict.limited, verdict.wait) == ("again", False, 5)
    assert verdict_on(down, attempt=ATTEMPTS, put_off=PUT_OFF).action == "give up"


def test_a_503_that_may_be_asked_again_at_once_holds_nobody_else_back() -> None:
    verdict = verdict_on(answer(503, retry_after="0"))
    assert (verdict.action, verdict.limited, verdict.wait) == ("again", False, 0.5)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": f"{NOW + 90:.0f}"}, 90),
        ({"x_ratelimit_remaining": "0"}, None),
        ({"ratelimit": '"hourly";r=0;t=40'}, 40),
        ({"retry_after": "7", "x_ratelimit_remaining": "0", "x_ratelimit_reset": "90"}, 7),
    ],
)
def test_a_403_that_says_nothing_is_left_is_a_limit(headers: Mapping[str, str], seconds: float | None) -> None:
    verdict = verdict_on(answer(403, **headers), attempt=ATTEMPTS)
    assert (verdict.action, verdict.limited, verdict.retry_after) == ("again", True, seconds)


def test_a_403_that_has_calls_left_is_a_refusal() -> None:
    assert verdict_on(answer(403, x_ratelimit_remaining="12", x_ratelimit_reset="90")).action == "stop"
