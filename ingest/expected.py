"""Whether a landed file is whole: how many territories it must list, and what else proves it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from ingest.archive import ArchivedFile, objet_de
from ingest.contents import ends_its_line
from ingest.file_parts import Partie
from ingest.fingerprints import known_contents
from ingest.receipts import Receipt
from ingest.registry import Source
from warehouse.base.errors import QpvError

#: Overseas, where a source often stops: codes of quarters and of départements.
OUTRE_MER = ("QP97", "QN97", "QP98", "QN98")


def expected(
    source: Source, millesime: str, parties: Collection[Partie], codes: Collection[str] | None
) -> dict[str, int]:
    """Kind of key → fewest territories of its whole file; a kind of which nothing is known is out.

    What the millésime says; else, of figures by QPV in a file that was read before, the
    metropolitan QPV of the list.

    Args:
        parties: those whose file was read.
        codes: the QPV of the list, None where the source has none.
    """
    said = source.millesimes[millesime].territoires_attendus
    found: dict[str, int] = {}
    for cle in {partie.cle for partie in parties}:
        if isinstance(said, Mapping) and cle in said:
            found[cle] = said[cle]
        elif isinstance(said, int):
            found[cle] = said
        elif cle == "qpv" and _is_of_all_quarters(source, millesime) and codes:
            found[cle] = sum(not code.startswith(OUTRE_MER) for code in codes)
    return found


def _is_of_all_quarters(source: Source, millesime: str) -> bool:
    """Whether a file lists every QPV: not known of one that nobody has read."""
    return source.nature == "mesures" and not source.is_unseen(millesime)


def proofs(
    source: Source, partie: Partie, file: ArchivedFile, counted: Mapping[str, int]
) -> list[str]:
    """What proves a landed file whole, in French; empty when nothing does.

    Args:
        counted: kind of key → fewest territories, where they were all there.
    """
    found = [file.preuve] if file.preuve else []
    if file.sha256 in known_contents(source.id):
        found.append("c'est le fichier du verrou")
    # Rows counted say nothing of the last cell of a text whose last line has no end.
    is_text = file.nom.lower().endswith(".csv") or source.format == "csv"
    if partie.cle in counted and (not is_text or ends_its_line(file.path)):
        found.append(f"{counted[partie.cle]} territoires attendus, tous là")
    return found


def unproven(receipts: Iterable[Receipt], archive: Path) -> list[dict[str, str]]:
    """The files that nothing proves whole: source, millesime, fichier, constat."""
    found = []
    for receipt in receipts:
        for file in receipt.fichiers:
            if file.preuves:
                continue
            said = "ni verrou, ni longueur annoncée, ni nombre de territoires déclaré"
            path = objet_de(archive, file.sha256)
            if file.nom.lower().endswith(".csv") and path.is_file() and not ends_its_line(path):
                said = (
                    "ni verrou, ni longueur annoncée, et sa dernière ligne n'a pas de fin : sa "
                    "dernière case peut être coupée"
                )
            origin = {"source": receipt.source_id, "millesime": receipt.millesime}
            found.append({**origin, "fichier": file.nom, "constat": said})
    return found


def refuse_short(
    source: Source, millesime: str, wanted: Mapping[str, int], read: Mapping[str, int]
) -> None:
    """Stop at a file that lists fewer territories than a whole one.

    Args:
        wanted: as `expected` says. read: kind of key → territories read.

    Raises:
        QpvError: names the source, both counts, and `champ.yml`.
    """
    for cle, fewest in wanted.items():
        if read.get(cle, 0) < fewest:
            raise QpvError(
                f"le fichier ne contient que {read.get(cle, 0)} territoires",
                ou=f"source {source.id}, millésime {millesime}, lignes par {cle}",
                attendu=f"au moins {fewest}, comptés dans le fichier du producteur ou dans la "
                "liste des QPV de métropole",
                faire="reprendre le fichier du producteur ; si le dossier ne tient qu'une partie "
                "de la France, le dire dans un fichier champ.yml (voir ingest/sample/champ.yml) ; "
                "si le producteur n'en liste pas plus, dire combien par `territoires_attendus`",
            )
