"""One schedule per day on which producers publish, from the sources' `calendrier`."""

from collections.abc import Iterable

import dagster as dg

from ingest.registry import Source
from orchestration.defs.jobs import PUBLICATION
from orchestration.partitions import REGISTRY, TOUS
from warehouse.declared.dictionary import default_edition


def by_day(sources: Iterable[Source]) -> dict[str, list[Source]]:
    """Day of the year (MM-JJ), in order → the sources that are published on it."""
    found: dict[str, list[Source]] = {}
    for source in sources:
        for day in source.calendrier.jours:
            found.setdefault(day, []).append(source)
    return dict(sorted(found.items()))


def build_schedule(day: str, sources: list[Source]) -> dg.ScheduleDefinition:
    """Runs the whole job once for all that is published on a day, on the edition in force.

    A source more on the same day is no run more: two would want the same data folder.
    """
    name, edition = f"calendrier_{day.replace('-', '_')}", default_edition()
    config = {"edition": edition, "brouillon": True}  # a person reads it first
    month, of_month = day.split("-")

    @dg.schedule(
        job_name=PUBLICATION,
        cron_schedule=f"0 6 {int(of_month)} {int(month)} *",  # six in the morning
        execution_timezone="Europe/Paris",
        name=name,
        description="Ce jour-là : "
        + " ; ".join(f"{s.titre} ({s.calendrier.texte})" for s in sources)
        + f". Édition {edition}, jusqu'au brouillon à relire.",
        tags={"edition": edition},
    )
    def _schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(
            run_key=f"{name}:{context.scheduled_execution_time:%Y-%m-%d}",
            partition_key=TOUS,
            run_config={"resources": {"reglages": {"config": config}}},
            tags={"edition": edition, "sources": ", ".join(s.id for s in sources)},
        )

    return _schedule


schedules = [build_schedule(day, found) for day, found in by_day(REGISTRY.sources.values()).items()]
