"""A formula, exhibit or edition that makes no sense is refused, naming the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.registry import load_registry
from ingest.subjects import about_communes
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, load_dictionary, load_edition
from warehouse.declared.wording import refuse_misread

RUBRIQUE = """\
rubrique: ages
theme: démographie
question: Quel âge ont-ils ?
ordre: 20
indicateurs:
  part_jeunes:
    libelle: Part des jeunes
    unite: "%"
    type: part
    arrondi: 1
    num: {pop_jeunes: 1}
    den: {pop_totale: 1}
    facteur: 100
    agregation: rapport
    sens: neutre
    definition: Jeunes rapportés à la population.
    lecture: Dans {territoire}, {valeur} sont jeunes en {periode}.
    publier: true
tableaux:
  - id: jeunes
    titre: Les jeunes
    colonnes:
      - {indicateur: part_jeunes, titre: Part}
"""


def load(folder: Path, *edits: tuple[str, str], name: str = "ages.yml") -> Dictionary:
    text = RUBRIQUE
    for before, after in edits:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (folder / name).write_text(text, encoding="utf-8")
    return load_dictionary(folder)


@pytest.mark.parametrize(
    ("before", "after", "key", "said"),
    [
        ("arrondi: 1", "arondi: 1", "indicateurs.part_jeunes.arrondi", "clé manquante"),
        ("arrondi: 1", "arrondi: 9", "indicateurs.part_jeunes.arrondi", "au plus 3"),
        ("publier: true", "publie: true", "indicateurs.part_jeunes.publie", "clé inconnue"),
        ("    sens: neutre\n", "", "indicateurs.part_jeunes.sens", "clé manquante"),
        ("type: part\n    arrondi: 1\n    num: {pop_jeunes: 1}\n    den: {pop_totale: 1}\n"
         "    facteur: 100\n    agregation: rapport\n    sens: neutre",
         "type: effectif\n    arrondi: 0\n    num: {pop_jeunes: 1}\n    agregation: somme\n"
         "    sens: favorable", "indicateurs.part_jeunes.sens", "est neutre"),
        ("sens: neutre", "sens: bon", "indicateurs.part_jeunes.sens", "valeur inattendue"),
        ("type: part", "type: pct", "indicateurs.part_jeunes.type", "valeur inattendue"),
        ("  part_jeunes:\n", "  Part-Jeunes:\n", "indicateurs.Part-Jeunes", "la forme"),
        ("num: {pop_jeunes: 1}", "num: {}", "indicateurs.part_jeunes.num", "au moins 1"),
        ("pop_jeunes: 1", "pop_jeunes: un", "indicateurs.part_jeunes.num.pop_jeunes", "un nombre"),
        ("pop_jeunes: 1", "pop_jeunes: .nan", "indicateurs.part_jeunes.num.pop_jeunes", "fini"),
        ("pop_totale: 1", "pop_totale: 0", "indicateurs.part_jeunes.den.pop_totale", "nul"),
        ("facteur: 100", "facteur: 0", "indicateurs.part_jeunes.facteur", "nul"),
        ("    den: {pop_totale: 1}\n", "", "indicateurs.part_jeunes.agregation", "dénominateur"),
        ("agregation: rapport", "agregation: somme", "indicateurs.part_jeunes.agregation",
         "seul un effectif"),
        ("publier: true", "publier: true\n    den_ensemble: true", "indicateurs.part_jeunes.den",
         "soit l'ensemble"),
        ("indicateur: part_jeunes", "indicateur: part_vieux", "tableaux.0.colonnes.0",
         "montre l'indicateur inconnu part_vieux"),
        ("publier: true", "publier: false", "tableaux.0.colonnes.0",
         "montre l'indicateur non publié part_jeunes"),
        ("rubrique: ages", "rubrique: age", "rubrique", "un fichier nommé age.yml"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_file_and_its_key(
    tmp_path: Path, before: str, after: str, key: str, said: str
) -> None:
    with pytest.raises(QpvError) as refused:
        load(tmp_path, (before, after))
    assert f"Où : ages.yml, clé {key}." in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([], "l'ordre 20 est défini deux fois. Où : vieux.yml, clé ordre ; et ages.yml, clé ordre"),
        ([("ordre: 20", "ordre: 30")], "l'indicateur part_jeunes est défini deux fois"),
        (
            [
                ("ordre: 20", "ordre: 30"),
                ("  part_jeunes:\n", "  part_vieux:\n"),
                ("{indicateur: part_jeunes", "{indicateur: part_vieux"),
            ],
            "le tableau jeunes est défini deux fois. Où : vieux.yml, clé tableaux.0.id",
        ),
    ],
)
def test_nothing_is_defined_in_two_rubriques(tmp_path: Path, edits: list, said: str) -> None:
    load(tmp_path)
    with pytest.raises(QpvError) as refused:
        load(tmp_path, ("rubrique: ages", "rubrique: vieux"), *edits, name="vieux.yml")
    assert said in str(refused.value)


RAPPROCHEMENT = """\
  ecart_jeunes:
    libelle: Écart
    unite: points
    type: ecart
    arrondi: 1
    rapprochement: {indicateurs: [part_jeunes], a: epci, par: ecart}
    agregation: aucune
    sens: neutre
    definition: Écart de part des jeunes.
    lecture: Dans {territoire}, {valeur} points en {periode}.
