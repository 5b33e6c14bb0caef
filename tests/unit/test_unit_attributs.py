"""What the registry says of a file of units is strict: one way of reading each column."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.nomenclatures import load_nomenclatures, nomenclature_rows
from ingest.registry import load_registry
from warehouse.base.errors import QpvError
from warehouse.base.layout import NOMENCLATURES, SOURCES_DIR

SIRENE = "insee_sirene_etablissements"
ETAT = 'codes: ["A", "F"], vides: 0'


def refusal(folder: Path, source: str, before: str, after: str) -> str:
    """The refusal of a registry of the units' sources, one text of one of them replaced."""
    for path in [*SOURCES_DIR.glob("insee_sirene_*.yml"), SOURCES_DIR / "anct_liste_qpv.yml"]:
        shutil.copy(path, folder)
    path = folder / f"{source}.yml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(QpvError) as refused:
        load_registry(folder)
    return str(refused.value)


@pytest.mark.parametrize(
    ("source", "before", "after", "key", "said"),
    [
        (SIRENE, f", {ETAT}", "", "attributs.0", "d'une façon"),
        (SIRENE, ETAT, 'type: entier, codes: ["1"]', "attributs.0", "d'une façon"),
        (SIRENE, ETAT, "type: effectif", "attributs.0.type", "n'est pas d'une telle source"),
        (SIRENE, ETAT, 'codes: ["A"], bornes: [1, 2]', "attributs.0.bornes", "d'un nombre"),
        (SIRENE, ETAT, "type: entier, bornes: [2, 1]", "attributs.0.bornes", "la plus petite"),
        (SIRENE, ETAT, 'codes: ["A"], tolerance: 1.5', "attributs.0.tolerance", "au plus 1"),
        (SIRENE, ETAT, 'drapeau: {oui: ["1"]}', "attributs.0.drapeau.non", "manquante"),
        (SIRENE, "nomenclature: nomenclature", "nomenclature: naf", "attributs.3.nomenclature",
         "attribut inconnu"),
        (SIRENE, ", identifiant: siret", "", "parties.0.identifiant", "ce qu'elle nomme"),
        (SIRENE, "source: insee_sirene_unites_legales, part", "source: anct_liste_qpv, part",
         "rencontres.0.source", "n'est pas une source de micro-données"),
        ("anct_liste_qpv", "attributs:\n", "rencontres: [{source: x_y, part: 1}]\nattributs:\n",
         "rencontres", "seules des micro-données"),
        ("anct_liste_qpv", "nom: libelle,", 'nom: libelle, codes: ["a"],', "attributs.0",
         "seul un attribut d'unités"),
    ],
)  # fmt: skip
def test_a_column_of_units_is_read_in_one_declared_way(
    tmp_path: Path, source: str, before: str, after: str, key: str, said: str
) -> None:
    refused = refusal(tmp_path, source, before, after)
    assert f"{source}.yml, clé {key}" in refused and said in refused, refused


def test_the_two_nomenclatures_differ_where_their_documents_do() -> None:
    """J of NAF rév. 2 is J and K in NAF 2025, which has no division 45 and one letter more."""
    sections = {
        (row["nomenclature"], row["division"]): row["section"] for row in nomenclature_rows()
    }
    assert "NAF2025" in {n for n, _ in sections} and ("NAF2025", "45") not in sections
    assert sections["NAFRev2", "45"] == sections["NAFRev2", "47"] == "g"
    assert {sections["NAFRev2", d] for d in ("58", "60", "61", "63")} == {"j"}
    assert [sections["NAF2025", d] for d in ("58", "60", "61", "63", "64")] == list("jjkkl")
    assert (sections["NAFRev2", "99"], sections["NAF2025", "99"]) == ("u", "v")
    letters = {n: {s for (m, _), s in sections.items() if m == n} for n in ("NAFRev2", "NAF2025")}
    assert {n: len(found) for n, found in letters.items()} == {"NAFRev2": 21, "NAF2025": 22}


def test_every_section_has_its_mesures_and_two_nomenclatures_share_none() -> None:
    mesures = load_registry()[SIRENE].mesures.keys()
    named: set[str] = set()
    for one in load_nomenclatures(NOMENCLATURES).nomenclatures.values():
        own = {
            f"sirene_{side}{one.suffixe}_section_{section}"
            for side in ("actifs", "crees")
            for section in (*one.sections, "inconnue")
        }
        assert own <= mesures and not own & named
        named |= own
    assert {m for m in mesures if "_section_" in m} == named
