"""Which records count: takes a resource's `where` rules, gives the records for which all of them hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ladle.sources.paths import dig
from ladle.sources.source import Rule

Sift = Callable[[Sequence[dict[str, Any]]], list[dict[str, Any]]]


def sift(rules: Sequence[Rule]) -> Sift | None:
    """What leaves out the records for which a rule does not hold; None where there are no rules."""
    if not rules:
        return None
    return lambda records: [record for record in records if all(holds(rule, record) for rule in rules)]


def holds(rule: Rule, record: dict[str, Any]) -> bool:
    """Whether a record keeps one rule. Of a list (`labels.*.name`) one value is enough, for `not` none may fit.

    >>> holds(Rule(path="state", values=("open",)), {"state": "open"})
    True
    """
    found = dig(record, rule.path)
    lacks = found is None or (found == [] and "*" in rule.path)
    if rule.missing is not None and lacks is not rule.missing:
        return False
    values = found if isinstance(found, list) else [found]
    if rule.values is not None and any(same(v, each) for v in values for each in rule.values) is rule.other:
        return False
    return (rule.least is None and rule.most is None) or any(_within(value, rule) for value in values)


def same(value: Any, wanted: Any) -> bool:
    """Numbers that are sent as texts are the same, and so are 1 and 1.0; true is no 1, nor null any text."""
    if value is None or isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, str) and isinstance(wanted, str):
        return value == wanted
    one, other = _number(value), _number(wanted)
    return one is not None and one == other


def _within(value: Any, rule: Rule) -> bool:
    """Whether a value lies within the rule's bounds; what can't be compared with them does not."""
    if isinstance(rule.least if rule.least is not None else rule.most, str):
        compared: Any = value if isinstance(value, str) else None
    else:
        compared = _number(value)
    if compared is None:
        return False
    return (rule.least is None or compared >= rule.least) and (rule.most is None or compared <= rule.most)


def _number(value: Any) -> int | float | None:
    """The number, or that of its decimal text."""
    if type(value) is int or type(value) is float:
        return value
    if type(value) is not str or not value.strip():
        return None
    try:
        return int(value) if value.lstrip("+-").isdecimal() else float(value)
    except ValueError:
        return None
