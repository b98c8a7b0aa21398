"""What is refused for safety, or is no definition at all: takes such texts, gives words that show nothing secret."""

from __future__ import annotations

import re

import pytest

import ladle
from ladle.errors import DefinitionError, Mistake
from ladle.sources.definition import check, parse
from tests.sources.whole import lists, minimal


def found(text: str, *, trusted: bool = True) -> list[Mistake]:
    return check(text, where="own.toml", lists=lists, trusted=trusted)


def test_what_looks_like_a_credential_is_not_shown() -> None:
    text = minimal(
        'headers = { X-Auth-Token = "0a1b2c3d" }\nauth = { oauth2 = "https://me:0a1b2c3d@x.org/", env = "0a1b2c3d" }'
    )
    told = " ".join(f"{each.message} {each.hint}" for each in found(text))
    assert len(found(text)) == 4
    assert "0a1b2c3d" not in told


def test_a_key_where_a_headers_name_should_be_is_not_shown() -> None:
    (mistake,) = found(minimal('auth = { header = "X-Key: 0a1b2c3d", env = "OWN_KEY" }'))
    assert mistake.key == "auth.header"
    assert "0a1b2c3d" not in f"{mistake.message} {mistake.hint}"


def test_of_another_version_nothing_else_is_told() -> None:
    (mistake,) = found(minimal(resource="pages = { }").replace("ladle = 1", "ladle = 2"))
    assert mistake.message == 'own.toml, line 1: "ladle" is 2.'


@pytest.mark.parametrize(
    ("resource", "key"),
    [
        ('path = "x"\ntransform = "own:f"', "resources.things.transform"),
        ('path = "x"\npaging = "python"\npaginator = "own:f"', "resources.things.paginator"),
        ('path = "x/{town}"\neach = { csv = "../towns.csv", key = "town" }', "resources.things.each.csv"),
        ('path = "x/{town}"\neach = { csv = "/etc/passwd", key = "town" }', "resources.things.each.csv"),
        ('path = "x/{town}"\neach = { csv = ".env", key = "town" }', "resources.things.each.csv"),
        (
            'path = "x/{town}"\neach = { csv = "a.csv", key = "town", setting = "HOME" }',
            "resources.things.each.setting",
        ),
    ],
)
def test_a_definition_from_a_browser_reaches_neither_python_nor_the_machines_files(resource: str, key: str) -> None:
    text = minimal(resource=resource)
    assert found(text) == []
    assert [each.key for each in found(text, trusted=False)] == [key]


def test_a_source_says_whether_it_is_trusted() -> None:
    assert parse(minimal(), where="own.toml", lists=lists).trusted
    assert not parse(minimal(), where="own.toml", lists=lists, trusted=False).trusted


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a = ", "is not valid TOML: Invalid value (at end of document)"),
        ("\n\na = 'b", "is not valid TOML"),
        ("a = " + "[" * 5000 + "]" * 5000, "holds lists or tables too deep in each other"),
        ("a = 1\nb = '\ud800'", "holds half a sign in line 2, which is no Unicode"),
    ],
)
def test_what_is_not_toml_is_told_with_a_line(text: str, what: str) -> None:
    (mistake,) = found(text)
    assert what in mistake.what
    assert mistake.line is not None
    assert re.match(r"own\.toml (is|holds) ", mistake.message)
    with pytest.raises(DefinitionError):
        parse(text, where="own.toml", lists=lists)


def test_a_value_can_neither_steer_a_terminal_nor_fill_it() -> None:
    text = minimal(resource='path = "x"\npaging = "\\u001b[2J\\u202e\\n"\nmethod = "' + "x" * 9000 + '"')
    paging, method = found(text)
    assert paging.what == 'is "\\x1b[2J\\u202e\\n"'
    assert len(method.what) < 600


@pytest.mark.parametrize("sql", ["SELECT * FROM a, read_csv('/etc/passwd')", "COPY a TO '/tmp/x'"])
def test_a_select_that_could_never_run_is_a_mistake_before_anything_is_collected(sql: str) -> None:
    resource = '[resources.a]\npath = "a"\n[datasets.a]\nresource = "a"'
    checked = ladle.check(f'ladle = 1\nname = "x"\nbase_url = "https://x.example/"\n{resource}\nsql = "{sql}"\n')
    assert checked.source is None
    assert [(each.line, each.key) for each in checked.mistakes] == [(8, "datasets.a.sql")]
