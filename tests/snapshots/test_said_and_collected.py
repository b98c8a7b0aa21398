"""From a definition to its table: what columns, rules and SELECT say is what a collection over the network gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ladle
from ladle.testing import Request, ScriptedApi
from tests.apis import drive, taken
from tests.collect.families import run_of

ISSUES: list[dict[str, Any]] = [
    {
        "number": number,
        "title": f"Issue {number}",
        "state": "open" if number % 3 else "closed",
        "user": {"login": f"u{number % 2}", "id": number % 2},
        "labels": [{"name": "bug"}, {"name": f"p{number % 4}"}],
        "at": 1_700_000_000_000 + number * 1000,
        "day": f"{1 + number % 28:02}.11.2026",
        "secret": "x",
        **({"pull_request": {}} if number % 5 == 0 else {}),
    }
    for number in range(1, 26)
]
USERS = [{"login": "u0", "name": "Ada"}, {"login": "u1", "name": "Bob"}]
RESOURCES = """
[resources.issues]
path = "issues"
key = "number"
records = "items"
count = "total"
paging = "page"
page_size = 10
where = [{ path = "pull_request", missing = true }, { path = "number", most = 24 }]
[resources.users]
path = "users"
key = "login"
records = "items"
count = "total"
paging = "page"
page_size = 10
"""


def api(request: Request) -> object:
    """Issues and users in pages of ten."""
    records = ISSUES if request.path.endswith("issues") else USERS
    page = int(request.query.get("page", "1"))
    return {"total": len(records), "items": records[(page - 1) * 10 : page * 10]}


def collected(home: Path, dataset: str, *, check: Callable[[ladle.Progress], None] = lambda _: None) -> ladle.Snapshot:
    """The snapshot of the dataset, collected over the network."""
    with ScriptedApi(api) as served:
        progress = drive(run_of(served, home, RESOURCES + dataset))
    check(progress)
    return taken(progress, home)


def test_columns_of_every_kind(tmp_path: Path) -> None:
    snapshot = collected(
        tmp_path,
        """
[datasets.issues]
resource = "issues"
columns = [
  "number",
  { name = "labels", path = "labels.*.name", join = ", " },
  { name = "at", unix = "ms" },
  { name = "day", written = "%d.%m.%Y" },
  { name = "tracker", value = "main" },
  "*",
]
drop = ["secret", "user.id"]
flatten = true
""",
    )
    assert [(column.name, column.type) for column in snapshot.manifest.columns] == [
        ("number", "integer"),
        ("labels", "text"),
        ("at", "timestamp"),
        ("day", "date"),
        ("tracker", "text"),
        ("title", "text"),
        ("state", "text"),
        ("user.login", "text"),
    ]
    assert [row["number"] for row in snapshot.rows(limit=100)] == [n for n in range(1, 25) if n % 5]
    first = snapshot.rows(limit=1)[0]
    assert (first["labels"], first["tracker"], first["user.login"]) == ("bug, p1", "main", "u1")
    assert f"{first['at']:%Y-%m-%d %H:%M:%S} {first['day']}" == "2023-11-14 22:13:21 2026-11-02"
    told = snapshot.manifest
    assert (told.rows, told.filtered, told.claimed, told.complete) == (20, 5, 25, True)


SELECT = """
[datasets.work]
resource = "issues"
tables = ["issues", "users"]
columns = ["number", "state", { name = "login", path = "user.login" }]
sql = "SELECT name, state, count(*) AS issues FROM issues JOIN users USING (login) GROUP BY ALL ORDER BY ALL"
"""


def test_a_select_over_two_resources(tmp_path: Path) -> None:
    snapshot = collected(tmp_path, SELECT)
    assert [tuple(row.values()) for row in snapshot.rows()] == [
        ("Ada", "closed", 4),
        ("Ada", "open", 6),
        ("Bob", "closed", 3),
        ("Bob", "open", 7),
    ]
    told = snapshot.manifest
    assert told.complete
    assert (told.requests, told.claimed, told.found, told.rows, told.filtered) == (4, 25, 25, 4, 5)


def test_a_run_whose_select_can_t_be_run_fails_with_its_words(tmp_path: Path) -> None:
    with ScriptedApi(api) as served:
        progress = drive(run_of(served, tmp_path, RESOURCES + SELECT.replace("GROUP BY ALL", "GROUP BY nme")))
    assert progress.state == "failed"
    assert 'The SELECT of own/work, "SELECT name, state' in progress.reason
    assert '"nme"' in progress.reason
    assert 'Change "sql" in the source\'s definition.' in progress.reason
