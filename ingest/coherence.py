"""What the YAML of a source must not contradict in itself. Returns faults, loads nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from ingest.header_names import A_ETABLIR, fill, header_key, within
from warehouse.periods import bounds
from warehouse.secret import Regle
from warehouse.strict import KeyFault

if TYPE_CHECKING:
    from ingest.registry import Source

#: Columns that landing itself adds to a reference table.
COLONNES_DE_REFERENCE = ("code", "perimetre", "source_id", "millesime", "fichier", "sha256")


def first_fault(source: Source) -> KeyFault | None:
    """The first contradiction of a source, with the path of its key; None when there is none."""
    for check in (
        _nature, _patterns, _types, _periods, _names, _headers, _files, _unknown, _where, _line,
    ):  # fmt: skip
        for fault in check(source):
            return fault
    return None


def _nature(source: Source) -> Iterator[KeyFault]:
    if source.nature in ("reference", "micro"):
        if not source.attributs:
            kind = "de référence" if source.nature == "reference" else "de micro-données"
            yield KeyFault("attributs", f"une source {kind} déclare ses attributs")
        noms = [*COLONNES_DE_REFERENCE, *(a.nom for a in source.attributs)]
        for index, attribut in enumerate(source.attributs):
            if noms.count(attribut.nom) > 1:
                yield KeyFault(f"attributs.{index}.nom", f"la colonne {attribut.nom!r} existe déjà")
            if bool(attribut.entete) == attribut.constante:
                yield KeyFault(
                    f"attributs.{index}", "un attribut a un en-tête, ou est une constante"
                )
    elif not source.blocs:
        yield KeyFault("blocs", "une source de mesures déclare ses blocs")
    said = {a.nom for a in source.attributs if a.constante}
    for name, millesime in source.millesimes.items():
        if millesime.constantes.keys() != said:
            yield KeyFault(
                f"millesimes.{name}.constantes",
                f"un millésime dit la valeur de chaque constante : {', '.join(sorted(said))}"
                if said
                else "cette source n'a pas d'attribut constant",
            )
    for index, partie in enumerate(source.parties):
        if partie.lignes_repetees and source.nature != "mesures":
            yield KeyFault(
                f"parties.{index}.lignes_repetees",
                "seul un fichier d'une colonne par mesure peut répéter ses lignes",
            )
    for name, bloc in source.blocs.items():
        if bloc.avec and source.nature != "micro":
            yield KeyFault(f"blocs.{name}.avec", "seules des micro-données se croisent")
        yield from _witnesses(source, name)
    if source.nature == "micro":
        if len(source.parties) > 1:
            yield KeyFault("parties", "une source de micro-données a un seul fichier par millésime")
        return
    for name in source.millesimes:
        for index, partie in enumerate(source.parties):
            if partie.cle == "qpv" and not source.perimetre_of(name):
                yield KeyFault(
                    f"parties.{index}.cle",
                    f"le millésime {name} ne dit pas le périmètre de ses QPV",
                )


def _witnesses(source: Source, name: str) -> Iterator[KeyFault]:
    bloc = source.blocs[name]
    for index, temoin in enumerate(bloc.temoins):
        place = f"blocs.{name}.temoins.{index}"
        if source.nature != "mesures":
            yield KeyFault(place, "seul un fichier d'une colonne par mesure a des témoins")
        if temoin.mesure not in {c.mesure for c in bloc.colonnes}:
            yield KeyFault(f"{place}.mesure", f"le bloc ne porte pas la mesure {temoin.mesure!r}")
        if temoin.nature == "evolution" and not temoin.annees:
            yield KeyFault(f"{place}.annees", "une évolution porte sur au moins une année")


def _patterns(source: Source) -> Iterator[KeyFault]:
    written = {f"colonnes_ignorees.{i}": c.entete for i, c in enumerate(source.colonnes_ignorees)}
    written |= {f"lignes_ignorees.{i}": c.entete for i, c in enumerate(source.lignes_ignorees)}
    written |= {f"parties.{i}.membre": p.membre or "" for i, p in enumerate(source.parties)}
    written |= {"feuille": source.feuille or ""}
    places = {"": source} | {f"millesimes.{n}.": m for n, m in source.millesimes.items()}
    for place, item in places.items():
        for key in ("lien", "ressource", "membre"):
            written[place + key] = fill(getattr(item, key, None) or "", "2000")
    for key, pattern in written.items():
        try:
            re.compile(pattern)
        except re.error as error:
            yield KeyFault(key, f"expression régulière illisible : {error}")


def _types(source: Source) -> Iterator[KeyFault]:
    types: dict[str, tuple[str, str]] = {}
    for name, bloc in source.blocs.items():
        for index, column in enumerate(bloc.colonnes):
            place = f"blocs.{name}.colonnes.{index}"
            known, home = types.setdefault(column.mesure, (column.type, name))
            if known != column.type:
                yield KeyFault(
                    f"{place}.type",
                    f"la mesure {column.mesure!r} est {column.type} ici et {known} plus haut",
                )
            if source.nature == "longue" and home != name:
                yield KeyFault(
                    f"{place}.mesure",
                    f"la mesure {column.mesure!r} est déjà dans le bloc {home} : une ligne ne "
                    "dirait pas lequel",
                )


def _periods(source: Source) -> Iterator[KeyFault]:
    for name, millesime in source.millesimes.items():
        place = f"millesimes.{name}.periodes"
        if source.blocs and not millesime.periodes:
            yield KeyFault(place, "un millésime dit la période d'au moins un bloc")
        for bloc, periodes in millesime.periodes.items():
            if bloc not in source.blocs:
                yield KeyFault(
                    f"{place}.{bloc}",
                    f"bloc inconnu : {bloc!r} ; un de : {', '.join(source.blocs)}",
                )
            for periode in periodes:
                if periode.startswith(A_ETABLIR) and source.is_unseen(name):
                    continue
                try:
                    bounds(periode)
                except ValueError as error:
                    yield KeyFault(f"{place}.{bloc}", str(error))


def _names(source: Source) -> Iterator[KeyFault]:
    """`entetes` and `absentes` name what the millésime would otherwise hold."""
    declared = {c.mesure for b in source.blocs.values() for c in b.colonnes}
    declared |= {a.nom for a in source.attributs}
    for name, millesime in source.millesimes.items():
        held = {a.nom for a in source.attributs} | {
            column.mesure
            for bloc in millesime.periodes
            for column in source.blocs[bloc].colonnes
            if within(name, column.depuis, column.jusqua)
        }
        for key, names in (("entetes", millesime.entetes), ("absentes", millesime.absentes)):
            for mesure in names:
                place = f"millesimes.{name}.{key}.{mesure}"
                if mesure not in declared:
                    yield KeyFault(place, f"mesure inconnue : {mesure!r}")
                elif mesure not in held:
                    yield KeyFault(place, f"le millésime {name} ne porte pas la mesure {mesure!r}")
                elif key == "entetes" and mesure in millesime.absentes:
                    yield KeyFault(place, f"la mesure {mesure!r} est aussi dite absente")


def _headers(source: Source) -> Iterator[KeyFault]:
    """In a millésime a header stands for one thing, and a mesure has one column per period."""
    for name, millesime in source.millesimes.items():
        meanings = {header_key(p.entete_cle): "la clé" for p in source.parts_of(name)}
        for attribut in source.attributs:
            if attribut.constante:
                continue
            header = fill(millesime.entetes.get(attribut.nom, attribut.entete), name)
            yield from _claim(meanings, header, attribut.nom, f"millesimes.{name}")
        for bloc in millesime.periodes:
            if note := source.note_of(bloc, name):
                meanings[header_key(note)] = "une NOTE"
        figures: set[str] = set()
        for bloc in millesime.periodes:
            for column, header, periode in source.columns_of(bloc, name):
                place, figure = f"millesimes.{name}, bloc {bloc}", f"{column.mesure} de {periode}"
                if figure in figures:
                    yield KeyFault(place, f"deux colonnes pour {figure}")
                figures.add(figure)
                if source.nature == "mesures":
                    yield from _claim(meanings, header, figure, place)
            for temoin, header, _ in source.witnesses_of(bloc, name):
                place = f"millesimes.{name}, bloc {bloc}"
                yield from _claim(meanings, header, f"un témoin de {temoin.mesure}", place)


def _claim(meanings: dict[str, str], header: str, meaning: str, place: str) -> Iterator[KeyFault]:
    if other := meanings.get(header_key(header)):
        yield KeyFault(place, f"l'en-tête {header!r} serait à la fois {other} et {meaning}")
    meanings[header_key(header)] = meaning


def _files(source: Source) -> Iterator[KeyFault]:
    for name, millesime in source.millesimes.items():
        renamed = "fichiers" if millesime.fichiers else "membre" if millesime.membre else ""
        if renamed and len(source.parties) > 1:
            yield KeyFault(
                f"millesimes.{name}.{renamed}",
                "cette source a plusieurs parties : leurs fichiers se nomment dans `parties`",
            )
    owners: dict[str, str] = {}
    for name in source.millesimes:
        for file in {f for partie in source.parts_of(name) for f in partie.fichiers}:
            if (other := owners.setdefault(file, name)) != name:
                yield KeyFault(
                    f"millesimes.{name}.fichiers",
                    f"le fichier {file} est déjà celui du millésime {other}",
                )


def _unknown(source: Source) -> Iterator[KeyFault]:
    """What starts with `?` waits for a file that nobody has seen."""
    for name, millesime in source.millesimes.items():
        suffix = name.partition("-qp")[2]
        if suffix and source.perimetre_of(name) != f"20{suffix}":
            yield KeyFault(
                f"millesimes.{name}", f"un millésime -qp{suffix} est du périmètre 20{suffix}"
            )
        if source.is_unseen(name):
            continue
        for bloc in millesime.periodes:
            for column, header, _ in source.columns_of(bloc, name):
                if header.startswith(A_ETABLIR):
                    yield KeyFault(
                        f"millesimes.{name}",
                        f"l'en-tête de {column.mesure} est à établir : {header!r} ne se lit que "
                        "dans un millésime `statut_entetes: non_verifiees`",
                    )


def _where(source: Source) -> Iterator[KeyFault]:
    """A resource is looked for in a data set."""
    named = source.ressource or any(m.ressource for m in source.millesimes.values())
    if bool(named) != bool(source.dataset):
        yield KeyFault("dataset", "`dataset` et `ressource` vont ensemble")


def _line(source: Source) -> Iterator[KeyFault]:
    """A producer's own line speaks of blocks, in a file by QPV."""
    places = {"": source} | {f"millesimes.{n}.": m for n, m in source.millesimes.items()}
    for place, item in places.items():
        line, key = item.ligne_nationale, f"{place}ligne_nationale"
        if line is None:
            continue
        if source.nature != "mesures" or not any(p.cle == "qpv" for p in source.parties):
            yield KeyFault(key, "seul un fichier d'une colonne par mesure et d'une ligne par QPV")
        for name in (*line.champs, *line.arrondis):
            if name not in source.blocs:
                yield KeyFault(f"{key}.champs", f"bloc inconnu : {name!r}")
        if any(re.fullmatch(i.entete, line.cle) for i in source.lignes_ignorees):
            yield KeyFault("lignes_ignorees", f"la ligne {line.cle!r} est lue, et non ignorée")


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


def without_secret_rule(source: Source, regles: Mapping[str, Regle]) -> KeyFault | None:
    """The first block that names no rule of secrecy, or one that would let its cells through."""
    for name, bloc in source.blocs.items():
        place = f"blocs.{name}.secret"
        if bloc.secret not in regles:
            known = ", ".join(sorted(regles))
            return KeyFault(place, f"la règle {bloc.secret!r} n'est pas dans secret.yml ({known})")
        if source.acces == "convention" and regles[bloc.secret].seuil is None:
            return KeyFault(
                place, f"la règle {bloc.secret!r} n'a pas de seuil, l'accès est convention"
            )
    return None
