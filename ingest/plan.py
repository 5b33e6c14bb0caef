"""What an edition needs from the registry: which files, and which mesure stands for which role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.registry import Registry
from warehouse.comparability import Fourniture
from warehouse.dictionary import BlocEdition, Edition
from warehouse.errors import QpvError
from warehouse.periods import bounds

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


def resolve(edition: Edition, registry: Registry) -> list[Choice]:
    """The block choices of an edition, in its order of preference.

    A period held by several millésimes of the edition's perimeter is read from one that the
    edition needs anyway, else from the newest.

    Raises:
        QpvError: unknown source or block, a period that no millésime of this perimeter holds, or
            one mesure with two periods for the same role.
    """
    wanted = [
        (rang, bloc, role, periode)
        for rang, bloc in enumerate(edition.blocs)
        for role, periode in zip(ROLES, (bloc.periode, bloc.comparaison), strict=True)
        if periode is not None
    ]
    holders = {
        (bloc.bloc, periode): _holders(bloc, role, periode, edition, registry)
        for _, bloc, role, periode in wanted
    }
    forced = {
        (bloc.source_id, holders[bloc.bloc, periode][0])
        for _, bloc, _, periode in wanted
        if len(holders[bloc.bloc, periode]) == 1
    }
    choices = []
    for rang, bloc, role, periode in wanted:
        candidates = holders[bloc.bloc, periode]
        shared = [m for m in candidates if (bloc.source_id, m) in forced]
        choices.append(
            Choice(bloc.source_id, (shared or candidates)[-1], bloc.nom, role, periode, rang)
        )
    _one_period_per_mesure(choices, edition, registry)
    return choices


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
    # A comparison may go back to the perimeter before: `quality.periods` says for whom.
    if role == "comparaison" and edition.perimetre == "2024":
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
    for choice in choices:
        columns = registry[choice.source_id].columns_of(choice.bloc, choice.millesime)
        for mesure in {c.mesure for c, _, p in columns if p == choice.periode}:
            periods[mesure, choice.role][choice.periode] = f"{choice.source_id}.{choice.bloc}"
    for (mesure, role), seen in periods.items():
        if len(seen) > 1:
            said = " ; ".join(f"{p} par {bloc}" for p, bloc in seen.items())
            raise QpvError(
                f"la mesure {mesure} aurait deux périodes pour le même rôle ({role}) : {said}",
                ou=f"dbt_project/editions/{edition.id}.yml",
                faire="donner la même période aux blocs qui portent cette mesure",
            )


def needed_files(edition: Edition, registry: Registry) -> list[tuple[str, str]]:
    """(source, millésime) pairs to land, the reference lists first."""
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
    blocks = [
        (source_id, choice.millesime)
        for choice in resolve(edition, registry)
        for source_id in (choice.source_id, *registry[choice.source_id].blocs[choice.bloc].avec)
    ]
    return list(dict.fromkeys([*references, *blocks]))


def plan_rows(
    edition: Edition,
    registry: Registry,
    absent: dict[tuple[str, str], list[str]],
    ecartes: Mapping[tuple[str, str], Mapping[str, str]] | None = None,
) -> list[dict]:
    """One row per mesure × role × part of a chosen block: where it comes from, or why it cannot.

    Args:
        absent: (source, millésime) → the official names of the files that were not found.
        ecartes: (source, millésime) → the official names of the files put aside, each with why.
    """
    rows, aside = [], ecartes or {}
    for choice in resolve(edition, registry):
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
                rows.append(
                    {
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
                )
    return rows


def supplies(edition: Edition, registry: Registry) -> list[Fourniture]:
    """Who should give each mesure of each role, and under which rules of comparability."""
    return [one for choice in resolve(edition, registry) for one in _supply(choice, registry)]


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
        )
        for mesure in dict.fromkeys(c.mesure for c in bloc.colonnes)
    ]
