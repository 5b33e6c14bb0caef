"""The verdicts on periods that a release keeps, for one figure. Judges nothing."""

from __future__ import annotations

import json
from pathlib import Path

from warehouse.publication.explain.facts import InterditPublie, RegleDuVerdict
from warehouse.release.published import Evolution, IndicateurPublie, Territoire

#: Where a release keeps them.
FICHIER = Path("qualite") / "comparabilites.json"
#: What a verdict of one quarter is known by.
_QUARTIER = ("code_territoire", "code_indicateur", "periode", "periode_comparaison")


class Verdicts:
    """What the rules said of one release's evolutions; nothing where the file is absent."""

    def __init__(self, release: Path) -> None:
        path = release / FICHIER
        kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        self._verdicts, self._limites = kept.get("verdicts", []), kept.get("limites", [])
        self._quartiers = {
            tuple(row[k] for k in _QUARTIER): RegleDuVerdict(row["regle"], row["document"])
            for row in kept.get("quartiers", [])
        }

    def of(self, evolution: Evolution, t: Territoire) -> RegleDuVerdict | None:
        """The rule and document behind an evolution's verdict; None when no rule spoke."""
        wanted = {
            "code_indicateur": evolution.code_indicateur,
            "type_territoire": t.type,
            "relation": t.relation,
            "periode": evolution.periode,
            "periode_comparaison": evolution.comparaison,
            # A figure taken out for another reason is not what these rules decided.
            "verdict": evolution.comparabilite,
        }
        for row in self._verdicts:
            keys = wanted if row["periode"] else wanted.keys() - {"periode"}
            if all(row[key] == wanted[key] for key in keys):
                return RegleDuVerdict(row["regle"], row["document"])
        if evolution.comparabilite == "non_comparable":
            where = (t.code, *(wanted[k] for k in _QUARTIER[1:]))
            return self._quartiers.get(where)
        return None

    def interdits(
        self, indicateur: IndicateurPublie, territoire: Territoire
    ) -> list[InterditPublie]:
        """What the rules forbid to set beside a figure, whatever the edition compares."""
        return [
            InterditPublie.lu(row)
            for row in self._limites
            if row["code_indicateur"] == indicateur.code
            and (not row["portee"] or territoire.type in row["portee"])
        ]
