"""A release's database, to be kept: takes a name and migrations, gives SQL of all tables as they were, a row in each.

    python -m tests.server.databases.write 0.2.0                                   at each release
    python -m tests.server.databases.write before-0.1.0 catalog.0004_schedules     one from before

What is written is never changed after: `tests/server/test_first_release.py` brings each up to date.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GIVEN: dict[str, Any] = {
    "Run.id": "20261122-123015-7f3a9c",
    "Run.dataset": "swapi/people",
    "Run.state": "complete",
    "Schedule.dataset": "swapi/people",
    "Schedule.cron": "30 6 * * MON-FRI",
    "Schedule.time_zone": "Europe/Berlin",
    "Schedule.parameters": {"units": "metric"},
    "Schedule.files": {"cities": "id\n2950159\n"},
    "Webhook.url": "https://hooks.example.org/ladle?a=1&b=ü",
    "Webhook.datasets": ["swapi/*"],
    "Webhook.ends": ["complete", "failed"],
    "Snapshot.id": "20261122-123016-0b1c2d",
    "User.name": "ada",
}
"""What the site must be able to read; of all else only the type counts."""
MOMENT = datetime(2026, 11, 22, 12, 30, 15, 123456, tzinfo=UTC)
BY_TYPE: dict[str, Any] = {
    "DateTimeField": MOMENT,
    "BooleanField": True,
    "FloatField": 1.25,
    "JSONField": {"é": [1, None]},
    "PositiveIntegerField": 7,
    "BigIntegerField": 2**40,
}


def write(name: str, targets: Iterable[tuple[str, str]]) -> Path:
    """Migrate an empty database to the targets (of other apps to the last), fill it, and write it as SQL."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    wanted = dict(executor.loader.graph.leaf_nodes()) | dict(targets)
    executor.migrate(list(wanted.items()))
    _fill(executor.loader.project_state(list(wanted.items())).apps.get_models())
    connection.close()
    file = HERE / f"{name}.sql"
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
        file.write_text("\n".join(database.iterdump()) + "\n", "utf-8")
    return file


def _fill(models: Iterable[Any]) -> None:
    """A row in each table, of which another one's first."""
    rows: dict[str, Any] = {}

    def row(model: Any) -> Any:
        label = model._meta.label
        if label not in rows:
            values = {field.name: value(model, field) for field in model._meta.fields if not _by_itself(field)}
            rows[label] = model._base_manager.create(**values)
        return rows[label]

    def value(model: Any, field: Any) -> Any:
        if field.remote_field is not None:
            return row(field.related_model)
        usual = BY_TYPE.get(field.get_internal_type(), f"{field.name} “é”")
        return GIVEN.get(f"{model.__name__}.{field.name}", field.choices[0][0] if field.choices else usual)

    for model in models:
        row(model)


def _by_itself(field: Any) -> bool:
    return field.get_internal_type() in ("AutoField", "BigAutoField")


def main(name: str, *targets: str) -> None:
    """In a home of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(LADLE_HOME=home, DJANGO_SETTINGS_MODULE="ladle_server.settings")
        import django

        django.setup()
        print(write(name, [(app, migration) for app, _, migration in (each.partition(".") for each in targets)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
