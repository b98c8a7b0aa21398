"""Settings of homes on S3: takes environments good and bad, gives homes, or what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from ladle.errors import SettingError
from ladle.home import Home
from ladle.storage.settings import read_bucket, read_cache
from tests.s3 import BUCKET, KEY_ID, SECRET, S3Server

KEYS = {"AWS_ACCESS_KEY_ID": "AKIA-mine", "AWS_SECRET_ACCESS_KEY": "hush-hush"}


def test_an_address_is_a_bucket_and_a_prefix() -> None:
    bucket = read_bucket("s3://data.example/ladle/home/", {**KEYS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9000/"})
    assert (bucket.name, bucket.prefix, bucket.endpoint) == ("data.example", "ladle/home", "http://127.0.0.1:9000")
    assert bucket.region == "us-east-1"
    assert read_bucket("s3://data", {**KEYS, "AWS_DEFAULT_REGION": "eu-west-1"}).address == "s3://data"


def test_no_key_is_shown_where_a_bucket_is() -> None:
    shown = repr(read_bucket("s3://data", {**KEYS, "AWS_SESSION_TOKEN": "t0ken"}))
    assert not [secret for secret in ("AKIA-mine", "hush-hush", "t0ken") if secret in shown]


@pytest.mark.parametrize(
    ("address", "settings", "told"),
    [
        ("s3://", {}, 'LADLE_HOME is "s3://"'),
        ("s3://Big/x", {}, 'LADLE_HOME is "s3://Big/x"'),
        ("s3://data/../x", {}, "s3://BUCKET/PREFIX"),
        ("gs://data/x", {}, "s3://BUCKET/PREFIX"),
        ("s3:/data/x", {}, "s3://BUCKET/PREFIX"),
        ("s3://data", {"AWS_ACCESS_KEY_ID": ""}, "AWS_ACCESS_KEY_ID is not set"),
        ("s3://data", {"AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY is not set"),
        ("s3://data", {"AWS_ENDPOINT_URL_S3": "127.0.0.1:9000"}, 'AWS_ENDPOINT_URL_S3 is no address: "127.0.0.1:9000"'),
        ("s3://data", {"AWS_ENDPOINT_URL": "http://me:hush-hush@host"}, "AWS_ENDPOINT_URL holds a name"),
        ("s3://data", {"AWS_ENDPOINT_URL": "http://host:0"}, 'AWS_ENDPOINT_URL is no address: "http://host:0"'),
        ("s3://data", {"LADLE_CACHE_SIZE": "9" * 400}, 'LADLE_CACHE_SIZE is "999'),
        ("s3://data", {"LADLE_CACHE_SIZE": "much"}, 'LADLE_CACHE_SIZE is "much"'),
        ("s3://data", {"LADLE_CACHE": "~nobody-of-this-name/x"}, "LADLE_CACHE is"),
    ],
)
def test_what_is_set_wrong_is_named_with_a_hint(address: str, settings: dict[str, str], told: str) -> None:
    with pytest.raises(SettingError) as caught:
        Home.at(address, env={**KEYS, **settings})
    assert told in str(caught.value)
    assert caught.value.hint
    assert "hush-hush" not in str(caught.value)


def test_without_settings_the_cache_is_in_the_user_s_own_and_takes_10_gb() -> None:
    assert read_cache({}) == read_cache({"LADLE_CACHE": str(Path("~/.cache/ladle").expanduser())})
    assert read_cache({}).most == 10**10


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "refuses the keys"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "refuses the keys"),
        ({"LADLE_HOME": "s3://no-such-bucket/x"}, 'There is no bucket "no-such-bucket"'),
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}, "can't be reached"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_told_when_the_home_is_opened(
    s3: S3Server, tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    env = {"LADLE_HOME": s3.home("x"), **s3.settings, "LADLE_CACHE": str(tmp_path), **settings}
    with pytest.raises(SettingError) as caught:
        Home.open(env=env)
    assert told in str(caught.value)
    assert caught.value.hint
    assert not [secret for secret in (SECRET, KEY_ID, "nobody") if secret in str(caught.value)]


def test_a_home_says_the_address_that_opens_it_again(s3: S3Server, tmp_path: Path) -> None:
    env = {**s3.settings, "LADLE_CACHE": str(tmp_path)}
    home = Home.open(s3.home("again"), env=env)
    assert home.address == f"s3://{BUCKET}/again"
    assert home.path.parent == tmp_path
    assert Home.open(home.address, env=env) == home
