"""What the YAML of a source must not contradict in itself. Returns faults, loads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.attributs import attribute_faults
from ingest.header_names import A_ETABLIR, fill, within
from ingest.mesure_bounds import promise
from ingest.quarter_sets import CLE
from ingest.trust import unchecked
from warehouse.base.numbers import bare, is_number
from warehouse.base.strict import KeyFault
from warehouse.base.text_tables import header_key
from warehouse.domain.periods import bounds
from warehouse.domain.types_territoire import levels

if TYPE_CHECKING:
    from ingest.registry import Source

#: Columns that landing itself adds to a reference table.
COLONNES_DE_REFERENCE = ("code", "perimetre", "source_id", "millesime", "fichier", "sha256")


def first_fault(source: Source) -> KeyFault | None:
    """The first contradiction of a source, with the path of its key; None when there is none."""
    for check in (
        _nature, _editions, _parts, _blocks, _units, _counts, _patterns, _types, _periods, _names,
        _headers, _files, _unknown, _where, _line, _trust,
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
        yield from attribute_faults(source.attributs, units=source.nature == "micro")
    elif not source.blocs:
        yield KeyFault("blocs", "une source de mesures déclare ses blocs")


def _editions(source: Source) -> Iterator[KeyFault]:
    said = {a.nom for a in source.attributs if a.constante}
    for name, millesime in source.millesimes.items():
        if millesime.constantes.keys() != said:
            yield KeyFault(
                f"millesimes.{name}.constantes",
                f"un millésime dit la valeur de chaque constante : {', '.join(sorted(said))}"
                if said
                else "cette source n'a pas d'attribut constant",
            )
        for index, former in enumerate(millesime.anciens_codes):
            if twice := {*former.codes} & {*former.remplaces_par}:
                yield KeyFault(
                    f"millesimes.{name}.anciens_codes.{index}",
                    f"un ancien code n'est pas aussi celui qui le remplace : {min(twice)}",
                )


def _parts(source: Source) -> Iterator[KeyFault]:
    for index, partie in enumerate(source.parties):
        if partie.lignes_repetees and source.nature != "mesures":
            yield KeyFault(
                f"parties.{index}.lignes_repetees",
                "seul un fichier d'une colonne par mesure peut répéter ses lignes",
            )
        if partie.cle_avec and partie.cle_avec not in {a.entete for a in source.attributs}:
            yield KeyFault(
                f"parties.{index}.cle_avec", "la seconde clé est l'en-tête d'un attribut"
            )


def _blocks(source: Source) -> Iterator[KeyFault]:
    for name, bloc in source.blocs.items():
        if bloc.avec and source.nature != "micro":
            yield KeyFault(f"blocs.{name}.avec", "seules des micro-données se croisent")
        yield from _witnesses(source, name)
        yield from _signs(source, name)
        yield from _communes(source, name)
        yield from _sums(source, name)


def _units(source: Source) -> Iterator[KeyFault]:
    """What files of units alone may say, and what all others must."""
    if source.nature == "micro":
        if len(source.parties) > 1:
            yield KeyFault("parties", "une source de micro-données a un seul fichier par millésime")
        if not source.parties[0].identifiant:
            yield KeyFault(
                "parties.0.identifiant", "la clé d'un fichier d'unités dit ce qu'elle nomme"
            )
        return
    if source.rencontres:
        yield KeyFault("rencontres", "seules des micro-données se rencontrent")
    for name in source.millesimes:
        for index, partie in enumerate(source.parties):
            if partie.cle == "qpv" and not source.perimetre_of(name):
                yield KeyFault(
                    f"parties.{index}.cle",
                    f"le millésime {name} ne dit pas le périmètre de ses QPV",
                )


def _counts(source: Source) -> Iterator[KeyFault]:
    """Fewest territories: one number, or one for each kind of key that a source has."""
    for name, millesime in source.millesimes.items():
        cles = {str(partie.cle) for partie in source.parties}
        cles |= {str(CLE)} if millesime.ensembles else set()
        said = millesime.territoires_attendus
        many = {str(key) for key in said} if isinstance(said, dict) else None
        wrong = said is not None and len(cles) > 1 if many is None else bool(many - cles)
        if wrong:
            yield KeyFault(
                f"millesimes.{name}.territoires_attendus",
                f"un nombre, ou un par clé de fichier : {', '.join(sorted(cles))}",
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


def _signs(source: Source, name: str) -> Iterator[KeyFault]:
    for sign in source.blocs[name].signes:
        if not bare(sign) or is_number(sign):
            place = f"blocs.{name}.signes.{sign}"
            yield KeyFault(place, "un signe n'est ni une case vide ni un nombre")
    for index, column in enumerate(source.blocs[name].colonnes):
        if column.ecriture and column.type != "part":
            yield KeyFault(f"blocs.{name}.colonnes.{index}.ecriture", "seule une part en a une")


def _sums(source: Source, name: str) -> Iterator[KeyFault]:
    """A sum is of counts of its block, and each of its words names one."""
    bloc = source.blocs[name]
    counts = {c.mesure for c in bloc.colonnes if c.type == "effectif"}
    for index, somme in enumerate(bloc.sommes):
        place = f"blocs.{name}.sommes.{index}"
        if somme.total not in counts:
            yield KeyFault(f"{place}.total", f"{somme.total!r} n'est pas un effectif du bloc")
        for form in somme.parts:
            if not any(re.fullmatch(form, mesure) for mesure in counts - {somme.total}):
                yield KeyFault(f"{place}.parts", f"{form!r} ne désigne aucun effectif du bloc")
        if len(somme.parts_among(sorted(counts))) < 2 - somme.reste:
            yield KeyFault(f"{place}.parts", "une somme sans reste a au moins deux parties")


def _communes(source: Source, name: str) -> Iterator[KeyFault]:
    """What is about communes says which: by its list, its witness and the year of its communes."""
    bloc = source.blocs[name]
    about = {c.mesure for c in bloc.colonnes if c.territoire}
    if bool(about) != bool(bloc.communes):
        yield KeyFault(
            f"blocs.{name}.communes",
            "un bloc dont des mesures portent sur les communes dit comment le fichier les nomme, "
            "et lui seul",
        )
    if bloc.communes is None:
        return
    if source.nature != "mesures":
        yield KeyFault(
            f"blocs.{name}.communes", "seul un fichier d'une colonne par mesure nomme ses communes"
        )
    if bloc.communes.temoin not in about:
        yield KeyFault(
            f"blocs.{name}.communes.temoin",
            f"{bloc.communes.temoin!r} n'est pas une mesure du bloc qui porte sur les communes",
        )
    for key, millesime in source.millesimes.items():
        if millesime.periodes_of(name) and millesime.geographie is None:
            yield KeyFault(
                f"millesimes.{key}.geographie",
                f"le bloc {name} porte sur des communes : le millésime dit de quelle année",
            )


def _patterns(source: Source) -> Iterator[KeyFault]:
    written = {f"colonnes_ignorees.{i}": c.entete for i, c in enumerate(source.colonnes_ignorees)}
    written |= {f"lignes_ignorees.{i}": c.entete for i, c in enumerate(source.lignes_ignorees)}
    written |= {f"parties.{i}.membre": p.membre or "" for i, p in enumerate(source.parties)}
    written |= {"feuille": source.feuille or ""}
    places = {"": source} | {f"millesimes.{n}.": m for n, m in source.millesimes.items()}
    for place, item in places.items():
        for key in ("lien", "ressource", "membre"):
            written[place + key] = fill(getattr(item, key, None) or "", "2000")
    written |= {
        f"millesimes.{n}.colonnes_ignorees.{i}": c.entete
        for n, m in source.millesimes.items()
        for i, c in enumerate(m.colonnes_ignorees)
    }
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
            known, home = types.setdefault(column.mesure, (promise(column), name))
            if known != promise(column):
                yield KeyFault(
                    f"{place}.type",
                    f"la mesure {column.mesure!r} est {promise(column)} ici et {known} plus haut",
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
        for bloc in millesime.notes.keys() - millesime.periodes.keys():
            yield KeyFault(f"millesimes.{name}.notes.{bloc}", "ce millésime n'a pas ce bloc")
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
            if communes := source.blocs[bloc].communes:
                place = f"millesimes.{name}, bloc {bloc}"
                yield from _claim(meanings, fill(communes.liste, name), "une liste", place)
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


def _trust(source: Source) -> Iterator[KeyFault]:
    """A third party's figures enter a level of territory checked against their producer's."""
    tierces = {
        name: [b for b in source.blocs if millesime.periodes_of(b)]
        for name, millesime in source.millesimes.items()
        if source.lands_cells and source.confiance_of(name) == "tierce"
    }
    niveaux = [n for p in source.parties for n in levels(p.cle)]
    yield from unchecked(tierces, niveaux, source.verifications, source.niveaux_refuses)
