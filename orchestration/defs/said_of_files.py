"""What readers are told of each file that an edition names: read, absent, aside. No asset here."""

from __future__ import annotations

from ingest.receipts import FichierEcarte, FileReceipt, Receipt
from ingest.registry import Source
from orchestration.defs.run_plan import Received
from orchestration.partitions import REGISTRY


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


def said_of_file(receipt: Receipt) -> list[str]:
    """What readers should know of a reading: codes of an earlier list, files left."""
    said = []
    if receipt.anciens_codes:
        said.append(f"{receipt.anciens_codes} quartiers y sont aux codes d'une liste précédente")
    if receipt.non_lus:
        said.append(f"préféré à {', '.join(receipt.non_lus)}, aussi dans les extraits et non lu")
    return said


def _never_read(source: Source) -> str | None:
    """The other types of territory that its deliveries hold, of which no row was ever read."""
    return ", ".join(source.autres_niveaux.niveaux) if source.autres_niveaux else None


def file_rows(received: Received) -> list[dict]:
    """One row per file that the edition names, read or absent, for `dim_source`."""
    rows: list[dict] = []
    for receipt in received.told:
        serves = received.spared.get((receipt.source_id, receipt.millesime))
        if serves and not is_fallback(receipt.millesime, serves):
            continue
        source = REGISTRY[receipt.source_id]
        edition = source.millesimes[receipt.millesime]
        periods = {p for bloc in edition.periodes for p in edition.periodes_of(bloc)}
        common: dict[str, str | None] = {
            "source_id": source.id,
            "millesime": receipt.millesime,
            "titre": source.titre,
            "producteur": source.producteur,
            "page": edition.page or source.page,
            "licence": source.licence,
            "confiance": "tierce" if receipt.remarque else source.confiance_of(receipt.millesime),
            "periodes": ", ".join(sorted(periods)),
            "niveaux_jamais_lus": _never_read(source),
        }
        remarks = [receipt.remarque or source.remarque_of(receipt.millesime)]
        remarks += said_of_file(receipt)
        for file in receipt.fichiers:
            rows.append(
                common
                | {
                    "fichier": file.nom,
                    "sha256": fingerprint(source, file),
                    "etat": "lue",
                    "remarque": " ; ".join(filter(None, remarks)) or None,
                }
            )
        for aside in receipt.ecartes:
            rows.append(
                common
                | {
                    "fichier": aside.nom,
                    "sha256": fingerprint(source, aside),
                    "etat": "ecartee",
                    "remarque": aside.raison,
                }
            )
        if source.facultative:
            continue
        for name, reason in zip(receipt.absents, receipt.raisons, strict=True):
            said = f"{reason} ; {stands_in(serves)}" if serves else reason
            rows.append(
                common | {"fichier": name, "sha256": None, "etat": "absente", "remarque": said}
            )
    return rows