tableaux:
"""


@pytest.mark.parametrize(
    ("before", "after", "key", "said"),
    [
        ("[part_jeunes]", "[part_vieux]", "rapprochement", "rapproche 'part_vieux'"),
        ("[part_jeunes]", "[ecart_jeunes]", "rapprochement", "rapproche 'ecart_jeunes'"),
        ("[part_jeunes]", "[a, b]", "rapprochement.indicateurs", "un seul indicateur"),
        ("a: epci", "a: zone", "rapprochement.a", "un de : commune, epci, "),
        ("agregation: aucune", "agregation: somme", "agregation", "ne s'agrège pas"),
        ("    agregation: aucune", "    num: {x: 1}\n    agregation: aucune", "rapprochement",
         "ni formule"),
    ],
)  # fmt: skip
def test_a_faulty_comparison_of_territories_is_named(
    tmp_path: Path, before: str, after: str, key: str, said: str
) -> None:
    assert load(tmp_path, ("tableaux:\n", RAPPROCHEMENT)).indicateurs["ecart_jeunes"].num == {}
    assert RAPPROCHEMENT.count(before) == 1
    with pytest.raises(QpvError) as refused:
        load(tmp_path, ("tableaux:\n", RAPPROCHEMENT.replace(before, after)))
    assert f"Où : ages.yml, clé indicateurs.ecart_jeunes.{key}" in str(refused.value)
    assert said in str(refused.value)


def test_rubriques_come_in_the_order_that_they_declare(tmp_path: Path) -> None:
    load(tmp_path)
    later = load(
        tmp_path,
        ("rubrique: ages", "rubrique: vieux"),
        ("ordre: 20", "ordre: 10"),
        ("  part_jeunes:\n", "  part_vieux:\n"),
        ("num: {pop_jeunes: 1}", "num: {pop_vieux: 1}"),
        ("{indicateur: part_jeunes", "{indicateur: part_vieux"),
        ("id: jeunes", "id: vieux"),
        name="vieux.yml",
    )
    assert [r.rubrique for r in later.rubriques] == ["vieux", "ages"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match="aucune rubrique"):
        load_dictionary(tmp_path)


def test_a_formula_over_an_unknown_mesure_is_named(tmp_path: Path) -> None:
    dictionary = load(tmp_path)
    assert dictionary.mesures() == {"pop_jeunes", "pop_totale"}
    dictionary.check_against({"pop_jeunes", "pop_totale"})
    with pytest.raises(QpvError) as refused:
        dictionary.check_against({"pop_jeunes"})
    assert "la mesure inconnue 'pop_totale'" in str(refused.value)
    assert "Où : ages.yml, clé indicateurs.part_jeunes.den." in str(refused.value)


def test_the_dictionary_of_the_house_stands_on_the_registry() -> None:
    from ingest.registry import load_registry

    dictionary = load_dictionary()
    dictionary.check_against(load_registry().mesures)


EDITION = """\
id: "2021"
titre: Édition d'essai
perimetre: "2015"
blocs:
  - {bloc: insee_demo.rp, periode: "2017", comparaison: "2010"}
  - {bloc: insee_demo.caf, periode: "2019-12-31"}
