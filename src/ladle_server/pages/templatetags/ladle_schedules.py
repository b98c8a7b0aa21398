"""Takes what a template knows of schedules, gives it as people read it; `{% load ladle_schedules %}`."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ladle_server.catalog.models import Occasion, Outcome

register = template.Library()
_TONES = {Outcome.SKIPPED: "warn", Outcome.MISSED: "warn", Outcome.FAILED: "bad"}


@register.filter
def there(then: datetime) -> SafeString:
    """A time in the zone that it came in, which is the schedule's: no script puts it into another."""
    return format_html('<time datetime="{}">{}</time>', then.isoformat(), f"{then:%a} {then.day} {then:%b %H:%M}")


@register.filter
def was_due(occasion: Occasion) -> SafeString:
    """When it was due, in the zone of its schedule, as the times to come are."""
    then = occasion.due_at.astimezone(ZoneInfo(occasion.schedule.time_zone))
    return format_html('<time datetime="{}">{}</time>', then.isoformat(), f"{then:%a} {then.day} {then:%b %Y %H:%M}")


@register.filter
def outcome_tone(occasion: Occasion) -> str:
    """The class that colours what came of a due time."""
    return _TONES.get(Outcome(occasion.outcome), "")
