"""What is done beside a process that forks: takes work, hears how the child ended."""

from __future__ import annotations

import os

import pytest

from ladle_server.beside import done_beside


def test_a_child_that_ends_without_a_word_is_told_with_its_exit_code() -> None:
    def end() -> None:
        os.closerange(3, 4096)  # its end of the pipe too: the parent hears of it before the child has ended
        sum(range(3_000_000))
        os._exit(3)

    with pytest.raises(RuntimeError, match="the child ended with 3"):
        done_beside(end)


def test_what_the_work_raises_is_raised() -> None:
    def fail() -> None:
        raise ValueError("no home")

    with pytest.raises(ValueError, match="no home"):
        done_beside(fail)
