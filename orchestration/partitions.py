"""The registry as loaded once for all definitions, and its millésimes as partitions."""

from __future__ import annotations

import dagster as dg

from ingest.registry import load_registry

REGISTRY = load_registry()

#: Dagster wants one definition for all partitioned assets of a job: the union of the registry's.
MILLESIMES = dg.StaticPartitionsDefinition(REGISTRY.millesimes)
