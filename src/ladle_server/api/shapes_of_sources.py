"""What sources, definitions and plans look like, for the OpenAPI description: takes nothing, gives serializers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from ladle_server.api.shapes_of_data import ColumnShape

PARAMETERS = OpenApiParameter(
    "parameters",
    {"type": "object", "additionalProperties": {"type": "string"}},
    style="form",
    explode=True,
    description="Parameters of the source, each by its name.",
)


class AuthShape(serializers.Serializer[Any]):
    """Where a credential goes, the environment variable that holds it, and whether that is set."""

    place = serializers.ChoiceField(["query", "header", "bearer", "basic", "oauth2"])
    name = serializers.CharField()
    setting = serializers.CharField()
    present = serializers.BooleanField()


class DatasetShape(serializers.Serializer[Any]):
    """A named table of a source."""

    name = serializers.CharField()
    title = serializers.CharField()
    resource = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())


class ParameterShape(serializers.Serializer[Any]):
    """What can be set for a run."""

    name = serializers.CharField()
    title = serializers.CharField()
    default = serializers.CharField(allow_blank=True)
    choices = serializers.ListField(child=serializers.CharField(), help_text="Empty where it can be anything.")
    file = serializers.BooleanField(help_text="It is a CSV list, whose text is given.")


class SourceShape(serializers.Serializer[Any]):
    """An API: where it is, what it allows, what it offers."""

    name = serializers.CharField()
    title = serializers.CharField()
    homepage = serializers.CharField()
    license = serializers.CharField()
    base_url = serializers.URLField()
    quotas = serializers.ListField(child=serializers.CharField())
    pace = serializers.ChoiceField(["safe", "fast"])
    auth = AuthShape(allow_null=True)
    settings = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(allow_null=True, help_text="Of a source of one's own; null of one built in.")
    trusted = serializers.BooleanField(help_text="It was not given by a browser or the API.")
    parameters = ParameterShape(many=True)
    datasets = DatasetShape(many=True)


class PlanPartShape(serializers.Serializer[Any]):
    """One resource's share of a plan."""

    resource = serializers.CharField()
    requests = serializers.IntegerField()
    exact = serializers.BooleanField()
    why = serializers.CharField()
    told = serializers.BooleanField(help_text="False: nobody has said how many there are; these are the least.")


class PlanShape(serializers.Serializer[Any]):
    """What a run would cost: requests, seconds, quotas."""

    dataset = serializers.CharField()
    title = serializers.CharField()
    base_url = serializers.URLField()
    total = serializers.IntegerField()
    exact = serializers.BooleanField()
    seconds = serializers.FloatField()
    parts = PlanPartShape(many=True)
    quotas = serializers.ListField(child=serializers.CharField())
    pace = serializers.ChoiceField(["safe", "fast"])
    key_setting = serializers.CharField(allow_null=True)
    key_present = serializers.BooleanField()


class DefinitionShape(serializers.Serializer[Any]):
    """A definition in TOML, and the texts of the CSV lists that it names."""

    definition = serializers.CharField()
    files = serializers.DictField(child=serializers.CharField(), required=False)


class VersionShape(serializers.Serializer[Any]):
    """A version of a source of one's own."""

    name = serializers.CharField()
    version = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    made_by = serializers.CharField()
    trusted = serializers.BooleanField()
    sha256 = serializers.CharField()
    current = serializers.BooleanField()
    files = serializers.ListField(child=serializers.CharField(), help_text="The names of what it reads beside it.")


class OneVersionShape(VersionShape):
    """A version with its definition."""

    definition = serializers.CharField()


class OneSourceShape(SourceShape):
    """A source with its definition and, of one's own, its versions."""

    definition = serializers.CharField()
    versions = VersionShape(many=True)


class MistakeShape(serializers.Serializer[Any]):
    """One thing that is wrong in a definition."""

    place = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    key = serializers.CharField()
    what = serializers.CharField()
    hint = serializers.CharField()
    message = serializers.CharField()


class CheckedShape(serializers.Serializer[Any]):
    """Mistakes, or the price of each dataset."""

    mistakes = MistakeShape(many=True)
    plans = PlanShape(many=True)


class PreviewShape(serializers.Serializer[Any]):
    """The first rows of a dataset."""

    dataset = serializers.CharField()
    columns = ColumnShape(many=True)
    rows = serializers.ListField(child=serializers.DictField())
    requests = serializers.IntegerField()
    plan = PlanShape(help_text="What a run would cost, as far as these answers tell.")
    notes = serializers.ListField(child=serializers.CharField())


class PreviewsShape(serializers.Serializer[Any]):
    """First rows of each dataset of a definition; of one that has none, `dataset` and `error`."""

    results = serializers.ListField(child=serializers.DictField())


class AuthOfInfer(serializers.Serializer[Any]):
    """Where a key goes, and which environment variable holds it."""

    place = serializers.ChoiceField(["query", "header", "bearer", "basic"])
    name = serializers.CharField(required=False)
    env = serializers.CharField()


class InferShape(serializers.Serializer[Any]):
    """An address to look at."""

    url = serializers.URLField()
    openapi = serializers.BooleanField(required=False, help_text="It is an OpenAPI document.")
    auth = AuthOfInfer(required=False, allow_null=True)
    name = serializers.CharField(required=False, help_text="What the source is called, when not after its host.")


class FindingShape(serializers.Serializer[Any]):
    """One thing that was found out."""

    dataset = serializers.CharField()
    what = serializers.CharField()
    value = serializers.CharField()
    sure = serializers.ChoiceField(["certain", "likely", "guess"])
    why = serializers.CharField()


class InferredShape(serializers.Serializer[Any]):
    """A definition that runs as it is, and how sure each part of it is."""

    name = serializers.CharField()
    definition = serializers.CharField()
    findings = FindingShape(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    requests = serializers.IntegerField()
    datasets = serializers.ListField(child=serializers.CharField(), help_text="Their names, the main one first.")
    ready = serializers.BooleanField(help_text="It runs as it is; else it wants what is missing.")
