"""Which rule `qpv explain` names for one evolution of a release."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from warehouse.publication.explain.facts import RegleDuVerdict
from warehouse.publication.explain.kept_verdicts import FICHIER, Verdicts
from warehouse.release.published import Evolution, Territoire

QUARTIER = Territoire("QP079004", "qpv", "", perimetre="2015", departement="79")
REFUSEE = Evolution(
    *("QP079004", "2015", "pop_communes_du_qpv", "2018", "2013"),
    *(None, None, None, "non_comparable", "…", "non_comparable"),
)


def kept(folder: Path, *verdicts: dict) -> Verdicts:
    path = folder / FICHIER
    path.parent.mkdir(parents=True, exist_ok=True)
    own = {
        "code_territoire": "QP079004", "code_indicateur": "pop_communes_du_qpv",
        "periode": "2018", "periode_comparaison": "2013",
    }  # fmt: skip
    content = {"verdicts": verdicts, "quartiers": [own | {"regle": "C09", "document": "Insee"}]}
    path.write_text(json.dumps(content), encoding="utf-8")
    return Verdicts(folder)


def test_the_rule_of_one_quarter_is_named_and_of_no_other(tmp_path: Path) -> None:
    verdicts = kept(tmp_path)
    assert verdicts.of(REFUSEE, QUARTIER) == RegleDuVerdict("C09", "Insee")
    assert verdicts.of(REFUSEE, replace(QUARTIER, code="QP079005")) is None
    shown = REFUSEE._replace(statut="diffuse", comparabilite="comparable")
    assert verdicts.of(shown, QUARTIER) is None


def test_a_rule_that_forbids_the_two_periods_goes_first(tmp_path: Path) -> None:
    row = {
        "code_indicateur": "pop_communes_du_qpv", "type_territoire": "qpv", "relation": "",
        "periode": "2018", "periode_comparaison": "2013", "verdict": "non_comparable",
        "regle": "C04", "document": "Insee, recensement",
    }  # fmt: skip
    assert kept(tmp_path, row).of(REFUSEE, QUARTIER) == RegleDuVerdict("C04", "Insee, recensement")
