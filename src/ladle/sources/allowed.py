"""Which variables a source may name: takes one that is not trusted and the operator's word, refuses what is not listed.

`LADLE_ALLOW_ENV="GITHUB_TOKEN@api.github.com, OTHER_KEY"`: with a host, what the variable holds goes to that host
alone. Without one, whoever may write a source can have it sent to any public address.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from ladle.errors import SettingError
from ladle.sources.source import Source

SETTING = "LADLE_ALLOW_ENV"


def check_variables(source: Source, *, env: Mapping[str, str]) -> None:
    """Raise SettingError for a variable that an untrusted source names and the operator has not listed."""
    if source.trusted or source.auth is None:
        return
    listed = set(env.get(SETTING, "").replace(",", " ").split())
    hosts = _hosts(source)
    for name in source.auth.settings:
        if name not in listed and not {f"{name}@{host}" for host in hosts} <= listed:
            needed = ", ".join(f"{name}@{host}" for host in hosts)
            hint = f'Whoever runs Ladle can allow it with {SETTING}="{needed}".'
            raise SettingError(f"{source.title} may not read the environment variable {name}.", hint=hint)


def _hosts(source: Source) -> list[str]:
    """Where its credential goes: to the site that gives tokens, and what comes of it to the API."""
    token_url = source.auth.token_url if source.auth else ""
    hosts = (urlsplit(url).hostname for url in (source.base_url, token_url) if url)
    return list(dict.fromkeys(host for host in hosts if host))
