"""The page of rows: what the address asks for is shown and said, what a form adds goes into it, links lead to rows."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

import ladle
from ladle_server.pages import patience
from tests.servers.stack import home_of
from tests.snapshots.kit import ODD_NAMES, from_records


@pytest.fixture
def here(people: ladle.Snapshot, read_home: str) -> str:
    return f"/snapshots/{people.id}/"


def text(page: HttpResponse) -> str:
    """What is to be read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def names(page: HttpResponse) -> list[str]:
    """The first cell of each row."""
    return [unescape(name) for name in re.findall(r'data-c="name">([^<]*)', page.content.decode())]


def test_the_address_says_which_rows_in_which_order(client: Client, here: str, people: ladle.Snapshot) -> None:
    page = client.get(f"{here}?homeworld=Naboo&gender__not=male&_search=e&_sort=-name&_col=name&_col=gender")
    naboo = [row for row in people.rows(limit=1000) if row["homeworld"] == "Naboo" and row["gender"] != "male"]
    assert names(page) == sorted((row["name"] for row in naboo), reverse=True)
    told = f'{len(naboo)} rows with "e" where homeworld is Naboo and gender is not male, sorted by name, descending'
    assert told in text(page)
    assert 'aria-sort="descending"' in page.content.decode()
    assert "Columns (2 of 10)" in text(page)


def test_a_column_read_as_numbers_is_said_to_be_so_and_stays_so_in_every_form(client: Client, here: str) -> None:
    page = client.get(f"{here}?_number=mass&mass__gte=120&_sort=-mass")
    assert "where mass (as a number) at least 120, sorted by mass (as a number), descending" in text(page)
    assert text(page).count("mass (as a number) at least 120") == 2  # in the line over the rows, and to be taken away
    assert page.content.decode().count('name="_number" value="mass"') >= 3


@pytest.mark.parametrize(
    ("sent", "goes_on_to"),
    [
        ("_filter=height&_op=gte&_value=90", "height__gte=90&_number=height"),
        ("_filter=height&_op=exact&_value=90", "height=90"),
        ("_filter=height&_op=gte&_value=tall", "height__gte=tall"),
        ("_filter=name&_op=gte&_value=90", "name__gte=90"),
        ("height=unknown&_filter=height&_op=lt&_value=90", "height=unknown&height__lt=90"),
    ],
)
def test_more_or_less_than_a_number_is_asked_of_the_numbers_in_a_text_column(
    client: Client, here: str, sent: str, goes_on_to: str
) -> None:
    assert client.get(f"{here}?{sent}")["Location"] == f"{here}?{goes_on_to}"


def test_at_least_is_a_word_of_order_where_texts_are_compared(client: Client, here: str) -> None:
    assert "height is, in the order of texts, at or after 90" in text(client.get(f"{here}?height__gte=90"))


def test_what_is_told_of_all_rows_is_said_to_be_so_beside_some(client: Client, here: str) -> None:
    assert "of all 82" in text(client.get(f"{here}?homeworld=Naboo"))
    assert "of all 82" not in text(client.get(here))
    assert re.search("homeworld [0-9]+ values", text(client.get(f"{here}counts/")))
    assert not re.search("homeworld [0-9]+ values", text(client.get(f"{here}counts/?homeworld=Naboo")))


def test_the_whole_table_is_told_as_it_was_collected(client: Client, here: str) -> None:
    page = client.get(here)
    assert "82 rows, as collected" in text(page)
    assert "aria-sort" not in page.content.decode()


