"""What the evidence says, in French: the paragraph of a refusal, the rows of the quality report."""

from __future__ import annotations

from quality.period_evidence.evidence_rules import Examen, Verdict, counted, measured, named
from warehouse.base.errors import QpvError

#: Beyond so many sentences, a paragraph is not read.
_DITES = 3


def refusal(examen: Examen) -> QpvError | None:
    """Why the landing stops, with the files on both sides; None where nothing is contradicted."""
    # several columns of one file often say the same of the same two blocks: the first one speaks
    found = list({(c.regle, c.blocs): c for c in reversed(examen.contradictions)}.values())[::-1]
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
            "preuves": _proofs(v),
        }
        for v in examen.verdicts
    ]


def _proofs(verdict: Verdict) -> list[str]:
    """A sentence per twin, and one per block that witness columns link to this one."""
    said = []
    for pair in verdict.jumeaux:
        other = pair.b if pair.a == verdict.bloc else pair.a
        said.append(f"mêmes valeurs que {named(other)} : {counted(pair)}")
    linked: dict[tuple, list] = {}
    for one in verdict.temoins:
        linked.setdefault((one.bloc, one.autre), []).append(one)
    for (bloc, autre), columns in linked.items():
        other = autre if bloc == verdict.bloc else bloc
        weakest = max(columns, key=lambda c: c.accord if c.nature == "niveau" else -c.accord)
        names = ", ".join(c.entete for c in columns)
        said.append(f"{names} de {bloc.fichiers}, avec {named(other)} : {measured(weakest)}")
    return said
