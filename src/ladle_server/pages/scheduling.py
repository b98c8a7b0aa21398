"""Takes what a form about a schedule sent, or a schedule, gives the form as it was filled in, and what is wished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest

import ladle
from ladle.errors import BadInput
from ladle.site_words.schedules import daily
from ladle_server.catalog import schedules
from ladle_server.catalog.models import Missed, Schedule
from ladle_server.pages.forms import SET, parameters_of

DAILY, CRON = "daily", "cron"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A parameter of the source with what is typed for it."""

    about: object
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form as it stands. `when` says which of `at` and `cron` counts."""

    dataset: str
    when: str = DAILY
    at: str = "06:00"
    cron: str = ""
    time_zone: str = ""
    missed: str = Missed.RUN
    values: Mapping[str, str] = field(default_factory=dict)

    def fields(self, source: ladle.Source | None) -> list[Field]:
        """The parameters of its source; none where that is not at hand any more."""
        known = source.parameters.values() if source else ()
        return [Field(about=each, value=self.values.get(each.name, each.default)) for each in known]


def empty(dataset: str) -> Form:
    """The form for a new schedule."""
    return Form(dataset=dataset, time_zone=settings.LADLE_TIME_ZONE)


def form_of(row: Schedule) -> Form:
    """The form for a change of a schedule."""
    at = schedules.cron_of(row).at
    return Form(
        dataset=row.dataset,
        when=DAILY if at else CRON,
        at=at or "06:00",
        cron=row.cron,
        time_zone=row.time_zone,
        missed=row.missed,
        values=row.parameters,
    )


def sent(request: HttpRequest, *, dataset: str) -> Form:
    """The form as a browser sent it."""
    told = request.POST
    values = {name.removeprefix(SET): str(told[name]) for name in told if name.startswith(SET)}
    return Form(
        dataset=dataset,
        when=told.get("when", DAILY),
        at=told.get("at", ""),
        cron=told.get("cron", ""),
        time_zone=told.get("time_zone", ""),
        missed=told.get("missed", Missed.RUN),
        values=values,
    )


def wish(request: HttpRequest, form: Form) -> schedules.Wish:
    """What the form asks for; raises BadInput. A list that is not sent again stays what it was."""
    parameters, files = parameters_of(request)
    if form.when not in (DAILY, CRON):
        raise BadInput(f'"{form.when[:50]}" is no way to say when.', hint="Take daily or cron.")
    return schedules.Wish(
        cron=daily(form.at) if form.when == DAILY else form.cron.strip() or "nothing",
        time_zone=form.time_zone.strip() or settings.LADLE_TIME_ZONE,
        parameters=parameters,
        files=files or None,
        missed=form.missed,
    )
