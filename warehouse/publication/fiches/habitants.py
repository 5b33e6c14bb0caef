"""Who lives where in shared quarters, and which quarters have no past. Renders nothing."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.domain import format as f
from warehouse.publication.fiches.data import Donnees, Lien
from warehouse.publication.fiches.tableaux import Rang, name_in_sentence


def avec_part(link: Lien) -> str:
    """A place, with how many of the quarter's people live there when it is not all of them."""
    if link.part is None or link.part == 1:
        return link.libelle
    if link.habitants is not None and link.population:
        inside, whole = f.nombre(link.habitants, 0), f.nombre(link.population, 0)
        mark = "†" if link.tierce else ""
        return f"{link.libelle} ({inside} de ses {whole} habitants{mark})"
    return f"{link.libelle} ({f.nombre(100 * link.part, 1)}{f.FINE}% de sa population)"


def reserves(donnees: Donnees, rangs: Sequence[Rang]) -> list[str]:
    """What to know of the shares of quarters that lie in several EPCI, each said once."""
    said: dict[str, list[str]] = {}
    for rang in rangs:
        links = donnees.epci_des_qpv.get(rang.territoire.code, [])
        for link in links if len(links) > 1 else []:
            if link.motif:
                label = _epci(donnees, link.code)
                said.setdefault(link.motif, [])
                if label not in said[link.motif]:
                    said[link.motif].append(label)
    return [f"{f.list_in_words(labels)} : {motif}" for motif, labels in said.items()]


def habitants(donnees: Donnees, siren: str, nom: str) -> str:
    """How many people of the quarters live in the EPCI, where some quarter goes beyond it.

    Empty where every quarter lies whole in the EPCI and all its people are counted there: the
    population of the set says it.
    """
    links = [
        (qpv, link, len(others))
        for qpv, others in donnees.epci_des_qpv.items()
        for link in others
        if link.code == siren
    ]
    sources = {link.source for _, link, _ in links if link.habitants is not None}
    is_shared = any(touched > 1 for _, _, touched in links)
    differs = any(link.habitants not in (None, link.population) for _, link, _ in links)
    if not (is_shared or differs):
        return ""
    where = _epci(donnees, siren) or nom
    unknown = [donnees.territoires[q].libelle for q, link, _ in links if link.habitants is None]
    unknown.sort(key=str.casefold)
    if unknown or len(sources) != 1:
        return (
            f"Combien d'habitants des {len(links)} quartiers vivent dans {where} n'est pas connu : "
            + (
                f"la part n'est pas lue pour {f.list_in_words(f.guillemets(u) for u in unknown)}"
                if unknown
                else "les quartiers ne sont pas comptés par la même source"
            )
        )
    total = f.nombre(sum(n for _, link, _ in links if (n := link.habitants) is not None), 0)
    source = next(s for s in donnees.sources if (s.source_id, s.millesime) in sources)
    third = ", source tierce" if source.tierce else ""
    return (
        f"{total} personnes vivent à la fois dans l'un de ces {len(links)} quartiers et dans "
        f"{where} ({source.titre}, millésime {source.millesime}{third})"
    )


def premieres_communes(donnees: Donnees, rangs: Sequence[Rang]) -> str:
    """Of which quarters the list read only names the first commune; empty where of none."""
    partial = [
        rang.territoire.libelle
        for rang in rangs
        if any(not c.complete for c in donnees.communes_des_qpv.get(rang.territoire.code, ()))
    ]
    if not partial:
        return ""
    said = "La liste lue ne donne que la première commune"
    if len(rangs) == 1:
        return f"{said} du quartier : il peut s’étendre sur d’autres"
    which = (
        "de chaque quartier"
        if len(partial) == len(rangs)
        else f"de {f.list_in_words(f.guillemets(label) for label in partial)}"
    )
    return f"{said} {which} : un quartier peut s’étendre sur d’autres"


def sans_passe(donnees: Donnees, rangs: Sequence[Rang]) -> list[tuple[str, str]]:
    """(quarters, reason) of those whose figures are compared with nothing."""
    together: dict[str, list[str]] = {}
    for rang in rangs:
        if motif := donnees.sans_passe.get(rang.territoire.code):
            together.setdefault(motif, []).append(f.guillemets(rang.territoire.libelle))
    if len(rangs) > 1 and len(together) == 1 and len(*together.values()) == len(rangs):
        return [("Chacun des quartiers", motif) for motif in together]
    return [(f.list_in_words(labels), motif) for motif, labels in together.items()]


def _epci(donnees: Donnees, siren: str) -> str:
    known = donnees.territoires.get(f"EPCI:{siren}")
    return name_in_sentence(known) if known else f"l'intercommunalité {siren}"
