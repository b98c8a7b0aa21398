"""From an API's answers to its definition: takes what two or three requests brought, gives commented TOML and why."""

from __future__ import annotations

from ladle.sources.infer.findings import Finding, Inferred, Sure
from ladle.sources.infer.heard import Ask, Heard
from ladle.sources.infer.keys import auth_given
from ladle.sources.infer.settings import Settings, made_ready
from ladle.sources.infer.steps import inference

__all__ = ["Ask", "Finding", "Heard", "Inferred", "Settings", "Sure", "auth_given", "inference", "made_ready"]
