"""The receipt of a landing, beside its Parquet file: what was read, from which bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from ingest.archive import ArchivedFile
from ingest.collect import Collected
from ingest.file_parts import Partie
from ingest.landing import LandingReport, write_whole
from warehouse.base.strict import Strict


class FileReceipt(Strict):
    """One archived file: official name, content, and where and when it was had.

    `preuves`: what proves that no byte of it is missing, in French.
    """

    nom: str
    sha256: str
    octets: int
    origine: str
    obtenu_le: str
    preuves: list[str] = Field(default_factory=list)


class FichierEcarte(Strict):
    """One file put aside for its layout (see `ingest.header_faults`).

    `partie`: official name of its part of the millésime, `nom`: of the file that was there.
    """

    partie: str
    nom: str
    sha256: str
    raison: str
    paragraphe: str
    absentes: list[str]
    inconnues: list[str]
    cle: str | None

    @property
    def motif(self) -> str:
        """Why a figure that it would hold has no value."""
        return f"fichier écarté : {self.nom}, {self.raison}"


class Receipt(Strict):
    """What one landing read and wrote; the next steps trust only this.

    `sur_place`: nothing was written, the archived file itself is read (micro-data). `cellules`: by
    header of a file of units, its cells that are blank or tolerated. `non_lus`: files given too,
    which the one read is preferred to. `anciens_codes`: quarters that the file still writes under
    a code of an earlier list. `appui`: the fingerprint of all that the landing stood on, empty
    where it is to be done again; `ecrits`: name → fingerprint of the files that it wrote.
    """

    source_id: str
    millesime: str
    fichiers: list[FileReceipt]
    absents: list[str]
    raisons: list[str]
    territoires: int
    statuts: dict[str, int] = Field(default_factory=dict)
    ignorees: dict[str, str] = Field(default_factory=dict)
    colonnes: list[str] = Field(default_factory=list)
    ensembles_complets: list[str] = Field(default_factory=lambda: ["*"])
    remarque: str | None = None
    sur_place: bool = False
    contours: dict[str, str] = Field(default_factory=dict)
    rendus: int = 0
    ecartes: list[FichierEcarte] = Field(default_factory=list)
    cellules: dict[str, dict[str, int]] = Field(default_factory=dict)
    non_lus: list[str] = Field(default_factory=list)
    anciens_codes: int = 0
    appui: str = ""
    ecrits: dict[str, str] = Field(default_factory=dict)


def write_receipt(
    parquet: Path,
    collected: Collected,
    report: LandingReport,
    preuves: Callable[[Partie, ArchivedFile], list[str]] = lambda partie, file: [],
    *,
    appui: str = "",
    ecrits: Mapping[str, str] | None = None,
) -> Receipt:
    """The receipt beside its Parquet file, there whole or not at all.

    Args:
        preuves: what proves a file whole.
        appui, ecrits: as a receipt holds them.

    Raises:
        QpvError: the file system refused.
    """
    champ = collected.champ
    receipt = Receipt(
        source_id=report.source_id,
        millesime=report.millesime,
        fichiers=[
            FileReceipt(
                nom=f.nom,
                sha256=f.sha256,
                octets=f.octets,
                origine=f.origine,
                obtenu_le=f.obtenu_le,
                preuves=preuves(partie, f),
            )
            for partie, f in {f.nom: (p, f) for p, f in reversed(collected.files)}.values()
        ],
        absents=collected.absents,
        raisons=collected.raisons,
        territoires=report.territoires,
        statuts=report.statuts,
        ignorees=report.ignorees,
        colonnes=list(dict.fromkeys(report.colonnes)),
        ensembles_complets=["*"] if champ is None else champ.ensembles_complets,
        remarque=champ.remarque if champ else None,
        sur_place=report.sur_place,
        contours=report.contours,
        rendus=report.rendus,
        ecartes=[
            FichierEcarte(
                partie=partie.fichiers[0],
                nom=file.nom,
                sha256=file.sha256,
                raison=fault.raison,
                paragraphe=str(fault),
                absentes=fault.absentes,
                inconnues=fault.inconnues,
                cle=fault.cle,
            )
            for partie, file, fault in collected.ecartes
        ],
        cellules=report.cellules,
        non_lus=collected.non_lus,
        anciens_codes=report.anciens_codes,
        appui=appui,
        ecrits=dict(ecrits or {}),
    )
    text = receipt.model_dump_json(indent=1)
    write_whole(parquet.with_suffix(".json"), lambda draft: draft.write_text(text, "utf-8"))
    return receipt


def read_receipt(parquet: Path) -> Receipt | None:
    """The receipt of a landed file; None when it must be landed (again).

    That is: never landed, receipt damaged or of another version of this code, or Parquet gone.
    """
    path = parquet.with_suffix(".json")
    if not path.is_file():
        return None
    try:
        receipt = Receipt.model_validate_json(path.read_bytes())
    except ValidationError:
        return None
    return receipt if receipt.sur_place or parquet.is_file() or not receipt.fichiers else None