references: {anct_liste_qpv: ["2015"]}
"""


@pytest.mark.parametrize(
    ("before", "after", "key", "said"),
    [
        ('periode: "2017"', 'periode: "20I7"', "blocs.0.periode", "illisible : '20I7'"),
        ('periode: "2017"', "periode: 2017", "blocs.0.periode", "entre guillemets"),
        ('comparaison: "2010"', 'comparaison: "2010-13"', "blocs.0.comparaison", "illisible"),
        ('comparaison: "2010"', 'comparaison: "2017"', "blocs.0.comparaison", "ne précède pas"),
        ('comparaison: "2010"', 'comparaison: "2019"', "blocs.0.comparaison", "ne précède pas"),
        ("insee_demo.caf", "insee_demo", "blocs.1.bloc", "n'a pas la forme"),
        ("insee_demo.caf", "insee_demo.rp", "blocs.1.bloc", "nommé deux fois"),
        ('perimetre: "2015"', 'perimetre: "2014"', "perimetre", "un de : 2015, 2024"),
        ('id: "2021"', 'id: "2022"', "id", "déclare l'édition '2022'"),
    ],
)
def test_a_fault_in_an_edition_is_named_with_its_file_and_its_key(
    tmp_path: Path, before: str, after: str, key: str, said: str
) -> None:
    path = tmp_path / "2021.yml"
    path.write_text(EDITION)
    assert load_edition("2021", tmp_path).blocs[0].source_id == "insee_demo"
    assert EDITION.count(before) == 1
    path.write_text(EDITION.replace(before, after))
    with pytest.raises(QpvError) as refused:
        load_edition("2021", tmp_path)
    assert f"Où : 2021.yml, clé {key}." in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("wanted", ["2020", "", "../2021", "sous/2021", "."])
def test_an_unknown_edition_lists_those_that_exist(tmp_path: Path, wanted: str) -> None:
    folder = tmp_path / "editions"
    (folder / "sous").mkdir(parents=True)
    for path in (folder, folder / "sous", tmp_path):
        (path / "2021.yml").write_text(EDITION)
    with pytest.raises(QpvError, match="une de : 2021"):
        load_edition(wanted, folder)


def test_figures_of_communes_are_never_added_up_over_quarters() -> None:
    dictionary, mesures = load_dictionary(), load_registry()
    about = about_communes(mesures)
    assert about == {"pop_communes", "pop_qpv_des_communes"}
    dictionary.check_against(mesures.mesures, about)
    with pytest.raises(QpvError, match=r"population_municipale additionnerait 'pop_municipale'"):
        dictionary.check_against(mesures.mesures, {"pop_municipale"})


SAME = """\
  part_des_jeunes:
    libelle: Part des jeunes, encore
    unite: "%"
    type: part
    arrondi: 0
    num: {pop_jeunes: 1}
    den: {pop_totale: 1}
    facteur: 100
    agregation: aucune
    sens: neutre
    definition: La même chose.
    lecture: Dans {territoire}, {valeur} en {periode}.
