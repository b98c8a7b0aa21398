"""What a definition names and a first page lacks: takes resources and answers, looks at the sentences."""

from __future__ import annotations

import json

import pytest

from ladle.sources.definition import parse
from ladle.sources.paging import read_answer
from ladle.sources.slips import slips

ANSWER = {"total": 3, "next": None, "items": [{"id": 1, "tag": None, "a.b": 1}, {"id": 2, "size": {"x": 1}}]}
RIGHT = 'records = "items"\nkey = "id"\ncount = "total"\npaging = "page"'


def told(resource: str, columns: str = '"*"', answer: object = ANSWER) -> list[str]:
    text = f'ladle = 1\nname = "own"\nbase_url = "https://a.org/"\n[resources.a]\npath = "a"\n{resource}\n'
    text += f'[datasets.a]\nresource = "a"\ncolumns = [{columns}]\n'
    source = parse(text, where="own.toml", lists=lambda *_: ("", ""))
    page = read_answer(source.resources["a"], json.dumps(answer).encode())
    return list(slips(source.resources["a"], page, source.datasets["a"].columns))


@pytest.mark.parametrize(
    ("resource", "sentence"),
    [
        (RIGHT.replace('"id"', '"idd"'), 'a: no record of the first page has "idd", its key.'),
        (RIGHT.replace('"total"', '"totl"'), 'a: the answer tells no number at "totl", its count.'),
        (RIGHT.replace('"total"', '"items"'), 'a: the answer tells no number at "items", its count.'),
        (f'{RIGHT}\npages = "header:X-Pages"', 'a: the answer tells no number at "header:X-Pages", its pages.'),
        (
            'records = "items"\npaging = "link"\nnext = "nxt"',
            'a: the answer has nothing at "nxt", so its first page is taken for the last.',
        ),
        (
            'records = "items"\npaging = "cursor"\ncursor = "meta.after"',
            'a: the answer has nothing at "meta.after", so its first page is taken for the last.',
        ),
        (
            f'{RIGHT}\nwhere = {{ path = "id", is = 9 }}',
            "a: none of the records of the first page are those that its where asks for.",
        ),
    ],
)
def test_a_path_that_leads_nowhere_is_told(resource: str, sentence: str) -> None:
    assert told(resource) == [sentence]


def test_a_column_that_no_record_has_is_told_and_one_that_is_null_is_not() -> None:
    columns = '"id", "tag", { name = "width", path = "size.x" }, "a.b", "nmae", { name = "c", value = 1 }, "*"'
    assert told(RIGHT, columns) == ['nmae: no record of the first page has "nmae".']


def test_what_is_right_and_a_page_without_records_tell_nothing() -> None:
    assert told(RIGHT) == []
    last = {"items": [{"id": 1}], "more": False}
    assert (
        told('records = "items"\npaging = "cursor"\nlast = "id"\nmore = "more"\ncursor_param = "x"', answer=last) == []
    )
    assert told(RIGHT, '"nmae"', {"total": 0, "items": []}) == []
