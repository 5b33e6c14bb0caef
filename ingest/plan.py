"""What an edition needs from the registry: which files, and which block holds which period."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ingest.file_parts import Partie
from ingest.header_names import A_ETABLIR
from ingest.registry import Registry, Source
from ingest.trust import refused_of
from warehouse.base.errors import QpvError, together
from warehouse.declared.comparability import Fourniture
from warehouse.declared.dictionary import CHOIX, BlocEdition, Edition
from warehouse.domain.perimetres import starts_anew
from warehouse.domain.periods import bounds
from warehouse.domain.types_territoire import levels


@dataclass(frozen=True)
class Choice:
    """One block of one millésime that gives one of its periods.

    `choix`: what the edition chose that period for; None for one of the series, that it does not
    name.
    """

    source_id: str
    millesime: str
    bloc: str
    choix: str | None
    periode: str
    rang: int


#: What a period of a block is: (source, block, choix, period).
Place = tuple[str, str, str | None, str]


#: (source, millésime) → the official names of the files that were not found.
Absents = Mapping[tuple[str, str], Collection[str]]


def resolve(
    edition: Edition, registry: Registry, absent: Absents = MappingProxyType({})
) -> list[Choice]:
    """The periods of the blocks of an edition, in its order of preference: those that it chooses,
    then all others that a millésime holds.

    A period held by several millésimes of the edition's perimeter is read from the newest whose
    files are all there: a producer corrects what it publishes again. Where none is there, the
    newest is said to be missing.

    Raises:
        QpvError: unknown source or block, a period that no millésime of this perimeter holds, or
            all the faults of the edition where it has several.
    """
    rangs = {bloc.bloc: rang for rang, bloc in enumerate(edition.blocs)}
    choices = []
    for (source_id, nom, choix, periode), candidates in holders(edition, registry).items():
        there = [m for m in candidates if not absent.get((source_id, m))]
        chosen, rang = (there or candidates)[-1], rangs[f"{source_id}.{nom}"]
        choices.append(Choice(source_id, chosen, nom, choix, periode, rang))
    return choices


def holders(edition: Edition, registry: Registry) -> dict[Place, list[str]]:
    """Each period of a block that the edition names → the millésimes that hold it, newest last."""
    found: dict[Place, list[str]] = {}
    faults: list[QpvError] = []
    for bloc in edition.blocs:
        try:
            found |= _of_block(bloc, edition, registry)
        except QpvError as fault:
            faults.append(fault)
    if faults:
        raise together(faults)
    return found


def spares(edition: Edition, registry: Registry, absent: Absents) -> dict[tuple[str, str], str]:
    """Absent millésimes that the edition does without, and the one that serves in their place."""
    chosen = resolve(edition, registry, absent)
    served = {(c.source_id, c.bloc, c.choix, c.periode): c.millesime for c in chosen}
    used = {(c.source_id, c.millesime) for c in chosen}
    return {
        (where[0], millesime): served[where]
        for where, candidates in holders(edition, registry).items()
        for millesime in candidates
        if absent.get((where[0], millesime)) and (where[0], millesime) not in used
    }


def _of_block(bloc: BlocEdition, edition: Edition, registry: Registry) -> dict[Place, list[str]]:
    source = registry[bloc.source_id]
    if bloc.nom not in source.blocs:
        raise QpvError(
            f"l'édition {edition.id} nomme le bloc inconnu {bloc.bloc}",
            ou=f"dbt_project/editions/{edition.id}.yml",
            attendu=", ".join(f"{source.id}.{b}" for b in source.blocs),
        )
    said = ((bloc.periode, CHOIX[0]), (bloc.comparaison, CHOIX[1]))
    chosen = {periode: choix for periode, choix in said if periode}
    held = {p for m in source.millesimes.values() for p in m.periodes_of(bloc.nom)}
    others = [p for p in sorted(held - chosen.keys()) if not p.startswith(A_ETABLIR)]
    found: dict[Place, list[str]] = {}
    for periode in [*chosen, *others]:
        choix = chosen.get(periode)
        if millesimes := _holders(bloc, choix, periode, edition, registry):
            found[source.id, bloc.nom, choix, periode] = millesimes
    return found


def _holders(
    bloc: BlocEdition, choix: str | None, periode: str, edition: Edition, registry: Registry
) -> list[str]:
    source = registry[bloc.source_id]
    holders = [m for m, held in source.millesimes.items() if periode in held.periodes_of(bloc.nom)]
    found = sorted(m for m in holders if source.perimetre_of(m) in ("", edition.perimetre))
    # What is past may be on the perimeter before: `quality.period_judgement` says for whom.
    if choix != "niveau" and starts_anew(edition.perimetre):
        found = found or sorted(holders)
    if choix and not found:
        what = f"la période {periode} du bloc {bloc.nom}"
        what += f" au périmètre {edition.perimetre}" if holders else ""
        raise QpvError(
            f"aucun millésime de {source.id} ne porte {what}",
            ou=f"dbt_project/editions/{edition.id}.yml",
            faire=f"déclarer ce millésime dans ingest/sources/{source.id}.yml, ou corriger "
            "la période",
        )
    return found


def needed_files(edition: Edition, registry: Registry) -> list[tuple[str, str]]:
    """(source, millésime) pairs to land, the reference lists first.

    Every millésime that holds a period of one of the edition's blocks: of those of one period the
    newest serves, an older one stands in for it where it is absent, and tells what a figure was
    first said to be about.
    """
    return list(dict.fromkeys([*chosen_files(edition, registry), *_files(edition, registry)]))


def chosen_files(edition: Edition, registry: Registry) -> list[tuple[str, str]]:
    """Those that the edition chose: its lists, and what holds a period that it names."""
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
    return list(dict.fromkeys([*references, *_files(edition, registry, *CHOIX)]))


def _files(edition: Edition, registry: Registry, *wanted: str) -> Iterator[tuple[str, str]]:
    """The files of the periods of the edition's blocks; of those chosen for `wanted`, if any."""
    for (owner, bloc, choix, _), candidates in holders(edition, registry).items():
        if not wanted or choix in wanted:
            for millesime in candidates:
                for source_id in (owner, *registry[owner].blocs[bloc].avec):
                    yield source_id, millesime


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
    """One row per mesure × period × part of a block: where it comes from, or why it cannot.

    Of a period that the edition did not choose, what cannot be read is not spoken of.

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
                if choice.choix is None and etat != "lue":
                    continue
                row = {
                    "mesure": mesure,
                    "choix": choice.choix,
                    "periode": choice.periode,
                    "periode_debut": debut,
                    "periode_fin": fin,
                    "source_id": choice.source_id,
                    "millesime": choice.millesime,
                    "bloc": choice.bloc,
                    "producteur": bloc.producteur,
                    "citation": bloc.citation,
                    "rang": choice.rang,
                    "vaut_pour_annees": bloc.vaut_pour_annees,
                    "geographie": outline_of(registry, choice),
                    "se_somme": adds_up(source, choice.millesime, partie),
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


def outline_of(registry: Registry, choice: Choice) -> str | None:
    """The year of the communes and of the EPCI that the figures of a period are about, if known."""
    rules = registry.comparabilite_of(choice.source_id, choice.bloc)
    said = rules.contours_epci.get(choice.periode) if rules else None
    return said or registry[choice.source_id].millesimes[choice.millesime].geographie


def adds_up(source: Source, millesime: str, partie: Partie) -> bool:
    """Whether larger places are the sum of a file's communes: all are read, of a known year."""
    whole = partie.cle == "commune" and partie.seulement is None
    return whole and source.millesimes[millesime].geographie is not None


