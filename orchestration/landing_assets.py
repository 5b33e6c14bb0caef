"""One landing asset per source of the registry. No parsing here: `ingest` does it."""

import dagster as dg
import pyarrow.parquet as pq

from ingest.collect import collect
from ingest.expected import expected, proofs, refuse_short
from ingest.known_files import refuse_beginning_of, refuse_file_of_another
from ingest.landing import LandingReport, land
from ingest.micro import inspect
from ingest.plan import needed_files
from ingest.receipts import FileReceipt, Receipt, read_receipt, write_receipt
from ingest.registry import Source
from orchestration.console import say
from orchestration.partitions import MILLESIMES, REGISTRY, TOUS
from orchestration.resources import Reglages
from warehouse.errors import QpvError
from warehouse.layout import Layout, witnesses_of

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
        cells = 0
        for millesime in wanted:
            receipt = land_millesime(source, millesime, reglages)
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
                    },
                )
            )
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
    """Collect and land one millésime; a file that cannot be had is said, or refused if strict.

    Raises:
        QpvError: a file refused, or absent under `strict`.
    """
    layout, folder = reglages.layout, reglages.extracts_folder
    parquet = layout.landed(source.id, millesime)
    given = reglages.given_file(source)
    collected = collect(source, millesime, archive=layout.archive, extracts=folder, given=given)
    if collected.absents and reglages.strict and not source.facultative:
        raise QpvError(
            f"fichier absent : {', '.join(collected.absents)}",
            ou=f"source {source.id}, millésime {millesime}",
            attendu="tous les fichiers que l'édition nomme (--strict)",
            faire="ajouter ces fichiers, ou construire sans --strict",
        )
    found = [file for _, file in collected.files]
    refuse_beginning_of(read_receipt(parquet), found, layout.archive)
    report, counted = LandingReport(source.id, millesime, parquet), dict[str, int]()
    if collected.files and source.nature == "micro":
        report = inspect(source, millesime, collected.files[0][1], out=parquet)
    elif collected.files:
        codes = None
        if source.nature != "reference":
            codes = known_codes(layout, source.perimetre_of(millesime), reglages)
        report = land(
            source,
            millesime,
            collected.files,
            out=parquet,
            codes_qpv=codes,
        )
        if collected.champ is None:
            parties = [partie for partie, _ in collected.files]
            counted = expected(source, millesime, parties, codes)
            refuse_short(source, millesime, counted, report.par_cle)
    else:
        parquet.unlink(missing_ok=True)
        witnesses_of(parquet).unlink(missing_ok=True)
    if collected.files or not source.facultative:
        say(_line(source, millesime, report, collected.absents))
    return write_receipt(
        parquet, collected, report, lambda partie, file: proofs(source, partie, file, counted)
    )


def fingerprint(source: Source, file: FileReceipt) -> str | None:
    """The sha256 that may be told of a file; none of one under agreement.

    Whoever guesses its last masked cells could verify them.
    """
    return None if source.acces == "convention" else file.sha256


def known_codes(layout: Layout, perimetre: str, reglages: Reglages) -> frozenset[str] | None:
    """QPV codes of a perimeter in the lists that this edition lands; None outside QPV."""
    if not perimetre:
        return None
    codes: set[str] = set()
    for source_id, millesime in needed_files(reglages.load_edition(), REGISTRY):
        path = layout.landed(source_id, millesime)
        is_list = source_id in LISTS and REGISTRY[source_id].perimetre_of(millesime) == perimetre
        if is_list and path.is_file():
            codes.update(pq.read_table(path, columns=["code"])["code"].to_pylist())
    if not codes:
        raise QpvError(
            f"aucune liste des QPV du périmètre {perimetre}",
            ou=" ou ".join(f"ingest/sources/{s}.yml" for s in LISTS),
            attendu="un fichier de la liste que l'édition nomme",
            faire="ajouter ce fichier au dossier des extraits, ou l'édition qui le nomme",
        )
    return frozenset(codes)


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


def _line(source: Source, millesime: str, report: LandingReport, absents: list[str]) -> str:
    if absents and not report.territoires:
        return f"  {source.id} {millesime} : absent ({', '.join(absents)})"
    cells = sum(report.statuts.values())
    said = f"{report.territoires} ligne{'s' if report.territoires > 1 else ''}"
    said += f", {cells} cellules" if cells else ""
    partly = f" ; absent : {', '.join(absents)}" if absents else ""
    return f"  {source.id} {millesime} : {said}{partly}"


landing_assets = [build_landing_asset(source) for source in REGISTRY.sources.values()]
