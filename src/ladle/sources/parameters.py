"""Parameters of a definition: takes its `parameters` and what was set for a run, gives each with its value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ladle.errors import BadInput, unknown
from ladle.sources.source import Parameter
from ladle.sources.toml import Table, one_of, written

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
NAME_HINT = "Names are small letters, digits, - and _, and begin with a letter."


def read_parameters(top: Table) -> dict[str, Parameter]:
    """`parameters = { units = "metric", lang = { default = "en", choices = ["en", "de"], title = "language" } }`."""
    table, found = top.table("parameters"), {}
    for name in table.names():
        if NAME.fullmatch(name):
            found[name] = _parameter(table, name)
        else:
            table.refuse(name, "is no name", hint=NAME_HINT)
    return found


def _parameter(table: Table, name: str) -> Parameter:
    value = table.raw(name)
    if not isinstance(value, dict):
        return Parameter(name=name, default=_text(table, name, value))
    inner = table.inside(name, value)
    if "default" not in inner:
        inner.refuse("default", "is missing", hint="Say what it is where nobody sets it.", missing=True)
    default = _text(inner, "default", inner.raw("default")) if "default" in inner else ""
    choices, title = inner.listed("choices"), inner.text("title", "")
    inner.done()
    if choices and inner.sound("default", "choices") and default not in choices:
        inner.refuse("default", f'is "{default}"', hint=f"It must be one of its choices: {one_of(choices)}.")
    return Parameter(name=name, default=default, title=title, choices=choices)


def _text(table: Table, key: str, value: Any) -> str:
    """A text, a number as it is written, or true or false."""
    if isinstance(value, (str, int, float)):
        return value if isinstance(value, str) else written(value)
    table.refuse(key, f"is {written(value)}", hint="It must be a text, a number, true or false.")
    return "stand-in"


def put(parameters: Mapping[str, Parameter], values: Mapping[str, str]) -> dict[str, str]:
    """Every parameter's value: what was set, else its default. Raises BadInput that names what can't be set."""
    for name, value in values.items():
        if name not in parameters:
            raise BadInput(unknown("parameter", name, parameters))
        choices = parameters[name].choices
        if choices and value not in choices:
            raise BadInput(f'The parameter "{name}" is "{value}".', hint=f"It can be {one_of(choices)}.")
        if re.search(r"[\x00-\x1f\x7f]", value):
            raise BadInput(f'The parameter "{name}" holds a control character.', hint="Give one line of text.")
    return {name: values.get(name, each.default) for name, each in parameters.items()}
