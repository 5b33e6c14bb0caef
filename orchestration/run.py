"""One run of the publication job from a program: the same graph as the UI's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from ingest.registry import Registry
from orchestration.console import say
from orchestration.defs.asset_keys import landing_key
from orchestration.defs.refused_steps import why_stopped
from orchestration.defs.resources import LOCAUX, Reglages, single_writer
from orchestration.events import of_refusal
from orchestration.interruption import heard, was_asked
from orchestration.messages import tell
from warehouse.base.errors import QpvError
from warehouse.base.memory import kept, search_rarely
from warehouse.base.working_folders import private
from warehouse.release.promotion import latest_release
from warehouse.release.waiting import drop_expired, now_utc, waiting_drafts


def run_publication(
    *,
    edition: str,
    extracts: list[str],
    data: str,
    strict: bool,
    documents: bool = True,
    annexes: bool = False,
    brouillon: bool = False,
    perimetres_locaux: str = "",
    contrats: str = "",
) -> Path:
    """Run the job in this process and return the folder of the new release, or of the draft.

    Args:
        brouillon: leave the draft to a person's reading, publish nothing.

    Raises:
        QpvError: a file, a check or the environment refused; the previous release stands.
    """
    with kept():
        from orchestration.defs.dbt_manifest import ensure_manifest

        ensure_manifest()  # definitions take the project as it was parsed
        from orchestration.definitions import defs
        from orchestration.defs.files_aside import files_aside, report_lines
        from orchestration.defs.jobs import PUBLICATION
        from orchestration.defs.speed import remembering
        from orchestration.partitions import REGISTRY, TOUS

    search_rarely()
    reglages = Reglages(
        edition=edition,
        extracts=extracts,
        data=data,
        strict=strict,
        documents=documents,
        annexes=annexes,
        brouillon=brouillon,
        perimetres_locaux=perimetres_locaux,
        contrats=contrats,
    )
    chosen = reglages.load_edition()
    reglages.plan.dictionary  # noqa: B018  what it contradicts is said before any work
    if extracts:
        reglages.extracts_folder  # noqa: B018  a missing folder is said before any work
    reglages.given_file(REGISTRY[LOCAUX])
    reglages.load_contrats()
    layout = reglages.layout
    # Before anything is touched: a refused command leaves the running one its results.
    with single_writer(layout), private(layout):
        say(f"{chosen.titre}, dossier {layout.root}")
        for line in reglages.plan.told_by_rule:
            say(f"  {line}")
        for expired in drop_expired(layout, now_utc()):
            say(f"Brouillon expiré, que personne n'a relu : {expired}")
        layout.build.mkdir(parents=True, exist_ok=True)
        journal = (layout.build / "journal.log").open("w", encoding="utf-8")
        told = remembering(dg.DagsterInstance.ephemeral())
        with journal, redirect_stdout(journal), heard(), told as instance:
            try:
                result = defs.resolve_job_def(PUBLICATION).execute_in_process(
                    instance=instance,
                    resources={**(defs.resources or {}), "reglages": reglages},
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                    partition_key=TOUS,
                    raise_on_error=False,
                )
            except Exception as error:
                # A stop that falls inside Dagster's history breaks it: it is told as a stop.
                if was_asked():
                    raise KeyboardInterrupt from error
                raise
            for line in report_lines(files_aside(reglages, set(_landed(result, REGISTRY)))):
                say(line)
            if not result.success:
                refusal = why_stopped(result.get_asset_check_evaluations(), _errors(result))
                if isinstance(refusal, QpvError):
                    today = date.today()
                    tell(layout, [of_refusal(refusal, chosen, REGISTRY, layout.root, today)])
                raise refusal
        return waiting_drafts(layout)[-1].path if brouillon else latest_release(layout)


def _landed(result: dg.ExecuteInProcessResult, registry: Registry) -> Iterator[tuple[str, str]]:
    """(source, millésime) of each landing, those before a refusal too."""
    sources = {landing_key(source_id): source_id for source_id in registry.sources}
    for event in result.get_asset_materialization_events():
        if event.partition and event.asset_key in sources:
            yield sources[event.asset_key], event.partition


def _errors(result: dg.ExecuteInProcessResult) -> Iterator[SerializableErrorInfo]:
    """What its events say went wrong, in order."""
    for event in result.all_events:
        if error := getattr(event.event_specific_data, "error", None):
            yield error
