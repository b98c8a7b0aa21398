"""Charts on pages: a good guess, every kind within a view, marks that lead to their rows, the same as data."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

import ladle
from tests.servers.stack import home_of
from tests.snapshots.kit import ODD_NAMES, RUN, built, field, from_records, page, source

pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
QUERIES = [
    "",
    "kind=bars&of=homeworld",
    "kind=heatmap&of=gender&of=homeworld",
    "kind=line&of=date",
    "kind=histogram&of=height&_number=height",
]


@pytest.fixture
def here(people: ladle.Snapshot, read_home: str) -> str:
    return f"/snapshots/{people.id}/"


def text(answer: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def records(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(client.get(address)).decode())))  # type: ignore[arg-type]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("view", ["", "gender=male", "homeworld__in=Naboo,Tatooine&_search=a"])
def test_marks_lead_to_their_rows_and_add_up_with_what_is_said(
    client: Client, here: str, people: ladle.Snapshot, query: str, view: str
) -> None:
    address = f"?{query}&{view}&_limit=1000"
    shown = client.get(f"{here}chart/{address}")
    assert shown.status_code == 200
    links = re.findall(rf'href="({re.escape(here)}\?[^"]+)" aria-label="([\d,]+) row', shown.content.decode())
    counted = {unescape(link): int(count) for link, count in links}
    for link, count in [*counted.items()][:3]:
        assert f"{count} row" in text(client.get(link))
    told = client.get(f"{here}chart.json{address}").json()
    total = people.look(people.view([tuple(p.split("=")) for p in view.split("&") if p]), limit=1).total  # type: ignore[misc]
    assert told["total_rows"] == total
    assert sum(row["count"] for row in told["results"]) + told.get("missing", 0) + told.get("rest", 0) == total
    assert [int(row["count"]) for row in records(client, f"{here}chart.csv?{query}&{view}")] == [
        row["count"] for row in told["results"]
    ]
    assert sum(counted.values()) == sum(row["count"] for row in told["results"])


def test_the_first_look_shows_a_picture(client: Client, here: str) -> None:
    shown = client.get(f"{here}chart/").content.decode()
    assert '<rect class="mark"' in shown
    assert shown.count('aria-current="page"') == 3  # the section, the tab, the kind of chart
    assert f'href="{here}map/"' not in shown


def test_the_view_goes_along_and_each_part_of_it_can_be_left(client: Client, here: str) -> None:
    rows = client.get(f"{here}?gender=male&_search=a&_sort=name").content.decode()
    assert f'href="{here}chart/?gender=male&amp;_search=a"' in rows
    shown = client.get(f"{here}chart/?kind=bars&of=homeworld&gender=male&_search=a").content.decode()
    assert 'href="?kind=bars&amp;of=homeworld&amp;_search=a" aria-label="Remove: gender is male"' in shown
    assert '<input type="hidden" name="gender" value="male">' in shown


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("kind=pie", 400, 'no kind of chart "pie"'),
        ("kind=bars&of=nam", 400, 'no column "nam"'),
        ("kind=histogram&of=gender", 400, "or have its texts read as numbers: _number=gender"),
        ("kind=bars&of=name&of=mass", 400, '"of" is given 2 times'),
        ("kind=bars&of=name&_bin=year", 400, '"_bin" means nothing to bars'),
        ("kind=line&of=date&_bin=hour", 400, 'no unit of time "hour"'),
        ("hieght=1", 400, "hieght"),
        ("gender=nobody", 200, "No row is like that."),
    ],
)
def test_what_can_t_be_drawn_is_said(client: Client, here: str, query: str, status: int, told: str) -> None:
    shown = client.get(f"{here}chart/?{query}")
    assert (shown.status_code, told in text(shown)) == (status, True)


def test_a_snapshot_without_numbers_and_times_says_what_can_be_drawn(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    snapshot = from_records(tmp_path, [{"a": "x", "b": None}, {"a": "y", "b": "z"}])
    settings.LADLE_HOME = home_of(tmp_path / "home")
    for kind, lacks in (("histogram", "numbers"), ("line", "dates or times")):
        shown = client.get(f"/snapshots/{snapshot.id}/chart/?kind={kind}")
        assert f"No column of this snapshot holds {lacks}. Draw how often" in text(shown)
        assert 'href="?kind=bars&amp;of=a"' in shown.content.decode()
    empty = client.get(f"/snapshots/{snapshot.id}/chart/?kind=histogram&of=a&_number=a")
    assert "None of the 2 rows can be drawn: 2 rows without a number in a." in text(empty)


def test_columns_called_as_the_chart_s_own_keys_can_be_filtered_and_drawn(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    odd = ["kind", "of", "lat", "lon", "value", "colour", *ODD_NAMES]
    snapshot = from_records(tmp_path, [dict.fromkeys(odd, number % 3) for number in range(9)])
    settings.LADLE_HOME = home_of(tmp_path / "home")
    at = f"/snapshots/{snapshot.id}/"
    for name in odd:
        told = client.get(f"{at}chart.json", {"kind": "bars", "of": name, "kind__exact": "1"}).json()
        assert [row["count"] for row in told["results"]] == [3], name
    shown = client.get(f"{at}chart/?kind=bars&of=kind&kind__exact=1").content.decode()
    assert '<input type="hidden" name="kind__exact" value="1">' in shown
    places = client.get(f"{at}map.json?lat__exact=2").json()
    assert [(row["values"], row["count"]) for row in places["results"]] == [({"lat": 2, "lon": 2}, 3)]


def test_a_map_is_offered_where_there_are_places_and_leads_to_their_rows(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    records_ = [{"city": f"c{i}", "coord_lat": 48 + i / 10, "coord_lon": 11.5, "temp": i or None} for i in range(12)]
    snapshot = from_records(tmp_path, [*records_, {"city": "lost", "coord_lat": None, "coord_lon": 3.0, "temp": 1}])
    settings.LADLE_HOME = home_of(tmp_path / "home")
    at = f"/snapshots/{snapshot.id}/"
    assert f'href="{at}map/"' in client.get(at).content.decode()
    shown = client.get(f"{at}map/?colour=temp&_limit=1000")
    assert "13 rows · 1 row without a place" in text(shown)
    assert shown.content.decode().count('<path class="point size-1') == 12
    link = re.search(
        rf'href="({re.escape(at)}\?[^"]+)" tabindex="-1" aria-label="c7, temp 7: 1 row"', shown.content.decode()
    )
    assert link
    assert "1 row where" in text(client.get(unescape(link[1])))
    assert records(client, f"{at}map.csv?colour=temp")[7]["mean of temp"] == "7"
    assert client.get(f"{at}map/?lat=city").status_code == 400


def test_snapshots_one_after_another_are_drawn_with_what_their_profiles_say(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    of = source(field("n"), key=None)
    for number in (1, 2, 3):
        rows = [{"n": each * number} for each in range(number * 2)]
        built(tmp_path, [page(1, rows)], of=of, run=f"{RUN[:-1]}{number}")
    settings.LADLE_HOME = home_of(tmp_path / "home")
    told = client.get("/datasets/stars/people.json?of=n").json()["results"]
    assert [(each["rows"], each["mean"], each["distinct"]) for each in told] == [(2, 0.5, 2), (4, 3.0, 4), (6, 7.5, 6)]
    assert [row["mean"] for row in records(client, "/datasets/stars/people.csv?of=n")] == ["0.5", "3", "7.5"]
    assert client.get("/datasets/stars/people.json?of=x").status_code == 400
    assert client.get("/datasets/stars/nobody.json").status_code == 404


@pytest.mark.parametrize("query", ["chart/?kind=bars&of=t", "chart/?kind=heatmap&of=t&of=w", "map/", "counts/?by=t"])
def test_long_values_make_no_long_page(
    client: Client, tmp_path: Path, settings: Settings, db: None, query: str
) -> None:
    long = "<&" * 50_000
    records_ = [{"t": f"{place} {long}", "w": f"{place % 3}", "lat": place, "lon": place} for place in range(9)]
    snapshot = from_records(tmp_path, records_, size=1)
    settings.LADLE_HOME = home_of(tmp_path / "home")
    shown = client.get(f"/snapshots/{snapshot.id}/{query}")
    assert shown.status_code == 200
    assert len(shown.content) < 250_000
    assert "7 <&<&<&" in text(shown)


def test_a_line_of_days_has_no_hours_and_one_day_is_said_to_be_no_line(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    taken = from_records(tmp_path, [{"day": "2026-11-21"}, {"day": "2026-11-21"}], field("day", type="date"))
    settings.LADLE_HOME = home_of(tmp_path / "home")
    shown = text(client.get(f"/snapshots/{taken.id}/chart/?kind=line&of=day&_bin=day"))
    assert "21 Nov 2026" in shown
    assert "03:00" not in shown
    assert "one day only, so that there is no line to draw" in shown
