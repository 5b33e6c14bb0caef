"""La Porte du Hainaut's objectives beside the real figures: states, refusals, what is masked."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.fixtures.contracts import CITED, contract, objective, write_contract
from warehouse.base.layout import CONTRATS_EXEMPLE
from warehouse.declared.contracts import load_contrats
from warehouse.declared.dictionary import load_edition
from warehouse.publication.contrats.pages import CommandeDeContrats, render_contrats

SIREN = "200042190"


@pytest.fixture(scope="module")
def page(national_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("contrat")
    render_contrats(
        CommandeDeContrats(
            national_release / "qpv.duckdb",
            out,
            load_edition("2022"),
            national_release.name,
            load_contrats(CONTRATS_EXEMPLE),
        )
    )
    return out / "contrats" / f"{SIREN}.html"


def objectives(page: Path) -> dict[str, dict[str, str]]:
    with page.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def article(page: Path, title: str) -> str:
    """What the page shows of one objective."""
    text = page.read_text(encoding="utf-8")
    return text[text.index(f"<h3>{title}</h3>") :].partition("</li>")[0]


def test_each_objective_has_a_source_and_a_verdict(page: Path) -> None:
    told = objectives(page)
    assert len(told) >= 10
    assert all(row["cible_page"] and row["comparaison"] and row["etat"] for row in told.values())


def test_a_forbidden_comparison_is_refused_with_its_rule_and_without_an_arrow(page: Path) -> None:
    # Cnam, two consecutive millésimes: Insee forbids the evolution at this level.
    row = objectives(page)["c2s"]
    assert (row["depart"], row["valeur"]) == ("14148.0", "16637.0")
    assert (row["comparaison"], row["etat"]) == ("interdite", "pas de mesure")
    shown = article(page, "Plus de personnes couvertes par la complémentaire santé solidaire")
    assert "moins de 2 ans entre les deux périodes" in shown
    assert not any(mark in shown for mark in "▲▼")


def test_a_masked_figure_says_so(page: Path) -> None:
    row = objectives(page)["pauvrete_elnon"]
    assert (row["periode"], row["valeur"], row["etat"]) == ("2021", "", "pas de mesure")
    assert row["raison"].startswith("chiffre masqué")


@pytest.mark.parametrize(
    ("code", "state"),
    # By hand, from the producers' counts: 3 508 of 7 403, then 3 788 of 7 601; 1 571, then 1 524.
    [("chomeurs_longue_duree", "s’éloigne"), ("jeunes_chomeurs", "en chemin")],
)
def test_two_years_of_job_seekers_may_be_compared(code: str, state: str, page: Path) -> None:
    row = objectives(page)[code]
    assert (row["comparaison"], row["etat"]) == ("permise", state)


def test_what_a_contract_prints_of_a_masked_quarter_s_set_is_not_said_again(
    national_release: Path, tmp_path: Path
) -> None:
    """Women among the job seekers: Elnon's are masked, and 46,3 % is what the fiche printed."""
    told = [
        objective(
            code=code,
            indicateur=indicateur,
            depart={"periode": "2021-12-31", "valeur": value, "source": CITED},
        )
        for code, indicateur, value in (
            ("part", "part_defm_abc_femmes", 46.3),
            ("nombre", "nb_defm_abc_femmes", 3571),
        )
    ]
    write_contract(tmp_path, contract(objectifs=told))
    order = CommandeDeContrats(
        national_release / "qpv.duckdb",
        tmp_path,
        load_edition("2022"),
        national_release.name,
        load_contrats(tmp_path),
    )
    render_contrats(order)
    shown = tmp_path / "contrats" / f"{SIREN}.html"
    rows = objectives(shown)
    assert (rows["part"]["depart_imprime"], rows["nombre"]["depart"]) == ("", "")
    assert round(float(rows["part"]["depart"]), 1) == 47.0  # 3 519 of 7 488, on 12 quarters
    for text in (shown.read_text("utf-8"), shown.with_suffix(".csv").read_text("utf-8")):
        assert not any(hidden in text for hidden in ("46,3", "46.3", "3\u202f571", "3571"))
