"""An audit as a reader has it: audit.json, lines of text, the paragraph of a refusal."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quality.audit.verdict import Audit, Constat
from warehouse.errors import QpvError
from warehouse.format import enumerer, nombre

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


def lines(audit: Audit) -> Iterator[str]:
    """The verdict, exposed cells first, then what readers can say of the others."""
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
        said = "Relations que les chiffres imprimés contredisent, laissées de côté"
        yield f"{said} ({len(audit.contradictions)})"
        yield from (f"  {text}" for text in audit.contradictions)
    if not audit.exposes:
        yield ""
        yield "Aucune case masquée n'est exposée."


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
        f"{enumerer(named)}",
        ou=ou,
        attendu=audit.exposes[0].exige,
        faire="masquer une autre case de chacune des relations nommées, ou retirer le taux ou "
        "l'évolution qui la donne, puis auditer de nouveau",
    )


def as_dict(audit: Audit) -> dict[str, Any]:
    """The audit for a program: bounds are None where nothing stops them."""
    return {
        "cases_masquees": audit.cases,
        "exposees": len(audit.exposes),
        "inconnues": audit.inconnues,
        "relations": audit.relations,
        "composantes": audit.composantes,
        "verifiees_en_entiers": audit.verifiees_en_entiers,
        "contradictions": audit.contradictions,
        "cases": [
            {
                "case": c.nom,
                "bas": _finite(c.bas),
                "haut": _finite(c.haut),
                "au_moins": c.au_moins,
                "exige": c.exige,
                "tenu": c.tenu,
                "information": c.information,
                "moyen": c.moyen,
                "initie": c.initie,
                "par": list(c.relations),
            }
            for c in audit.constats
        ],
    }


def write_json(audit: Audit, path: Path) -> None:
    """audit.json."""
    text = json.dumps(as_dict(audit), ensure_ascii=False, indent=1, allow_nan=False)
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
