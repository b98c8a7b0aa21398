"""The version: what the package calls itself is what the changelog tells of."""

from __future__ import annotations

import re
from pathlib import Path

from ladle.version import VERSION

ROOT = Path(__file__).parents[2]
HEADING = re.compile(r"## (?:Unreleased \((?P<next>\d+\.\d+\.\d+)\)|(?P<released>\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\))")


def sections() -> list[re.Match[str]]:
    """The headings of the changelog, newest first; one of another form is an error."""
    lines = [line for line in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines() if line.startswith("## ")]
    found = [HEADING.fullmatch(line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if match is None]
    return [match for match in found if match is not None]


def test_the_version_is_that_of_the_changelogs_newest_section() -> None:
    newest = sections()[0]
    assert (newest["next"] or newest["released"]) == VERSION


def test_only_the_newest_section_is_unreleased_and_every_version_is_newer_than_those_below() -> None:
    newest, *older = sections()
    assert [each[0] for each in older if each["released"] is None] == []
    versions = [tuple(map(int, (each["next"] or each["released"]).split("."))) for each in (newest, *older)]
    assert versions == sorted(set(versions), reverse=True)
