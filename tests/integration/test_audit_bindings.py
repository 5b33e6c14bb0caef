"""`qpv audit` never reassures falsely: a relation that meets no cell, a cell left unattacked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.conftest import invoke_qpv

COUNT = {"entier": True}
KEPT = "Aucune case masquée n'est exposée"
RSA = "zone,rsa\nQP000001,nd\nQP000002,98\nQP000003,nd\nQP000004,61\nEnsemble,240\n"
TOTAL = {"total": "Ensemble", "sommes": [{"total": "Ensemble", "parties": ["QP*"]}]}


def _audit(folder: Path, tables: dict[str, str], relations: dict, rules: dict | None = None):
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "relations.yml").write_text(yaml.safe_dump(relations), encoding="utf-8")
    words = [str(folder / n) for n in tables if not n.startswith("codes")]
    words += ["--relations", str(folder / "relations.yml"), "--json", str(folder / "audit.json")]
    if rules:
        (folder / "regles.yml").write_text(yaml.safe_dump({"regles": rules}), encoding="utf-8")
        words += ["--rules", str(folder / "regles.yml")]
    return invoke_qpv("audit", *words)


def _one(dimension: dict | None = None, *columns: str, **more: object) -> dict:
    mesures = dict.fromkeys(columns or ("rsa",), COUNT)
    found = {"tableaux": [{"fichier": "t", "dimensions": ["zone"], "mesures": mesures}], **more}
    return found | ({"dimensions": {"zone": dimension}} if dimension else {})


UNBOUND = {
    "total": ({"total": "ENSEMBLE"}, "dimensions.zone.total (ENSEMBLE)", "Ensemble"),
    "total of a sum": (
        {"sommes": [{"total": "ensemble", "parties": ["QP*"]}]},
        "dimensions.zone.sommes.0 (ensemble = QP*)",
        "Ensemble",
    ),
    "pattern": (
        {"sommes": [{"total": "Ensemble", "parties": ["QP000001", "qp*"]}]},
        "dimensions.zone.sommes.0 (Ensemble = QP000001 + qp*)",
        "QP000001",
    ),
    "one part": (
        {"sommes": [{"total": "Ensemble", "parties": ["QP*", "frange"]}]},
        "aucune ligne ne porte le code « frange »",
        "",
    ),
    "second sum": (
        {"sommes": [*TOTAL["sommes"], {"total": "QP000004", "parties": ["QN1"]}]},
        "dimensions.zone.sommes.1 (QP000004 = QN1)",
        "",
    ),
    "within": ({"dans": [["QP000001", "Ensembles"]]}, "dimensions.zone.dans.0", "Ensemble"),
}


@pytest.mark.parametrize("case", UNBOUND)
def test_a_relation_along_the_key_that_no_line_bears_is_refused(case: str, tmp_path: Path) -> None:
    dimension, name, meant = UNBOUND[case]
    code, output = _audit(tmp_path, {"t.csv": RSA}, _one(dimension))
    assert (code, name in output, "À faire" in output) == (1, True, True), output
    assert not meant or f"écrire « {meant} »" in output
    assert KEPT not in output


def test_a_hierarchy_of_other_codes_is_refused(tmp_path: Path) -> None:
    table = "zone,rsa\n1,nd\n2,98\nEnsemble,240\n"
    relations = _one({"total": "Ensemble", "hierarchie": "codes.csv"})
    for text, said in (
        ("section,division\n01,011\n02,021\n", "la ligne « 1 » n'entre dans aucune relation"),
        ("section,division\nA,A1\nB,B1\n", "dimensions.zone.hierarchie (codes.csv) ne lie aucune"),
    ):
        code, output = _audit(tmp_path, {"t.csv": table, "codes.csv": text}, relations)
        assert (code, said in output) == (1, True), output
    code, output = _audit(
        tmp_path, {"t.csv": table, "codes.csv": "section,division\n1,11\n2,21\n"}, relations
    )
    assert (code, "rsa, 1 : 142 (exactement" in output) == (1, True), output


def test_lines_that_the_pattern_misses_by_their_spelling_are_refused(tmp_path: Path) -> None:
    # Half of the parts: 240 - 61 would be said of the other half alone.
    table = RSA.replace("QP000001", "qp000001").replace("QP000002", "Qp 000002")
    code, output = _audit(tmp_path, {"t.csv": table}, _one(TOTAL))
    assert (code, "la ligne « qp000001 » n'entre dans aucune relation" in output) == (1, True)


def test_lines_that_no_relation_names_are_told(tmp_path: Path) -> None:
    table = RSA.replace("QP000004", "Bellevue")
    code, output = _audit(tmp_path, {"t.csv": table}, _one(TOTAL))
    assert code == 0
    assert "1 code(s) qu'aucune relation ne nomme, laissés hors des sommes : « Bellevue »" in output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sommes": [{"total": "rsa", "parties": ["Femmes", "hommes"]}]}, "écrire « femmes »"),
        ({"dans": [["femmes", "allocs"]]}, "dans.0 (femmes <= allocs) ne lie aucune case"),
        ({"parts": [{"part": "tx", "num": "rsa", "den": "femmes"}]}, "parts.0 (tx) ne lie"),
        ({"parts": [{"part": "hommes", "num": "rsa", "den": "femme"}]}, "écrire « femmes »"),
        (
            {"evolutions": [{"actuel": "rsa", "avant": "femmes", "pts": "evolution"}]},
            "evolutions.0.pts (evolution) ne lie",
        ),
    ],
)
def test_a_relation_between_columns_that_names_none_is_refused(
    more: dict, said: str, tmp_path: Path
) -> None:
    table = "zone,rsa,femmes,hommes\nQ1,40,33,nd\n"
    code, output = _audit(tmp_path, {"t.csv": table}, _one(None, "rsa", "femmes", "hommes", **more))
    assert (code, said in output) == (1, True), output


def _two(**more: object) -> dict:
    tables = [
        {"fichier": f, "dimensions": ["zone"], "mesures": {m: COUNT}}
        for f, m in (("t", "rsa"), ("u", "femmes"))
    ]
    return {
        "tableaux": tables,
        "sommes": [{"total": "rsa", "parties": ["femmes", "hommes"]}],
    } | more


def test_columns_of_two_tables_that_no_line_joins_are_refused(tmp_path: Path) -> None:
    relations = _two(non_imprimees={"hommes": COUNT})
    tables = {"t.csv": "zone,rsa\n1,40\n2,30\n", "u.csv": "zone,femmes\n01,nd\n02,10\n"}
    code, output = _audit(tmp_path, tables, relations)
    assert (code, "aucune ligne n'a rsa et femmes" in output) == (1, True), output
    tables["u.csv"] = "zone,femmes\n1,nd\n02,10\n"
    code, output = _audit(tmp_path, tables, relations)
    assert (code, "1 ligne(s) sur 3 ont rsa et femmes ; pas « 02 » et « 2 »" in output) == (0, True)


def test_two_tables_of_one_mesure_that_share_no_cell_are_told(tmp_path: Path) -> None:
    relations = _two(sommes=[])
    relations["tableaux"][1]["mesures"] = {"rsa": COUNT}
    tables = {"t.csv": "zone,rsa\n1,nd\n2,30\n", "u.csv": "zone,rsa\n01,12\n02,30\n"}
    code, output = _audit(tmp_path, tables, relations)
    assert (code, "rsa : t et u n'ont aucune case en commun" in output) == (0, True), output
    assert KEPT not in output


def test_a_table_that_lacks_parts_of_another_says_so(tmp_path: Path) -> None:
    relations = _two(sommes=[], dimensions={"zone": TOTAL})
    tables = {
        "t.csv": RSA,
        "u.csv": "zone,femmes\nQP000001,nd\nQP000002,nd\nEnsemble,40\n",
    }
    code, output = _audit(tmp_path, tables, relations)
    said = "femmes : pas de ligne pour « QP000003 » et « QP000004 », laissés hors de la somme"
    assert (code, said in output) == (0, True), output


def test_a_sum_takes_its_parts_from_every_table_of_the_mesure(tmp_path: Path) -> None:
    relations = _two(sommes=[], dimensions={"zone": TOTAL})
    relations["tableaux"][1]["mesures"] = {"rsa": COUNT}
    tables = {"t.csv": "zone,rsa\nQP1,nd\nEnsemble,50\n", "u.csv": "zone,rsa\nQP2,20\n"}
    code, output = _audit(tmp_path, tables, relations)
    assert (code, "rsa, QP1 : 30 (exactement" in output) == (1, True), output


def test_signs_that_no_row_bears_are_refused(tmp_path: Path) -> None:
    relations = _one(TOTAL)
    relations["tableaux"][0]["masque"] = {"colonne": "secret", "signes": ["Oui"]}
    table = "zone,rsa,secret\nQP1,3,oui\nQP2,9,non\nEnsemble,12,non\n"
    code, output = _audit(tmp_path, {"t.csv": table}, relations)
    assert (code, "aucune ligne n'a « Oui »" in output, "« oui »" in output) == (1, True, True)
    relations["tableaux"][0]["masque"]["signes"] = ["oui"]
    rules = {"rsa": {"seuil": 5, "primaires": {"colonne": "secret", "signes": ["primaire"]}}}
    code, output = _audit(tmp_path, {"t.csv": table}, relations, rules)
    assert (code, "la règle de rsa, primaires, ne lie aucune case" in output) == (1, True), output


def test_a_table_without_masked_row_beside_one_that_has_some_is_told(tmp_path: Path) -> None:
    masque = {"colonne": "secret", "signes": ["oui"]}
    tables = [
        {"fichier": f, "dimensions": ["zone"], "masque": masque, "mesures": {"rsa": COUNT}}
        for f in ("t", "u")
    ]
    files = {
        "t.csv": "zone,rsa,secret\nQP1,3,oui\nQP2,,oui\nEnsemble,12,non\n",
        "u.csv": "zone,rsa,secret\nQP3,4,non\nEnsemble,12,non\n",
    }
    code, output = _audit(tmp_path, files, {"tableaux": tables, "dimensions": {"zone": TOTAL}})
    assert (code, "u.csv, colonne secret : aucune ligne n'a « oui »" in output) == (0, True), output


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "t.csv").write_text("zone,rsa\nQP1,3\n", encoding="utf-8")
    code, output = _audit(tmp_path, {"t.csv": RSA, "b/t.csv": RSA}, _one(TOTAL))
    assert (code, "deux tableaux du même nom : t" in output) == (1, True), output


def test_an_audit_without_masked_cell_or_relation_says_that_it_attacked_nothing(
    tmp_path: Path,
) -> None:
    code, output = _audit(tmp_path, {"t.csv": "zone,rsa\nQP1,3\nEnsemble,3\n"}, _one(TOTAL))
    assert (code, "Rien n'a été attaqué : aucune case masquée" in output) == (0, True), output
    assert "« nd », « s »" in output
    code, output = _audit(tmp_path, {"t.csv": RSA}, _one())
    said = "Rien n'a été attaqué : aucune relation ne touche les 2 case(s) masquée(s)"
    assert (code, said in output, KEPT in output) == (0, True, False), output


def test_blank_cells_beside_a_total_are_told_and_refused_where_they_are_given(
    tmp_path: Path,
) -> None:
    code, output = _audit(tmp_path, {"t.csv": RSA.replace("nd", "")}, _one(TOTAL))
    assert (code, KEPT in output) == (0, False), output
    assert "Cases vides à côté d'un total, non attaquées (2)" in output
    assert "rsa, QP000001 (t.csv, ligne 2, rsa)" in output
    one = RSA.replace("QP000001,nd", "QP000001,").replace("QP000003,nd", "QP000003,20")
    code, output = _audit(tmp_path, {"t.csv": one}, _one(TOTAL))
    assert (code, "1 case(s) vide(s) se retrouvent" in output, "rsa, QP000001 (61)" in output) == (
        1,
        True,
        True,
    ), output
    # A blank that can only be 0 has no figure to hide.
    code, output = _audit(tmp_path, {"t.csv": one.replace("240", "179")}, _one(TOTAL))
    assert code == 0, output


def test_cells_left_aside_are_never_passed_off_as_kept(tmp_path: Path) -> None:
    relations = _one(TOTAL, "rsa", "mediane")
    relations["tableaux"][0]["mesures"] = {"rsa": COUNT, "mediane": {"type": "autre"}}
    table = RSA.replace("zone,rsa", "zone,rsa,mediane").replace("\nQP", ",nd\nQP", 4)
    table = "zone,rsa,mediane,aah\nQP1,nd,nd,nd\nQP2,nd,12,8\nEnsemble,20,11,9\n"
    code, output = _audit(tmp_path, {"t.csv": table, "v.csv": "a,b\n1,nd\n"}, relations)
    assert (code, KEPT in output) == (0, False), output
    assert "Des 2 case(s) masquée(s) attaquées, aucune n'est exposée" in output
    assert "laissées de côté : 1 masquée(s) sans relation" in output
    assert "mediane, QP1" in output
    assert "t.csv, colonne aah : 1 case(s) masquée(s)" in output
    assert "v.csv : aucun tableau des relations ne le décrit" in output
    written = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    assert [written["attaquees"], len(written["non_lus"])] == [2, 2]
    assert {c["case"]: c["attaquee"] for c in written["cases"]}["mediane, QP1"] is False


# --- figures rounded to a base

ROUNDED = {"total": "Ensemble", "sommes": [{"total": "Ensemble", "parties": ["QP*"]}]}


def _rounded(folder: Path, table: str, **mesure: object) -> tuple[int, str]:
    relations = _one(ROUNDED)
    relations["tableaux"][0]["mesures"] = {"rsa": {"entier": True, **mesure}}
    return _audit(folder, {"t.csv": table}, relations)


def test_sums_of_figures_rounded_to_5_are_not_exact(tmp_path: Path) -> None:
    table = "zone,rsa\nQP1,nd\nQP2,385\nQP3,630\nEnsemble,1120\n"
    code, output = _rounded(tmp_path, table)
    assert (code, "rsa, QP1 : 105 (exactement" in output) == (1, True), output
    # 385, 630 and 1 120 are each within 2 of it in whole units: 105 ± 6.
    code, output = _rounded(tmp_path, table, arrondi_a=5)
    assert (code, "rsa, QP1 : de 99 à 111" in output) == (0, True), output
    # To 10: each within 5.
    code, output = _rounded(tmp_path, table.replace("385", "380"), arrondi_a=10)
    assert (code, "rsa, QP1 : de 95 à 125" in output) == (0, True), output
    # To the unit, a count is exact.
    code, output = _rounded(tmp_path, table, arrondi_a=1)
    assert (code, "rsa, QP1 : 105 (exactement" in output) == (1, True), output


def test_a_cell_found_as_narrowly_as_print_would_is_exposed(tmp_path: Path) -> None:
    # One quarter alone in its total: 8 to 12, as « 10 » would say.
    code, output = _rounded(tmp_path, "zone,rsa\nQP1,nd\nEnsemble,10\n", arrondi_a=5)
    assert (code, "rsa, QP1 (de 8 à 12)" in output) == (1, True), output


def test_a_rounding_that_the_figures_contradict_is_refused(tmp_path: Path) -> None:
    code, output = _rounded(tmp_path, "zone,rsa\nQP1,nd\nQP2,12\nEnsemble,20\n", arrondi_a=5)
    assert (code, "'12' n'est pas un multiple de 5" in output) == (1, True), output
    assert "t.csv, ligne 3, rsa" in output
    code, output = _rounded(tmp_path, "zone,rsa\nQP1,nd\nEnsemble,20\n", arrondi_a=5, decimales=0)
    assert (code, "garder l'un des deux" in output) == (1, True), output


def test_a_masked_rate_over_a_rounded_figure_is_bounded(tmp_path: Path) -> None:
    relations = _one(None, "rsa", "den")
    rounded = {"entier": True, "arrondi_a": 5}
    taux = {"type": "part", "decimales": 1}
    relations["tableaux"][0]["mesures"] = {"rsa": rounded, "den": rounded, "taux": taux}
    relations["parts"] = [{"part": "taux", "num": "rsa", "den": "den"}]
    code, output = _audit(tmp_path, {"t.csv": "zone,rsa,den,taux\nQ1,50,200,nd\n"}, relations)
    # 48 ÷ 202 = 23.76 %, 52 ÷ 198 = 26.26 %.
    assert (code, "taux, Q1 : de 23,76 à 26,26" in output) == (0, True), output


def test_one_mesure_is_rounded_in_one_table_and_not_in_another(tmp_path: Path) -> None:
    relations = _one(ROUNDED)
    relations["tableaux"].append(
        {"fichier": "u", "dimensions": ["zone"], "mesures": {"rsa": {**COUNT, "arrondi_a": 5}}}
    )
    tables = {"t.csv": "zone,rsa\nQP1,nd\nQP2,12\nEnsemble,20\n", "u.csv": "zone,rsa\nQP2,10\n"}
    code, output = _audit(tmp_path, tables, relations)
    assert (code, "rsa, QP1 : 8 (exactement" in output) == (1, True), output


def test_a_rule_or_a_mesure_that_nothing_uses_is_told(tmp_path: Path) -> None:
    relations = _one(TOTAL, non_imprimees={"creations": COUNT})
    code, output = _audit(tmp_path, {"t.csv": RSA}, relations)
    assert (code, "non_imprimees.creations : aucune relation" in output) == (0, True), output
    code, output = _audit(tmp_path, {"t.csv": RSA}, relations, {"RSA": {"seuil": 5}})
    assert (code, "règle pour une mesure inconnue : RSA" in output) == (1, True), output
    assert "écrire « rsa »" in output
    assert _audit(tmp_path, {"t.csv": RSA}, relations, {"creations": {"seuil": 5}})[0] == 1


def test_sums_dropped_because_figures_are_rounded_are_told(tmp_path: Path) -> None:
    parts = "".join(f"QP{at},{10 * at + 5}\n" for at in range(1, 9))
    # 15 + 25 + … + 85 = 400: the two masked ones would make -5.
    table = f"zone,rsa\nQP9,nd\nQP10,nd\n{parts}Ensemble,395\n"
    code, output = _rounded(tmp_path, table)
    assert (code, KEPT in output) == (0, False), output
    assert "1 relation(s) que les chiffres contredisent" in output
    assert "rsa : toutes ses valeurs sont des multiples de 5" in output
    code, output = _rounded(tmp_path, table, arrondi_a=5)
    assert "toutes ses valeurs" not in output and "contredisent" not in output
    # Nine figures to ± 2: 18 - 5.
    assert (code, "rsa, QP9 : de 0 à 13" in output) == (0, True), output
