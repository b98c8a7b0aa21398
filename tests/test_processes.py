"""What tests ask of other processes may be asked at any moment, also of one that has just ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tests.processes import alive, children, children_of_all_threads, command_of, family, running, send

ASLEEP = (sys.executable, "-c", "input()")


def test_a_process_that_lives_is_told_with_its_command_and_by_its_parent() -> None:
    with running(ASLEEP, stdin=subprocess.PIPE) as process:
        assert process.pid in children_of_all_threads(os.getpid())
        assert family(os.getpid()).count(process.pid) == 1
        assert command_of(process.pid).split(b"\0")[1:3] == [b"-c", b"input()"]
        assert alive(process.pid)


def test_one_that_is_gone_has_no_children_and_no_command_and_a_signal_to_it_does_nothing() -> None:
    with running(ASLEEP, stdin=subprocess.PIPE) as process:
        pid = process.pid
        send(pid, signal.SIGKILL)
    assert (children(pid), children_of_all_threads(pid), family(pid)) == ([], [], [pid])
    assert (command_of(pid), alive(pid)) == (b"", False)
    send(pid, signal.SIGSTOP)
