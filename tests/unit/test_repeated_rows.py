"""Several rows of one territory land once if they agree, and only where the YAML lets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.small_source import Essai
from warehouse.base.errors import QpvError

CODES = frozenset({"QN00101M", "QN00102N"})
FICHIER = {"millesime": "2024", "nom": "ESSAI.csv"}
HEADER = "COG,CODGEO,POP,TP60\n"
ESSAI = """\
id: essai_quartiers
titre: "Compilation d'essai"
producteur: tiers
page: https://exemple.invalid/page
calendrier: {jours: ["02-01"], texte: annuel}
acces: publique
perimetre: "2024"
parties:
  - {fichiers: [ESSAI.csv], entete_cle: CODGEO, cle: qpv REPETE}
colonnes_ignorees: [{entete: COG, raison: commune}]
blocs:
  tout:
    producteur: insee
    secret: insee_rp
    citation: Insee
    case_vide: "case vide sans raison dite"
    colonnes:
      - {mesure: pop_municipale, entete: POP, type: effectif}
      - {mesure: filo_taux_pauvrete, entete: TP60, type: part}
millesimes:
  "2024": {periodes: {tout: "2020"}}
"""


def landed(tmp_path: Path, rows: str, *, repeats: bool = True) -> list[dict]:
    key = ", lignes_repetees: valeurs_egales" if repeats else ""
    essai = Essai(tmp_path)
    source = essai.source((" REPETE", key), yaml=ESSAI)
    return essai.land(HEADER + rows, source=source, **FICHIER, codes=CODES)


def test_rows_that_agree_land_once_whatever_is_left_aside(tmp_path: Path) -> None:
    cells = landed(tmp_path, "01004,QN00101M,500,40\n01053,QN00101M,500,40\n01053,QN00102N,9,\n")
    found = [(c["code_territoire"], c["mesure"], c["valeur"], c["ligne"]) for c in cells]
    assert found == [
        ("QN00101M", "pop_municipale", 500, 2),
        ("QN00101M", "filo_taux_pauvrete", 40, 2),
        ("QN00102N", "pop_municipale", 9, 4),
        ("QN00102N", "filo_taux_pauvrete", None, 4),
    ]


@pytest.mark.parametrize("other", ["501,40", "500,", "500,41"])
def test_rows_that_disagree_are_refused_and_named(tmp_path: Path, other: str) -> None:
    with pytest.raises(QpvError) as refusal:
        landed(tmp_path, f"01004,QN00101M,500,40\n01053,QN00101M,{other}\n")
    said = str(refusal.value)
    assert "lignes 2 et 3 en désaccord sur QN00101M" in said
    assert "fichier ESSAI.csv, ligne 3, colonne" in said


def test_a_source_that_does_not_declare_it_still_refuses_a_territory_twice(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match="territoire en double : QN00101M"):
        landed(tmp_path, "01004,QN00101M,500,40\n01053,QN00101M,500,40\n", repeats=False)


def test_a_blank_of_a_compilation_is_not_said_to_be_a_producers_mask(tmp_path: Path) -> None:
    (cell,) = [c for c in landed(tmp_path, "01004,QN00101M,500,\n") if c["valeur"] is None]
    assert (cell["statut"], cell["motif"]) == ("non_disponible", "case vide sans raison dite")


def test_a_list_may_not_repeat_its_rows(tmp_path: Path) -> None:
    repeats = ("cle: qpv,", "cle: qpv, lignes_repetees: valeurs_egales,")
    longue = ('perimetre: "2015"\n', 'perimetre: "2015"\nnature: longue\n')
    with pytest.raises(QpvError, match="lignes_repetees"):
        Essai(tmp_path).source(repeats, longue)


CONTRAT = """\
id: essai_quartiers
titre: "Contrat d'essai"
producteur: epci
page: https://exemple.invalid/page
calendrier: {jours: ["02-01"], texte: annuel}
acces: publique
perimetre: "2024"
nature: reference
parties:
  - {fichiers: [ESSAI.csv], entete_cle: CODGEO, cle: qpv}
attributs:
  - {nom: population_dans_epci, entete: POP, type: effectif}
  - {nom: code_epci, constante: true}
colonnes_ignorees: [{entete: "COG|TP60", raison: autre}]
millesimes:
  "2024": {constantes: {code_epci: "200000001"}}
"""


def contract(tmp_path: Path, rows: str) -> list[dict]:
    essai = Essai(tmp_path)
    return essai.land(HEADER + rows, source=essai.source(yaml=CONTRAT), **FICHIER, codes=None)


def test_a_constant_and_a_number_of_a_reference_land(tmp_path: Path) -> None:
    rows = contract(tmp_path, "1,QN00101M,13 920,\n1,QN00102N,,\n")
    found = [(r["code"], r["code_epci"], r["population_dans_epci"]) for r in rows]
    assert found == [("QN00101M", "200000001", "13920"), ("QN00102N", "200000001", None)]


def test_a_reference_that_is_not_the_number_declared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match=r"valeur impossible : '13,9'.*ligne 2, colonne 'POP'"):
        contract(tmp_path, '1,QN00101M,"13,9",\n')


def test_a_millesime_says_the_value_of_each_constant(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match="dit la valeur de chaque constante : code_epci"):
        Essai(tmp_path).source((' {constantes: {code_epci: "200000001"}}', " {}"), yaml=CONTRAT)
