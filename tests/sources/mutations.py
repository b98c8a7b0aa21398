"""Good definitions made bad, or only different: takes a text and a random source, gives the text after one change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from ladle.sources.library import BUILTIN
from tests.sources.whole import WHOLE, lists

GOOD = {
    "whole": WHOLE,
    "swapi": (BUILTIN / "swapi.toml").read_text("utf-8"),
    "openweather": (BUILTIN / "openweather.toml").read_text("utf-8"),
}
FREE = ("params", "headers", "body", "retry", "parameters", "region", "units", "towns", "lang")
"""Keys whose tables, or that themselves, hold names of the writer's own."""
MANY = ("unix", "is", "not", "basic", "key", "value", "least", "most")
"""Keys that take values of several kinds; `key` is left out since what it names may be anything."""
WRONG: dict[str, tuple[str, ...]] = {
    "text": ("7", "true", "[]", "1979-05-27", "{ }", "nan"),
    "number": ('"seven"', "true", "[true]", "1.5", "{ a = 1 }", "-1"),
    "flag": ('"yes"', "1", "[]", "{ }"),
    "list": ('"x"', "3", "true", "{ a = 1 }"),
    "table": ('"x"', "3", "true", "[3]", "1979-05-27"),
}
ODD = ("é", "\u200b", "\u202e", "\x00", "\ud800", "\U0001f600", "\u2028", "\x1b")


class Broken(NamedTuple):
    """A text with one mistake, and where it lies; no key: it is not even TOML."""

    text: str
    line: int | None
    key: str


class Line(NamedTuple):
    """A line `key = value` with the table it stands in."""

    number: int
    table: str
    key: str
    value: str

    @property
    def path(self) -> str:
        return f"{self.table}.{self.key}".lstrip(".")


def pairs(text: str) -> list[Line]:
    """Lines that say one thing each, but those of free tables."""
    found, table = [], ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\[([\w.]+)\]", line):
            table = header[1]
        elif (pair := re.match(r"(\w+) = (.*?)\s*(?:#.*)?$", line)) and pair[2] != "[" and pair[1] not in FREE:
            found.append(Line(number, table, pair[1], pair[2]))
    return found


def changed(text: str, number: int, line: str) -> str:
    """The text with another line in the place of one."""
    lines = text.splitlines()
    return "\n".join([*lines[: number - 1], line, *lines[number:]]) + "\n"


def misspelt(text: str, draw: Random) -> Broken:
    """A letter of a key twice, left out, or in the place of its neighbour."""
    words = {line.key for line in pairs(WHOLE)} | {"csv", "join", "least", "most", "names"}
    while True:
        line = draw.choice(pairs(text))
        at = draw.randrange(len(line.key))
        key = line.key[:at] + draw.choice((line.key[at] * 2, "", "x" + line.key[at])) + line.key[at + 1 :]
        if key and key not in words:
            path = f"{line.table}.{key}".lstrip(".")
            return Broken(changed(text, line.number, f"{key} = {line.value}"), line.number, path)


def of_a_wrong_kind(text: str, draw: Random) -> Broken:
    """A value of another type."""
    while True:
        line = draw.choice(pairs(text))
        kinds = {'"': "text", "[": "list", "{": "table", "t": "flag", "f": "flag"}
        kind = kinds.get(line.value[0], "number")
        wrong = draw.choice(WRONG[kind])
        several = line.key in MANY or (line.key in ("error", "where", "end") and wrong in ("[]", "{ }", "{ a = 1 }"))
        if not several and not (line.key == "verify" and wrong == "{ }"):
            return Broken(changed(text, line.number, f"{line.key} = {wrong}"), line.number, line.path)


def twice(text: str, draw: Random) -> Broken:
    """A key for a second time."""
    line = draw.choice(pairs(text))
    again = f"{line.key} = {line.value}"
    return Broken(changed(text, line.number, f"{again}\n{again}"), line.number + 1, "")


def lacking(text: str, draw: Random) -> Broken:
    """A key that can't be left out is."""
    needed = [line for line in pairs(text) if _needed(line)]
    line = draw.choice(needed)
    table = next((n for n, each in enumerate(text.splitlines(), 1) if each.startswith(f"[{line.table}]")), None)
    return Broken(changed(text, line.number, ""), table if line.table else None, line.path)


def _needed(line: Line) -> bool:
    if not line.table:
        return line.key in ("ladle", "name", "base_url")
    return line.key == ("path" if line.table.startswith("resources.") else "resource")


