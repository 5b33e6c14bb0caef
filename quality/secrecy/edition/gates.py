"""Is a masked edition still worth publishing, and is everything hidden? Counts, never values."""

from __future__ import annotations

import duckdb

from warehouse.domain.format import nombre

#: Beyond these shares of a block's cells, suppression is the wrong tool: at 17 % of primary cells a
#: dense table loses 36 % of itself and its mask does not hold (docs/secret.md).
PRIMAIRES_MAX = 10.0
MASQUEES_MAX = 25.0

_PARTS = """
select regle, periode, count(*) as cellules,
    100.0 * count(*) filter (etat = 'primaire') / count(*) as primaires,
    100.0 * count(*) filter (etat <> 'publiable') / count(*) as masquees
from intermediate.int_masques where etat <> 'derivee' group by regle, periode order by all
"""
_WORST = """
select mesure, 100.0 * count(*) filter (etat <> 'publiable') / count(*) as part
from intermediate.int_masques where regle = ? and periode = ? and etat <> 'derivee'
group by mesure order by part desc, mesure limit 3
"""
#: Which cells stop a release, and what to do of them.
_PLACES = (
    (
        "etat = 'non_protegee'",
        "rien ne peut protéger {} : ce qui est déjà publié, ou montré par le producteur, les "
        "donne ; regrouper les détails de ces mesures, ne les publier qu'à l'échelle de l'EPCI, "
        "ou faire masquer le producteur",
    ),
    (
        "deja_publiee",
        "une publication qui tient montre {}, aujourd'hui sous le seuil : la retirer "
        "(`qpv release withdraw`), puis relancer",
    ),
)
_NOMMEES = 5
#: A drawn perimeter that a few units on both sides tell from another territory: masks hold their
#: difference, not what lies on each side. Those of the State are not for us to draw again.
_SLIVERS = """
with unites as (
    select 'logements' as quoi, 'sdes_rpls_logements' as source_id, code_a, code_b, seulement_a,
        seulement_b
    from intermediate.int_rpls__ecarts
    union all
    select 'établissements', 'insee_sirene_etablissements', code_a, code_b, seulement_a, seulement_b
    from intermediate.int_sirene__ecarts
),
seuils as (
    select source_id, max(seuil) as seuil from edition.secrets
    where acces <> 'publique' group by source_id
)
select distinct code_a, code_b, quoi, seuil from unites join seuils using (source_id)
where least(seulement_a, seulement_b) > 0 and seulement_a + seulement_b < seuil
    and (code_a like 'LOC:%' or code_b like 'LOC:%')
order by all
"""


def secrecy_faults(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Why the masks of a build do not do, in French; empty if they do.

    Args:
        con: a connection to the build database, whose `int_masques` has been made.
    """
    faults = []
    for rule, periode, cells, primary, masked in con.execute(_PARTS).fetchall():
        over = []
        if primary > PRIMAIRES_MAX:
            over.append(
                f"{nombre(primary, 1)} % de cases sous le seuil, plus de {PRIMAIRES_MAX:g} %"
            )
        if masked > MASQUEES_MAX:
            over.append(f"{nombre(masked, 1)} % de cases à masquer, plus de {MASQUEES_MAX:g} %")
        if over:
            worst = con.execute(_WORST, [rule, periode]).fetchall()
            names = ", ".join(f"{mesure} ({nombre(part, 0)} %)" for mesure, part in worst)
            faults.append(
                f"règle {rule}, {periode}, {cells} cases : {' ; '.join(over)} ; regrouper d'abord "
                f"les détails de {names}, ou ne les publier qu'à l'échelle de l'EPCI"
            )
    for a, b, units, seuil in con.execute(_SLIVERS).fetchall():
        faults.append(
            f"{a} et {b} ont les mêmes {units}, à moins de {seuil} près : la différence de leurs "
            "chiffres les donne ; les faire coïncider, ou les écarter davantage"
        )
    for condition, words in _PLACES:
        found = con.execute(
            "select mesure, code_territoire from intermediate.int_masques "
            f"where {condition} order by all"
        ).fetchall()
        if found:
            named = ", ".join(f"{mesure} de {code}" for mesure, code in found[:_NOMMEES])
            left = len(found) - _NOMMEES
            faults.append(words.format(f"{named} et {left} autres" if left > 0 else named))
    return faults
