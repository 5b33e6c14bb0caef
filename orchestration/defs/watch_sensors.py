"""The watch as Dagster sees it: its findings beside each source, the runs that a revision asks for.

The same rounds as `qpv veille`: a source is asked once a day, whoever asks.
"""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from ingest.watch.states import A_FAIRE, ETATS, Nouvelle
from orchestration.defs.asset_keys import landing_key
from orchestration.defs.jobs import (
    PUBLICATION,
    VEILLE,
    publication_job,
    suite_job,
)
from orchestration.defs.refused_steps import why_stopped
from orchestration.events import of_refusal, of_round
from orchestration.messages import tell
from orchestration.partitions import REGISTRY, TOUS
from orchestration.watching import known_of, watch
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.declared.dictionary import default_edition, load_edition

#: Seconds of one round: Dagster gives a sensor sixty. What is left comes an hour later.
_DUREE = 40
_HEURE = 3600
#: The tag of a run that lands a revised source, with its edition; how many are looked back at.
REPRISE, _REPRISES = "reprise", 100
#: The events of a run that say why it stopped.
_SAY_WHY = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
_WATCHED = [source for source in REGISTRY.sources.values() if not source.facultative]


@dg.multi_asset_check(
    name=VEILLE,
    specs=[
        dg.AssetCheckSpec(
            VEILLE,
            asset=landing_key(source.id),
            description=f"Chez le producteur : {source.calendrier.texte}.",
        )
        for source in _WATCHED
    ],
    can_subset=True,
)
def watch_checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """What the last rounds found, without asking anybody."""
    layout = Layout.resolve()
    for source in _WATCHED:
        key = dg.AssetCheckKey(landing_key(source.id), VEILLE)
        if key in context.selected_asset_check_keys:
            told = _told(known_of(layout, source, _today()))
            yield dg.AssetCheckResult(asset_key=key.asset_key, check_name=VEILLE, **told)


@dg.sensor(
    name=VEILLE,
    job=publication_job,
    minimum_interval_seconds=_HEURE,
    description="Une fois par jour : ce que les producteurs ont publié, révisé, retiré ou tardent "
    "à publier. Une source révisée est reprise.",
)
def watch_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """A round of the watch; its findings are checks of the sources, and messages."""
    today = _today()
    if context.cursor == today.isoformat():
        return dg.SkipReason("La veille du jour est faite.")
    layout = Layout.resolve()
    found = watch(layout, REGISTRY, today=today, duree=_DUREE)
    tell(layout, of_round(found.constats, REGISTRY))
    by_source: dict[str, list[Nouvelle]] = {}
    for one in found.constats:
        by_source.setdefault(one.source, []).append(one)
    revised = [one for one in found.constats if one.etat == "revise"]
    return dg.SensorResult(
        run_requests=refresh(revised) if not found.remises else [],
        cursor=None if found.remises else today.isoformat(),
        asset_events=[
            dg.AssetCheckEvaluation(
                asset_key=landing_key(source), check_name=VEILLE, **_evaluated(told)
            )
            for source, told in by_source.items()
        ],
    )


@dg.run_failure_sensor(
    name="refus",
    monitored_jobs=[publication_job, suite_job],
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Un message pour chaque construction refusée, avec son premier paragraphe.",
)
def refusals(context: dg.RunFailureSensorContext) -> None:
    """Tell who is to know that a run stopped, and why."""
    logs = context.instance.all_logs(context.dagster_run.run_id, of_type=_SAY_WHY)
    events = [log.dagster_event for log in logs if log.dagster_event]
    checks = [
        e.asset_check_evaluation_data
        for e in events
        if e.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    errors = [e.step_failure_data.error for e in events if e.is_step_failure]
    why = why_stopped(checks, [error for error in errors if error])
    # The words of a surprise may hold a row of a file.
    said = why if isinstance(why, QpvError) else "arrêt imprévu, dont Dagster garde le détail"
    edition = load_edition(context.dagster_run.tags.get("edition") or default_edition())
    layout = Layout.resolve()
    tell(layout, [of_refusal(said, edition, REGISTRY, layout.root, _today())])


@dg.sensor(
    name="brouillon",
    job=suite_job,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Quand les sources révisées sont reprises : tout ce qui en vient, jusqu'au "
    "brouillon à relire. Une source refusée n'en demande pas.",
)
def draft_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One draft of all that was landed again, once nothing is being landed any more."""
    edition = default_edition()
    asked = dg.RunsFilter(job_name=PUBLICATION, tags={REPRISE: edition})
    runs = context.instance.get_runs(asked, limit=_REPRISES)
    if not all(run.is_finished for run in runs):
        return dg.SkipReason("Des sources sont encore reprises.")
    landed = [run for run in runs if run.is_success]
    if not landed:
        return dg.SkipReason("Aucune source n'a été reprise.")
    return dg.RunRequest(
        run_key=f"brouillon:{landed[0].run_id}",
        run_config=_draft_of(edition),
        tags={"edition": edition},
    )


def refresh(revised: list[Nouvelle]) -> list[dg.RunRequest]:
    """A run per revised source that lands it alone.

    Dagster keeps one run at a time and a key once: two sources of one minute are landed one after
    the other, and a revision that is refused is not asked again the next day.
    """
    edition = default_edition()
    days: dict[str, date] = {}
    for one in revised:
        if one.depuis:
            days[one.source] = max(one.depuis, days.get(one.source, one.depuis))
    return [
        dg.RunRequest(
            job_name=PUBLICATION,
            run_key=f"{source}:{day}",
            partition_key=TOUS,
            asset_selection=[landing_key(source)],
            run_config=_draft_of(edition),
            tags={"edition": edition, "source": source, REPRISE: edition},
        )
        for source, day in days.items()
    ]


def _draft_of(edition: str) -> dict:
    return {"resources": {"reglages": {"config": {"edition": edition, "brouillon": True}}}}


def _told(found: list[Nouvelle]) -> dict:
    said = " ; ".join(f"{one.millesime or ''} {ETATS[one.etat]} : {one.dit}".strip()
                      for one in found)  # fmt: skip
    todo = " ; ".join(one.faire for one in found if one.faire)
    return {
        "passed": not any(one.etat in A_FAIRE for one in found),
        "severity": dg.AssetCheckSeverity.WARN,
        "description": said,
        "metadata": {"etat": ", ".join(ETATS[one.etat] for one in found), "a_faire": todo},
    }


def _evaluated(found: list[Nouvelle]) -> dict:
    told = _told(found)
    return told | {"metadata": {n: dg.MetadataValue.text(v) for n, v in told["metadata"].items()}}


def _today() -> date:
    return datetime.now(ZoneInfo("Europe/Paris")).date()
