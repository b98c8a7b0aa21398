"""How sources look as JSON: takes sources, definitions' versions, mistakes, plans and previews, gives documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from ladle.collect.price import Plan
from ladle.errors import Mistake
from ladle.previewing import Preview
from ladle.shapes import Shape, moment, row_shape
from ladle.sources.infer import Inferred
from ladle.sources.source import Parameter, Source
from ladle.sources.store import Version


def source_shape(source: Source, *, env: Mapping[str, str]) -> Shape:
    """A source with its datasets. Of a credential: where it goes and whether it is there, never what it is."""
    auth = source.auth and {
        "place": source.auth.place,
        "name": source.auth.name,
        "setting": source.auth.to_name(env),
        "present": not source.auth.lacking(env),
    }
    return {
        "name": source.name,
        "title": source.title,
        "homepage": source.homepage,
        "license": source.license,
        "base_url": source.base_url,
        "quotas": [quota.text for quota in source.quotas],
        "pace": source.pace,
        "auth": auth,
        "settings": [source.base_url_setting, source.quota_setting, source.pace_setting],
        "version": source.version,
        "trusted": source.trusted,
        "parameters": [parameter_shape(parameter) for parameter in source.parameters.values()],
        "datasets": [
            {
                "name": dataset.name,
                "title": dataset.title,
                "resource": dataset.resource,
                "columns": [column.name for column in dataset.columns],
            }
            for dataset in source.datasets.values()
        ],
    }


def inferred_shape(inferred: Inferred) -> Shape:
    """What was inferred: the definition, each finding with how sure it is and why, and what is missing."""
    return asdict(inferred)


def parameter_shape(parameter: Parameter) -> Shape:
    """What can be set for a run; `file` where it is a CSV list, `choices` empty where it can be anything."""
    return {
        "name": parameter.name,
        "title": parameter.title or parameter.name,
        "default": parameter.default,
        "choices": list(parameter.choices),
        "file": parameter.file,
    }


def version_shape(version: Version) -> Shape:
    """A version of a source of one's own, without its definition."""
    return {
        "name": version.name,
        "version": version.number,
        "made_at": moment(version.made.timestamp()),
        "made_by": version.made_by,
        "trusted": version.trusted,
        "current": version.current,
        "sha256": version.sha256,
        "files": sorted(version.files),
    }


def mistake_shape(mistake: Mistake) -> Shape:
    """What is wrong in a definition; `line` from 1, null where it is nowhere, `key` dotted."""
    return {**asdict(mistake), "message": mistake.message}


def preview_shape(preview: Preview) -> Shape:
    """A dataset's first rows."""
    return {
        "dataset": preview.dataset,
        "columns": [asdict(column) for column in preview.columns],
        "rows": [row_shape(row) for row in preview.rows],
        "requests": preview.requests,
        "plan": plan_shape(preview.plan),
        "notes": list(preview.notes),
    }


def plan_shape(plan: Plan) -> Shape:
    """The price of a run."""
    return asdict(plan)
