"""What schedules look like over HTTP, for the OpenAPI description: takes nothing, gives serializers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ladle_server.api.shapes import ParameterValue
from ladle_server.catalog.models import Missed, Outcome


class ChangedSchedule(serializers.Serializer[Any]):
    """What is to be changed. `files` are the texts of those parameters that are lists in CSV."""

    cron = serializers.CharField(required=False, help_text="Five fields, or @hourly, @daily, @weekly, @monthly.")
    time_zone = serializers.CharField(required=False, help_text="Europe/Zurich; LADLE_TIME_ZONE when left out.")
    parameters = serializers.DictField(child=ParameterValue(), required=False)
    files = serializers.DictField(child=serializers.CharField(), required=False)
    missed = serializers.ChoiceField(
        Missed.values, required=False, help_text="What follows when due times were missed: one run for all, or none."
    )
    paused = serializers.BooleanField(required=False)


class NewSchedule(ChangedSchedule):
    """What to collect, and when."""

    dataset = serializers.CharField()
    cron = serializers.CharField(help_text="Five fields, or @hourly, @daily, @weekly, @monthly.")


class OccasionShape(serializers.Serializer[Any]):
    """What came of a time at which it was due."""

    due_at = serializers.DateTimeField(help_text="The first, of several that were missed.")
    times = serializers.IntegerField(help_text="How many due times it stands for; 1000 stand for any more.")
    outcome = serializers.ChoiceField(Outcome.values)
    told_at = serializers.DateTimeField(help_text="When a worker saw to it.")
    run = serializers.CharField(allow_null=True, help_text="The run that was started, or was still going (skipped).")
    reason = serializers.CharField()


class ScheduleShape(serializers.Serializer[Any]):
    """When a dataset is collected by itself."""

    id = serializers.IntegerField()
    dataset = serializers.CharField()
    cron = serializers.CharField()
    time_zone = serializers.CharField()
    words = serializers.CharField(help_text="The cron as people say it.")
    parameters = serializers.DictField(child=serializers.CharField())
    files = serializers.ListField(child=serializers.CharField(), help_text="The parameters that are lists.")
    missed = serializers.ChoiceField(Missed.values)
    paused = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    next = serializers.ListField(child=serializers.DateTimeField(), help_text="The next five; none while it is paused.")
    last = OccasionShape(many=True)
