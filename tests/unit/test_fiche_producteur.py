"""A producer's own set of QPV on a fiche: only where the set of all QPV has no figure."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.unit.test_fiche_donnees import DICTIONNAIRE, EDITION, write_release
from warehouse.publication.fiches.lecture import load_donnees
from warehouse.publication.fiches.tableaux import Vue
from warehouse.publication.fiches.vues import Presentation

SAID = "ligne nationale du producteur : QPV de France métropolitaine et de La Réunion"


def rows(view: Vue) -> dict[str, list]:
    return {
        line.rang.territoire.code: line.cellules
        for _, lines in view.groupes
        for line in lines
        if line.rang.territoire.type != "qpv"
    }


def test_it_fills_the_gaps_of_france_and_says_what_it_covers(tmp_path: Path) -> None:
    db = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(db)) as link:
        link.execute(
            "insert into dim_territoire values ('QPV@INSEE', 'qpv_producteur',"
            " 'Ensemble des QPV selon l''Insee', 'x', '2015', null, null, null, null, null, null)"
        )
        for indicateur, periode, valeur in (
            ("part_defm", "2021-12-31", 44.7),
            ("population_municipale", "2018", 5019573),
        ):
            link.execute(
                "insert into fct_indicateur values ('QPV@INSEE', 'qpv_producteur', '2015', ?, ?,"
                " null, null, ?, 'diffuse', ?, 'insee_a', '2022', true)",
                [indicateur, periode, valeur, SAID],
            )
    for codes in (None, ["200000001"]):  # all fiches, or those that are asked for
        donnees = load_donnees(db, DICTIONNAIRE, EDITION, codes)
        page = Presentation(donnees, DICTIONNAIRE).fiche("annexes/epci/200000001.html")
        population, defm, *_ = [view for r in page.rubriques for view in r.vues]
        # France has its population, and no share: there alone the producer's line is shown.
        assert "QPV@FRMETRO" in rows(population) and "QPV@INSEE" not in rows(population)
        text, call, reason, _ = rows(defm)["QPV@INSEE"][0]
        assert (text, reason) == ("44,7", SAID) and (call, SAID) in page.notes
