"""Definitions that nobody writes by hand: each is refused, or read, in the time that any other takes."""

from __future__ import annotations

import pytest

import ladle
from ladle.errors import BadInput
from ladle.sources.quotas import parse_quotas
from ladle.sources.toml_lines import line_of

TOP = 'ladle = 1\nname = "own"\nbase_url = "https://api.example.org/"\n'
THINGS = '[resources.things]\npath = "things"\n'

BOMBS = {
    "comments before no SELECT": (
        TOP + THINGS + '[datasets.things]\nresource = "things"\nsql = "' + "/**/" * 500 + 'SELEC 1"\n',
        '"datasets.things.sql" is no SELECT',
    ),
    "a number of many digits": (TOP + f"concurrency = {'9' * 5000}\n" + THINGS, "thousands of digits in line 4"),
    "a number of many digits in 16s": (TOP + f"concurrency = 0x{'f' * 5000}\n" + THINGS, 'line 4: "concurrency" is a'),
    "such a number in a body": (TOP + THINGS + f"body = {{ a = [1, 0x{'f' * 99}] }}\n", '"resources.things.body.a.2"'),
    "a quota of many digits": (TOP + f'quota = "{"9" * 5000} per day"\n' + THINGS, 'line 4: "quota"'),
    "a quota of many windows": (TOP + f'quota = "1 per day{", 1 per day" * 9000}"\n' + THINGS, 'line 4: "quota"'),
    "a key of many parts": (TOP + ".".join("a" * 60_000) + " = 1\n" + THINGS, "more than 100 parts in line 4"),
    "a table of many parts": (TOP + f"['a'.{'.'.join(['b'] * 60_000)}]\n" + THINGS, "more than 100 parts in line 4"),
    "more letters than anybody writes": (TOP + THINGS + "#" * (1 << 19), "letters, and may have 524,288"),
    "a long value in many places": (
        TOP + f'parameters = {{ p = "{"x" * 90_000}" }}\n[resources.things]\npath = "{"{p}" * 40_000}"\n',
        '"resources.things.path" grows beyond all measure',
    ),
    "a long value of a list in many places": (
        TOP + f'[resources.things]\npath = "{"{p}" * 40_000}"\neach = {{ key = "p", values = ["{"x" * 90_000}"] }}\n',
        '"resources.things.each" makes requests beyond all measure',
    ),
    "many keys that are none": (TOP + "".join(f"k{n} = 1\n" for n in range(20_000)) + THINGS, '"k0" is not a key here'),
    "many values that are none": (
        TOP + f"[resources.things]\npath = \"{{p}}\"\neach = {{ key = 'p', values = [{'true,' * 40_000}] }}\n",
        '"resources.things.each.values.1" is true',
    ),
    "many datasets of nothing": (
        TOP + THINGS + "".join(f'[datasets.d{n}]\nresource = "b"\n' for n in range(7_000)),
        '"datasets.d0.resource" is "b"',
    ),
    "many rules": (TOP + "error = [" + '{ path = "a" },' * 9_000 + "]\n" + THINGS, '"error" holds 9,000 tables'),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_is_beyond_measure_is_refused_at_once(bomb: str) -> None:
    text, told = BOMBS[bomb]
    found = ladle.check(text, trusted=False)  # what took quadratic time would take minutes: beyond a test's own limit
    assert found.source is None
    assert told in found.mistakes[0].message


def test_a_long_row_of_dotted_words_in_a_text_is_no_key() -> None:
    text = TOP + f'title = "{" a.b.c" * 500}"\n' + THINGS
    assert ladle.check(text).mistakes == ()


@pytest.mark.parametrize("form", ["%d.%m.%d", "%Y %y %Y", "%x %d"])
def test_a_form_that_names_a_part_twice_is_refused_before_it_breaks_a_build(form: str) -> None:
    text = TOP + THINGS + f'[datasets.a]\nresource = "things"\ncolumns = [{{ name = "at", written = "{form}" }}]\n'
    (mistake,) = ladle.check(text).mistakes
    assert f'"datasets.a.columns.1.written" is "{form}"' in mistake.message


@pytest.mark.parametrize("text", [f"1 per {'9' * 60} days", f"{10**13} per day", "1 per 121 months"])
def test_a_quota_beyond_what_can_be_counted_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="beyond what can be counted"):
        parse_quotas(text)


def test_the_largest_quota_is_read() -> None:
    (quota,) = parse_quotas(f"{10**12} per 120 months")
    assert quota.limit == 10**12


def test_what_lies_deep_goes_by_what_it_lies_in() -> None:
    deep = ("a",) * 60
    assert line_of(f"b = 1\n{'.'.join(deep)} = 2", deep) == 2
