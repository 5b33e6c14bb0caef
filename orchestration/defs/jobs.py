"""The jobs: everything from the files to the release, and what follows the files alone."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.asset_keys import landing_key
from orchestration.partitions import REGISTRY

PUBLICATION, SUITE = "publication", "suite"
#: The name of the check that says what the watch found of a source.
VEILLE = "veille"

_LANDING = dg.AssetSelection.assets(*(landing_key(source) for source in REGISTRY.sources))
#: What the watch says of sources is no door of a release.
_WATCH = dg.AssetSelection.checks(
    *(
        dg.AssetCheckKey(landing_key(source.id), VEILLE)
        for source in REGISTRY.sources.values()
        if not source.facultative
    )
)

#: In one process: the run holds one lock, imports Great Expectations once, opens DuckDB once.
publication_job = dg.define_asset_job(
    PUBLICATION,
    selection=dg.AssetSelection.all() - _WATCH,
    executor_def=dg.in_process_executor,
    description="Extraits officiels → entrepôt → contrôles → publication.",
)

#: The doors of landed files judge again: a release has the judgement of each, in one run.
suite_job = dg.define_asset_job(
    SUITE,
    selection=dg.AssetSelection.all() - _WATCH - _LANDING.without_checks(),
    executor_def=dg.in_process_executor,
    description="Fichiers déjà atterris → entrepôt → contrôles → publication : après une source "
    "reprise seule.",
)
