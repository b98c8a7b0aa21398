"""From an API's answers to its definition: takes what two or three requests brought, gives commented TOML and why."""

from __future__ import annotations

from ladle.sources.infer.findings import Finding, Inferred, Sure
from ladle.sources.infer.heard import Ask, Heard
from ladle.sources.infer.steps import Settings, inference

__all__ = ["Ask", "Finding", "Heard", "Inferred", "Settings", "Sure", "inference"]
