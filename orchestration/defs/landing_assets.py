"""One landing asset per source of the registry. No parsing here: `ingest` does it."""

from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq

from ingest.collect import Collected, collect
from ingest.expected import expected, proofs, refuse_short
from ingest.former_codes import former_codes
from ingest.header_faults import HeaderFault
from ingest.known_files import refuse_beginning_of, refuse_file_of_another
from ingest.landing import LandingReport, ReadFile, land_read, read_file, without_missing_lines
from ingest.micro import inspect
from ingest.plan import needed_files, spares, unreadable
from ingest.receipts import FichierEcarte, FileReceipt, Receipt, read_receipt, write_receipt
from ingest.registry import Source
from orchestration.console import say
from orchestration.defs.resources import Reglages
from orchestration.interruption import stop_if_asked
from orchestration.partitions import MILLESIMES, REGISTRY, TOUS
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout, subjects_of, witnesses_of

LISTS = ("anct_liste_qpv", "anct_contours")


def landing_key(source_id: str) -> dg.AssetKey:
    return dg.AssetKey(["landing", source_id])


def build_landing_asset(source: Source) -> dg.AssetsDefinition:
    """The asset of one source: a run lands one millésime, or all that its edition names."""
    deps = [] if source.nature == "reference" else [landing_key(s) for s in LISTS]

    @dg.asset(
        key=landing_key(source.id),
        partitions_def=MILLESIMES,
        deps=deps,
        group_name="landing",
        description=f"{source.titre}. {source.calendrier.texte.capitalize()}.",
        metadata={"page": source.page, "producteur": source.producteur},
        kinds={"parquet"},
    )
    def _land(context: dg.AssetExecutionContext, reglages: Reglages) -> dg.MaterializeResult:
        wanted = _wanted(source, context.partition_key, reglages)
        cells, landed = 0, []
        for millesime in wanted:
            receipt = land_millesime(source, millesime, reglages)
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
    named = [m for s, m in needed_files(reglages.load_edition(), REGISTRY) if s == source.id]
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
    layout, folder = reglages.layout, reglages.extracts_folder
    parquet = layout.landed(source.id, millesime)
    given = reglages.given_file(source)
    collected = collect(source, millesime, archive=layout.archive, extracts=folder, given=given)
    found = [file for _, file in collected.files]
    refuse_beginning_of(read_receipt(parquet), found, layout.archive)
    report, counted = LandingReport(source.id, millesime, parquet), dict[str, int]()
    read: list[ReadFile] = []
    kept, lines = without_missing_lines(collected.files)
    for partie, archived in kept:
        try:
            if source.nature == "micro":
                lists = lists_of(layout, source, reglages)
                report = inspect(source, millesime, archived, out=parquet, lists=lists)
            else:
                read.append(read_file(source, millesime, partie, archived))
        except HeaderFault as fault:
            if source.facultative:
                raise
            collected.ecartes.append((partie, archived, fault))
    aside = [archived for _, archived, _ in collected.ecartes]
    collected.files = [(p, archived) for p, archived in collected.files if archived not in aside]
    if read:
        codes = None
        if source.nature != "reference":
            codes = known_codes(layout, source.perimetre_of(millesime), reglages)
        report = land_read(source, millesime, read, out=parquet, codes_qpv=codes)
        report.ignorees |= lines
        report.anciens_codes = _former_in(parquet, source, millesime, reglages)
        if collected.champ is None:
            counted = expected(source, millesime, [file.partie for file in read], codes)
            refuse_short(source, millesime, counted, report.par_cle)
    elif not collected.files:
        parquet.unlink(missing_ok=True)
        witnesses_of(parquet).unlink(missing_ok=True)
        subjects_of(parquet).unlink(missing_ok=True)
    receipt = write_receipt(
        parquet, collected, report, lambda partie, file: proofs(source, partie, file, counted)
    )
    if collected.files or collected.ecartes:
        line = _line(source, millesime, report, collected)
        say(" ; ".join([line, *said_of_file(receipt)]))
    return receipt


def _tell_absents(source: Source, landed: list[Receipt], reglages: Reglages) -> None:
    """What could not be had, and what stands in for it."""
    if source.facultative:
        return
    by = stand_ins(landed, reglages)
    for receipt in landed:
        names, serves = ", ".join(receipt.absents), by.get((source.id, receipt.millesime))
        said = f"  {source.id} {receipt.millesime} : absent ({names})"
        if names and serves is None and not receipt.fichiers:
            say(said)
        elif names and serves is not None and is_fallback(receipt.millesime, serves):
            say(f"{said} ; {stands_in(serves)}")


def absents(found: list[Receipt]) -> dict[tuple[str, str], list[str]]:
    """(source, millésime) → the official names of the files that were not found."""
    return {(r.source_id, r.millesime): r.absents for r in found}


def put_aside(found: list[Receipt]) -> dict[tuple[str, str], dict[str, str]]:
    """(source, millésime) → the official names of the files put aside, each with why."""
    return {(r.source_id, r.millesime): {e.partie: e.motif for e in r.ecartes} for r in found}


