"""The keys by which assets meet: no asset file imports another. Defines no asset."""

from __future__ import annotations

import dagster as dg

from warehouse.declared.table_models import TABLES
from warehouse.publication.parts import PARTS

PERIODS_KEY = dg.AssetKey(["controles", "periodes"])
PLAUSIBILITE_KEY = dg.AssetKey(["publication", "plausibilite"])
RELEASE_KEY = dg.AssetKey(["publication", "publiee"])
#: What the release is made of, as dbt's models are keyed: under their schema.
MART_KEYS = [dg.AssetKey(["marts", table]) for table in TABLES]


def landing_key(source_id: str) -> dg.AssetKey:
    """The asset of one source's landed files."""
    return dg.AssetKey(["landing", source_id])


def table_key(schema: str, table: str) -> dg.AssetKey:
    """The asset of a table that dbt reads as a source."""
    return dg.AssetKey(["entrepot", schema, table])


def part_key(part: str) -> dg.AssetKey:
    """The asset of one part of the draft."""
    return dg.AssetKey(["publication", part])


#: Whoever makes these alone goes on with the draft that stands.
DRAFT_KEYS = frozenset({*map(part_key, PARTS), RELEASE_KEY})
