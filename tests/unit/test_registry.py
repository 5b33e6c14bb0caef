"""The registry says what it means; a fault in it is refused naming the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.registry import load_registry
from ingest.secret_rules import secret_rows
from tests.fixtures.small_source import YAML, Essai
from warehouse.base.errors import QpvError
from warehouse.base.layout import SOURCES_DIR

POP = "- {mesure: pop_municipale, entete: POP_MUN, type: effectif}"
EDITION = 'periodes: {population: "2018", rp: "2017", caf: "2019-12-31"}'


def refusal(folder: Path, *edits: tuple[str, str], yaml: str = YAML) -> str:
    with pytest.raises(QpvError) as refused:
        Essai(folder).source(*edits, yaml=yaml)
    return str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "key", "said"),
    [
        ('perimetre: "2015"', 'perimetr: "2015"', "perimetr", "clé inconnue"),
        ("producteur: cnaf\n", "producteurs: cnaf\n", "blocs.caf.producteur", "clé manquante"),
        ("producteur: cnaf\n", "producteur: caf\n", "blocs.caf.producteur", "sans nom : 'caf'"),
        ("titre: \"Source d'essai\"", "titre: 12", "titre", "un texte est attendu"),
        ("acces: publique\n", "", "acces", "clé manquante"),
        ("acces: publique", "acces: ouverte", "acces", "'convention'"),
        ("    secret: cnaf\n", "", "blocs.caf.secret", "clé manquante"),
        ('perimetre: "2015"', "perimetre: 2015", "perimetre", "entre guillemets) : 2015"),
        ("type: part}", "type: pourcentage}", "blocs.rp.colonnes.0.type", "'pourcentage'"),
        ('"2021":', "2021:", "millesimes.2021", "entre guillemets"),
        ('"2021":', '"21":', "millesimes.21", "n'a pas la forme"),
        ('depuis: "2021"', 'depuis: "21"', "blocs.caf.colonnes.1.depuis", "n'a pas la forme"),
        ('rp: "2017"', 'rp: "20I7"', "millesimes.2021.periodes.rp", "illisible : '20I7'"),
        ('rp: "2017"', "rp: 2017", "millesimes.2021.periodes.rp.0", "entre guillemets"),
        ('rp: "2017"', "rp: []", "millesimes.2021.periodes.rp", "au moins 1"),
        ('caf: "2019-12-31"', 'caf: "2019-02-30"', "millesimes.2021.periodes.caf", "'2019-02-30'"),
        ('rp: "2017"', 'rpp: "2017"', "millesimes.2021.periodes.rpp", "bloc inconnu : 'rpp'"),
        (EDITION, "periodes: {}", "millesimes.2021.periodes", "la période d'au moins un bloc"),
        (EDITION, EDITION + "\n    entetes: {nb_femmes: F}",
         "millesimes.2021.entetes.nb_femmes", "mesure inconnue : 'nb_femmes'"),
        (EDITION, EDITION + "\n    absentes: [nb_femmes]",
         "millesimes.2021.absentes.nb_femmes", "mesure inconnue"),
        ('caf: "2015-12-31"}', 'caf: "2015-12-31"}\n    entetes: {rp_part_femmes: F}',
         "millesimes.2017.entetes.rp_part_femmes", "ne porte pas la mesure 'rp_part_femmes'"),
        (EDITION, EDITION + "\n    absentes: [caf_mediane]\n    entetes: {caf_mediane: M}",
         "millesimes.2021.entetes.caf_mediane", "aussi dite absente"),
        ("entete: TX_F, type: part", "entete: POP_MUN, type: part",
         "millesimes.2021, bloc rp", "à la fois pop_municipale de 2018 et rp_part_femmes"),
        ("entete: TX_F, type: part", "entete: codgeo, type: part",
         "millesimes.2021, bloc rp", "'codgeo' serait à la fois la clé et rp_part_femmes"),
        ("entete: TX_F, type: part", "entete: Note_Cnaf, type: part",
         "millesimes.2021, bloc rp", "à la fois une NOTE et rp_part_femmes"),
        ('rp: "2017"', 'rp: ["2016", "2017"]', "millesimes.2021, bloc rp", "'TX_F' serait"),
        ("mesure: rp_part_femmes, entete", "mesure: pop_municipale, entete",
         "blocs.rp.colonnes.0.type", "est part ici et effectif plus haut"),
        (POP, POP + "\n      " + POP.replace("POP_MUN", "POP"),
         "millesimes.2017, bloc population", "deux colonnes pour pop_municipale de 2013"),
        ("note: [{entete: NOTE_CNAF}]", "note: [{entete: NOTE_CNAF}]\n    notes: {'0': secret}",
         "blocs.caf.notes.0", "inattendu d'une case vide"),
        ("fenetre_annees: 2", "fenetre_annees: -2", "blocs.rp.fenetre_annees", "au moins 0"),
        ("entete: Ensemble", 'entete: "Ensemble("', "lignes_ignorees.0", "régulière illisible"),
        ("LIBGEO|EVOL_.*", "LIBGEO|*", "colonnes_ignorees.0", "régulière illisible"),
        (r"data_.*\.csv", "data_(", "parties.0.membre", "régulière illisible"),
        ('perimetre: "2015"', 'perimetre: ""', "parties.0.cle", "ne dit pas le périmètre"),
        ('jours: ["02-01"]', 'jours: ["02-31"]', "calendrier.jours", "n'a pas la forme"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_file_and_its_key(
    tmp_path: Path, before: str, after: str, key: str, said: str
) -> None:
    refused = refusal(tmp_path, (before, after))
    assert f"Où : essai_quartiers.yml, clé {key}." in refused
    assert said in refused


def test_a_millesime_cannot_rename_the_files_of_several_parts(tmp_path: Path) -> None:
    part = "  - {fichiers: [DEP.csv], entete_cle: DEP, cle: departement}\nlignes_ignorees"
    said = refusal(
        tmp_path, ("lignes_ignorees", part), (EDITION, EDITION + "\n    fichiers: [a.csv]")
    )
    assert "clé millesimes.2021.fichiers" in said and "plusieurs parties" in said


def test_a_reference_has_its_own_rules(tmp_path: Path) -> None:
    head = YAML[: YAML.index("lignes_ignorees")] + "nature: reference\n"
    end = 'millesimes: {"2021": {}}\n'
    assert "clé attributs" in refusal(tmp_path, yaml=head + end)
    twice = "attributs: [{nom: libelle, entete: A}, {nom: code, entete: B}]\n"
    assert "clé attributs.1.nom" in refusal(tmp_path, yaml=head + twice + end)
    same = "attributs: [{nom: libelle, entete: A}, {nom: autre, entete: a}]\n"
    assert "à la fois libelle et autre" in refusal(tmp_path, yaml=head + same + end)


def test_a_mesure_of_a_long_file_belongs_to_one_block(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        ('perimetre: "2015"', 'perimetre: "2015"\nnature: longue'),
        ("mesure: rp_part_femmes, entete: TX_F, type: part",
         "mesure: pop_municipale, entete: TX_F, type: effectif"),
    )  # fmt: skip
    assert "clé blocs.rp.colonnes.0.mesure" in said and "déjà dans le bloc population" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: essai_quartiers\nid: essai_quartiers\n", "yml, ligne 2."),
        ("id: [\n", "n'est pas un YAML lisible"),
        ("id: @x\n", "essai_quartiers.yml, ligne 1"),
        ("", "clé (racine)"),
        ("- a\n", "des couples clé: valeur sont attendus"),
        ("id: caf\xe9\n".encode("latin-1"), "ne se lit pas"),
    ],
)
def test_an_unreadable_yaml_is_refused_in_one_paragraph(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    path = tmp_path / "essai_quartiers.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(QpvError) as refused:
        load_registry(tmp_path)
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert "essai_quartiers.yml" in str(refused.value)


def test_the_count_of_other_faults_is_said(tmp_path: Path) -> None:
    said = refusal(tmp_path, ("citation: Insee\n", "citations: Insee\n"))
    assert "(1 autre(s) faute(s) dans ce fichier)" in said


def test_two_sources_agree_on_the_type_of_a_mesure(tmp_path: Path) -> None:
    Essai(tmp_path).source()
    folder = tmp_path / "sources"
    other = YAML.replace("essai_quartiers", "essai_zones").replace(
        "MUN, type: effectif", "X, type: ratio"
    )
    (folder / "essai_zones.yml").write_text(other)
    with pytest.raises(QpvError) as refused:
        load_registry(folder)
    said = str(refused.value)
    assert (
        "'pop_municipale' est ratio dans essai_zones.yml et effectif dans essai_quartiers.yml"
        in said
    )
    assert "colonne de mesure pop_municipale" in said


def test_a_file_bears_the_name_of_its_source_and_none_is_overlooked(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match="aucune source"):
        load_registry(tmp_path)
    for name in ("autre.yml", "essai_quartiers.yaml"):
        path = tmp_path / name
        path.write_text(YAML)
        with pytest.raises(QpvError, match=r"un fichier nommé essai_quartiers\.yml"):
            load_registry(tmp_path)
        path.unlink()


def test_placeholders_and_ranges_give_the_headers_of_each_millesime(tmp_path: Path) -> None:
    source = Essai(tmp_path).source()
    assert [h for _, h, _ in source.columns_of("caf", "2017")] == ["A"]
    assert [h for _, h, _ in source.columns_of("caf", "2021")] == ["A", "MED_A21"]
    assert source.columns_of("rp", "2017") == []
    assert source.parts_of("2017")[0].fichiers == ["ESSAI_2017.csv"]
    assert source.note_of("caf", "2017") == "NOTE_CNAF"


def test_an_unknown_source_is_refused_listing_those_that_exist(tmp_path: Path) -> None:
    Essai(tmp_path).source()
    with pytest.raises(QpvError, match="Attendu : essai_quartiers"):
        load_registry(tmp_path / "sources")["insee_dmo"]


def test_the_registry_of_the_house_loads() -> None:
    registry = load_registry(SOURCES_DIR)
    assert {p.stem for p in SOURCES_DIR.glob("*")} == set(registry.sources)
    assert set(registry.millesimes) == {m for s in registry.sources.values() for m in s.millesimes}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (
            "{ruptures: [{le: '2016', mesures: [caf_x], effet: reserve, motif: m, document: d}]}",
            "mesure inconnue : 'caf_x'",
        ),
        ("{comme: essai_quartiers.rien}", "n'est pas un bloc qui déclare ses règles"),
        ("{comme: essai_quartiers.population}", "n'est pas un bloc qui déclare ses règles"),
        ("{contours_epci: {'2014': '2020'}}", "le bloc rp n'a pas cette période"),
        ("{ruptures: [{le: '2016', effet: reserve, motif: m}]}", "clé manquante"),
    ],
    ids=["mesure", "block", "block without rules", "period", "document"],
)
def test_a_rule_of_comparability_names_what_exists(tmp_path: Path, rules: str, words: str) -> None:
    block = "    fenetre_annees: 2\n"
    said = refusal(tmp_path, (block, f"{block}    comparabilite: {rules}\n"))
    assert words in said and "blocs.rp.comparabilite" in said


@pytest.mark.parametrize(
    ("edits", "key", "said"),
    [
        ([("secret: cnaf", "secret: caf")], "blocs.caf.secret", "'caf' n'est pas dans secret.yml"),
        (
            [("acces: publique", "acces: convention"), ("secret: insee_rp", "secret: sans_seuil")],
            "blocs.population.secret",
            "n'a pas de seuil",
        ),
        (
            [
                ("acces: publique", "acces: convention"),
                ("secret: insee_rp", "secret: {document: d, confirme: false}"),
            ],
            "blocs.population.secret",
            "n'a pas de seuil",
        ),
        (
            [("secret: cnaf", "secret: {seuil: 5, confirme: false}")],
            "blocs.caf.secret.document.",
            "clé manquante",
        ),
        (
            [("secret: cnaf", "secret: [cnaf]")],
            "blocs.caf.secret.",
            "des couples clé: valeur sont attendus",
        ),
        (
            [("producteur: cnaf", "producteur: dares")],
            "blocs.caf.secret",
            "la règle 'cnaf' est celle de cnaf, et le bloc caf est de dares",
        ),
    ],
)
def test_what_arrives_unmasked_has_a_rule_that_masks(
    tmp_path: Path, edits: list[tuple[str, str]], key: str, said: str
) -> None:
    text = YAML
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "essai_quartiers.yml").write_text(text, encoding="utf-8")
    rules = tmp_path / "regles" / "secret.yml"
    rules.parent.mkdir()
    rules.write_text(
        "regles:\n  cnaf: {producteurs: [cnaf], seuil: 5, document: d, confirme: false}\n"
        "  insee_rp: {producteurs: [insee], seuil: 11, document: d, confirme: false}\n"
        "  sans_seuil: {producteurs: [insee], document: d, confirme: false}\n",
        encoding="utf-8",
    )
    with pytest.raises(QpvError) as refused:
        load_registry(tmp_path, rules)
    assert key in str(refused.value)
    assert said in str(refused.value)


def test_a_block_may_write_its_own_rule_of_secrecy(tmp_path: Path) -> None:
    own = "secret: {seuil: 7, document: 'Dares, notice', confirme: true}"
    text = YAML.replace("producteur: cnaf", "producteur: dares").replace("secret: cnaf", own)
    (tmp_path / "essai_quartiers.yml").write_text(text, encoding="utf-8")
    registry = load_registry(tmp_path)
    assert registry.secret_of("essai_quartiers", "caf").seuil == 7
    rows = {r["bloc"]: (r["regle"], r["seuil"]) for r in secret_rows(registry)}
    assert rows["caf"] == ("essai_quartiers.caf", 7)
    assert rows["population"] == ("insee_rp", None)
