"""What the evidence says, in French: the paragraph of a refusal, the rows of the quality report."""

from __future__ import annotations

from quality.period_evidence.rules import Examen
from warehouse.errors import QpvError

#: Beyond so many sentences, a paragraph is not read.
_DITES = 3


def refusal(examen: Examen) -> QpvError | None:
    """Why the landing stops, with the files on both sides; None where nothing is contradicted."""
    found = examen.contradictions
    if not found:
        return None
    said = [c.texte for c in found[:_DITES]]
    more = len(found) - len(said)
    said += [f"et {more} autre{'s' if more > 1 else ''} désaccord{'s' if more > 1 else ''}"] * bool(
        more
    )
    swaps = ", ou ".join(f"{a} et {b}" for a, b in examen.echanges)
    sources = sorted({b.source_id for c in found for b in c.blocs})
    keys = " ou ".join(f"ingest/sources/{s}.yml" for s in sources)
    old = any(not b.courant for c in found for b in c.blocs)
    return QpvError(
        "les valeurs contredisent une période déclarée"
        + (f" ; fichiers sans doute échangés : {swaps}" if swaps else ""),
        ou=" ; ".join(said),
        attendu="des valeurs égales à la même période, et différentes à deux périodes",
        faire="vérifier chez le producteur que chaque fichier est celui de son millésime ; sinon "
        f"corriger la période du bloc sous `millesimes` dans {keys}"
        + (
            " ; si l'un des fichiers vient d'une construction antérieure, supprimer le dossier "
            "landing des données"
            if old
            else ""
        ),
    )


def rows(examen: Examen) -> list[dict]:
    """One row per block of the run: what verified its period, or that nothing could."""
    return [
        {
            "source_id": v.bloc.source_id,
            "millesime": v.bloc.millesime,
            "bloc": v.bloc.nom,
            "periode": v.bloc.periode,
            "perimetre": v.bloc.perimetre,
            "etat": v.etat,
            "preuves": v.preuves,
        }
        for v in examen.verdicts
    ]
