"""The watch as Dagster sees it: its findings beside each source, the runs that a revision asks for.

The same rounds as `qpv veille`: a source is asked once a day, whoever asks.
"""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from ingest.registry import Source
from ingest.watch.states import A_FAIRE, ETATS, Nouvelle
from orchestration.defs.asset_keys import landing_key
from orchestration.defs.jobs import (
    PUBLICATION,
    SUITE,
    VEILLE,
    publication_job,
    suite_job,
)
from orchestration.events import of_refusal, of_round
from orchestration.messages import tell
from orchestration.partitions import REGISTRY, TOUS
from orchestration.watching import known_of, watch
from warehouse.base.layout import Layout
from warehouse.declared.dictionary import default_edition, load_edition

#: Seconds of one round: Dagster gives a sensor sixty. What is left comes an hour later.
_DUREE = 40
_HEURE = 3600
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
    jobs=[publication_job, suite_job],
    minimum_interval_seconds=_HEURE,
    description="Une fois par jour : ce que les producteurs ont publié, révisé, retiré ou tardent "
    "à publier. Un fichier révisé est repris, jusqu'au brouillon à relire.",
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
    revised = [
        REGISTRY[s] for s, told in by_source.items() if any(o.etat == "revise" for o in told)
    ]
    return dg.SensorResult(
        run_requests=refresh(revised, today) if not found.remises else [],
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
    description="Un message pour chaque construction refusée, avec son premier paragraphe.",
)
def refusals(context: dg.RunFailureSensorContext) -> None:
    """Tell who is to know that a run stopped, and why."""
    events = context.get_step_failure_events()
    error = events[0].step_failure_data.error if events else None
    said = context.failure_event.message or "exécution arrêtée"
    while error is not None:
        said = error.message.split(": ", 1)[-1].strip()
        error = error.cause
    edition = load_edition(context.dagster_run.tags.get("edition") or default_edition())
    layout = Layout.resolve()
    tell(layout, [of_refusal(said, edition, REGISTRY, layout.root, _today())])


def refresh(sources: list[Source], today: date) -> list[dg.RunRequest]:
    """A run per source that lands it alone, then one for all that follows, up to the draft.

    Dagster keeps one run at a time and a key once: two sources of one minute are landed one after
    the other, and make one draft.
    """
    if not sources:
        return []
    edition = default_edition()
    config = {"resources": {"reglages": {"config": {"edition": edition, "brouillon": True}}}}
    landed = [
        dg.RunRequest(
            job_name=PUBLICATION,
            run_key=f"{source.id}:{today}",
            partition_key=TOUS,
            asset_selection=[landing_key(source.id)],
            run_config=config,
            tags={"edition": edition, "source": source.id},
        )
        for source in sources
    ]
    after = dg.RunRequest(
        job_name=SUITE,
        run_key=f"brouillon:{edition}:{today}",
        run_config=config,
        tags={"edition": edition, "dagster/priority": "-1"},
    )
    return [*landed, after]


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
