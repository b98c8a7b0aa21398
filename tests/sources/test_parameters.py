"""Parameters of a source: takes a definition and what is set for a run, gives the source with every value put in."""

from __future__ import annotations

import pytest

from ladle.errors import BadInput, DefinitionError
from ladle.sources.definition import check, parse
from ladle.sources.library import BUILTIN
from ladle.sources.source import Source
from tests.sources.whole import WHOLE, lists

TOP = 'ladle = 1\nname = "own"\nbase_url = "https://example.org/"\n'


def read(text: str, **values: str) -> Source:
    return parse(text, where="own.toml", lists=lists, values=values)


def with_one(resource: str, default: str = "a", top: str = TOP) -> str:
    """A source with the parameter `x`."""
    return f'{top}parameters = {{ x = "{default}" }}\n[resources.things]\n{resource}\n'


def test_a_value_goes_wherever_its_place_is() -> None:
    source = read(WHOLE, region="us", units="imperial", lang="de")
    assert source.base_url == "https://us.example.org/v1/"
    assert source.headers["Accept-Language"] == "de"
    resources = source.resources
    assert resources["people"].params["units"] == "imperial"
    assert resources["films"].body is not None
    assert resources["films"].body["query"] == '{ films(lang: "de") { title } }'
    assert resources["colours"].each is not None
    assert [item["name"] for item in resources["colours"].each.items] == ["red", "imperial", "7"]


def test_every_value_is_kept_with_the_source_what_was_not_set_by_its_default() -> None:
    assert read(WHOLE, units="imperial").values == {
        "region": "eu",
        "units": "imperial",
        "towns": "towns.csv",
        "lang": "en",
    }


def test_a_list_that_is_set_for_a_run_comes_before_the_setting_for_all_runs() -> None:
    asked: list[tuple[str, str | None]] = []

    def noted(resource: str, file: str, setting: str | None) -> tuple[str, str]:
        asked.append((file, setting))
        return lists(resource, file, setting)

    parse(WHOLE, where="own.toml", lists=noted)
    parse(WHOLE, where="own.toml", lists=noted, values={"units": "imperial"})
    parse(WHOLE, where="own.toml", lists=noted, values={"towns": "mine.csv"})
    assert asked == [("towns.csv", "WHOLE_TOWNS"), ("towns.csv", "WHOLE_TOWNS"), ("mine.csv", None)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"unit": "x"}, 'There is no parameter "unit". Did you mean "units"? There are: region, units, towns, lang.'),
        ({"lang": "fr"}, 'The parameter "lang" is "fr". It can be "en" or "de".'),
        (
            {"region": "evil.org/"},
            'The parameter "region" is "evil.org/". In a base URL a parameter can be letters, dig',
        ),
        ({"region": "a@b"}, 'The parameter "region" is "a@b".'),
        ({"units": "a\r\nb: c"}, 'The parameter "units" holds a control character. Give one line of text.'),
    ],
)
def test_a_value_that_cant_be_set_is_told_by_its_name_and_is_no_mistake_of_the_definition(
    values: dict[str, str], message: str
) -> None:
    with pytest.raises(BadInput) as raised:
        read(WHOLE, **values)
    assert str(raised.value).startswith(message)
    assert not isinstance(raised.value, DefinitionError)


def test_a_list_that_can_not_be_used_is_no_mistake_of_the_definition_but_a_check_names_where() -> None:
    def empty(_resource: str, file: str, _setting: str | None) -> tuple[str, str]:
        return file, "city\n"

    with pytest.raises(BadInput, match=r'^towns\.csv has no column "town"') as raised:
        parse(WHOLE, where="own.toml", lists=empty)
    assert not isinstance(raised.value, DefinitionError)
    (mistake,) = check(WHOLE, where="own.toml", lists=empty)
    assert mistake.key == "resources.weather.each.csv"
    assert mistake.what == 'can\'t be used: towns.csv has no column "town"; its columns are: city'


def test_signs_of_a_value_stay_what_they_are() -> None:
    text = with_one('path = "p"\nparams = { q = "{x}" }')
    assert read(text, x="{y} {{z}}").resources["things"].params == {"q": "{y} {{z}}"}
    text = with_one('path = "p/{id}"\nparams = { q = "{x}" }\neach = { values = ["1"], key = "id" }')
    assert read(text, x="{id}").resources["things"].params["q"].format_map({"id": "1"}) == "{id}"


def test_a_value_in_a_path_is_one_part_of_it() -> None:
    assert read(with_one('path = "p/{x}/"'), x="a/../b?c#d e").resources["things"].path == "p/a%2F..%2Fb%3Fc%23d%20e/"


def test_braces_in_pairs_are_signs() -> None:
    source = read(with_one('path = "p"\nparams = { q = "{{x}} {x}" }'))
    assert source.resources["things"].params == {"q": "{x} a"}


def test_a_whole_site_can_be_a_parameter_where_no_credential_goes_there() -> None:
    top = 'ladle = 1\nname = "own"\nbase_url = "{x}/api"\n'
    text = with_one('path = "p"', default="https://example.org", top=top)
    assert read(text, x="https://other.org:8443").base_url == "https://other.org:8443/api/"
    with pytest.raises(DefinitionError, match=r"would go wherever it says"):
        read(text.replace("[resources", 'auth = { bearer = true, env = "A" }\n[resources'))


def test_a_parents_record_may_have_a_field_of_a_parameters_name() -> None:
    rest = '\n[resources.child]\npath = "{y}/{x}"\neach = { resource = "things", key = "y" }\n'
    assert read(with_one('path = "p"') + rest).resources["child"].path == "{y}/a"


def test_the_weather_can_be_had_in_other_units() -> None:
    text = (BUILTIN / "openweather.toml").read_text("utf-8")

    def beside(_resource: str, file: str, _setting: str | None) -> tuple[str, str]:
        return file, "city_id\n1\n"

    source = parse(text, where="openweather.toml", lists=beside, values={"units": "imperial", "cities": "mine.csv"})
    assert source.resources["weather"].params == {"id": "{city_id}", "units": "imperial"}
    assert source.resources["weather"].each is not None
    assert source.resources["weather"].each.csv == "mine.csv"
