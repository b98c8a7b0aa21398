"""Environment variables that a definition names: takes definitions, looks which ones may be read for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ladle.errors import SettingError
from ladle.sources.library import secret
from ladle.sources.source import Auth
from tests.collect.test_reach import untrusted

BEARER = Auth(place="bearer", name="Authorization", env="GITHUB_TOKEN")
OAUTH2 = Auth(
    place="oauth2", name="Authorization", env="SECRET", id_env="ID", token_url="https://auth.example.org/token"
)
HELD = {"GITHUB_TOKEN": "ghp_1", "SECRET": "s", "ID": "i"}


@pytest.mark.parametrize(
    ("auth", "listed", "refused"),
    [
        (BEARER, "", "GITHUB_TOKEN"),
        (BEARER, "OTHER, github_token", "GITHUB_TOKEN"),
        (BEARER, "GITHUB_TOKEN@elsewhere.org", "GITHUB_TOKEN"),
        (BEARER, "OTHER, GITHUB_TOKEN", None),
        (BEARER, "GITHUB_TOKEN@api.example.org", None),
        (OAUTH2, "SECRET", "ID"),
        (OAUTH2, "SECRET@auth.example.org, ID", "SECRET"),
        (OAUTH2, "SECRET@auth.example.org, SECRET@api.example.org, ID", None),
    ],
)
def test_a_source_that_is_not_trusted_names_only_variables_that_are_listed(
    auth: Auth, listed: str, refused: str | None
) -> None:
    source, env = untrusted("https://api.example.org/", auth=auth), {**HELD, "LADLE_ALLOW_ENV": listed}
    assert secret(replace(source, trusted=True), env=env) == HELD[auth.env]
    if refused is None:
        assert secret(source, env=env) == HELD[auth.env]
        return
    with pytest.raises(SettingError, match="LADLE_ALLOW_ENV") as caught:
        secret(source, env=env)
    assert f"My API may not read the environment variable {refused}." in str(caught.value)
    assert not any(value in str(caught.value) for value in ("ghp_1",))
