"""Is a masked edition still worth publishing, and is everything hidden? Counts, never values."""

from __future__ import annotations

import duckdb

#: Beyond these shares of a block's cells, suppression is the wrong tool: at 17 % of primary cells a
#: dense table loses 36 % of itself and its mask does not hold (docs/secret.md).
PRIMAIRES_MAX = 10.0
MASQUEES_MAX = 25.0

_PARTS = """
select regle, role, count(*) as cellules,
    100.0 * count(*) filter (etat = 'primaire') / count(*) as primaires,
    100.0 * count(*) filter (etat <> 'publiable') / count(*) as masquees
from intermediate.int_masques where etat <> 'derivee' group by regle, role order by all
"""
_WORST = """
select mesure, 100.0 * count(*) filter (etat <> 'publiable') / count(*) as part
from intermediate.int_masques where regle = ? and role = ? and etat <> 'derivee'
group by mesure order by part desc, mesure limit 3
"""


def secrecy_faults(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Why the masks of a build do not do, in French; empty if they do.

    Args:
        con: a connection to the build database, whose `int_masques` has been made.
    """
    faults = []
    for rule, role, cells, primary, masked in con.execute(_PARTS).fetchall():
        over = []
        if primary > PRIMAIRES_MAX:
            over.append(f"{primary:.1f} % de cases sous le seuil, plus de {PRIMAIRES_MAX:g} %")
        if masked > MASQUEES_MAX:
            over.append(f"{masked:.1f} % de cases à masquer, plus de {MASQUEES_MAX:g} %")
        if over:
            worst = con.execute(_WORST, [rule, role]).fetchall()
            names = ", ".join(f"{mesure} ({part:.0f} %)" for mesure, part in worst)
            faults.append(
                f"règle {rule}, {role}, {cells} cases : {' ; '.join(over)} ; regrouper d'abord "
                f"les détails de {names}, ou ne les publier qu'à l'échelle de l'EPCI"
            )
    lost = con.execute(
        "select mesure, code_territoire from intermediate.int_masques "
        "where etat = 'non_protegee' order by all"
    ).fetchall()
    if lost:
        named = ", ".join(f"{mesure} de {code}" for mesure, code in lost[:5])
        more = f" et {len(lost) - 5} autres" if len(lost) > 5 else ""
        faults.append(
            f"rien ne peut protéger {named}{more} : ce qui est déjà publié, ou montré par le "
            "producteur, les donne ; ne pas publier ces mesures, ou faire masquer le producteur"
        )
    return faults
