"""Schemathesis's hooks: takes what it asked and how it judged the answers, gives a file of both, a line each.

It is loaded by schemathesis itself, in a process of its own.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import cli
from schemathesis.engine import events
from schemathesis.openapi.checks import UseAfterFree

TOLD = "LADLE_CONTRACT"
"""The environment variable that tells a `WATCH`, as JSON."""
UNDER_WAY = "under-way"
"""In place of a question's name: of one that is worked on at this moment."""
EACH = 1000
"""Answers after which it is said how far all is."""
STOPS = "DELETE /api/v1/questions/{question}"
STAYS = "/versions"
"""Routes to what stays when its name is removed: the versions of a source, by which its snapshots were collected."""


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Nobody can stop a question that nobody has asked: it is asked just before."""
    if case.operation.label == STOPS and case.path_parameters == {"question": UNDER_WAY} and not case.query:
        case.path_parameters["question"] = _asked(json.loads(os.environ[TOLD])) or UNDER_WAY


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """All but what is there after it was removed, and is meant to be."""
    return failure.code != UseAfterFree.code or STAYS not in case.operation.path


def _asked(told: dict[str, Any]) -> str:
    """The name of a question that takes minutes; nothing where it may not be asked."""
    if not told["slow"]:
        return ""
    wanted = urllib.request.Request(told["slow"], headers=told["headers"])
    try:
        with urllib.request.urlopen(wanted, timeout=60) as answer:
            return str(json.load(answer)["question"] or "").rpartition("/")[2]
    except (OSError, KeyError):
        return ""


class Watch(cli.EventHandler):
    """Writes down each answer and each failure."""

    def __init__(self, *_args: Any, **_more: Any) -> None:
        self._file = Path(json.loads(os.environ[TOLD])["file"]).open("a")  # noqa: SIM115  closed by `shutdown`
        self._began, self._answers = time.monotonic(), 0

    def handle_event(self, ctx: Any, event: Any) -> None:
        """Of a scenario that has ended what was asked and answered in it; and what hindered one."""
        if isinstance(event, events.ScenarioFinished):
            for line in _lines(event.recorder):
                self._write(line)
            self._file.flush()
            self._progress(event.phase.value, len(event.recorder.interactions))
        elif isinstance(event, (events.NonFatalError, events.FatalError)):
            error = event.value if isinstance(event, events.NonFatalError) else event.exception
            self._write({"of": getattr(event, "label", ""), "failure": f"{type(error).__name__}: {error}", "curl": ""})

    def shutdown(self, ctx: Any) -> None:
        """Nothing comes any more."""
        self._file.close()

    def _progress(self, phase: str, answers: int) -> None:
        before, self._answers = self._answers, self._answers + answers
        if before // EACH != self._answers // EACH:
            took = time.monotonic() - self._began
            print(f"    {phase}: {self._answers} answers in {took:.0f} s", file=sys.stderr, flush=True)

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(f"{json.dumps(line)}\n")


def _lines(recorder: Any) -> Any:
    for name, made in recorder.interactions.items():
        answer = made.response
        told = (
            {"status": answer.status_code, "took": answer.elapsed} if answer is not None else {"status": 0, "took": 0.0}
        )
        yield {"of": recorder.cases[name].value.operation.label, "method": made.request.method, **told}
    for name, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure, of = check.failure_info.failure, recorder.cases[name].value.operation.label
                told = f"{check.name}: {failure.title}. {failure.message}"
                yield {"of": of, "failure": told, "curl": check.failure_info.code_sample}


cli.handler()(Watch)
