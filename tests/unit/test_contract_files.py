"""A contract is refused with its file, its lines and what to write, all faults at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.contracts import (
    CITED,
    SIREN,
    contract,
    figures,
    objective,
    point,
    write_contract,
)
from warehouse.base.errors import QpvError
from warehouse.base.layout import CONTRATS_EXEMPLE, Layout
from warehouse.declared.contracts import given_contrats, load_contrats
from warehouse.publication.contrats.controle import require_known
from warehouse.publication.contrats.euros import add_up, read_credits
from warehouse.publication.contrats.mesures import POPULATION, PointLu

HEADER = "annee;action;orientation;perimetre;montant"


def refused(folder: Path) -> str:
    with pytest.raises(QpvError) as caught:
        require_known(load_contrats(folder), figures(point("2016", 40.0)))
    return caught.value.paragraphe()


def line(path: Path, text: str) -> int:
    """The first line that holds a text."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, said in enumerate(lines, 1) if text in said)


def test_the_example_is_of_the_form() -> None:
    [one] = load_contrats(CONTRATS_EXEMPLE)
    assert one.contrat.exemple and read_credits(one)


def test_unknown_quarter_indicator_and_period_are_told_at_once_each_with_its_line(
    tmp_path: Path,
) -> None:
    told = contract(
        perimetres={"qpv": {"2015": ["QP059050", "QP059999"]}},
        objectifs=[
            objective(indicateur="tauxx"),
            objective(code="autre", depart={"periode": "2019"}),
            objective(code="encore", territoire="QP059052"),
        ],
    )
    path = write_contract(tmp_path, told)
    said = refused(tmp_path)
    assert f"{SIREN}.yml" in said and "4 fautes" in said
    for text, words in (
        ("QP059999", "quartier inconnu : 'QP059999' ; écrire QP05905"),
        ("tauxx", "indicateur inconnu : 'tauxx' ; écrire taux ?"),
        ("'2019'", "période inconnue : '2019' ; écrire une de : 2016"),
        ("QP059052", "territoire inconnu : 'QP059052'"),
    ):
        assert words in said
        assert f"ligne {line(path, text)}," in said


def test_the_period_of_another_indicator_is_no_label_for_the_same_days(tmp_path: Path) -> None:
    write_contract(tmp_path, contract(objectifs=[objective(depart={"periode": "2018"})]))
    [told] = load_contrats(tmp_path)
    mesures = figures(point("2016", 40.0), point("2021", 1.0))
    require_known([told], mesures)  # a start that this release does not have
    end = point("2018", 1.0)._replace(periode="2018-12-31")
    mesures = figures(point("2016", 40.0), end)
    assert "2018" in mesures.periodes
    with pytest.raises(QpvError) as caught:
        require_known([told], mesures)
    said = caught.value.paragraphe()
    assert "période inconnue : '2018' ; écrire une de : 2016, 2018-12-31" in said


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"fin": 2023}, "2023 précède 2024"),
        ({"cles": 1}, "clé inconnue"),
        ({"perimetres": {"qpv": {"2015": ["QN05950M"]}}}, "n'est pas un code de quartier"),
        ({"perimetres": {"qpv": {"2024": ["QN05950M"]}}}, "les QPV du périmètre 2015 manquent"),
        ({"objectifs": [objective(orientation="x")]}, "orientation inconnue : 'x'"),
        ({"objectifs": [objective(), objective()]}, "a déjà son objectif"),
        ({"objectifs": [objective(indicateur=None)]}, "un `indicateur` ou un `comptage`"),
        ({"objectifs": [objective(depart={"periode": "2016", "valeur": 1})]}, "le document et la"),
        ({"objectifs": [objective(depart={"periode": "2016-02-30"})]}, "calendrier"),
        (
            {
                "objectifs": [
                    objective(cible={"operateur": "au_plus", "annee": 2030, "source": CITED})
                ]
            },
            "une borne (au_moins, au_plus) a une valeur",
        ),
        (
            {"documents": {"autre": {"titre": "Autre"}}},
            "document inconnu : 'texte' ; un de : autre",
        ),
        ({"credits": "../ailleurs.csv"}, "n'a pas la forme"),
    ],
)
def test_what_a_contract_contradicts_is_refused_with_its_line(
    changed: dict, words: str, tmp_path: Path
) -> None:
    write_contract(tmp_path, contract(**changed))
    said = refused(tmp_path)
    assert words in said and "ligne " in said and f"{SIREN}.yml" in said