tableaux:
"""


def test_two_indicators_of_one_formula_are_refused_by_both_names(tmp_path: Path) -> None:
    assert len(load(tmp_path, ("tableaux:\n", SAME.replace("100", "1"))).indicateurs) == 2
    with pytest.raises(QpvError) as refused:
        load(tmp_path, ("tableaux:\n", SAME))
    said = str(refused.value)
    assert "les indicateurs part_jeunes et part_des_jeunes ont la même formule" in said
    assert "ages.yml, clé indicateurs.part_des_jeunes ; et ages.yml, clé" in said


def test_the_order_of_the_terms_makes_no_other_formula(tmp_path: Path) -> None:
    one, other = "num: {pop_jeunes: 1, pop_vieux: -1}", "num: {pop_vieux: -1, pop_jeunes: 1}"
    again = SAME.replace("num: {pop_jeunes: 1}", other)
    with pytest.raises(QpvError, match="la même formule"):
        load(tmp_path, ("num: {pop_jeunes: 1}", one), ("tableaux:\n", again))
    assert load(tmp_path, ("tableaux:\n", again)).indicateurs


def test_two_comparisons_of_one_indicator_with_one_territory_are_refused(tmp_path: Path) -> None:
    twice = RAPPROCHEMENT.replace("tableaux:\n", "") + RAPPROCHEMENT.replace("ecart_", "autre_")
    with pytest.raises(QpvError, match="ecart_jeunes et autre_jeunes ont la même formule"):
        load(tmp_path, ("tableaux:\n", twice))
    load(tmp_path, ("tableaux:\n", RAPPROCHEMENT))


@pytest.mark.parametrize(
    ("periodes", "lecture", "wanted"),
    [
        ({"en"}, "en {periode}", None),
        ({"en"}, "au {periode}", "« en {periode} »"),
        ({"au"}, "en {periode}", "« au {periode} »"),
        ({"au", "en"}, "au {periode}", None),
        (set(), "en {periode}", None),
        (set(), "le {periode}", "« au {periode} » ou « en {periode} »"),
    ],
)
def test_a_reading_names_its_period_as_the_files_of_its_mesure_do(
    tmp_path: Path, periodes: set, lecture: str, wanted: str | None
) -> None:
    dictionary = load(tmp_path, ("en {periode}", lecture))
    known = {"pop_jeunes": periodes, "pop_totale": {"au", "en"}}
    if wanted is None:
        return refuse_misread(dictionary, known)
    with pytest.raises(QpvError) as refused:
        refuse_misread(dictionary, known)
    said = str(refused.value)
    assert "l'indicateur part_jeunes " in said and " sa mesure pop_jeunes " in said
    assert f"Où : ages.yml, clé indicateurs.part_jeunes.lecture. Attendu : {wanted} : " in said


def test_a_comparison_of_territories_is_read_as_the_figure_that_it_compares(tmp_path: Path) -> None:
    dictionary = load(tmp_path, ("tableaux:\n", RAPPROCHEMENT.replace("en {", "au {")))
    with pytest.raises(QpvError, match="ecart_jeunes ne dit pas sa période comme sa mesure pop_j"):
        refuse_misread(dictionary, {"pop_jeunes": {"en"}})


@pytest.mark.parametrize(
    "lecture",
    [
        "{valeurs} en {periode} dans {territoire}",
        "{valeur} en {periode}",
        "{valeur} et {valeur} en {periode} dans {territoire}",
        "{valeur en {periode} dans {territoire}",
    ],
)
def test_a_sentence_that_cannot_be_filled_in_is_refused(tmp_path: Path, lecture: str) -> None:
    whole = "Dans {territoire}, {valeur} sont jeunes en {periode}."
    with pytest.raises(QpvError, match=r"lecture de l'indicateur part_jeunes .*jeunes\.lecture\."):
        load(tmp_path, (f"lecture: {whole}", f'lecture: "{lecture}"'))
    with pytest.raises(QpvError, match=r"constat de l'indicateur part_jeunes .*\.constat\."):
        load(tmp_path, ("    publier", '    constat: "{part} %"\n    publier'))


def test_the_readings_of_the_house_name_their_periods_as_its_files_do() -> None:
    prepositions = load_registry().prepositions
    assert prepositions["ft_defm_abc"] == {"au"} and prepositions["rp_part_femmes"] == {"en"}
    refuse_misread(load_dictionary(), prepositions)
