"""The period of each term of an indicator, for quarters and for whole territories."""

from __future__ import annotations

from types import SimpleNamespace

from warehouse.declared.dictionary import Indicateur
from warehouse.declared.indicator_periods import indicator_periods

COMMON = {
    "unite": "%", "definition": "d", "lecture": "l", "arrondi": 1, "agregation": "rapport",
    "publier": True, "sens": "neutre",
}  # fmt: skip


def _read(
    mesure: str, periode: str, couvre: str, *, choix: str | None = None, ans: int = 0
) -> dict:
    return {"mesure": mesure, "choix": choix, "periode": periode, "etat": "lue", "rang": 0,
            "vaut_pour_annees": ans, "couvre": couvre}  # fmt: skip


def _dated(*plan: dict) -> dict[tuple[str, bool], dict[str, tuple[str, str | None]]]:
    """(period, whole territories) → term → its own period, and what is said of it."""
    part = Indicateur(libelle="Part", type="part", num={"gens": 1}, den={"tous": 1}, **COMMON)
    found: dict[tuple[str, bool], dict[str, tuple[str, str | None]]] = {}
    for row in indicator_periods(SimpleNamespace(indicateurs={"part": part}), plan).termes:
        terms = found.setdefault((row["periode"], row["est_entier"]), {})
        terms[row["terme"]] = row["periode_terme"], row["reserve"]
    return found


def test_a_denominator_is_of_the_nearest_period_that_a_file_about_these_territories_holds() -> None:
    found = _dated(
        _read("gens", "2020-12-31", "qpv", choix="niveau"),
        _read("gens", "2020-12-31", "epci"),
        _read("tous", "2013", "qpv", ans=3),
        _read("tous", "2018", "qpv", ans=3),
        *(_read("tous", str(year), "commune", ans=3) for year in (2018, 2020, 2022)),
    )
    assert found["2020-12-31", False]["tous"] == ("2018", "dénominateur : 2018")
    assert found["2020-12-31", True]["tous"] == ("2020", "dénominateur : 2020")
    assert {terms["gens"] for terms in found.values()} == {("2020-12-31", None)}


def test_a_figure_is_never_lent_to_itself() -> None:
    """Beside quarters of 2018, a commune of 2020 is not told as one of 2018."""
    found = _dated(
        _read("gens", "2018", "qpv", choix="niveau", ans=3),
        _read("gens", "2020", "commune", ans=3),
        _read("tous", "2018", "qpv"),
        _read("tous", "2020", "commune"),
    )
    assert found["2018", True]["gens"] == ("2018", None)
    assert found["2020", True] == {"gens": ("2020", None), "tous": ("2020", None)}


def test_beyond_what_a_block_lends_there_is_no_figure() -> None:
    found = _dated(
        _read("gens", "2022", "qpv"),
        _read("tous", "2018", "qpv", ans=3),
        _read("gens", "2020", "qpv", choix="niveau"),
    )
    assert {periode for periode, _ in found} == {"2020"}