@pytest.mark.parametrize(
    ("sent", "goes_on_to"),
    [
        ("_filter=gender&_op=not&_value=male", [("gender__not", "male")]),
        ("homeworld=Naboo&_filter=mass&_op=isnull&_value=left", [("homeworld", "Naboo"), ("mass__isnull", "1")]),
        ("_sort=-mass&_by=name&_filter=&_search=", [("_sort", "-mass,name")]),
        ("_sort=mass,name&_by=mass&_down=1", [("_sort", "name,-mass")]),
        ("_search=sky&_filter=&_op=exact&_value=&_by=", [("_search", "sky")]),
        ("_sort=", []),
        ("_search=++&_offset=20&_limit=5", [("_offset", "20"), ("_limit", "5")]),
        (
            "".join(
                f"&_col={name}"
                for name in (
                    "name",
                    "height",
                    "mass",
                    "hair_color",
                    "skin_color",
                    "eye_color",
                    "birth_year",
                    "gender",
                    "homeworld",
                    "date",
                )
            ),
            [],
        ),
        ("_sort=name&_row=41", [("_sort", "name"), ("_offset", "40")]),
    ],
)
def test_what_a_form_sends_becomes_the_address_of_what_it_asks(
    client: Client, here: str, sent: str, goes_on_to: list[tuple[str, str]]
) -> None:
    answer = client.get(f"{here}?{sent}")
    assert answer.status_code == 302
    parts = urlsplit(answer["Location"])
    assert (parts.path, parse_qsl(parts.query)) == (here, goes_on_to)


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ("_filter=date&_op=gte&_value=soon", 400, '"soon" is no value for "date"'),
        ("_filter=date&_op=contains&_value=2014", 400, '"contains" can\'t be asked of "date"'),
        ("_filter=nam&_op=exact&_value=x", 400, 'no column "nam"'),
        ("hieght=1", 400, 'Did you mean "height"'),
        ("_sort=name&_row=83", 400, "There is no row 83. The last one is 82."),
        ("name=Nobody", 200, "No row is like that."),
        ("_search=zzzz", 200, 'No row has "zzzz".'),
        ("homeworld=Naboo&_offset=50", 200, "There are only 11 rows."),
    ],
)
def test_what_can_t_be_shown_is_said(client: Client, here: str, sent: str, status: int, told: str) -> None:
    page = client.get(f"{here}?{sent}")
    assert page.status_code == status
    assert told in text(page)


def test_what_was_typed_into_a_filter_that_is_wrong_stays(client: Client, here: str) -> None:
    page = client.get(f"{here}?_filter=date&_op=gte&_value=soon").content.decode()
    assert '<option selected value="date">' in page
    assert '<option value="gte" selected>' in page
    assert 'value="soon" aria-invalid="true"' in page


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")  # a server does, the test client does not
def test_the_view_is_given_as_csv_and_json(client: Client, here: str, people: ladle.Snapshot) -> None:
    query = "homeworld__in=Naboo,Tatooine&_sort=name&_col=name&_col=homeworld"
    whole = b"".join(client.get(f"{here[:-1]}.csv?{query}"))  # type: ignore[arg-type]
    wanted = people.rows(view=people.view(parse_qsl(query)), limit=1000)
    assert list(csv.DictReader(io.StringIO(whole.decode()))) == wanted
    assert client.get(f"{here[:-1]}.json?{query}&_limit=5").json()["results"] == wanted[:5]
    part = b"".join(client.get(f"{here[:-1]}.csv?{query}&_limit=5&_offset=5"))  # type: ignore[arg-type]
    assert list(csv.DictReader(io.StringIO(part.decode()))) == wanted[5:10]


def test_a_count_leads_to_its_rows(client: Client, here: str, people: ladle.Snapshot) -> None:
    page = client.get(f"{here}counts/?by=gender&by=date&_limit=1000").content.decode()
    links = re.findall(rf'href="({re.escape(here)}\?[^"]+)" aria-label="([\d,]+) row', page)
    assert len(links) == people.count("gender", "date").combinations
    for link, count in links:
        assert f"{count} rows where gender" in text(client.get(unescape(link))).replace(
            f"{count} row ", f"{count} rows "
        )