def _holds_epci(source: Source, millesime: str) -> bool:
    """Whether its files give figures of EPCI, by their rows or by their communes."""
    return any(
        "epci" in levels(partie.cle) or adds_up(source, millesime, partie)
        for partie in source.parts_of(millesime)
    )


def supplies(
    edition: Edition, registry: Registry, absent: Absents = MappingProxyType({})
) -> list[Fourniture]:
    """Who should give each mesure at each period, and under which rules of comparability."""
    return [
        one
        for choice in resolve(edition, registry, absent)
        if choice.choix or not absent.get((choice.source_id, choice.millesime))
        for one in _supply(choice, registry)
    ]


def all_supplies(registry: Registry) -> list[Fourniture]:
    """Every mesure of every block and the rules it is under, whatever the edition."""
    choices = [
        Choice(source.id, millesime, bloc, None, periode, 0)
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
            choix=choice.choix,
            bloc=f"{choice.source_id}.{choice.bloc}",
            periode=choice.periode,
            fenetre=bloc.fenetre_annees,
            perimetre=source.perimetre_of(choice.millesime),
            regles=rules,
            contour=outline_of(registry, choice) if _holds_epci(source, choice.millesime) else "",
            provisoire=source.millesimes[choice.millesime].etat == "provisoire",
            sujet=subjects.get(mesure),
            millesime=choice.millesime,
        )
        for mesure in dict.fromkeys(c.mesure for c in bloc.colonnes)
    ]
