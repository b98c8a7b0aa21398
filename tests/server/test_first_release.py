"""Databases of earlier releases: each is brought up to date with all that lies in it, and no table lacks a migration.

They are kept in `databases/` as they were, a row in every table (`databases/write.py`), and never changed.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from tests.cli.command import process

KEPT = sorted((Path(__file__).parent / "databases").glob("*.sql"))
OF_SQLITE = {"sqlite_sequence", "django_migrations"}
Tables = dict[str, list[dict[str, object]]]


def tables(file: Path) -> Tables:
    """All rows of all tables, columns by name."""
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')] for name in names}


@pytest.fixture(params=KEPT, ids=lambda path: path.stem)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A home with such a database."""
    with closing(sqlite3.connect(tmp_path / "site.sqlite3")) as database:
        database.executescript(request.param.read_text("utf-8"))
    return tmp_path


def test_the_database_of_an_earlier_release_is_brought_up_to_date_and_all_in_it_is_kept(home: Path) -> None:
    file = home / "site.sqlite3"
    before = tables(file)
    assert {name for name, rows in before.items() if not rows} == set()
    done = process("schedule", "list", "--json", LADLE_HOME=str(home))
    assert done.returncode == 0, done.stderr
    (schedule,) = json.loads(done.stdout)["results"]
    assert (schedule["dataset"], schedule["cron"]) == ("swapi/people", "30 6 * * MON-FRI")
    after = tables(file)
    for name in before.keys() - OF_SQLITE:
        there = [{column: row[column] for column in before[name][0] if column in row} for row in after[name]]
        kept = [{column: row[column] for column in row if column in after[name][0]} for row in before[name]]
        assert there == kept, name
        assert kept[0], name
    done_now = {(row["app"], row["name"]) for row in after["django_migrations"]}
    assert done_now == set(MigrationLoader(None).disk_migrations)


def test_the_first_release_and_what_was_before_it_are_kept() -> None:
    assert {"0.1.0", "before-0.1.0"} <= {path.stem for path in KEPT}


def test_a_migration_that_was_released_is_still_there(home: Path) -> None:
    released = {(row["app"], row["name"]) for row in tables(home / "site.sqlite3")["django_migrations"]}
    assert released <= set(MigrationLoader(None).disk_migrations)


def test_no_table_has_changed_without_a_migration(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", "--check", "--dry-run")
    assert capsys.readouterr().out == "No changes detected\n"
