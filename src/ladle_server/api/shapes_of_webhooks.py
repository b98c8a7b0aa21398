"""What webhooks look like over HTTP, for the OpenAPI description: takes nothing, gives serializers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from ladle_server.api.shapes import RunShape
from ladle_server.api.shapes_of_data import SnapshotLine
from ladle_server.catalog.hooks.webhooks import ENDS, MOST_DATASETS
from ladle_server.catalog.models import Delivery

END_TYPES = [f"run.{end}" for end in ENDS]
TYPES = [*END_TYPES, "webhook.test"]


class NewWebhook(serializers.Serializer[Any]):
    """Whom to tell, and of what: all datasets and all ends where none are named."""

    url = serializers.CharField(help_text="http or https; public, unless LADLE_ALLOW_ADDRESSES allows others.")
    datasets = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MOST_DATASETS,
        help_text="`*`, `swapi/*`, `swapi/people`.",
    )
    ends = serializers.ListField(child=serializers.ChoiceField(ENDS), required=False)
    site = serializers.CharField(
        required=False, help_text="Where the site is found, for the links in what is sent; else where this is asked."
    )


class ChangedWebhook(serializers.Serializer[Any]):
    """`disabled` lets it rest, or go on."""

    disabled = serializers.BooleanField()


class DeliveryShape(serializers.Serializer[Any]):
    """A call of a webhook about one run's end, and how it went."""

    id = serializers.IntegerField()
    webhook = serializers.IntegerField()
    key = serializers.CharField(help_text="The header webhook-id: the same at every attempt.")
    type = serializers.ChoiceField(TYPES)
    run = serializers.CharField(allow_null=True, help_text="Null of a test.")
    state = serializers.ChoiceField(Delivery.State.values)
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True, help_text="What was answered last; null where nothing came.")
    reason = serializers.CharField(help_text="Why the last attempt failed.")
    ended_at = serializers.DateTimeField(help_text="When the run ended.")
    told_at = serializers.DateTimeField(allow_null=True, help_text="When the last attempt ended.")
    due_at = serializers.DateTimeField(allow_null=True, help_text="When it is tried next, while it is pending.")


class WebhookShape(serializers.Serializer[Any]):
    """An address that is told when runs end."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    datasets = serializers.ListField(child=serializers.CharField())
    ends = serializers.ListField(child=serializers.ChoiceField(ENDS))
    created_at = serializers.DateTimeField()
    disabled = serializers.BooleanField()
    disabled_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="Why it is disabled.")
    last = DeliveryShape(allow_null=True, help_text="The latest delivery.")
    secret = serializers.CharField(allow_null=True, help_text="Told once, in the answer that made it.")


class LinksShape(serializers.Serializer[Any]):
    """Where to go on."""

    run = serializers.CharField()
    page = serializers.CharField()
    snapshot = serializers.CharField(allow_null=True)
    rows = serializers.CharField(allow_null=True)


class EndData(serializers.Serializer[Any]):
    """The run as it was when it ended, with its first 100 gaps."""

    run = RunShape()
    snapshot = SnapshotLine(allow_null=True)
    links = LinksShape()


END = inline_serializer(  # a class of it would have a field by the name of one of its own properties
    "EndShape",
    {
        "type": serializers.ChoiceField(END_TYPES),
        "timestamp": serializers.DateTimeField(help_text="When the run ended."),
        "data": EndData(),
    },
)
"""What is sent when a run has ended."""
