"""The command line: takes words, gives tables for people and, with --json, one JSON document for machines.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 finished incomplete.
"""

from ladle.cli.main import main

__all__ = ["main"]