def test_a_file_is_named_after_its_epci_and_a_folder_has_one(tmp_path: Path) -> None:
    write_contract(tmp_path, contract()).rename(tmp_path / "200000001.yml")
    assert f"le fichier se nomme {SIREN}.yml" in refused(tmp_path)
    with pytest.raises(QpvError, match="aucun contrat"):
        load_contrats(tmp_path / "absent")
    assert given_contrats("", Layout(tmp_path)) == []


def euros(tmp_path: Path, *rows: str, people: dict[str, float | None]) -> list[tuple]:
    write_contract(tmp_path, contract(credits="argent.csv"))
    (tmp_path / "argent.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    [one] = load_contrats(tmp_path)
    mesures = figures()
    for code, count in people.items():
        statut = "diffuse" if count is not None else "secret"
        point_ = PointLu("2018", point("2018", 1.0).fin, "2015", count, statut, "")
        mesures.points[POPULATION, code] = [point_]
    sums = add_up(one.contrat, read_credits(one), mesures)
    return [(s.annee, s.quartiers, s.orientation, s.par_habitant, s.raison) for s in sums]


BOTH = ("QP059050", "QP059051")


def test_a_ratio_is_over_the_people_of_the_very_quarters_that_share_the_amount(
    tmp_path: Path,
) -> None:
    rows = (
        "2024;A;emploi;QP059050;1 000,50",
        "2024;B;emploi;QP059050;0,50",
        "2024;C;sante;tous;600",
    )
    found = euros(tmp_path, *rows, people={"QP059050": 100, "QP059051": 200})
    assert found == [
        (2024, ("QP059050",), "emploi", 1001 / 100, ""),
        (2024, BOTH, "sante", 600 / 300, ""),
    ]


def test_a_blank_amount_is_never_0_and_0_is_an_amount(tmp_path: Path) -> None:
    rows = ("2024;A;emploi;QP059050;10", "2024;B;emploi;QP059050;", "2025;C;emploi;QP059051;0")
    (newest, blank) = euros(tmp_path, *rows, people={"QP059050": 100, "QP059051": 200})
    assert newest[3] == 0
    assert blank[3] is None and "1 montant non renseigné" in blank[4]


def test_people_that_are_masked_or_not_published_give_no_ratio(tmp_path: Path) -> None:
    [one] = euros(tmp_path, "2024;A;sante;tous;600", people={"QP059050": 100, "QP059051": None})
    assert one[3] is None and "habitants masqués : QP059051" in one[4]
    [two] = euros(tmp_path, "2024;A;sante;tous;600", people={"QP059050": 100})
    assert two[3] is None and "habitants non publiés : QP059051" in two[4]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2031;A;emploi;tous;1", "annee '2031'"),
        ("2024;A;emplois;tous;1", "orientation inconnue : 'emplois'"),
        ("2024;A;emploi;QP059052;1", "perimetre inconnu : 'QP059052'"),
        ("2024;A;emploi;QP059050+QP059050;1", "deux fois"),
        ("2024;A;emploi;tous;1O", "montant '1O'"),
        ("2024;A;emploi;tous;-5", "négatif"),
        ("2024;;emploi;tous;5", "action sans nom"),
    ],
)
def test_a_line_of_credits_is_refused_with_its_number(row: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(QpvError) as caught:
        euros(tmp_path, "2024;A;emploi;tous;1", row, people={})
    said = caught.value.paragraphe()
    assert words in said and "argent.csv" in said and "ligne 3" in said
