"""The explanation of a figure in French: titled blocks of lines. Looks nothing up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from orchestration.cli.explain_inputs_text import exact, lignes_des_entrees
from warehouse.domain.format import avec_unite, jour, nombre, periode_longue
from warehouse.domain.perimetres import perimetres
from warehouse.domain.producteurs import libelle_producteur
from warehouse.domain.types_territoire import types_territoire
from warehouse.publication.explain.facts import (
    Chiffre,
    Contexte,
    Evolution,
    Explication,
    Indicateur,
    Source,
    Valeur,
)
from warehouse.publication.fiches.textes import (
    BASE_NULLE,
    SANS_COMPARAISON,
    SANS_SOURCE,
    STATUTS,
    motif_par_defaut,
)

_VERDICTS = {
    "comparable": "comparable",
    "comparable_avec_reserve": "comparable, avec réserve",
    "non_comparable": "non comparable",
}


class Bloc(NamedTuple):
    """A title and its lines: a word, and what is said of it (the word may be empty)."""

    titre: str
    lignes: list[tuple[str, str]]


def blocs(explication: Explication) -> list[Bloc]:
    """The whole explanation, in reading order."""
    contexte = explication.contexte
    found = [Bloc("Territoire", _territoire(contexte)), Bloc("Indicateur", _indicateur(contexte))]
    for chiffre in contexte.chiffres:
        found += _chiffre(chiffre, contexte)
    found.append(Bloc("Comparaison de cette édition", _comparaison(contexte)))
    found.append(
        Bloc("À ne pas comparer avec", [(x.avec, x.pourquoi) for x in explication.limites])
    )
    found.append(Bloc("Publication", [("", f"{explication.release_id} ({explication.titre})")]))
    return found


def _territoire(contexte: Contexte) -> list[tuple[str, str]]:
    t = contexte.territoire
    size = f", {t.nb_qpv} QPV" if t.est_ensemble and t.nb_qpv else ""
    bound = perimetres().get(t.perimetre)
    perimeter = bound.libelle if bound else "sans objet (ce n'est pas un QPV)"
    known = types_territoire().get(t.type)
    lines = [
        (t.code, t.libelle_long or t.libelle),
        ("type", f"{known.libelle if known else t.type}{size}"),
        ("périmètre", perimeter),
    ]
    if contexte.epci_touches:
        lines.append(("EPCI", ", ".join(contexte.epci_touches)))
    return lines


def _indicateur(contexte: Contexte) -> list[tuple[str, str]]:
    i = contexte.indicateur
    return [(i.code, i.libelle), ("définition", i.definition), ("unité", i.unite)]


def _chiffre(chiffre: Chiffre, contexte: Contexte) -> Iterator[Bloc]:
    name = periode_longue(chiffre.periode) if chiffre.periode else "sans période"
    role = "période montrée" if chiffre.role == "niveau" else "période de comparaison"
    lines = [("période", _periode(chiffre)), *_valeur(chiffre.valeur, contexte.indicateur)]
    yield Bloc(f"Valeur, {name} ({role})", lines)
    yield Bloc(f"Source, {name}", list(_sources(chiffre, contexte.indicateur)))
    yield Bloc(f"Formule, {name}", list(lignes_des_entrees(chiffre, contexte)))
    if chiffre.voisins:
        beside = [
            (v.code, f"{v.libelle} : {_courte(v.valeur, contexte.indicateur)}")
            for v in chiffre.voisins
        ]
        yield Bloc(f"À côté, {name}", beside)


def _periode(chiffre: Chiffre) -> str:
    if not chiffre.periode or not chiffre.debut or not chiffre.fin:
        return SANS_SOURCE
    name = periode_longue(chiffre.periode)
    if chiffre.debut == chiffre.fin:
        return f"au {name}"
    return f"{name}, du {jour(chiffre.debut)} au {jour(chiffre.fin)}"


def _valeur(valeur: Valeur, indicateur: Indicateur) -> Iterator[tuple[str, str]]:
    """The figure, rounded and not; or its statut and why."""
    if valeur.valeur is not None:
        shown = nombre(valeur.valeur, indicateur.arrondi)
        yield "valeur", avec_unite(shown, indicateur.unite)
        unrounded = exact(valeur.valeur)
        yield "non arrondie", "la même" if unrounded == shown else unrounded
        yield "statut", STATUTS["diffuse"][0]
    else:
        yield "statut", _statut(valeur.statut)
    if valeur.motif:
        yield ("réserve" if valeur.statut == "diffuse" else "motif"), valeur.motif
    elif valeur.statut != "diffuse":
        yield "motif", motif_par_defaut(valeur.statut)


def _statut(statut: str) -> str:
    name, meaning = STATUTS.get(statut, (statut, ""))
    return f"{name} : {meaning.rstrip('.')}" if meaning else name


def _courte(valeur: Valeur, indicateur: Indicateur) -> str:
    if valeur.valeur is None:
        return f"{STATUTS.get(valeur.statut, (valeur.statut,))[0]}, " + (
            valeur.motif or motif_par_defaut(valeur.statut)
        )
    shown = avec_unite(nombre(valeur.valeur, indicateur.arrondi), indicateur.unite)
    return f"{shown} ({valeur.motif})" if valeur.motif else shown


def _sources(chiffre: Chiffre, indicateur: Indicateur) -> Iterator[tuple[str, str]]:
    if indicateur.citation:
        yield "à citer", indicateur.citation
    if indicateur.producteur:
        yield "producteur", libelle_producteur(indicateur.producteur)
    if not chiffre.sources:
        yield "fichier", SANS_SOURCE
    for source in chiffre.sources:
        yield "fichier", _fichier(source)
        yield "titre", source.titre
        if source.sha256:
            yield "sha256", source.sha256
        yield "page", source.page or "aucune"
        yield "licence", source.licence
        if source.etat == "lue":
            yield "confiance", _confiance(source)


def _fichier(source: Source) -> str:
    named = f"{source.fichier}, millésime {source.millesime} ({source.source_id})"
    if source.etat == "lue":
        return named
    word = "écarté" if source.etat == "ecartee" else "absent"
    return f"{named} : {word}{f' ; {source.remarque}' if source.remarque else ''}"


def _confiance(source: Source) -> str:
    if source.confiance == "tierce":
        return f"tierce : {source.remarque or 'ce fichier ne vient pas du producteur'}"
    reserve = f" ; {source.remarque}" if source.remarque else ""
    return f"{source.confiance} : fichier du producteur{reserve}"


def _comparaison(contexte: Contexte) -> list[tuple[str, str]]:
    evolution = contexte.evolution
    if evolution is None:
        return [("", SANS_COMPARAISON)]
    if evolution.comparaison is None:
        return [*_evolutions(evolution, contexte.indicateur), *_verdict(evolution)]
    span = (
        f"du {periode_longue(evolution.comparaison)} au {periode_longue(evolution.periode)}"
        if len(evolution.periode) > 4
        else f"de {evolution.comparaison} à {evolution.periode}"
    )
    return [
        ("périodes", span),
        *_evolutions(evolution, contexte.indicateur),
        *_verdict(evolution),
    ]


def _verdict(evolution: Evolution) -> Iterator[tuple[str, str]]:
    """May the two periods be compared, by which rule and which document."""
    if evolution.comparabilite:
        yield "verdict", _VERDICTS[evolution.comparabilite]
    if evolution.verdict:
        yield "règle", evolution.verdict.regle
        if evolution.verdict.document:
            yield "document", evolution.verdict.document


def _evolutions(evolution: Evolution, indicateur: Indicateur) -> Iterator[tuple[str, str]]:
    if evolution.statut != "diffuse":
        yield "statut", _statut(evolution.statut)
        yield "motif", evolution.motif or motif_par_defaut(evolution.statut)
        return
    figures = (
        (evolution.nb, indicateur.arrondi, indicateur.unite),
        (evolution.pct, 1, "%"),
        (evolution.pts, max(indicateur.arrondi, 1), "points"),
    )
    said = [
        avec_unite(nombre(value, digits, signe=True), unit)
        for value, digits, unit in figures
        if value is not None
    ]
    yield "évolution", " ; ".join(said) if said else BASE_NULLE
    if evolution.motif:
        yield "réserve", evolution.motif