def test_counts_of_odd_names_and_missing_values_lead_to_their_rows(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    records = [dict.fromkeys(ODD_NAMES, number) | {"t": text} for number, text in enumerate((None, "", "a&b=c", "é "))]
    snapshot = from_records(tmp_path, records)
    settings.LADLE_HOME = home_of(tmp_path / "home")
    for name in (*ODD_NAMES, "t"):
        asked = {"by": [name, "t"] if name != "t" else ["t"]}
        page = client.get(f"/snapshots/{snapshot.id}/counts/", asked, follow=True)
        links = re.findall(r'href="(/snapshots/[^"]+)" aria-label="1 row', page.content.decode())
        assert len(links) == 4
        for link in links:
            assert "1 row where" in text(client.get(unescape(link)))


def test_headers_of_odd_names_sort_by_their_column(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    odd = [*ODD_NAMES, "a,b", "-a", "_sort"]
    snapshot = from_records(tmp_path, [dict.fromkeys(odd, number) for number in range(3)])
    settings.LADLE_HOME = home_of(tmp_path / "home")
    page = client.get(f"/snapshots/{snapshot.id}/").content.decode()
    pressed = [unescape(value) for value in re.findall(r'<button name="_sort" value="([^"]*)"', page)]
    assert len(pressed) == len(odd)
    for name, value in zip(odd, pressed, strict=True):
        assert snapshot.view([("_sort", value)]).sort == (ladle.Sort(name),)
        assert client.get(f"/snapshots/{snapshot.id}/", {"_sort": value}).status_code == 200


def test_rows_that_take_long_to_find_are_told_and_come_by_themselves(
    client: Client, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", -1.0)
    page = client.get(f"{here}?_sort=-eye_color,hair_color")
    assert "Looking through 82 rows for those sorted by eye_color, descending, then by hair_color." in text(page)
    assert f'hx-get="?_sort={"-eye_color%2Chair_color"}"' in page.content.decode()
    monkeypatch.undo()
    assert "82 rows, sorted by eye_color" in text(client.get(f"{here}?_sort=-eye_color,hair_color"))


@pytest.mark.parametrize("path", ["", "columns/", "counts/?by=eye_color", "chart/?kind=bars&of=eye_color", "rows/1/"])
def test_every_tab_leads_to_the_same_rows_in_the_others(client: Client, here: str, path: str) -> None:
    page = client.get(f"{here}{path}{'&' if '?' in path else '?'}mass__gte=70&_number=mass")
    tabs = re.search(r'<nav class="tabs".*?</nav>', page.content.decode(), re.S)
    assert tabs is not None
    for name in ("Rows", "Columns", "Counts", "Chart"):
        address = re.search(rf'href="([^"]*)"[^>]*>{name}</a>', tabs[0])
        assert address is not None
        assert parse_qsl(urlsplit(unescape(address[1])).query) == [("mass__gte", "70"), ("_number", "mass")], name


def test_a_tab_keeps_no_reading_as_numbers_that_only_its_own_page_needs(client: Client, here: str) -> None:
    page = client.get(f"{here}counts/?by=height:50&_number=height").content.decode()
    assert f'href="{here}"' in page
    assert f'href="{here}chart/"' in page


def test_cards_say_that_they_are_of_all_rows_and_keep_the_view(client: Client, here: str) -> None:
    page = client.get(f"{here}columns/?gender=male")
    assert "all 82 rows, not only of those where gender is male" in text(page)


def test_counts_of_no_rows_lead_to_the_counts_of_all(client: Client, here: str) -> None:
    page = client.get(f"{here}counts/?by=gender&name=Nobody").content.decode()
    assert '<a href="?by=gender">count all 82 rows</a>' in page


def test_where_nothing_is_found_nothing_can_be_gone_to_or_loaded(client: Client, here: str) -> None:
    page = text(client.get(f"{here}?_search=zzzz"))
    assert [words for words in ("Take a filter away", "Showing none", "Go to row") if words in page] == []
