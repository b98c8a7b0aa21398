"""Column cards: every bar and every value leads to just its rows, and wide tables are shown a part at a time."""

from __future__ import annotations

import random
import re
from html import unescape
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

import ladle
from ladle_server.pages import viewing
from ladle_server.pages.columns import described
from ladle_server.pages.views import snapshots as views
from tests.servers.stack import home_of, home_with
from tests.snapshots.kit import ODD_NAMES, field, from_records

BAR = re.compile(r'<a href="([^"]*)"[^>]*><title>[^<]*: ([\d,]+) rows?</title>')
VALUE = re.compile(r'<th scope="row"><a href="([^"]*)".*?<td class="num">([\d,]+)</td>', re.S)
TOLD = re.compile(r'id="asked" role="status">([\d,]+) row')


def text(answer: HttpResponse) -> str:
    """What is to be read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def links(pattern: re.Pattern[str], answer: HttpResponse) -> list[tuple[str, str]]:
    """Addresses, and how many rows they promise."""
    return [(unescape(link), count) for link, count in pattern.findall(answer.content.decode())]


def headed(answer: HttpResponse) -> list[str]:
    """The columns that a table of rows shows."""
    return re.findall(r'id="sort-\d+">([^<]*)', answer.content.decode())


def rows_at(client: Client, link: str) -> str:
    """How many rows a page of rows says that it has."""
    told = TOLD.search(client.get(link).content.decode())
    assert told, link
    return told[1]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    """Columns of every type, three of them named oddly; decimals that lie on the edges of bins."""
    drawn = random.Random(5)
    names = ["whole", "a__gt", "_sort", "decimal", "day", "at", "kind", "yes"]
    kinds = ["integer", "integer", "integer", "number", "date", "timestamp", "text", "boolean"]
    columns = [
        field(name, type=kind, **({"unix": "s"} if name == "at" else {}))
        for name, kind in zip(names, kinds, strict=True)
    ]
    records = [
        {
            **{name: drawn.randint(-50, 90) for name in names[:3]},
            "decimal": round(drawn.uniform(0, 10), 1),
            "day": f"2026-{drawn.randint(1, 12):02}-{drawn.randint(1, 28):02}",
            "at": 1_795_300_000 + drawn.randint(0, 900_000),
            "kind": drawn.choice(["a&b", "c=d", "", "é +", "x" * 300]),
            "yes": drawn.choice([True, False, None]),
        }
        for _ in range(60)
    ]
    return from_records(tmp_path_factory.mktemp("typed"), records, *columns, size=60)


@pytest.fixture
def here(typed: ladle.Snapshot, settings: Settings, db: None) -> str:
    settings.LADLE_HOME = home_with(typed.folder)
    return f"/snapshots/{typed.id}/"


@pytest.fixture
def wide(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> str:
    """Twelve columns, of which a table shows five at first, a form lists eight, and five cards come at a time."""
    monkeypatch.setattr(viewing, "MOST_SHOWN", 5)
    monkeypatch.setattr(viewing, "MOST_LISTED", 8)
    monkeypatch.setattr(views, "CARDS", 5)
    settings.LADLE_HOME = home_of(tmp_path / "home")
    records = [{f"c{number:02}": number * row for number in range(12)} for row in range(2)]
    return f"/snapshots/{from_records(tmp_path, records).id}/"


def test_each_bar_leads_to_as_many_rows_as_it_stands_for(client: Client, here: str, typed: ladle.Snapshot) -> None:
    cards = links(BAR, client.get(f"{here}columns/"))
    assert len(cards) > 60
    assert cards == links(BAR, client.get(here))
    decimal = [link for link, _ in cards if "decimal" in link]
    for link, count in cards[::9]:
        # A decimal on the edge of two bins may be reckoned to the one before: one row, not more.
        assert abs(int(rows_at(client, link)) - int(count)) <= (link in decimal), link


def test_the_last_bar_has_its_end(client: Client, here: str, typed: ladle.Snapshot) -> None:
    whole = next(column for column in typed.profile()["columns"] if column["name"] == "whole")
    cards = [link for link, _ in links(BAR, client.get(here)) if "?whole__" in link]
    assert cards[-1].endswith(f"whole__lte={whole['max']}")
    assert all("__lt=" in link for link in cards[:-1])


def test_each_value_leads_to_its_rows_and_one_that_is_cut_is_no_link(client: Client, here: str) -> None:
    answer = client.get(f"{here}columns/")
    values = links(VALUE, answer)
    assert len(values) > 30
    for link, count in values[::5]:
        assert rows_at(client, link) == count
    assert "kind=xxx" not in answer.content.decode()
    assert "x" * 200 in answer.content.decode()


def test_a_bar_is_added_to_what_is_asked_and_takes_the_place_of_what_was_asked_of_its_column(
    client: Client, here: str
) -> None:
    answer = client.get(f"{here}?kind=c%3Dd&whole__gte=0&_sort=-whole&_col=whole&_col=decimal&_search=c")
    bars = [link for link, _ in links(BAR, answer)]
    for link in bars:
        assert "kind=c%3Dd&" in link
        assert "_search=c&_sort=-whole&_col=whole&_col=decimal&" in link
        assert ("whole__gte=0" in link) == ("decimal__gte" in link)
    told = text(client.get(bars[3]))
    assert re.search(r'rows? with "c" where kind is c=d and whole at least -?\d+ and whole below', told)


def test_the_bar_that_is_shown_leads_back(client: Client, here: str) -> None:
    bar = links(BAR, client.get(f"{here}?yes=true"))[0][0]
    shown = client.get(bar).content.decode()
    (back,) = re.findall(r'<a href="([^"]*)" aria-current="true" tabindex=-1>', shown)
    assert unescape(back) == f"{here}?yes=true"


def test_figures_are_told_with_what_leads_to_them(client: Client, here: str, typed: ladle.Snapshot) -> None:
    told = text(client.get(f"{here}columns/"))
    missing = sum(row["yes"] is None for row in typed.rows(limit=60))
    assert f"missing {missing} (" in told
    assert "?yes__isnull=1" in client.get(f"{here}columns/").content.decode()
    for words in ("smallest -", "earliest 2026-", "mean", "length 0 to 300 characters, mean", "distinct 2 "):
        assert words in told
    assert rows_at(client, f"{here}?yes__isnull=1") == str(missing)


def test_cards_of_odd_names_lead_to_their_rows(client: Client, tmp_path: Path, settings: Settings, db: None) -> None:
    snapshot = from_records(tmp_path, [dict.fromkeys([*ODD_NAMES, "_number"], number // 2) for number in range(4)])
    settings.LADLE_HOME = home_of(tmp_path / "home")
    answer = client.get(f"/snapshots/{snapshot.id}/columns/")
    found = links(BAR, answer) + links(VALUE, answer)
    assert len(found) == 4 * (len(ODD_NAMES) + 1)
    assert {rows_at(client, link) for link, _ in found[::3]} == {"2"}


def test_an_older_profile_is_shown_too(client: Client, here: str, typed: ladle.Snapshot) -> None:
    """Without quantiles and numbers, as they were kept before."""
    profile = typed.profile()
    profile.pop("quantiles_exact", None)
    for column in profile["columns"]:
        column.pop("quantiles", None)
        column.pop("numbers", None)
    shown = described(typed, profile=profile)
    assert not any(fact.name == "median" for column in shown for fact in column.facts)
    assert [column.name for column in shown] == [column.name for column in typed.columns]


def test_a_wide_table_shows_its_first_columns_and_a_way_to_the_others(client: Client, wide: str) -> None:
    answer = client.get(wide)
    assert "The first 5 of 12 columns are shown" in text(answer)
    assert headed(answer) == [f"c{number:02}" for number in range(5)]
    (following,) = re.findall(r'<a href="([^"]*)">show the next</a>', answer.content.decode())
    assert headed(client.get(unescape(following))) == [f"c{number:02}" for number in range(5, 10)]
    assert '<input id="filter" name="_filter" aria-keyshortcuts="f" list="names"' in answer.content.decode()
    sent = client.get(f"{wide}?_col=c01&_add=c10&_sort=-c11")
    assert sent["Location"] == f"{wide}?_sort=-c11&_col=c01&_col=c10"
    wrong = client.get(f"{wide}?_add=c99")
    assert wrong.status_code == 400
    assert 'no column "c99"' in text(wrong)


def test_cards_of_a_wide_table_come_a_part_at_a_time(client: Client, wide: str) -> None:
    first = client.get(f"{wide}columns/")
    assert len(re.findall('class="card column"', first.content.decode())) == 5
    assert "Showing 1 to 5 of 12" in text(first)
    (more,) = re.findall(r'<a class="button"[^>]* href="([^"]*)"[^>]*>Load 5 more', first.content.decode())
    second = client.get(f"{wide}columns/{unescape(more)}")
    assert re.findall(r'id="name-\d+">(\w+)', second.content.decode())[0] == "c05"
    part = client.get(f"{wide}columns/?_offset=5&_from=0", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert part["HX-Replace-Url"] == f"{wide}columns/?_limit=10"
    assert "There are only 12 columns." in text(client.get(f"{wide}columns/?_offset=300"))


def test_bars_of_numbers_in_text_ask_for_numbers(typed: ladle.Snapshot) -> None:
    profile = typed.profile()
    (kind,) = (column for column in profile["columns"] if column["name"] == "kind")
    bins = [{"from": 15.0, "to": 20.5, "count": 3}, {"from": 20.5, "to": 26.0, "count": 1}]
    others = [{"value": "unknown", "count": 2}]
    kind["numbers"] = {"count": 4, "min": 15.0, "max": 26.0, "mean": 18.0, "histogram": bins, "others": others}
    kind["numbers"] |= {"other_count": 2, "quantiles": dict.fromkeys(("0.05", "0.25", "0.5", "0.75", "0.95"), 16.0)}
    (shown,) = described(typed, names=["kind"], profile=profile)
    assert [bin.asks for bin in shown.bins] == [
        "kind__gte=15&kind__lt=20.5&_number=kind",
        "kind__gte=20.5&kind__lte=26&_number=kind",
    ]
    assert [top.asks for top in shown.others] == ["kind=unknown"]
    told = [(fact.name, fact.words) for fact in shown.number_facts]
    assert ("median", "16") in told
    assert ("other texts", "2 (3.3%)") in told
    assert shown.holds_numbers


def test_a_query_of_numbers_is_offered_where_they_are_most_of_a_text_column_and_its_top_values_are_words(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    settings.LADLE_HOME = home_of(tmp_path / "home")
    read = [f"{number}.5" for number in range(60)] + [f"word {number}" for number in range(20) for _ in range(2)]
    table = from_records(tmp_path, [{"reading": each} for each in read], field("reading", type="text"), size=100)
    assert "The largest reading" in text(client.get(f"/snapshots/{table.id}/sql/"))


@pytest.mark.parametrize(
    ("sent", "goes_on_to"),
    [
        ("_filter=kind&_op=number:gte&_value=50", "?kind__gte=50&_number=kind"),
        ("_filter=whole&_op=number:gte&_value=50", "?whole__gte=50"),
        ("kind__lt=9&_number=kind&_filter=kind&_op=number:gte&_value=5", "?kind__lt=9&kind__gte=5&_number=kind"),
        ("_number=kind&_sort=", ""),
    ],
)
def test_a_filter_is_asked_as_a_number_by_the_form(client: Client, here: str, sent: str, goes_on_to: str) -> None:
    answer = client.get(f"{here}?{sent}")
    assert answer.status_code == 302
    assert answer["Location"] == here + goes_on_to


def test_a_text_column_that_holds_numbers_is_sorted_as_such_from_its_head(
    client: Client, people: ladle.Snapshot, read_home: str
) -> None:
    here = f"/snapshots/{people.id}/"
    answer = client.get(here)
    assert '<button name="_by" value="mass"' in answer.content.decode()
    assert '<button name="_sort" value="name"' in answer.content.decode()
    assert '<option value="number:gte">' in answer.content.decode()
    sent = client.get(f"{here}?gender=male&_by=mass")
    assert sent["Location"] == f"{here}?gender=male&_sort=mass&_number=mass"
    sorted_ = client.get(sent["Location"])
    lightest = re.findall(r'data-c="mass">([^<]*)', sorted_.content.decode())
    assert [float(each) for each in lightest] == sorted(float(each) for each in lightest)
    (as_text,) = re.findall(r'<a href="([^"]*)">sort as text</a>', sorted_.content.decode())
    assert unescape(as_text) == f"{here}?gender=male&_sort=mass"
    assert "sort as numbers" in text(client.get(unescape(as_text)))


def test_bars_of_numbers_in_text_and_its_other_texts_lead_to_their_rows(
    client: Client, people: ladle.Snapshot, read_home: str
) -> None:
    answer = client.get(f"/snapshots/{people.id}/columns/")
    bars = [(link, count) for link, count in links(BAR, answer) if "_number=mass" in link]
    assert sum(int(count) for _, count in bars) == 59
    assert [rows_at(client, link) for link, _ in bars] == [count for _, count in bars]
    assert (f"/snapshots/{people.id}/?mass=unknown", "23") in links(VALUE, answer)
