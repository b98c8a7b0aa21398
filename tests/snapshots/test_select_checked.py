"""A SELECT that is looked at before anything is collected: refused for good, tried again, and not looked at twice."""

from __future__ import annotations

import pytest

from ladle.errors import BadInput, UpstreamError
from ladle.snapshots.selecting import check_select


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (f'SELECT * FROM "{"x" * 300_000}"', "There is no table"),
        ("SELECT * FROM " + "(SELECT * FROM " * 3_000 + "people" + ")" * 3_000, "too deep in each other"),
        (f"SELECT {'(' * 20_000}1{')' * 20_000} FROM people", "can't be run"),
    ],
    ids=["a long name", "deep", "deeper"],
)
def test_what_is_beyond_measure_is_refused_in_few_words(sql: str, told: str) -> None:
    with pytest.raises(BadInput, match=told) as raised:
        check_select(sql, tables=["people"], of="stars/people")
    assert len(str(raised.value)) < 3_000


def test_what_was_looked_at_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "SELECT 17 FROM people"
    check_select(sql, tables=["people"], of="stars/people")
    monkeypatch.setattr("sys.executable", "/nowhere/python")  # no child can be begun
    check_select(sql, tables=["people"], of="stars/people")


def test_what_went_wrong_in_passing_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "SELECT 18 FROM people"
    with monkeypatch.context() as here:
        here.setattr("sys.executable", "/bin/false")  # a child that ends at once, as where no memory is left
        with pytest.raises(UpstreamError):
            check_select(sql, tables=["people"], of="stars/people")
    check_select(sql, tables=["people"], of="stars/people")


def test_each_refusal_is_an_error_of_its_own() -> None:
    """One that is raised twice grows: each time its traceback is added."""
    errors = []
    for _ in range(2):
        with pytest.raises(BadInput) as raised:
            check_select("SELECT nothing FROM nowhere", tables=["people"], of="stars/people")
        errors.append(raised.value)
    assert errors[0] is not errors[1]
    assert str(errors[0]) == str(errors[1])
