"""One schedule per source, from its `calendrier`: refresh when the producer publishes."""

import dagster as dg

from ingest.registry import Source
from orchestration.jobs import PUBLICATION
from orchestration.partitions import REGISTRY, TOUS


def build_schedule(source: Source) -> dg.ScheduleDefinition:
    """Runs the whole job when the source's producer publishes."""

    @dg.schedule(
        job_name=PUBLICATION,
        cron_schedule=source.calendrier.crons,
        execution_timezone="Europe/Paris",
        name=f"calendrier_{source.id}",
        description=f"{source.titre} : {source.calendrier.texte}.",
    )
    def _schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(partition_key=TOUS)

    return _schedule


schedules = [build_schedule(source) for source in REGISTRY.sources.values()]
