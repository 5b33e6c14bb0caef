"""The registry as loaded once for all definitions, and its millésimes as partitions."""

from __future__ import annotations

import dagster as dg

from ingest.registry import load_registry

REGISTRY = load_registry()

#: The partition of a run that lands every millésime that its edition names.
TOUS = "tous"

#: Dagster wants one definition for all partitioned assets of a job: the union of the registry's
#: millésimes, and the one that means all of an edition's.
MILLESIMES = dg.StaticPartitionsDefinition([TOUS, *REGISTRY.millesimes])
