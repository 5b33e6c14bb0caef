"""What was found of a list, or of one place, in French. Looks nothing up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ingest.lists.placed_list import counted
from ingest.lists.placing import DANS, HORS, INCERTAIN
from orchestration.list_tables import ListTable
from orchestration.located_lists import LocatedList
from orchestration.located_place import LocatedPlace
from quality.secrecy.own_lists.counts_to_give import said_metres
from warehouse.declared.placing_rules import placing_rules
from warehouse.declared.secret import rule_of_lists
from warehouse.domain.format import nombre, premiers, propre


def lines(found: LocatedList, missing: Sequence[str], near: float | None) -> Iterator[str]:
    """How many rows are in, out, not to be told, and left aside, by reason."""
    rows, motif = found.liste.rows, found.rows.motif
    lost = int((motif > 0).sum())
    yield f"{nombre(rows, 0)} lignes lues, {nombre(rows - lost, 0)} situées"
    for generation, placed in found.placed.values():
        number = {
            told: nombre(int((placed.reponse == told).sum()), 0) for told in (DANS, HORS, INCERTAIN)
        }
        line = f"{generation.libelle} : {number[DANS]} dedans, {number[HORS]} dehors"
        line += f", {number[INCERTAIN]} à vérifier (limite à {generation.bande:g} m ou moins"
        line += ", plus pour une adresse)" if found.rows.score is not None else ")"
        if near is not None:
            told = placed.within(near)
            close = int(np.isin(told, (DANS,)).sum())
            unsure = int((told == INCERTAIN).sum())
            line += f" ; à moins de {near:g} m : {nombre(close, 0)}"
            line += f", {nombre(unsure, 0)} à vérifier" if unsure else ""
        yield line
        if generation.ecartees:
            yield f"  sans contour utilisable : {premiers(generation.ecartees, 5)}"
    for label in missing:
        yield f"{label} : aucun contour ici (--contours FICHIER.geojson)"
    aside = [*counted(motif)]
    if found.liste.illisibles:
        aside.append(("ligne d'un autre nombre de cellules, non reprise", found.liste.illisibles))
    if aside:
        yield "Laissé de côté :"
        yield from (f"  {reason} : {nombre(number, 0)}" for reason, number in aside)
    if doubles := found.liste.doubles:
        yield (
            f"Lignes égales en tout à une autre : {nombre(doubles, 0)}, gardées (--identifiant "
            "COLONNE ne compte chaque personne qu'une fois)"
        )
    if any((placed.reponse == INCERTAIN).any() for _, placed in found.placed.values()):
        yield f"À vérifier sur le site officiel : {placing_rules().site_officiel}"


def counts_lines(table: ListTable) -> Iterator[str]:
    """How the counts of a list were rounded, what they leave aside, and their proof."""
    given, rule = table.given, rule_of_lists()
    then = " d'alors" if given.repris else ""
    yield ""
    yield (
        f"Comptes par {given.counts.colonne}, {table.generation.libelle} : chaque chiffre est un "
        f"multiple de {rule.arrondi}, à moins de {rule.arrondi} de son effectif{then} ; les sommes "
        "tombent juste"
    )
    if given.repris:
        yield (
            f"Moins de {rule.renouvellement} personnes ont changé depuis le {given.repris} : les "
            "comptes d'alors sont redonnés, sous leurs noms d'alors ; deux listes presque égales "
            "ne doivent pas se comparer"
        )
        if given.counts.colonne != table.colonne:
            yield (
                f"Ils sont de la colonne d'alors, {given.counts.colonne}, non de {table.colonne} : "
                "leurs effectifs sont trop près les uns des autres"
            )
        if given.counts.metres != table.metres:
            yield f"Ils sont comptés comme alors, {said_metres(given.counts.metres)}"
    if given.retenus:
        yield (
            f"Non donné, {', '.join(given.retenus)} : à côté de comptes déjà donnés, dirait un "
            f"effectif de moins de {rule.seuil}"
        )
    if table.doubles:
        yield f"Lignes d'une personne déjà comptée : {nombre(table.doubles, 0)}"
    yield (
        f"Audit de ces comptes : {nombre(given.audit.cases, 0)} à tenir, "
        f"{nombre(given.audit.relations, 0)} relations, {len(given.audit.exposes)} exposé(s)"
    )
    yield from (f"Écrit : {path}" for path in table.fichiers)


def place_lines(found: LocatedPlace, missing: Sequence[str]) -> Iterator[str]:
    """Where one place lies, generation by generation."""
    yield found.nom
    site = placing_rules().site_officiel
    for generation, placed in found.placed.values():
        [told], [zone], [away] = placed.reponse, placed.zone, placed.distance
        if zone < 0:
            yield f"{generation.libelle} : hors quartier, à plus de 50 km de tous"
            continue
        one = generation.zones[int(zone)]
        named = f"{propre(one.libelle)} ({one.code})"
        metres = f"{nombre(float(away), 0)} m"
        if told == INCERTAIN:
            said = f"limite de {named} à {metres} : à vérifier sur le site officiel, {site}"
        elif told == DANS:
            said = f"dans {named}, à {metres} de la limite"
        else:
            said = f"hors quartier ; le plus proche, {named}, est à {metres}"
        yield f"{generation.libelle} : {said}"
        if generation.ecartees:
            yield f"  sans contour utilisable : {premiers(generation.ecartees, 5)}"
    for label in missing:
        yield f"{label} : aucun contour ici (--contours FICHIER.geojson)"
