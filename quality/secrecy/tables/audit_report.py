"""An audit as a reader has it: audit.json, lines of text, the paragraph of a refusal."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quality.disclosure.attack.reach import Reach, unreached
from quality.disclosure.audit.verdict import Audit, Constat
from warehouse.base.errors import QpvError
from warehouse.domain.format import list_in_words, nombre

#: Exposed cells that the paragraph names; the others are in the list and in audit.json.
NAMED = 3
#: Relations that a line of text names; cells that the text lists, kept and exposed.
SHOWN, LISTED, EXPOSED = 6, 25, 100

_MOYENS = {
    "relations": "exactement, par sommes et différences",
    "intervalle": "par encadrement",
    "entiers": "parce que ce sont des nombres entiers",
    "initie": "par le seul contributeur d'une autre case",
    "imprime": "imprimée telle quelle",
    "contradiction": "à qui croit l'un de deux chiffres qui se contredisent",
    "non_jugee": "non jugée : les chiffres qui la touchent se contredisent",
}


def bornes(constat: Constat) -> str:
    """The interval in words. What is printed is what readers can compute, never a masked value."""
    if constat.moyen == "imprime":
        return "valeur imprimée"
    if math.isinf(constat.haut) and math.isinf(constat.bas):
        return "sans borne"
    low, high = _number(constat.bas), _number(constat.haut)
    if math.isinf(constat.haut):
        return "sans borne" if constat.bas <= 0 else f"au moins {low}"
    if math.isinf(constat.bas):
        return f"au plus {high}"
    return low if low == high else f"de {low} à {high}"


def lines(audit: Audit, reach: Reach | None = None) -> Iterator[str]:
    """The verdict, exposed cells first, then what readers can say of the others.

    Args:
        reach: what an audit of tables left aside; a release has none.
    """
    yield (
        f"Cases masquées : {audit.cases} ; relations : {audit.relations} ; groupes de cases "
        f"liées : {audit.composantes} ; cases revues en entiers : {audit.verifiees_en_entiers}"
    )
    for title, group in (
        ("Exposées", audit.exposes),
        ("Données par le producteur lui-même, pour information", audit.informations),
    ):
        if group:
            yield ""
            yield f"{title} ({len(group)})"
        for constat in group[:EXPOSED]:
            yield from _exposed(constat)
        if len(group) > EXPOSED:
            yield f"  et {len(group) - EXPOSED} autre(s) ; toutes sont dans --json"
    kept = [c for c in audit.constats if c.tenu and not c.au_moins]
    bounded = sorted((c for c in kept if math.isfinite(c.haut)), key=_spread)
    free = [c for c in kept if not math.isfinite(c.haut)]
    for title, group in (
        ("Encadrées, dans les limites des règles, les plus serrées d'abord", bounded),
        ("Sans borne supérieure", free),
    ):
        if group:
            yield ""
            yield f"{title} ({len(group)})"
        yield from (f"  {c.nom} : {bornes(c)}" for c in group[:LISTED])
        if len(group) > LISTED:
            yield f"  et {len(group) - LISTED} autre(s) ; toutes sont dans --json"
    if audit.contradictions:
        yield ""
        said = "Relations que les chiffres imprimés contredisent, élargies de deux fois l'écart"
        yield f"{said} ({len(audit.contradictions)})"
        yield from (f"  {text}" for text in audit.contradictions)
    yield from _left(audit, reach or Reach())
    yield ""
    yield conclusion(audit, reach or Reach())


def _left(audit: Audit, reach: Reach) -> Iterator[str]:
    """What was not attacked, and which relations are bound in part."""
    given = [f"{c.nom} : {bornes(c)}" for c in reach.donnees]
    for title, group in (
        ("Cases vides que les relations donnent, sans qu'un signe les dise masquées", given),
        ("Cases vides à côté d'un total, non attaquées", reach.vides),
        ("Cases masquées qu'aucune relation ne touche, non attaquées", [*unreached(audit)]),
        ("À savoir des relations", reach.reserves),
        ("Ni lu ni attaqué", reach.laisses),
    ):
        if group:
            yield ""
            yield f"{title} ({len(group)})"
        yield from (f"  {text}" for text in group[:LISTED])
        if len(group) > LISTED:
            yield f"  et {len(group) - LISTED} autre(s)"


def conclusion(audit: Audit, reach: Reach) -> str:
    """The last line: never a reassurance over what was not attacked."""
    attacked = reach.attacked(audit)
    if audit.exposes:
        return f"{len(audit.exposes)} case(s) exposée(s)."
    signs = ", ".join(f"« {s} »" for s in reach.signes)
    if not audit.cases and reach.seuils:
        return "Aucune case masquée ; aucun effectif n'est imprimé sous le seuil de sa règle."
    if not audit.cases:
        looked = f" (signes cherchés : {signs})" if signs else ""
        return f"Rien n'a été attaqué : aucune case masquée{looked}."
    if not attacked:
        return (
            f"Rien n'a été attaqué : aucune relation ne touche les {audit.cases} case(s) "
            "masquée(s) ; cet audit ne dit pas qu'elles sont tenues."
        )
    blanks = len(reach.vides) + len(reach.donnees)
    left = [f"{audit.cases - attacked} masquée(s) sans relation"] if attacked < audit.cases else []
    left += [f"{blanks} vide(s) à côté d'un total"] if blanks else []
    if audit.contradictions:
        left.append(f"{len(audit.contradictions)} relation(s) que les chiffres contredisent")
    if left:
        said = f"Des {attacked} case(s) masquée(s) attaquées, aucune n'est exposée"
        return f"{said} ; laissées de côté : {list_in_words(left)}."
    return "Aucune case masquée n'est exposée."


def _exposed(constat: Constat) -> Iterator[str]:
    """One exposed cell: what is known of it, what the rule asks, which relations prove it."""
    yield f"  {constat.nom} : {bornes(constat)} ({_MOYENS[constat.moyen]})"
    yield f"      exigé : {constat.exige}"
    if constat.initie:
        yield f"      trouvée aussi par le seul contributeur de : {constat.initie}"
    if constat.relations:
        more = len(constat.relations) - SHOWN
        tail = f" ; et {more} autre(s)" if more > 0 else ""
        yield f"      par : {' ; '.join(constat.relations[:SHOWN])}{tail}"


def refusal(audit: Audit, ou: str) -> QpvError:
    """The paragraph that names the first exposed cells."""
    named = [f"{c.nom} ({bornes(c)})" for c in audit.exposes[:NAMED]]
    left = len(audit.exposes) - len(named)
    if left > 0:
        named.append(f"{left} autre(s)")
    return QpvError(
        f"{len(audit.exposes)} case(s) masquée(s) se retrouvent à partir de ce qui est publié : "
        f"{list_in_words(named)}",
        ou=ou,
        attendu=audit.exposes[0].exige,
        faire="masquer une autre case de chacune des relations nommées, ou retirer le taux ou "
        "l'évolution qui la donne, puis auditer de nouveau",
    )


def refused_blanks(reach: Reach, ou: str) -> QpvError:
    """The paragraph on blank cells that a reader finds all the same."""
    named = [f"{c.nom} ({bornes(c)})" for c in reach.donnees[:NAMED]]
    return QpvError(
        f"{len(reach.donnees)} case(s) vide(s) se retrouvent à partir de ce qui est publié : "
        f"{list_in_words(named)}",
        ou=ou,
        attendu="une case vide qui n'a pas de chiffre, ou un signe de masque",
        faire="mettre le signe de ces cases dans `masques`, ou dire l'arrondi de leur colonne "
        "(`decimales`, `arrondi_a`), puis auditer de nouveau",
    )


def as_dict(audit: Audit, reach: Reach | None = None) -> dict[str, Any]:
    """The audit for a program: bounds are None where nothing stops them."""
    left = reach or Reach()
    return {
        "cases_masquees": audit.cases,
        "exposees": len(audit.exposes),
        "inconnues": audit.inconnues,
        "relations": audit.relations,
        "composantes": audit.composantes,
        "verifiees_en_entiers": audit.verifiees_en_entiers,
        "contradictions": audit.contradictions,
        "conclusion": conclusion(audit, left),
        "attaquees": left.attacked(audit),
        "vides_non_attaquees": [*left.vides],
        "vides_donnees": [c.nom for c in left.donnees],
        "reserves": [*left.reserves],
        "non_lus": [*left.laisses],
        "cases": [
            {
                "case": c.nom,
                "bas": _finite(c.bas),
                "haut": _finite(c.haut),
                "au_moins": c.au_moins,
                "exige": c.exige,
                "tenu": c.tenu,
                "attaquee": c.liee,
                "information": c.information,
                "moyen": c.moyen,
                "initie": c.initie,
                "par": list(c.relations),
            }
            for c in audit.constats
        ],
    }


def write_json(audit: Audit, path: Path, reach: Reach | None = None) -> None:
    """audit.json."""
    text = json.dumps(as_dict(audit, reach), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _spread(constat: Constat) -> float:
    """Width of an interval as a share of its middle."""
    return (constat.haut - constat.bas) / max(abs(constat.haut + constat.bas), 1e-9)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    near = round(value)
    if abs(value - near) < 1e-5:
        return nombre(float(near), 0)
    return nombre(value, 1 if abs(value) >= 100 else 2)
