"""One landing asset per source of the registry. No parsing here: `ingest` does it."""

from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq

from ingest.collect import Collected, collect
from ingest.connection import NetworkFailure
from ingest.expected import expected, proofs, refuse_short
from ingest.file_parts import Partie
from ingest.former_codes import former_codes
from ingest.header_faults import HeaderFault
from ingest.known_files import refuse_beginning_of
from ingest.landed_before import Known, basis, report_of, stands, written
from ingest.landing import LandingReport, ReadFile, land_read, read_file, without_missing_lines
from ingest.micro import inspect
from ingest.receipts import Receipt, read_receipt, write_receipt
from ingest.registry import Source
from orchestration.console import say
from orchestration.defs.asset_keys import landing_key
from orchestration.defs.qpv_codes import COMMUNES, communes_of_quarters, known_codes, lists_of
from orchestration.defs.refused_steps import refusable
from orchestration.defs.resources import Reglages
from orchestration.defs.run_plan import LISTS, Received
from orchestration.defs.said_of_files import fingerprint, is_fallback, said_of_file, stands_in
from orchestration.interruption import stop_if_asked
from orchestration.partitions import MILLESIMES, REGISTRY, TOUS
from warehouse.base.layout import SOURCES_DIR, subjects_of, witnesses_of
from warehouse.release.seal import digest

#: A run that stops at a draft asks a server out of reach again so often, after so many seconds.
#: A file that is refused is not asked again: it would be the same.
RETRIES, PAUSE = 2, 120


def build_landing_asset(source: Source) -> dg.AssetsDefinition:
    """The asset of one source: a run lands one millésime, or all that its edition names."""
    before = [] if source.nature == "reference" else [*LISTS]
    if any(partie.seulement for partie in source.parties):
        before = [*dict.fromkeys([*before, *COMMUNES])]
    deps = [landing_key(s) for s in before]

    @dg.asset(
        key=landing_key(source.id),
        partitions_def=MILLESIMES,
        deps=deps,
        group_name="landing",
        description=f"{source.titre}. {source.calendrier.texte.capitalize()}.",
        metadata={"page": dg.MetadataValue.url(source.page), "producteur": source.producteur},
        kinds={"python", "parquet"},
        # A source declared otherwise is shown as to be landed again.
        code_version=digest(SOURCES_DIR / f"{source.id}.yml")[:12],
    )
    @refusable
    def _land(context: dg.AssetExecutionContext, reglages: Reglages) -> dg.MaterializeResult:
        wanted = _wanted(source, context.partition_key, reglages)
        cells, landed = 0, []
        for millesime in wanted:
            try:
                receipt = land_millesime(source, millesime, reglages)
            except NetworkFailure as failure:
                if not reglages.brouillon:  # somebody waits for the answer
                    raise
                raise dg.RetryRequested(RETRIES, PAUSE) from failure
            landed.append(receipt)
            cells += sum(receipt.statuts.values())
            context.log_event(
                dg.AssetMaterialization(
                    asset_key=landing_key(source.id),
                    partition=millesime,
                    metadata={
                        "territoires": receipt.territoires,
                        "sha256": ", ".join(
                            filter(None, (fingerprint(source, f) for f in receipt.fichiers))
                        ),
                        "absents": ", ".join(receipt.absents),
                        "ecartes": ", ".join(e.nom for e in receipt.ecartes),
                    },
                )
            )
        _tell_absents(source, landed, reglages)
        return dg.MaterializeResult(metadata={"millesimes": ", ".join(wanted), "cellules": cells})

    return _land


def _wanted(source: Source, partition: str, reglages: Reglages) -> list[str]:
    """All that the edition names; or the partition, and what the edition names and never landed."""
    named = reglages.plan.millesimes_of(source.id)
    if partition == TOUS:
        return named
    never = [m for m in named if read_receipt(reglages.layout.landed(source.id, m)) is None]
    return sorted({*never, *({partition} & source.millesimes.keys())})


def land_millesime(source: Source, millesime: str, reglages: Reglages) -> Receipt:
    """Collect and land one millésime; its receipt says which files could not be had or read.

    Raises:
        QpvError: a file refused.
    """
    stop_if_asked()
    reglages.forget_received()
    layout, folder = reglages.layout, reglages.extracts_folder
    parquet = layout.landed(source.id, millesime)
    given = reglages.given_file(source)
    collected = collect(source, millesime, archive=layout.archive, extracts=folder, given=given)
    before = read_receipt(parquet)
    refuse_beginning_of(before, [file for _, file in collected.files], layout.archive)
    same = _as_before(source, before, parquet, collected, reglages) if before else None
    landed = same or _read(source, millesime, collected, reglages)
    if not collected.files:
        for path in (parquet, witnesses_of(parquet), subjects_of(parquet)):
            path.unlink(missing_ok=True)
    receipt = write_receipt(
        parquet,
        collected,
        landed.report,
        lambda partie, file: proofs(source, partie, file, landed.counted),
        appui=landed.appui,
        ecrits=written(parquet),
    )
    if collected.files or collected.ecartes:
        line = _line(source, millesime, landed.report, collected)
        say(" ; ".join([line, *said_of_file(receipt), *(["inchangé"] if same else [])]))
    return receipt


@dataclass(frozen=True)
class _Landed:
    """What a landing wrote, the territories that it had to hold by kind of key, what it stood on.

    `appui`: empty where it is to be done again.
    """

    report: LandingReport
    counted: dict[str, int]
    appui: str


