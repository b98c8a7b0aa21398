"""What came of it: takes what was asked and answered, a line each, gives a table, and all that is wrong in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ladle_server.access.kinds import Action
from tests.contract.kinds import Asker

SLOWEST = 10


@dataclass(slots=True)
class Tally:
    """Of one kind of people."""

    asker: Asker
    actions: Mapping[str, str]
    """By operation (`GET /api/v1/runs`) what it asks for."""
    seeds: list[int] = field(default_factory=list)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)
    """Seconds that an operation's slowest answer took."""
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    """By operation and what is wrong, a curl line, the first that came."""

    def read(self, file: Path) -> None:
        """Take in what a run of schemathesis wrote down."""
        for line in map(json.loads, file.read_text("utf-8").splitlines()):
            of = line["of"] or "the whole"
            if "failure" in line:
                self.failures.setdefault((of, line["failure"].partition("\n")[0][:300]), line["curl"])
                continue
            # A method that the operation has not is no case of it.
            if of.startswith(line["method"]):
                self.statuses.setdefault(of, Counter())[line["status"]] += 1
                self.slowest[of] = max(self.slowest.get(of, 0.0), line["took"])

    @property
    def cases(self) -> int:
        """How many requests there were."""
        return sum(counts.total() for counts in self.statuses.values())

    def all_statuses(self) -> Counter[int]:
        """How many answers had which status."""
        return sum(self.statuses.values(), Counter())

    def reached(self) -> set[str]:
        """Operations that succeeded."""
        return {of for of, counts in self.statuses.items() if any(200 <= status < 400 for status in counts)}

    def mine(self) -> set[str]:
        """Operations that this kind may use."""
        return {of for of, action in self.actions.items() if Action(action) in self.asker.may}

    def wrong(self, *, all_reached: bool = True) -> Iterator[str]:
        """What is wrong, a sentence each; `all_reached` asks that every operation of theirs succeeded once."""
        for (of, failure), curl in self.failures.items():
            yield f"{of}: {failure}\n    {curl}"
        for of in sorted(self.reached() - self.mine()):
            yield f"{of} succeeded, and is not theirs: {dict(self.statuses[of])}"
        for of in sorted(self.mine()):
            counts = self.statuses.get(of, Counter())
            if counts[403]:
                yield f"{of} was refused {counts[403]} times, and is theirs."
            if all_reached and not self.asker.hurried and of not in self.reached():
                yield f"{of} never succeeded: {dict(counts)}"
        if self.asker.hurried and not self.all_statuses()[429]:
            yield "Nothing was a 429."


def actions(description: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]) -> dict[str, str]:
    """What each operation of an OpenAPI document asks for."""
    return {
        f"{method.upper()} {path}": operation["x-ladle-action"]
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    }


def table(tallies: Iterable[Tally]) -> str:
    """A line for each kind: cases, operations that succeeded of those that may, wrong things, answers by status."""
    lines = [f"{'kind':<10} {'cases':>7} {'reached':>9} {'wrong':>6}  seeds  answers by status"]
    for each in tallies:
        told = " ".join(f"{status}:{number}" for status, number in sorted(each.all_statuses().items()))
        reached = f"{len(each.reached() & each.mine())}/{len(each.mine())}"
        seeds = f"{each.seeds[0]}-{each.seeds[-1]}" if each.seeds else ""
        wrong = len(list(each.wrong()))
        lines.append(f"{each.asker.name:<10} {each.cases:>7} {reached:>9} {wrong:>6}  {seeds:<5}  {told}")
    return "\n".join(lines)


def slow(tallies: Iterable[Tally]) -> str:
    """The operations whose slowest answers were the slowest of all."""
    found = sorted(((took, of, each.asker.name) for each in tallies for of, took in each.slowest.items()), reverse=True)
    return "\n".join(f"{took:8.2f} s  {of}  ({name})" for took, of, name in found[:SLOWEST])
