"""The view of the rows goes along to SQL and to a record's history and back; addresses hold no blank choices."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

import ladle

VIEW = "gender=male&mass__gte=50&_search=a&_sort=-mass%2Cname&_number=mass"
KEPT = f"_view={VIEW.replace('%', '%25').replace('=', '%3D').replace('&', '%26')}"


@pytest.fixture
def here(people: ladle.Snapshot, read_home: str) -> str:
    return f"/snapshots/{people.id}/"


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', page)]


def asked(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def test_sql_keeps_the_view_of_the_rows_for_the_way_back(client: Client, here: str) -> None:
    (there,) = [
        link for link in links(client.get(f"{here}?{VIEW}").content.decode()) if link.startswith(f"{here}sql/?")
    ]
    assert asked(there) == parse_qs(KEPT)
    asking = client.get(f"{there}&q=SELECT+name+FROM+data").content.decode()
    assert {f"{here}?{VIEW}", f"{here}counts/?{VIEW.replace('_sort=-mass%2Cname&', '')}"} <= set(links(asking))
    assert f'<input type="hidden" name="_view" value="{VIEW.replace("&", "&amp;")}">' in asking
    assert "A query asks the whole table." in asking
    examples = [link for link in links(asking) if link.startswith("?q=")]
    assert examples
    assert {asked(link)["_view"][0] for link in examples} == {VIEW}
    data = [link for link in links(asking) if "/sql." in link]
    assert [asked(link).keys() for link in data] == [{"q"}, {"q"}, {"q"}]
    assert "A query asks the whole table." not in client.get(f"{here}sql/").content.decode()


def test_a_record_s_history_keeps_it_too(client: Client, here: str) -> None:
    row = client.get(f"{here}rows/1/?{VIEW}").content.decode()
    (there,) = [link for link in links(row) if link.startswith(f"{here}history/")]
    assert asked(there) == {"name": ["Luke Skywalker"], "_view": [VIEW]}
    shown = client.get(there).content.decode()
    assert "Luke Skywalker" in shown
    assert links(shown).count(f"{here}?{VIEW}") == 2  # the tab, and "Back to these rows"
    gone_on = client.get(f"{here}history/?_key=name&_value=Leia+Organa&{KEPT}")
    assert asked(gone_on["Location"]) == {"name": ["Leia Organa"], "_view": [VIEW]}


@pytest.mark.parametrize("page", ["sql/?q=SELECT+1&", "history/?name=Luke+Skywalker&"])
@pytest.mark.parametrize(
    ("kept", "told"), [("_view=hieght%3D3", "hieght"), ("_view=name%3DA&_view=name%3DB", "is given 2 times")]
)
def test_a_view_that_can_t_be_is_refused(client: Client, here: str, page: str, kept: str, told: str) -> None:
    answer = client.get(f"{here}{page}{kept}")
    assert (answer.status_code, told in answer.content.decode()) == (400, True)


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ("counts/?by=homeworld&_add=&gender=male", "counts/?by=homeworld&gender=male"),
        ("counts/?_add=", "counts/"),
        ("counts/?_add=&name=", "counts/?name="),
        ("chart/?kind=line&of=date&value=&_how=&_bin=year", "chart/?kind=line&of=date&_bin=year"),
        ("chart/?kind=histogram&of=height&_bins=", "chart/?kind=histogram&of=height"),
        ("/datasets/swapi/people/?of=", "/datasets/swapi/people/"),
    ],
)
def test_blank_choices_of_a_form_leave_nothing_in_the_address(client: Client, here: str, sent: str, held: str) -> None:
    address, wanted = (each if each.startswith("/") else f"{here}{each}" for each in (sent, held))
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, wanted)
    assert client.get(wanted).status_code == 200
