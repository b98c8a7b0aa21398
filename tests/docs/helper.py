"""Takes words of `ladle` on standard input, a JSON object a line, gives the end of each: for commands that need Django.

Such a command becomes a process of the site, which takes seconds to load. Here that process is this one, over and over.
"""

from __future__ import annotations

import io
import json
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NoReturn

from ladle.cli import main


def become(_: str, command: Sequence[str], __: Mapping[str, str]) -> NoReturn:
    """In place of the system's own: run `python -P -m MODULE WORDS` here."""
    sys.argv = list(command[command.index("-m") + 1 :])
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    raise SystemExit(0)


def carry_out(words: Sequence[str], typed: str) -> dict[str, Any]:
    """Exit code, and what was printed on both outputs."""
    printed, code = io.StringIO(), 0
    sys.stdin = io.StringIO(typed)
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            main(list(words), prog_name="ladle")
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
    return {"code": code, "printed": printed.getvalue()}


if __name__ == "__main__":
    os.execve = become  # type: ignore[assignment]
    asked = sys.stdin
    for line in asked:
        each = json.loads(line)
        print(json.dumps(carry_out(each["words"], each["typed"])), flush=True)