def _as_before(
    source: Source, before: Receipt, parquet: Path, collected: Collected, reglages: Reglages
) -> _Landed | None:
    """What stands, where all that it stood on is as it was; else None."""
    if not collected.files or not stands(before, parquet):
        return None
    known = _known(source, before.millesime, [p for p, _ in collected.files], reglages)
    if before.appui != basis(source, before.millesime, collected, known):
        return None
    parties = [partie for partie, _ in without_missing_lines(collected.files)[0]]
    counted = _counted(source, before.millesime, parties, collected, known)
    return _Landed(report_of(before, parquet), counted, before.appui)


def _read(source: Source, millesime: str, collected: Collected, reglages: Reglages) -> _Landed:
    """Land what was collected; a file whose header is not the declared one goes to `ecartes`."""
    layout = reglages.layout
    parquet = layout.landed(source.id, millesime)
    report, counted, known = LandingReport(source.id, millesime, parquet), dict[str, int](), Known()
    read: list[ReadFile] = []
    kept, lines = without_missing_lines(collected.files)
    for partie, archived in kept:
        try:
            if source.nature == "micro":
                known = _known(source, millesime, [partie], reglages)
                report = inspect(source, millesime, archived, out=parquet, lists=known.lists)
            else:
                read.append(read_file(source, millesime, partie, archived))
        except HeaderFault as fault:
            if source.facultative:
                raise
            # One file may make several parts: with a fault in one, none is read.
            if archived not in (other for _, other, _ in collected.ecartes):
                collected.ecartes.append((partie, archived, fault))
    aside = [archived for _, archived, _ in collected.ecartes]
    read = [file for file in read if file.archived not in aside]
    collected.files = [(p, archived) for p, archived in collected.files if archived not in aside]
    if read:
        known = _known(source, millesime, [file.partie for file in read], reglages)
        codes, communes = known.codes, known.communes
        report = land_read(source, millesime, read, out=parquet, codes_qpv=codes, communes=communes)
        report.ignorees |= lines
        report.anciens_codes = _former_in(parquet, source, millesime, reglages)
        counted = _counted(source, millesime, [file.partie for file in read], collected, known)
        refuse_short(source, millesime, counted, report.par_cle)
    whole = bool(collected.files) and not collected.ecartes
    appui = basis(source, millesime, collected, known) if whole else ""
    return _Landed(report, counted, appui)


def _counted(
    source: Source, millesime: str, parties: list[Partie], collected: Collected, known: Known
) -> dict[str, int]:
    """The territories that these parts have to hold; nothing is known of a smaller field."""
    if source.nature == "micro" or collected.champ is not None:
        return {}
    return expected(source, millesime, parties, known.codes)


def _known(source: Source, millesime: str, parties: list[Partie], reglages: Reglages) -> Known:
    """The territories that a landing of these parts has to know.

    Raises:
        QpvError: no list of the QPV landed.
    """
    layout = reglages.layout
    if source.nature == "micro":
        return Known(lists=lists_of(layout, source, reglages))
    codes = communes = None
    if source.nature != "reference":
        codes = known_codes(layout, source.perimetre_of(millesime), reglages)
    if any(partie.seulement for partie in parties):
        communes = communes_of_quarters(layout, reglages)
    return Known(codes, communes)


def _tell_absents(source: Source, landed: list[Receipt], reglages: Reglages) -> None:
    """What could not be had, and what stands in for it."""
    if source.facultative:
        return
    by = Received(reglages.plan, tuple(landed)).spared
    for receipt in landed:
        if (source.id, receipt.millesime) not in reglages.plan.chosen:
            continue
        names, serves = ", ".join(receipt.absents), by.get((source.id, receipt.millesime))
        said = f"  {source.id} {receipt.millesime} : absent ({names})"
        if names and serves is None and not receipt.fichiers:
            say(said)
        elif names and serves is not None and is_fallback(receipt.millesime, serves):
            say(f"{said} ; {stands_in(serves)}")


def _former_in(parquet: Path, source: Source, millesime: str, reglages: Reglages) -> int:
    """How many quarters of a landed file bear a code of an earlier list."""
    former = former_codes(REGISTRY, reglages.plan.qpv_lists, source.perimetre_of(millesime))
    key = "code" if source.nature == "reference" else "code_territoire"
    landed = pq.read_table(parquet, columns=[key])[key].unique().to_pylist() if former else []
    return len(former.intersection(landed))


def _line(source: Source, millesime: str, report: LandingReport, collected: Collected) -> str:
    absents, aside = collected.absents, [f.nom for _, f, _ in collected.ecartes]
    if not report.territoires:
        lacking = [f"écarté, en-tête à déclarer ({', '.join(aside)})"] if aside else []
        lacking += [f"absent ({', '.join(absents)})"] if absents else []
        return f"  {source.id} {millesime} : {' ; '.join(lacking)}"
    cells = sum(report.statuts.values())
    said = f"{report.territoires} ligne{'s' if report.territoires > 1 else ''}"
    said += f", {cells} cellules" if cells else ""
    partly = f" ; absent : {', '.join(absents)}" if absents else ""
    partly += f" ; écarté, en-tête à déclarer : {', '.join(aside)}" if aside else ""
    if report.rendus:
        partly += f" ; caractères de contrôle rendus à leurs lettres dans {report.rendus} cellules"
    return f"  {source.id} {millesime} : {said}{partly}"


landing_assets = [build_landing_asset(source) for source in REGISTRY.sources.values()]