def with_a_broken_place(text: str, draw: Random) -> Broken:
    """A place in a path or an address that leads nowhere."""
    lines = [line for line in pairs(text) if line.key in ("path", "base_url", "one") and "{url}" not in line.value]
    line = draw.choice(lines)
    sign = draw.choice(("{", "}", "{nobody}", "{}", "{0}", "{a!r}", "{ units }", "{a.b[0]}", "{{a}"))
    at = draw.randrange(1, len(line.value) - 1)
    while re.search(r"\{[^}]*$", line.value[:at]):  # not within a place, where it could become another one's name
        at -= 1
    value = line.value[: at or 1] + sign + line.value[at or 1 :]
    return Broken(changed(text, line.number, f"{line.key} = {value}"), line.number, line.path)


def no_toml(text: str, draw: Random) -> Broken:
    """A line without its end, its sign of equality, or with a sign too many."""
    line = draw.choice([each for each in pairs(text) if each.value[-1] in '"]}'])
    ways = (
        f"{line.key} = {line.value[:-1]}",
        f"{line.key} {line.value}",
        f"{line.key} = {line.value} x",
        f"{line.key} = = {line.value}",
        f"{line.key} = ",
        f"[{line.key} = {line.value}",
    )
    return Broken(changed(text, line.number, draw.choice(ways)), None, "")


def odd(text: str, draw: Random) -> Broken:
    """A key with a sign that no key has, as it is or in quotes."""
    line = draw.choice(pairs(text))
    sign = draw.choice(ODD)
    if draw.random() < 0.5 and sign.isprintable():
        key = line.key + sign
        return Broken(
            changed(text, line.number, f'"{key}" = {line.value}'), line.number, f"{line.table}.{key}".lstrip(".")
        )
    return Broken(changed(text, line.number, f"{line.key}{sign} = {line.value}"), line.number, "")


def of_no_choice(text: str, draw: Random) -> Broken:
    """A word that is none of those that can stand there."""
    choices = [line for line in pairs(text) if line.key in ("paging", "pace", "method", "resource", "quota", "name")]
    line = draw.choice(choices)
    wrong = draw.choice(('"nothing such"', '"Ünsinn"', '"PAGE"', '""', '" "', '"\\u0000"', '"a\\nb"', '"{x}"'))
    if line.key == "quota" and wrong in ('""', '" "'):
        wrong = '"lots"'
    return Broken(changed(text, line.number, f"{line.key} = {wrong}"), line.number, line.path)


BREAKING: dict[str, Callable[[str, Random], Broken]] = {
    each.__name__: each
    for each in (misspelt, of_a_wrong_kind, twice, lacking, with_a_broken_place, no_toml, odd, of_no_choice)
}


def commented(text: str, draw: Random) -> str:
    """Remarks, empty lines and space."""
    line = draw.choice(pairs(text))
    return changed(text, line.number, f"\n  {line.key}   =\t{line.value}   # é {{x}} [a] = 'b\n")


def quoted(text: str, draw: Random) -> str:
    """A key in quotes, one of its letters by its number."""
    line = draw.choice(pairs(text))
    key = f"\\u{ord(line.key[0]):04x}{line.key[1:]}"
    return changed(text, line.number, f'"{key}" = {line.value}')


def with_other_line_ends(text: str, _draw: Random) -> str:
    """As another system writes it."""
    return "\ufeff" + text.replace("\n", "\r\n")


def in_another_order(text: str, draw: Random) -> str:
    """Tables in another order."""
    top, *tables = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    others = tables[:]
    while others == tables:
        draw.shuffle(others)
    return top + "".join(others)


HARMLESS: dict[str, Callable[[str, Random], str]] = {
    each.__name__: each for each in (commented, quoted, with_other_line_ends, in_another_order)
}


def wild(text: str, draw: Random) -> str:
    """Some signs or lines lost, doubled, swapped or come from nowhere: it may be broken or not."""
    for _ in range(draw.randint(1, 3)):
        at, lines = draw.randrange(len(text)), text.splitlines(keepends=True)
        one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
        match draw.randrange(6):
            case 0:
                text = text[:at] + text[at + draw.randint(1, 5) :]
            case 1:
                text = text[:at] + draw.choice((*"\"'{}[]=,.#\n\\ 0", *ODD)) + text[at:]
            case 2:
                text = "".join([*lines[:one], *lines[one + 1 :]])
            case 3:
                text = "".join([*lines[:one], lines[other], *lines[one:]])
            case 4:
                lines[one], lines[other] = lines[other], lines[one]
                text = "".join(lines)
            case _:
                words = re.findall(r"\w+", text)
                text = text.replace(draw.choice(words), draw.choice(words), 1)
    return text


def drawn(seed: str, number: int) -> Iterator[tuple[str, Random]]:
    """So many good definitions, each with a random source of its own."""
    for each in range(number):
        draw = Random(f"{seed} {each}")
        yield draw.choice(list(GOOD.values())), draw


def beside(resource: str, file: str, setting: str | None) -> tuple[str, str]:
    """The built-in list, or that of the whole grammar."""
    path = BUILTIN / file
    return (file, path.read_text("utf-8")) if file == "cities.csv" else lists(resource, file, setting)
