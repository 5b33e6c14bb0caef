"""What Dagster loads. Nothing is defined here."""

from __future__ import annotations

import dagster as dg

from orchestration.dbt_assets import dbt_cli, dbt_models
from orchestration.jobs import publication_job
from orchestration.landing_assets import landing_assets
from orchestration.period_assets import verified_periods
from orchestration.plausibility_assets import plausibility
from orchestration.quality_checks import (
    complete_sets_door,
    landing_checks,
    plausibility_door,
    release_door,
)
from orchestration.release_assets import release, release_draft
from orchestration.resources import Reglages
from orchestration.schedules import schedules
from orchestration.secrecy_checks import secrecy_audit, secrecy_door
from orchestration.warehouse_assets import warehouse_tables

defs = dg.Definitions(
    assets=[
        *landing_assets,
        verified_periods,
        warehouse_tables,
        dbt_models,
        plausibility,
        release_draft,
        release,
    ],
    asset_checks=[
        *landing_checks,
        complete_sets_door,
        plausibility_door,
        secrecy_door,
        release_door,
        secrecy_audit,
    ],
    jobs=[publication_job],
    schedules=schedules,
    # What the UI materializes outside the job too: two steps at once would want the same lock.
    executor=dg.in_process_executor,
    resources={
        "reglages": Reglages(),
        "dbt": dbt_cli,
    },
)
