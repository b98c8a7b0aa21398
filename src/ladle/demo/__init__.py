"""Takes nothing, gives both built-in APIs on this machine: the same shapes, limits and errors, at no cost to anyone."""

from __future__ import annotations

from ladle.demo.serve import KEY, ReplicaOptions, Replicas, serving, start_replicas

__all__ = ["KEY", "ReplicaOptions", "Replicas", "serving", "start_replicas"]
