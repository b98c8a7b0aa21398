"""Takes what a template knows of webhooks, gives it as people read it; `{% load ladle_webhooks %}`."""

from __future__ import annotations

from django import template

from ladle_server.catalog.models import Delivery

register = template.Library()
_TONES = {Delivery.State.DELIVERED: "good", Delivery.State.GIVEN_UP: "bad"}


@register.filter
def delivery_tone(delivery: Delivery) -> str:
    """The class that colours how a delivery stands; one that has failed before, and is tried again, warns."""
    return _TONES.get(Delivery.State(delivery.state), "warn" if delivery.reason else "")
