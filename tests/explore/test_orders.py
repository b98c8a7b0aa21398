"""Orders of rows kept in the home: made once, mended when damaged, gone with their snapshot, never in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ladle.explore import cache, orders
from ladle.explore.numbers import BLOCK
from ladle.explore.snapshot import Snapshot
from ladle.explore.view import Filter, Sort, View
from ladle.snapshots.bounds import Bounds
from tests.snapshots.kit import from_records

ROWS = 2 * BLOCK + 100
DOWN = View(sort=(Sort("n", descending=True),))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """More rows than two blocks of an order, the numbers mixed."""
    records = [{"n": (number * 7919) % ROWS, "t": "x" * (number % 50) + "\n"} for number in range(ROWS)]
    return from_records(tmp_path_factory.mktemp("made"), records, size=1000, bounds=Bounds(group_rows=3000))


@pytest.fixture
def snapshot(made: Snapshot, tmp_path: Path) -> Snapshot:
    """The same in a home of the test's own."""
    home = shutil.copytree(made.folder.parents[3], tmp_path / "home", ignore=shutil.ignore_patterns(cache.FOLDER))
    return replace(made, folder=home / made.folder.relative_to(made.folder.parents[3]))


def kept(snapshot: Snapshot) -> list[Path]:
    """The orders in the snapshot's home."""
    return sorted((snapshot.folder.parents[3] / cache.FOLDER).rglob("*.order"))


def numbers(snapshot: Snapshot, view: View, *, offset: int = 0, limit: int = 10) -> list[int]:
    return [row["n"] for row in snapshot.rows(view=view, offset=offset, limit=limit)]


@pytest.mark.parametrize("offset", [0, 5, BLOCK - 5, BLOCK, 2 * BLOCK - 500, ROWS - 10, ROWS - 3, ROWS, 2**63])
def test_any_page_of_a_sorted_view_is_there(made: Snapshot, offset: int) -> None:
    wanted = list(range(ROWS))[::-1]
    assert numbers(made, DOWN, offset=offset) == wanted[offset : offset + 10]
    assert numbers(made, DOWN, offset=offset, limit=1000) == wanted[offset : offset + 1000]
    assert made.look(DOWN, offset=offset).total == ROWS


def test_an_order_is_worked_out_once_and_read_from_then_on(snapshot: Snapshot) -> None:
    numbers(snapshot, DOWN)
    (order,) = kept(snapshot)
    before = order.stat().st_ino
    assert numbers(snapshot, DOWN, offset=10) == [ROWS - 11 - n for n in range(10)]
    assert order.stat().st_ino == before
    numbers(snapshot, replace(DOWN, columns=("n",)))
    assert kept(snapshot) == [order]


def test_the_table_as_it_is_needs_no_order(snapshot: Snapshot) -> None:
    snapshot.look(View(columns=("t",), search="  "))
    assert kept(snapshot) == []


def flip(at: int) -> Callable[[Path], None]:
    """Change one byte."""

    def change(path: Path) -> None:
        raw = bytearray(path.read_bytes())
        raw[at] ^= 0x10
        path.write_bytes(raw)

    return change


@pytest.mark.parametrize(
    "damage",
    [
        flip(0),
        flip(BLOCK * 4 + 3),
        flip(ROWS * 4),
        flip(-1),
        flip(-8),
        flip(-12),
        flip(-30),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[4:]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"x" * 5000),
        Path.unlink,
    ],
)
def test_a_damaged_order_is_made_again(snapshot: Snapshot, damage: Callable[[Path], object]) -> None:
    numbers(snapshot, DOWN)
    (order,) = kept(snapshot)
    whole = order.read_bytes()
    damage(order)
    assert numbers(snapshot, DOWN, offset=BLOCK - 5) == [ROWS - 1 - BLOCK + 5 - n for n in range(10)]
    assert numbers(snapshot, DOWN) == [ROWS - 1 - n for n in range(10)]
    assert order.read_bytes() == whole


