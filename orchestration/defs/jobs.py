"""The one job: everything from the files to the release."""

from __future__ import annotations

import dagster as dg

PUBLICATION = "publication"

#: In one process: the run holds one lock, imports Great Expectations once, opens DuckDB once.
publication_job = dg.define_asset_job(
    PUBLICATION,
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Extraits officiels → entrepôt → contrôles → publication.",
)
