"""The whole grammar: takes a definition that says everything, gives the model it becomes, or each slip by its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ladle.errors import DefinitionError, Mistake
from ladle.sources.definition import check, parse
from ladle.sources.source import (
    Auth,
    Batch,
    Column,
    Dataset,
    Each,
    ErrorRule,
    Paging,
    Reference,
    Resource,
    Retry,
    Rule,
    Source,
)
from tests.sources.broken_whole import SLIPS, Slip
from tests.sources.whole import WHOLE, lists, minimal


def read(text: str) -> Source:
    return parse(text, where="own.toml", lists=lists)


def found(text: str, *, trusted: bool = True) -> list[Mistake]:
    return check(text, where="own.toml", lists=lists, trusted=trusted)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip.key} {slip.what}")
def test_a_slip_is_told_alone_with_its_key_line_and_remedy(slip: Slip) -> None:
    assert slip.text in WHOLE
    text = WHOLE.replace(slip.text, slip.instead, 1)
    (mistake,) = found(text)
    assert (mistake.key, slip.what in mistake.what, slip.remedy in mistake.hint) == (slip.key, True, True), mistake
    assert mistake.line is not None or slip.key.count(".") == 0
    last = slip.key.split(".")[-1]
    line = text.splitlines()[(mistake.line or 1) - 1]
    assert last.isdigit() or mistake.what == "is missing" or last in line


def test_a_definition_that_says_everything_has_no_mistake() -> None:
    assert found(WHOLE) == []


def test_every_mistake_is_told_in_the_order_of_lines() -> None:
    text = WHOLE
    slip_of_a_header = next(slip for slip in SLIPS if slip.key == "headers.Host")
    for slip in (slip_of_a_header, SLIPS[0], SLIPS[-1]):
        text = text.replace(slip.text, slip.instead, 1)
    told = found(text)
    assert [each.key for each in told] == ["base_url", slip_of_a_header.key, "datasets.weather.columns.1.item"]
    assert [each.line for each in told] == sorted(each.line or 0 for each in told)
    with pytest.raises(DefinitionError) as raised:
        read(text)
    assert list(raised.value.mistakes) == told
    assert str(raised.value) == f"{told[0].message} {told[0].hint} There are 2 more mistakes."


def test_a_misspelt_key_that_is_needed_is_one_mistake() -> None:
    (mistake,) = found(minimal(resource='paht = "things"'))
    assert (mistake.key, mistake.hint[:20]) == ("resources.things.paht", 'Did you mean "path"?')


def test_the_source_says_what_it_says() -> None:
    source = read(WHOLE)
    assert (source.base_url, source.pace, source.concurrency) == ("https://eu.example.org/v1/", "fast", 4)
    assert source.workers == 3
    assert source.auth == Auth(
        place="oauth2", name="Authorization", env="WHOLE_SECRET", id_env="WHOLE_ID",
        token_url="https://auth.example.org/token", scope="read",
    )  # fmt: skip
    assert source.headers == {"Accept": "application/json", "Accept-Language": "en"}
    assert source.retry == Retry(attempts=5, statuses={420: "limit", 404: "again", 409: "gone"})
    assert {name: each.file for name, each in source.parameters.items() if each.file} == {"towns": True}
    assert source.parameters["lang"].choices == ("en", "de")


def test_pages_with_numbers_say_what_they_say() -> None:
    assert read(WHOLE).resources["people"] == Resource(
        name="people",
        path="people/",
        params={"units": "metric", "per": "3"},
        records="data.*.items",
        record="data",
        key="id",
        count="header:X-Total",
        pages="meta.pages",
        next="links.next",
        paging=Paging(style="page", param="p", first=0, size_param="size", more="meta.more", end=(404, 400)),
        page_size=50,
        expected=120,
        verify=True,
        where=(
            Rule(path="kind", values=("human", "droid")),
            Rule(path="state", values=("deleted",), other=True),
            Rule(path="born", missing=False),
            Rule(path="height", least=1, most=300),
        ),
        errors=(
            ErrorRule(path="code", values=(0,), other=True, means="limit"),
            ErrorRule(path="error"),
            ErrorRule(path="ok", values=(False,), reason="error.message"),
        ),
        batch=Batch(param="ids", size=50, join="|"),
        one="people/{key}/",
        transform="own:tidy",
    )


@pytest.mark.parametrize(
    ("name", "paging"),
    [
        ("films", Paging(style="offset", param="page.skip", first=0, size_param="page.take", end=(400,))),
        ("tokens", Paging(style="cursor", param="after", cursor="meta.next")),
        ("lasts", Paging(style="cursor", param="starting_after", last="id", more="has_more")),
        ("walks", Paging(style="python", function="own:following")),
        ("odata", Paging(style="link")),
        ("jsonapi", Paging(style="link")),
        ("issues", Paging(style="header")),
        ("weather", Paging(style="none")),
    ],
)
def test_every_style_of_paging_says_what_it_says(name: str, paging: Paging) -> None:
    assert read(WHOLE).resources[name].paging == paging


def test_odata_and_jsonapi_are_links_with_usual_paths_unless_said_otherwise() -> None:
    resources = read(WHOLE).resources
    odata, jsonapi = resources["odata"], resources["jsonapi"]
    assert (odata.records, odata.next, odata.count) == ("value", "@odata.nextLink", "@odata.count")
    assert (jsonapi.records, jsonapi.next, jsonapi.key) == ("data", "links.next", "id")
    said = 'path = "x"\npaging = "odata"\nrecords = "d"\nnext = "d.__next"\ncount = "d.__count"\nkey = "ID"'
    own = read(minimal(resource=said)).resources["things"]
    assert (own.records, own.next, own.count, own.key) == ("d", "d.__next", "d.__count", "ID")


def test_a_body_is_posted_and_its_other_braces_stay() -> None:
    films = read(WHOLE).resources["films"]
    body = {"query": '{ films(lang: "en") { title } }', "filter": {"kinds": ["a", "b"], "deep": [{"n": 1}]}}
    assert (films.method, films.body, films.columnar) == ("POST", body, True)
    assert read(minimal(resource='path = "x"\nbody = { q = "{ {{name}} }" }')).resources["things"].body == {
        "q": "{ {name} }"
    }
    empty = read(minimal(resource='path = "x"\nmethod = "POST"')).resources["things"]
    assert (empty.method, empty.body) == ("POST", {})


def test_a_body_with_a_list_is_a_template_whose_other_braces_are_doubled() -> None:
    said = 'path = "x"\neach = { values = ["a"], key = "id" }\nbody = { q = "{ x(id: \\"{id}\\") }" }'
    body = read(minimal(resource=said)).resources["things"].body
    assert body is not None
    assert body["q"].format_map({"id": "7"}) == '{ x(id: "7") }'


def test_lists_values_and_parents_say_what_they_say() -> None:
    resources = read(WHOLE).resources
    rows = ({"town": "Rivera", "land": "UY"}, {"town": "Melo", "land": "UY"})
    assert resources["weather"].each == Each(csv="towns.csv", key="town", env="WHOLE_TOWNS", items=rows)
    values = ({"name": "red"}, {"name": "metric"}, {"name": "7"})
    assert resources["colours"].each == Each(csv="", key="name", env=None, items=values)
    assert resources["details"].each == Each(csv="", key="url", env=None, items=(), parent="walks")


def test_a_dataset_says_what_it_says() -> None:
    dataset = read(WHOLE).datasets["people"]
    assert replace(dataset, columns=()) == Dataset(
        name="people", title="everybody", resource="people", drop=("films",), flatten=True,
        sql="SELECT people.* FROM people JOIN films USING (id)", tables=("people", "films"),
    )  # fmt: skip
    assert dataset.columns == (
        Column(name="name", path="name"),
        Column(name="*", path="*"),
        Column(name="size", path="body.height", type="number"),
        Column(name="day", path="edited", date="%Y-%m-%d", written="%d.%m.%Y"),
        Column(name="seen", path="seen", unix="ms"),
        Column(name="made", path="made", unix="s"),
        Column(name="tags", path="tags.*.name", join=", "),
        Column(name="unit", path=None, constant="metric"),
        Column(name="thing", path="thing", reference=Reference(resource="jsonapi", value="attributes.name")),
    )


def test_a_select_reads_its_own_resource_where_it_names_no_tables() -> None:
    rest = '[datasets.a]\nresource = "things"\nsql = """\n-- all\nselect *\nfrom things\n"""\n'
    assert read(minimal(rest=rest)).datasets["a"].tables == ("things",)


def test_without_datasets_each_resource_that_is_no_parent_is_one() -> None:
    rest = (
        '[resources.one]\npath = "{url}"\neach = { resource = "things", key = "url" }\n[resources.more]\npath = "m"\n'
    )
    source = read(minimal(rest=rest))
    assert source.datasets == {name: Dataset(name=name, title=name, resource=name) for name in ("one", "more")}
    assert source.title == "own"


@pytest.mark.parametrize(
    ("written", "auth"),
    [
        ('basic = true, env = "A"', Auth(place="basic", name="Authorization", env="A")),
        ('basic = "me", env = "A"', Auth(place="basic", name="Authorization", env="A", user="me")),
        (
            'oauth2 = "http://127.0.0.1:9/t", id = "B", env = "A"',
            Auth(place="oauth2", name="Authorization", env="A", id_env="B", token_url="http://127.0.0.1:9/t"),
        ),
    ],
)
def test_a_credential_can_go_in_every_way(written: str, auth: Auth) -> None:
    assert read(minimal(top=f"auth = {{ {written} }}")).auth == auth
