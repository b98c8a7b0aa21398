"""What is set for every run: takes a source, options and the environment, gives the source with what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from ladle.errors import BadInput, SettingError
from ladle.sources.definition import check_base_url
from ladle.sources.quotas import parse_quotas
from ladle.sources.source import Pace, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What a caller asks for instead of the definition's own, before the environment is looked at."""

    base_url: str | None = None
    quota: str | None = None
    pace: str | None = None


AS_IT_IS = Overrides()
_OF_A_SOURCE = re.compile(r"LADLE_[A-Z0-9_]+_(BASE_URL|QUOTA|PACE)")


def with_settings(source: Source, *, env: Mapping[str, str], overrides: Overrides) -> Source:
    """The source with base URL, quotas and pace as asked for; an error names the setting or the option."""
    base_url = overrides.base_url or env.get(source.base_url_setting)
    quota = overrides.quota or env.get(source.quota_setting)
    pace = overrides.pace or env.get(source.pace_setting)
    if base_url:
        with _Blame("--base-url" if overrides.base_url else source.base_url_setting):
            source = replace(source, base_url=check_base_url(base_url))
    if quota:
        with _Blame("--quota" if overrides.quota else source.quota_setting):
            source = replace(source, quotas=parse_quotas(quota))
    if pace:
        with _Blame("--pace" if overrides.pace else source.pace_setting):
            source = replace(source, pace=_pace(pace))
    return source


def wrong_settings(env: Mapping[str, str]) -> list[SettingError]:
    """What can't be meant of all that is set for sources, whichever they are."""
    wrong = []
    for name, value in sorted(env.items()):
        if (of_source := _OF_A_SOURCE.fullmatch(name)) and value:
            try:
                with _Blame(name):
                    _CHECKS[of_source[1]](value)
            except SettingError as error:
                wrong.append(error)
    return wrong


def _pace(value: str) -> Pace:
    if value not in ("safe", "fast"):
        raise BadInput(f'The pace "{value}" is not known.', hint='It can be "safe" or "fast".')
    return cast(Pace, value)


class _Blame:
    """Say which setting or option a bad value came from."""

    def __init__(self, setting: str) -> None:
        self.setting = setting

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, BadInput):
            raise SettingError(f"{self.setting}: {error.message}", hint=error.hint) from error


_CHECKS: Mapping[str, Callable[[str], object]] = {"BASE_URL": check_base_url, "QUOTA": parse_quotas, "PACE": _pace}
