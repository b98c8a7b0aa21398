"""What is set for homes on S3: takes an address and the environment, gives a Bucket and a Cache; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ladle.errors import SettingError

SCHEME = "s3://"
REGION = "us-east-1"
CACHE, CACHE_SIZE = "~/.cache/ladle", "10 GB"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.=-]*)*")
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([KMGT]?)B?", re.IGNORECASE)
_FACTORS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_ROLES = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where a home lies on S3, and how that is reached."""

    name: str
    prefix: str
    """Without a slash at either end; empty for the whole bucket."""
    endpoint: str
    """Of a server of one's own; empty for Amazon's."""
    region: str
    key_id: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)
    """All three empty where a role of the machine's gives them."""

    @property
    def address(self) -> str:
        """As LADLE_HOME names it."""
        return f"{SCHEME}{self.name}/{self.prefix}".rstrip("/")

    @property
    def where(self) -> str:
        """The server, in words for people."""
        return f"the S3 server at {self.endpoint}" if self.endpoint else f"Amazon S3 in {self.region}"

    @property
    def folder_name(self) -> str:
        """Another for every home, whoever opens it."""
        return hashlib.sha256(f"{self.endpoint} {self.address}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Cache:
    """Where on this machine files of homes on S3 are kept, and how many bytes of each home's snapshots at most."""

    folder: Path
    most: int


def is_address(text: str) -> bool:
    """Whether a home is meant to lie elsewhere than in a folder."""
    return "://" in text or text.startswith("s3:")  # the second: as a Path has it


def read_bucket(address: str, env: Mapping[str, str]) -> Bucket:
    """The bucket of `s3://bucket/prefix`; raises SettingError for a wrong address, endpoint or lack of keys."""
    name, prefix = _parts(address)
    key_id, secret = env.get("AWS_ACCESS_KEY_ID", "").strip(), env.get("AWS_SECRET_ACCESS_KEY", "").strip()
    if not (key_id and secret) and (key_id or secret or not any(env.get(role) for role in _ROLES)):
        missing = "AWS_SECRET_ACCESS_KEY" if key_id else "AWS_ACCESS_KEY_ID"
        hint = "A home on S3 needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        raise SettingError(f"{missing} is not set.", hint=hint)
    return Bucket(
        name=name,
        prefix=prefix,
        endpoint=_endpoint(env),
        region=env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or REGION,
        key_id=key_id,
        secret=secret,
        token=env.get("AWS_SESSION_TOKEN", "").strip() if key_id else "",
    )


def read_cache(env: Mapping[str, str]) -> Cache:
    """What LADLE_CACHE and LADLE_CACHE_SIZE say; raises SettingError."""
    folder = env.get("LADLE_CACHE") or CACHE
    try:
        return Cache(Path(folder).expanduser().absolute(), read_size(env.get("LADLE_CACHE_SIZE") or CACHE_SIZE))
    except RuntimeError as error:  # ~ of nobody
        raise SettingError(f'LADLE_CACHE is "{folder}".', hint="Give the path of a folder on this machine.") from error


def read_size(text: str) -> int:
    """Bytes, as people write them; raises SettingError.

    >>> read_size("10 GB"), read_size("1.5mb"), read_size("0")
    (10000000000, 1500000, 0)
    """
    form = _SIZE.fullmatch(text.strip())
    if form is None:
        raise SettingError(f'LADLE_CACHE_SIZE is "{text}".', hint='Write it like "10 GB" or "500 MB".')
    return int(float(form[1]) * _FACTORS[form[2].upper()])


def _parts(address: str) -> tuple[str, str]:
    name, _, prefix = address.removeprefix(SCHEME).partition("/")
    prefix = prefix.rstrip("/")
    if not address.startswith(SCHEME) or not _BUCKET.fullmatch(name) or (prefix and not _PREFIX.fullmatch(prefix)):
        hint = "Give the path of a folder on this machine, or s3://BUCKET/PREFIX."
        raise SettingError(f'LADLE_HOME is "{address}".', hint=hint)
    return name, prefix


def _endpoint(env: Mapping[str, str]) -> str:
    setting = "AWS_ENDPOINT_URL_S3" if env.get("AWS_ENDPOINT_URL_S3") else "AWS_ENDPOINT_URL"
    text = (env.get(setting) or "").strip().rstrip("/")
    try:
        parts = urlsplit(text)
        known = not text or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        known = False
    if not known or "@" in text:
        shown = "" if "@" in text else f' "{text}"'
        hint = "Write it like https://s3.example.org or http://127.0.0.1:9000."
        raise SettingError(f"{setting} is no address:{shown}." if shown else f"{setting} holds a name.", hint=hint)
    return text
