"""docs/plausibilite.md, written from the rules and never by hand."""

from __future__ import annotations

from quality.plausibility.rules import REGLES
from warehouse.layout import REPO

PAGE = REPO / "docs" / "plausibilite.md"

_HEAD = """# Règles de plausibilité

Page produite par `make docs`. Les mêmes règles jugent une construction avant qu'elle ne soit publiée, et les tableaux publiés ailleurs (`qpv verifier`). Chaque constat est une phrase qui dit le calcul.

- **bloquant** : l'arithmétique ne tient pas, quel que soit l'arrondi. La publication s'arrête, la précédente reste.
- **à vérifier** : l'arithmétique tient, mais rien de tel ne se voit ailleurs. Le constat va au rapport de qualité.
- **information** : comment un chiffre est fait.

Un effectif entier l'est vraiment ; un effectif tiré d'un sondage (recensement, Filosofi) ne l'est pas, et se connaît à 0,5 près. Un chiffre absent n'est jamais 0.

| Règle | Dit que | Gravité | Seuil |
|---|---|---|---|
"""

_FOOT = """
## Ce qu'une construction fait d'un constat

| Constat | Effet |
|---|---|
| P02 bloquant : le départ d'une évolution est impossible | le départ et l'évolution sortent sans valeur (`sans_objet`), le calcul dans `motif` ; le niveau du jour reste |
| autre bloquant | la porte `porte_plausibilite` refuse, sauf arbitrage |
| à vérifier, information | au rapport de qualité (`qualite/rapport.html`, `rapport.json`) |

## Accepter un constat

Un producteur peut se contredire, et publier quand même. `dbt_project/arbitrages.yml` accepte un constat, désigné par `regle`, `territoire`, `indicateur` et `periode`, avec un `motif`, une `signature` et une `date`. Un arbitrage que plus rien n'appelle est dit caduc au rapport.

## Vérifier des tableaux publiés ailleurs

```
qpv verifier FICHE.csv… [--colonnes CARTE.csv] [--arbitrages FICHIER.yml] [--json CONSTATS.json]
```

Un tableau a une colonne `territoire` (`QP059050`, `QPV@EPCI:200042190`, `EPCI:…`, `DEP:…`, `FRMETRO`), puis une colonne par chiffre ; `libelle_publie` est passé. `nd`, `-`, une case vide ou un mot : chiffre absent. La carte (par défaut `golden_map.csv` à côté des tableaux) a six colonnes : `fichier` (sans `.csv`), `colonne`, `code_indicateur`, `mesure` (`niveau`, `evolution_nb`, `evolution_pct`, `evolution_pts`), `periode`, `periode_comparaison`. Un dossier vaut tous ses CSV. Les QPV d'un tableau qui n'imprime qu'un ensemble d'EPCI en sont les parties. Ce que la carte ne nomme pas est listé comme non vérifié.

Code de sortie : 0 si rien n'est bloquant ni à vérifier, hors arbitrages ; 1 sinon, ou si un fichier ne se lit pas.
"""


def render() -> str:
    """The page: one row per rule."""
    words = {"bloquant": "bloquant", "a_verifier": "à vérifier", "information": "information"}
    rows = "".join(
        f"| {r.numero} | {r.titre} | {words[r.severite]} | {r.seuil} |\n" for r in REGLES.values()
    )
    return _HEAD + rows + _FOOT


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
