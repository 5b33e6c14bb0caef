"""Figures of a release that a reader must not find, and those that it should not have printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb
import numpy as np

from quality.disclosure.audit.system import Protection
from quality.secrecy.release.source_rules import ReglesDesSources, RegleSource
from quality.secrecy.release.told_of_masked import told_of_masked
from warehouse.domain.types_territoire import sets, types_territoire


def protected_figures(
    con: duckdb.DuckDBPyConnection, regles: ReglesDesSources
) -> dict[int, tuple[Protection, str | None]]:
    """Masked cells, then counts behind printed rates of sources that we must protect."""
    found: dict[int, tuple[Protection, str | None]] = {}
    terms = _terms(con)
    for cell, source, code, kind, decimals, facteur, den in con.execute(
        "select m.c, m.source_id, m.code, i.type, i.arrondi, i.facteur, r.den from masque as m "
        "join ind as i using (code) left join masques_rapports as r on r.x = m.c order by m.c"
    ).fetchall():
        regle, sides = regles.de(source), terms.get(code, {})
        num, of = sides.get("num", {}), sides.get("den", {})
        if kind == "effectif":
            asked = _of_count(regle, regle.pour([*num, *of]), made=len(num) > 1)
        else:
            asked = _of_rate(regle, kind, 10.0**-decimals, facteur, num, of, den)
        found[cell] = asked, source
    ours = {s: r for s, r in regles.sources.items() if r.nature != "publique"}
    for cell, source, mesure in con.execute(
        "select distinct cell(o.o, f.t, o.pt), f.source_id, o.mesure from fait as f "
        "join ind as i using (code) "
        "join formule_p as o on o.code = f.code and o.quartier = f.quartier and o.p = f.p "
        "and o.cote = 'num' "
        "where i.a_den and f.statut = 'diffuse' and f.source_id in (select unnest($1)) "
        "and cell(o.o, f.t, o.pt) in (select c from terme_libre) order by 1",
        [list(ours)],
    ).fetchall():
        seuil = ours[source].pour([mesure])
        if seuil is None:
            continue
        text = f"laisser possible {seuil:g} ou plus"
        behind = Protection(plafond_min=seuil, pas=-1.0, zero_permis=True, texte=text)
        found.setdefault(cell, (behind, source))
    return found


def open_rates(con: duckdb.DuckDBPyConnection, regles: ReglesDesSources) -> np.ndarray:
    """Cells of the printed rates that whoever has the open files makes too: of one place's own
    figures, none of which is a count that we must protect, or that the release itself masks."""
    ours = {s: r for s, r in regles.sources.items() if r.nature != "publique"}
    codes = [
        code
        for code, sides in _terms(con).items()
        if all(r.pour(mesure for terms in sides.values() for mesure in terms) is None
               for r in ours.values())
    ]  # fmt: skip
    made = [*sets(), *(code for code, one in types_territoire().items() if one.hors)]
    return con.execute(
        "select f.x from fait as f join terr as t using (t) where f.statut = 'diffuse' "
        "and f.code in (select unnest($1)) and t.type_territoire not in (select unnest($2)) "
        "and coalesce(f.source_id, '') not in (select unnest($3)) "
        "and not exists (select 1 from formule_p as o join masque as m "
        "on m.c = cell(o.o, f.t, o.pt) "
        "where o.code = f.code and o.quartier = f.quartier and o.p = f.p)",
        [codes, made, list(ours)],
    ).fetchnumpy()["x"]


def never_zero(con: duckdb.DuckDBPyConnection, regles: ReglesDesSources) -> list[int]:
    """Masked counts of sources whose zeros are all shown."""
    shown = [s for s, r in regles.sources.items() if r.nature != "publique" and r.zeros_montres]
    rows = con.execute(
        "select m.c from masque as m join ind as i using (code) "
        "where i.type = 'effectif' and i.simple is not null and m.source_id in (select unnest($1))",
        [shown],
    ).fetchall()
    return [cell for (cell,) in rows]


def _terms(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, dict[str, float]]]:
    """Indicator → side → mesure → coefficient."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for code, side, mesure, coef in con.execute("select * from formule").fetchall():
        found.setdefault(code, {}).setdefault(side, {})[mesure] = coef
    return found


def _of_count(regle: RegleSource, seuil: float | None, *, made: bool) -> Protection:
    """Of a masked count; `made` of several: none of them is given by their sum."""
    share = 0.0 if regle.protection == "L2" else float(regle.protection)
    texts = [f"laisser possible {seuil:g} ou plus"] if seuil else []
    texts += [f"pas d'estimation à ±{100 * share:g} %"] if share else []
    return Protection(
        plafond_min=seuil if seuil else -np.inf,
        ecart=share,
        admis=(seuil, np.inf) if made and seuil else (np.inf, -np.inf),
        texte=" ; ".join(texts) or "ne pas donner la valeur",
    )


def _of_rate(
    regle: RegleSource,
    kind: str,
    step: float,
    facteur: float,
    num: Mapping[str, float],
    of: Mapping[str, float],
    den: float | None,
) -> Protection:
    """Of a masked rate; beside its printed denominator it is the count that it is made of."""
    asked = Protection(pas=step, texte="ne pas donner la valeur à l'arrondi imprimé")
    seuil = regle.pour(num)
    if den is None or seuil is None or den < seuil or min(num.values()) < 0:
        return asked
    least, most = facteur * seuil / den, np.inf
    if kind == "part" and all(regle.pour([mesure]) for mesure in of):
        # What is not the part is a count of the same source: it has the same threshold.
        most = max(facteur - least, 0.0)
    return replace(
        asked,
        # Of a large count, the rounding printed is many units wide: to know it gives no count.
        pas=min(step, 0.5 * facteur * min(num.values()) / den),
        plafond_min=least,
        plancher_max=most,
        admis=(least, most) if len(num) > 1 else asked.admis,
        texte=f"laisser possible {seuil:g} ou plus, d'un côté et de l'autre",
    )


def uncovered_figures(con: duckdb.DuckDBPyConnection, regles: ReglesDesSources) -> tuple[str, ...]:
    """Of sources that we must protect: counts under the threshold, figures told of masked ones."""
    found: list[str] = []
    made_of = {code: [*sides["num"], *sides.get("den", {})] for code, sides in _terms(con).items()}
    for source, regle in regles.sources.items():
        if regle.nature == "publique":
            continue
        limits = {code: regle.pour(mesures) for code, mesures in made_of.items()}
        limits = {code: seuil for code, seuil in limits.items() if seuil}
        rows = con.execute(
            "select f.code || ', ' || t.code_territoire || coalesce(', ' || f.periode, '') "
            "from fait as f join ind as i using (code) join terr as t using (t) "
            "join (select unnest($2) as code, unnest($3) as seuil) as s using (code) "
            "where i.type = 'effectif' and f.statut = 'diffuse' and f.source_id = $1 "
            "and f.valeur > 0 and f.valeur < s.seuil order by 1",
            [source, list(limits), list(limits.values())],
        ).fetchall()
        found += [row[0] for row in rows]
    ours = [s for s, r in regles.sources.items() if r.nature != "publique"]
    return (*found, *told_of_masked(con, ours))