def test_the_order_of_another_view_is_not_taken_for_this_one(snapshot: Snapshot) -> None:
    numbers(snapshot, DOWN)
    (down,) = kept(snapshot)
    numbers(snapshot, View(sort=(Sort("n"),)))
    (up,) = set(kept(snapshot)) - {down}
    shutil.copy(down, up)
    assert numbers(snapshot, View(sort=(Sort("n"),))) == list(range(10))


def test_orders_go_with_their_snapshot(snapshot: Snapshot, tmp_path: Path) -> None:
    other = from_records(tmp_path, [{"n": 1}], size=7)
    assert other.folder == snapshot.folder
    gone = snapshot.folder.parent / "20260101-000000-000000"
    shutil.copytree(snapshot.folder, gone)
    numbers(replace(snapshot, folder=gone), DOWN)
    assert len(kept(snapshot)) == 1
    shutil.rmtree(gone)
    numbers(snapshot, DOWN)
    assert [order.parent.name for order in kept(snapshot)] == [snapshot.id]


def test_orders_that_were_not_used_for_longest_make_room(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_FILES", 2)
    views = [View(filters=(Filter("n", "lt", number),)) for number in (1, 2, 3)]
    for age, view in enumerate(views[:2]):
        assert snapshot.look(view).total == age + 1
    first, second = sorted(kept(snapshot), key=lambda path: path.stat().st_size)
    os.utime(second, (1, 1))
    left = second.with_name(".half.order")
    left.write_bytes(b"")
    os.utime(left, (1, 1))
    assert snapshot.look(views[2]).total == 3
    assert snapshot.look(View(filters=(Filter("n", "lt", 4),))).total == 4
    assert first in kept(snapshot)
    assert second not in kept(snapshot)
    assert not left.exists()


def test_where_nothing_can_be_written_the_answer_is_the_same(snapshot: Snapshot) -> None:
    (snapshot.folder.parents[3] / cache.FOLDER).write_text("in the way")
    assert numbers(snapshot, DOWN, offset=BLOCK) == [ROWS - 1 - BLOCK - n for n in range(10)]


def test_a_snapshot_outside_of_a_home_is_sorted_too(snapshot: Snapshot, tmp_path: Path) -> None:
    alone = replace(snapshot, folder=shutil.copytree(snapshot.folder, tmp_path / "alone"))
    assert numbers(alone, DOWN) == [ROWS - 1 - n for n in range(10)]
    assert not list(tmp_path.rglob("*.order"))


def test_many_who_ask_at_once_wait_for_one_answer(snapshot: Snapshot) -> None:
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: numbers(snapshot, DOWN), range(16)))
    assert answers == [[ROWS - 1 - n for n in range(10)]] * 16
    assert len(kept(snapshot)) == 1
    assert orders.DESK.is_idle()


def test_a_table_of_more_rows_than_32_bits_count_keeps_wide_numbers() -> None:
    import pyarrow as pa

    from ladle.explore.numbers import of_bytes, pieces

    rows = (1 << 32) + 5
    wanted = [rows - 1, 0, 1 << 32]
    raw = b"".join(pieces([pa.array(wanted[:1]), pa.array(wanted[1:])], name="x", rows=rows))
    assert of_bytes(raw, name="x", rows=rows).part(0, 10) == wanted


def test_a_first_question_loads_no_pandas(snapshot: Snapshot) -> None:
    home = snapshot.folder.parents[3]
    program = (
        "import sys, ladle\n"
        f"found = ladle.snapshot({snapshot.id!r}, home={str(home)!r})\n"
        "found.look(ladle.View(sort=(ladle.Sort('n'),), filters=(ladle.Filter('n', 'gte', '5'),)))\n"
        "found.count('n', limit=10)\n"
        "found.histogram('n'), found.bars('t'), found.heat('n', 't')\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