def cannot_serve(found: list[Receipt]) -> dict[tuple[str, str], list[str]]:
    """(source, millésime) → the official names of the files that are absent or put aside."""
    return unreadable(absents(found), put_aside(found))


def stand_ins(found: list[Receipt], reglages: Reglages) -> dict[tuple[str, str], str]:
    """Millésimes that the edition does without, and the one that serves in their place."""
    return spares(reglages.load_edition(), REGISTRY, cannot_serve(found))


def is_fallback(absent: str, serves: str) -> bool:
    """Whether an older millésime serves in the place of an absent one: older ones are no loss."""
    return serves < absent


def stands_in(millesime: str) -> str:
    """How an older millésime that serves in the place of a newer one is told."""
    return f"le millésime {millesime}, plus ancien, en tient lieu"


def fingerprint(source: Source, file: FileReceipt | FichierEcarte) -> str | None:
    """The sha256 that may be told of a file; none of one under agreement.

    Whoever guesses its last masked cells could verify them.
    """
    return None if source.acces == "convention" else file.sha256


def known_codes(layout: Layout, perimetre: str, reglages: Reglages) -> frozenset[str] | None:
    """QPV codes of a perimeter as `landed_codes` knows them; None outside QPV.

    Raises:
        QpvError: no list of that perimeter landed.
    """
    if not perimetre:
        return None
    codes = landed_codes(layout, perimetre, reglages)
    if not codes:
        lists = [read_receipt(layout.landed(s, m)) for s in LISTS for m in REGISTRY[s].millesimes]
        aside = [e.motif for receipt in lists if receipt for e in receipt.ecartes]
        raise QpvError(
            f"aucune liste des QPV du périmètre {perimetre}{''.join(f' ; {m}' for m in aside)}",
            ou=" ou ".join(f"ingest/sources/{s}.yml" for s in LISTS),
            attendu="un fichier de la liste que l'édition nomme",
            faire="ajouter ce fichier au dossier des extraits, ou l'édition qui le nomme",
        )
    return codes


def lists_of(layout: Layout, source: Source, reglages: Reglages) -> dict[str, frozenset[str]]:
    """Perimeter → its QPV codes, of those that the columns of a file of units name."""
    wanted = {a.qpv for a in source.attributs if a.qpv}
    lists = {p: landed_codes(layout, p, reglages) for p in sorted(wanted)}
    return {perimetre: codes for perimetre, codes in lists.items() if codes}


def landed_codes(layout: Layout, perimetre: str, reglages: Reglages) -> frozenset[str]:
    """QPV codes of a perimeter in the lists that this edition lands, and those of an earlier list
    that producers still write; none without a list."""
    codes: set[str] = set()
    for source_id, millesime in qpv_lists(reglages):
        path = layout.landed(source_id, millesime)
        if REGISTRY[source_id].perimetre_of(millesime) == perimetre and path.is_file():
            codes.update(pq.read_table(path, columns=["code"])["code"].to_pylist())
    return frozenset(
        codes | former_codes(REGISTRY, qpv_lists(reglages), perimetre) if codes else ()
    )


def qpv_lists(reglages: Reglages) -> list[tuple[str, str]]:
    """The lists of QPV that the edition names, as (source, millésime)."""
    needed = needed_files(reglages.load_edition(), REGISTRY)
    return [(source_id, millesime) for source_id, millesime in needed if source_id in LISTS]


def receipts(reglages: Reglages) -> list[Receipt]:
    """The receipts of every file that the edition names.

    Raises:
        QpvError: one was never landed, or is also the file of another millésime.
    """
    found = []
    for source_id, millesime in needed_files(reglages.load_edition(), REGISTRY):
        receipt = read_receipt(reglages.layout.landed(source_id, millesime))
        if receipt is None:
            raise QpvError(
                f"{source_id} {millesime} n'a pas atterri",
                ou=str(reglages.layout.landing),
                faire="matérialiser les assets `landing`, ou lancer `qpv build`",
            )
        found.append(receipt)
    refuse_file_of_another(found, reglages.layout, REGISTRY)
    return found


def _former_in(parquet: Path, source: Source, millesime: str, reglages: Reglages) -> int:
    """How many quarters of a landed file bear a code of an earlier list."""
    former = former_codes(REGISTRY, qpv_lists(reglages), source.perimetre_of(millesime))
    key = "code" if source.nature == "reference" else "code_territoire"
    landed = pq.read_table(parquet, columns=[key])[key].unique().to_pylist() if former else []
    return len(former.intersection(landed))


def said_of_file(receipt: Receipt) -> list[str]:
    """What readers should know of a reading: codes of an earlier list, files left."""
    said = []
    if receipt.anciens_codes:
        said.append(f"{receipt.anciens_codes} quartiers y sont aux codes d'une liste précédente")
    if receipt.non_lus:
        said.append(f"préféré à {', '.join(receipt.non_lus)}, aussi dans les extraits et non lu")
    return said


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
