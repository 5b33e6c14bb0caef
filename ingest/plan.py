"""What an edition needs from the registry: which files, and which mesure stands for which role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ingest.registry import Registry
from ingest.trust import refused_of
from warehouse.base.errors import QpvError
from warehouse.declared.comparability import Fourniture
from warehouse.declared.dictionary import BlocEdition, Edition
from warehouse.domain.perimetres import starts_anew
from warehouse.domain.periods import bounds

ROLES = ("niveau", "comparaison")


@dataclass(frozen=True)
class Choice:
    """One block of one millésime that serves one role of the edition."""

    source_id: str
    millesime: str
    bloc: str
    role: str
    periode: str
    rang: int


#: (source, millésime) → the official names of the files that were not found.
Absents = Mapping[tuple[str, str], Collection[str]]


def resolve(
    edition: Edition, registry: Registry, absent: Absents = MappingProxyType({})
) -> list[Choice]:
    """The block choices of an edition, in its order of preference.

    A period held by several millésimes of the edition's perimeter is read from the newest whose
    files are all there: a producer corrects what it publishes again. Where none is there, the
    newest is said to be missing.

    Raises:
        QpvError: unknown source or block, a period that no millésime of this perimeter holds, or
            one mesure with two periods for the same role.
    """
    choices = []
    for rang, bloc, role, periode in _wanted(edition):
        candidates = _holders(bloc, role, periode, edition, registry)
        there = [m for m in candidates if not absent.get((bloc.source_id, m))]
        chosen = (there or candidates)[-1]
        choices.append(Choice(bloc.source_id, chosen, bloc.nom, role, periode, rang))
    _one_period_per_mesure(choices, edition, registry)
    return choices


def holders(edition: Edition, registry: Registry) -> dict[tuple[str, str, str, str], list[str]]:
    """(source, block, role, period) that the edition names → the millésimes that hold it, the
    newest last."""
    return {
        (bloc.source_id, bloc.nom, role, periode): _holders(bloc, role, periode, edition, registry)
        for _, bloc, role, periode in _wanted(edition)
    }


def spares(edition: Edition, registry: Registry, absent: Absents) -> dict[tuple[str, str], str]:
    """Absent millésimes that the edition does without, and the one that serves in their place."""
    chosen = resolve(edition, registry, absent)
    served = {(c.source_id, c.bloc, c.role, c.periode): c.millesime for c in chosen}
    used = {(c.source_id, c.millesime) for c in chosen}
    return {
        (where[0], millesime): served[where]
        for where, candidates in holders(edition, registry).items()
        for millesime in candidates
        if absent.get((where[0], millesime)) and (where[0], millesime) not in used
    }


def _wanted(edition: Edition) -> Iterator[tuple[int, BlocEdition, str, str]]:
    for rang, bloc in enumerate(edition.blocs):
        for role, periode in zip(ROLES, (bloc.periode, bloc.comparaison), strict=True):
            if periode is not None:
                yield rang, bloc, role, periode


def _holders(
    bloc: BlocEdition, role: str, periode: str, edition: Edition, registry: Registry
) -> list[str]:
    source = registry[bloc.source_id]
    if bloc.nom not in source.blocs:
        raise QpvError(
            f"l'édition {edition.id} nomme le bloc inconnu {bloc.bloc}",
            ou=f"dbt_project/editions/{edition.id}.yml",
            attendu=", ".join(f"{source.id}.{b}" for b in source.blocs),
        )
    holders = [m for m, held in source.millesimes.items() if periode in held.periodes_of(bloc.nom)]
    found = sorted(m for m in holders if source.perimetre_of(m) in ("", edition.perimetre))
    # A comparison may go back to the perimeter before: `quality.period_judgement` says for whom.
    if role == "comparaison" and starts_anew(edition.perimetre):
        found = found or sorted(holders)
    if not found:
        what = f"la période {periode} du bloc {bloc.nom}"
        what += f" au périmètre {edition.perimetre}" if holders else ""
        raise QpvError(
            f"aucun millésime de {source.id} ne porte {what}",
            ou=f"dbt_project/editions/{edition.id}.yml",
            faire=f"déclarer ce millésime dans ingest/sources/{source.id}.yml, ou corriger "
            "la période",
        )
    return found


def _one_period_per_mesure(choices: list[Choice], edition: Edition, registry: Registry) -> None:
    periods: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    typed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for choice in choices:
        columns = registry[choice.source_id].columns_of(choice.bloc, choice.millesime)
        for mesure in {c.mesure for c, _, p in columns if p == choice.periode}:
            periods[mesure, choice.role][choice.periode] = f"{choice.source_id}.{choice.bloc}"
            if registry[choice.source_id].confiance_of(choice.millesime) == "tierce":
                typed[mesure, choice.role].add(choice.source_id)
    for (mesure, role), seen in periods.items():
        if len(seen) > 1:
            said = " ; ".join(f"{p} par {bloc}" for p, bloc in seen.items())
            faire = "donner la même période aux blocs qui portent cette mesure"
            for source_id in sorted(typed[mesure, role]):
                faire += (
                    f" ; dans une édition copiée d'une autre, ôter plutôt tous les blocs de "
                    f"{source_id} ({registry[source_id].titre}), qui n'a que les périodes de "
                    "celle-là"
                )
            raise QpvError(
                f"la mesure {mesure} aurait deux périodes pour le même rôle ({role}) : {said}",
                ou=f"dbt_project/editions/{edition.id}.yml",
                faire=faire,
            )


def needed_files(edition: Edition, registry: Registry) -> list[tuple[str, str]]:
    """(source, millésime) pairs to land, the reference lists first.

    Every millésime that holds a period of the edition: the newest serves, an older one stands in
    for it where it is absent, and tells what a figure was first said to be about.
    """
    references = [
        (source_id, millesime)
        for source_id, millesimes in edition.references.items()
        for millesime in millesimes
    ]
    for source_id, millesime in references:
        if millesime not in registry[source_id].millesimes:
            raise QpvError(
                f"l'édition {edition.id} nomme le millésime inconnu {millesime} de {source_id}",
                ou=f"dbt_project/editions/{edition.id}.yml",
            )
    resolve(edition, registry)
    blocks = [
        (source_id, millesime)
        for (owner, bloc, _, _), candidates in holders(edition, registry).items()
        for millesime in candidates
        for source_id in (owner, *registry[owner].blocs[bloc].avec)
    ]
    return list(dict.fromkeys([*references, *blocks]))


def unreadable(
    absent: Absents, ecartes: Mapping[tuple[str, str], Mapping[str, str]]
) -> dict[tuple[str, str], list[str]]:
    """(source, millésime) → official names of the files that cannot serve, for either reason."""
    keys = absent.keys() | ecartes.keys()
    return {key: [*absent.get(key, ()), *ecartes.get(key, ())] for key in keys}


def plan_rows(
    edition: Edition,
    registry: Registry,
    absent: Absents,
    ecartes: Mapping[tuple[str, str], Mapping[str, str]] = MappingProxyType({}),
) -> list[dict]:
    """One row per mesure × role × part of a chosen block: where it comes from, or why it cannot.

    One more for each level of territory that a third party's figures do not enter.

    Args:
        ecartes: (source, millésime) → the official names of the files put aside, each with why.
    """
    rows, aside = [], ecartes
    for choice in resolve(edition, registry, unreadable(absent, ecartes)):
        source = registry[choice.source_id]
        bloc = source.blocs[choice.bloc]
        debut, fin = bounds(choice.periode, bloc.fenetre_annees)
        headers = {
            column.mesure: header
            for column, header, periode in source.columns_of(choice.bloc, choice.millesime)
            if periode == choice.periode
        }
        missing = absent.get((choice.source_id, choice.millesime), [])
        if source.facultative and missing:
            continue
        refused = refused_of(source.niveaux_refuses, choice.millesime, source.blocs)
        companions = [n for s in bloc.avec for n in absent.get((s, choice.millesime), [])]
        put_aside = aside.get((choice.source_id, choice.millesime), {})
        others = [m for s in bloc.avec for m in aside.get((s, choice.millesime), {}).values()]
        for mesure in dict.fromkeys(c.mesure for c in bloc.colonnes):
            for partie in source.parts_of(choice.millesime):
                etat, motif = "lue", None
                if mesure not in headers:
                    etat = "colonne_absente"
                    motif = (
                        f"cette colonne n'est pas dans le millésime {choice.millesime} "
                        f"de « {source.titre} »"
                    )
                elif partie.fichiers[0] in missing:
                    etat, motif = "fichier_absent", f"fichier absent : {partie.fichiers[0]}"
                elif partie.fichiers[0] in put_aside:
                    etat, motif = "fichier_ecarte", put_aside[partie.fichiers[0]]
                elif others:
                    etat, motif = "fichier_ecarte", " ; ".join(others)
                elif companions:
                    etat, motif = "fichier_absent", f"fichier absent : {', '.join(companions)}"
                row = {
                    "mesure": mesure,
                    "role": choice.role,
                    "periode": choice.periode,
                    "periode_debut": debut,
                    "periode_fin": fin,
                    "source_id": choice.source_id,
                    "millesime": choice.millesime,
                    "bloc": choice.bloc,
                    "producteur": bloc.producteur,
                    "citation": bloc.citation,
                    "rang": choice.rang,
                    "couvre": partie.cle,
                    "etat": etat,
                    "motif": motif,
                }
                rows.append(row)
                rows += [
                    row | {"couvre": niveau, "etat": "niveau_refuse", "motif": why}
                    for (name, niveau), why in refused.items()
                    if name == choice.bloc
                ]
    return rows


def supplies(
    edition: Edition, registry: Registry, absent: Absents = MappingProxyType({})
) -> list[Fourniture]:
    """Who should give each mesure of each role, and under which rules of comparability."""
    chosen = resolve(edition, registry, absent)
    return [one for choice in chosen for one in _supply(choice, registry)]


def all_supplies(registry: Registry) -> list[Fourniture]:
    """Every mesure of every block and the rules it is under, whatever the edition."""
    choices = [
        Choice(source.id, millesime, bloc, "niveau", periode, 0)
        for source in registry.sources.values()
        for millesime, held in source.millesimes.items()
        for bloc, periodes in held.periodes.items()
        for periode in periodes[:1]
    ]
    return [one for choice in choices for one in _supply(choice, registry)]


def _supply(choice: Choice, registry: Registry) -> list[Fourniture]:
    source = registry[choice.source_id]
    bloc = source.blocs[choice.bloc]
    rules = registry.comparabilite_of(choice.source_id, choice.bloc)
    subjects = {c.mesure: c.territoire for c in bloc.colonnes}
    return [
        Fourniture(
            mesure=mesure,
            role=choice.role,
            bloc=f"{choice.source_id}.{choice.bloc}",
            periode=choice.periode,
            fenetre=bloc.fenetre_annees,
            perimetre=source.perimetre_of(choice.millesime),
            regles=rules,
            contour=rules.contours_epci.get(choice.periode) if rules else None,
            provisoire=source.millesimes[choice.millesime].etat == "provisoire",
            sujet=subjects.get(mesure),
            millesime=choice.millesime,
        )
        for mesure in dict.fromkeys(c.mesure for c in bloc.colonnes)
    ]
