"""What the sources of the registry must not contradict among themselves. Loads nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from warehouse.base.strict import KeyFault
from warehouse.declared.secret import Regle, ReglePartagee

if TYPE_CHECKING:
    from ingest.registry import Source


def unknown_companion(source: Source, sources: Mapping[str, Source]) -> KeyFault | None:
    """The first block computed with units that are not there for the same millésimes."""
    for name, bloc in source.blocs.items():
        for other in bloc.avec:
            known = sources.get(other)
            held = {m for m, edition in source.millesimes.items() if edition.periodes_of(name)}
            if known is None or known.nature != "micro" or held - known.millesimes.keys():
                return KeyFault(
                    f"blocs.{name}.avec",
                    f"le bloc {name} se calcule avec {other!r}, qui n'est pas une source de "
                    f"micro-données aux mêmes millésimes ({', '.join(sorted(held))})",
                )
    for index, rencontre in enumerate(source.rencontres):
        met = sources.get(rencontre.source)
        if met is None or met.nature != "micro" or not met.parties[0].identifiant:
            return KeyFault(
                f"rencontres.{index}.source",
                f"{rencontre.source!r} n'est pas une source de micro-données",
            )
    return None


def unknown_in_rules(
    source: Source, sources: Mapping[str, Source], mesures: Collection[str]
) -> KeyFault | None:
    """The first comparability rule that names a mesure or a block that nobody declares."""
    for name, bloc in source.blocs.items():
        rules, place = bloc.comparabilite, f"blocs.{name}.comparabilite"
        if rules is None:
            continue
        for index, rupture in enumerate(rules.ruptures):
            for mesure in rupture.mesures:
                if mesure not in mesures:
                    return KeyFault(
                        f"{place}.ruptures.{index}.mesures", f"mesure inconnue : {mesure!r}"
                    )
        if rules.comme:
            owner, _, other = rules.comme.partition(".")
            home = sources[owner].blocs.get(other) if owner in sources else None
            if home is None or home.comparabilite is None or home.comparabilite.comme:
                return KeyFault(
                    f"{place}.comme", f"{rules.comme!r} n'est pas un bloc qui déclare ses règles"
                )
        for periode in rules.contours_epci:
            if not any(periode in m.periodes_of(name) for m in source.millesimes.values()):
                return KeyFault(
                    f"{place}.contours_epci.{periode}", f"le bloc {name} n'a pas cette période"
                )
    return None


def another_subject(source: Source, first: dict[str, tuple[str | None, str]]) -> KeyFault | None:
    """The first mesure that is about its key here and about something else in another source.

    Args:
        first: mesure → what it is about, and in which source that was said first; added to.
    """
    for name, bloc in source.blocs.items():
        for index, column in enumerate(bloc.colonnes):
            known, home = first.setdefault(column.mesure, (column.territoire, source.id))
            if known != column.territoire:
                return KeyFault(
                    f"blocs.{name}.colonnes.{index}.territoire",
                    f"la mesure {column.mesure!r} ne porte pas sur le même territoire dans "
                    f"{home}.yml",
                )
    return None


def sum_said_twice(source: Source, said: dict[frozenset[str], str]) -> KeyFault | None:
    """The first sum that another block declares already: one home for each.

    Args:
        said: terms → the block that declares them; added to.
    """
    for name, bloc in source.blocs.items():
        counts = [c.mesure for c in bloc.colonnes]
        for index, somme in enumerate(bloc.sommes):
            terms = frozenset([f"={somme.total}", *somme.parts_among(counts)])
            if terms in said:
                return KeyFault(
                    f"blocs.{name}.sommes.{index}",
                    f"{said[terms]} déclare déjà cette somme de {somme.total!r}",
                )
            said[terms] = f"{source.id}.{name}"
    return None


def without_secret_rule(source: Source, regles: Mapping[str, ReglePartagee]) -> KeyFault | None:
    """The first block that has no rule of secrecy of its producer, or one that would let its cells
    through."""
    for name, bloc in source.blocs.items():
        place = f"blocs.{name}.secret"
        if isinstance(bloc.secret, str):
            regle = regles.get(bloc.secret)
            if regle is None:
                known = ", ".join(sorted(regles))
                return KeyFault(
                    place, f"la règle {bloc.secret!r} n'est pas dans secret.yml ({known})"
                )
            if bloc.producteur not in regle.producteurs:
                return KeyFault(
                    place,
                    f"la règle {bloc.secret!r} est celle de {', '.join(regle.producteurs)}, et le "
                    f"bloc {name} est de {bloc.producteur} ; écrire ici la sienne, "
                    "{seuil: …, document: …, confirme: …}",
                )
        own: Regle = regles[bloc.secret] if isinstance(bloc.secret, str) else bloc.secret
        if source.acces == "convention" and own.seuil is None:
            said = repr(bloc.secret) if isinstance(bloc.secret, str) else f"du bloc {name}"
            return KeyFault(place, f"la règle {said} n'a pas de seuil, l'accès est convention")
    return None
