"""The formula of a figure and the cells behind it, in French. Looks nothing up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from warehouse.domain.format import FINE, MOINS
from warehouse.publication.explain.facts import ChiffreExplique, Composant, Contexte, Entree
from warehouse.publication.fiches.textes import STATUTS, motif_par_defaut
from warehouse.release.published import Valeur

_VOIES = {
    "publiee": "valeur publiée par le producteur, prise telle quelle",
    "formule": "formule appliquée aux valeurs de ce territoire",
    "recompose": "recomposée à partir des QPV entiers de l'ensemble",
    "non_recomposable": "ni publiée pour cet ensemble, ni recomposable à partir de ses QPV",
    "incomplet": "non recomposée : les fichiers lus n'ont pas tous les QPV de l'ensemble",
    "part_ensemble": "rapportée au total des QPV de l'EPCI",
    "rapprochement": "le territoire à côté de son territoire de comparaison, à la même période",
}
_SANS_VALEUR = {
    "formule": "formule sans résultat : un de ses termes manque, ou son dénominateur est nul",
    "recompose": "recomposition sans résultat à partir des QPV entiers de l'ensemble",
    "part_ensemble": "part sans résultat dans le total des QPV de l'EPCI",
    "rapprochement": "rapprochement sans résultat : un des deux côtés manque",
}
_COTES = {
    "publiee": "valeur publiée",
    "num": "numérateur",
    "den": "dénominateur",
    "territoire": "territoire",
    "reference": "comparaison",
}
#: Beyond this many QPV, only those left out are listed, up to as many.
_PARTS_LISTEES = 20


def exact(value: float) -> str:
    """A double with all its digits, as a French reader writes it."""
    text = format(Decimal(repr(float(value))), ",f").replace(",", FINE)
    whole, _, decimals = text.replace("-", MOINS).partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole},{decimals}" if decimals else whole


def lignes_des_entrees(explique: ChiffreExplique, contexte: Contexte) -> Iterator[tuple[str, str]]:
    """The formula, how the value was made, and each term with its cell."""
    behind = explique.entrees
    yield "formule", contexte.indicateur.formule
    if behind.absence:
        yield "valeurs lues", behind.absence
        if behind.faire:
            yield "à faire", behind.faire
        yield from _sans_valeur(explique, contexte)
        return
    if explique.chiffre.valeur is None and behind.voie in _SANS_VALEUR:
        yield "voie", _SANS_VALEUR[behind.voie]
    else:
        yield "voie", _VOIES[behind.voie]
    if behind.voie != "recompose":
        for entree in behind.entrees:
            yield _terme(entree, seul=not any(e.cote == "den" for e in behind.entrees))
    if behind.parts:
        yield from _parts(behind.parts)
    if behind.numerateur is not None:
        yield "numérateur", exact(behind.numerateur)
    if behind.denominateur is not None:
        yield "dénominateur", exact(behind.denominateur)


def _terme(entree: Entree, *, seul: bool) -> tuple[str, str]:
    side = "terme" if seul and entree.cote == "num" else _COTES[entree.cote]
    size = f" × {entree.coefficient:g}".replace(".", ",") if entree.coefficient != 1 else ""
    return f"{side} {entree.terme}{size}", _cellule(entree.cellule) + _lieu(entree)


def _cellule(valeur: Valeur) -> str:
    if valeur.valeur is None:
        name = STATUTS.get(valeur.statut, (valeur.statut,))[0]
        return f"{name} ({valeur.motif or motif_par_defaut(valeur.statut)})"
    name = STATUTS["diffuse"][0]
    return f"{exact(valeur.valeur)}, {name}{f' ({valeur.motif})' if valeur.motif else ''}"


def _lieu(entree: Entree) -> str:
    """Where the cell was read; nothing if no file has it."""
    if not entree.source_id:
        return ""
    place = f" ; {entree.fichier or f'{entree.source_id} {entree.millesime}'}"
    if entree.ligne is not None:
        place += f", ligne {entree.ligne}"
    return place + (f", colonne {entree.entete}" if entree.entete else "")


def _parts(parts: list[Composant]) -> Iterator[tuple[str, str]]:
    kept = sum(p.retenue for p in parts)
    left_out = [p for p in parts if not p.retenue]
    yield (
        "parts",
        f"{kept} QPV retenus sur {len(parts)}"
        + (
            f" ; {len(left_out)} laissé{'s' if len(left_out) > 1 else ''} de côté"
            if left_out
            else ""
        ),
    )
    listed = parts
    if len(parts) > _PARTS_LISTEES:  # where none counts, the motif has said why
        listed = left_out[:_PARTS_LISTEES] if kept else []
    for part in listed:
        cells = " ; ".join(
            f"{e.terme} = {_cellule(e.cellule)}{_lieu(e).replace(' ; ', ', ', 1)}"
            for e in part.entrees
            if e.cote != "publiee"
        )
        fate = "" if part.retenue else "laissé de côté : "
        yield f"{part.code} {part.libelle}".strip(), fate + cells
    if len(parts) > _PARTS_LISTEES and kept and len(left_out) > _PARTS_LISTEES:
        yield "", f"et {len(left_out) - _PARTS_LISTEES} autres laissés de côté"


def _sans_valeur(explique: ChiffreExplique, contexte: Contexte) -> Iterator[tuple[str, str]]:
    """Without the cells: which QPV of the set have no published figure of their own."""
    missing = explique.sans_valeur
    if not missing or not contexte.territoire.est_ensemble:
        return
    yield "QPV sans valeur", f"{len(missing)} de l'ensemble"
    for libelle, chiffre in missing[:_PARTS_LISTEES]:
        yield f"{chiffre.code_territoire} {libelle}".strip(), _cellule(chiffre.cellule)
    if len(missing) > _PARTS_LISTEES:
        yield "", f"et {len(missing) - _PARTS_LISTEES} autres"
