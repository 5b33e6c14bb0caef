"""What Dagster loads, and who answers for it. Nothing else is defined here."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.dbt_assets import dbt_cli, dbt_models
from orchestration.defs.draft_assets import draft_parts
from orchestration.defs.jobs import publication_job, suite_job
from orchestration.defs.landing_assets import landing_assets
from orchestration.defs.period_assets import verified_periods
from orchestration.defs.plausibility_assets import plausibility
from orchestration.defs.quality_checks import (
    complete_sets_door,
    landing_checks,
    plausibility_door,
    release_door,
)
from orchestration.defs.release_assets import release
from orchestration.defs.resources import Reglages
from orchestration.defs.schedules import schedules
from orchestration.defs.secrecy_checks import access_door, secrecy_audit, secrecy_door, sums_door
from orchestration.defs.warehouse_assets import warehouse_tables
from orchestration.defs.watch_sensors import draft_sensor, refusals, watch_checks, watch_sensor

#: Who answers for every asset; one team, so said once.
OWNERS = ["team:qpv"]

defs = dg.Definitions(
    assets=dg.map_asset_specs(
        lambda spec: spec.replace_attributes(owners=OWNERS),
        [
            *landing_assets,
            verified_periods,
            warehouse_tables,
            dbt_models,
            plausibility,
            *draft_parts,
            release,
        ],
    ),
    asset_checks=[
        *landing_checks,
        complete_sets_door,
        plausibility_door,
        secrecy_door,
        sums_door,
        access_door,
        release_door,
        secrecy_audit,
        watch_checks,
    ],
    jobs=[publication_job, suite_job],
    schedules=schedules,
    sensors=[watch_sensor, draft_sensor, refusals],
    # What the UI materializes outside the job too: two steps at once would want the same lock.
    executor=dg.in_process_executor,
    resources={
        "reglages": Reglages(),
        "dbt": dbt_cli,
    },
)
