"""What the host declares of its diffusion: optional, strict, and used in every address."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from warehouse.base.errors import QpvError
from warehouse.declared.diffusion import Diffusion, load_diffusion
from warehouse.declared.sommes import told_sums
from warehouse.publication.catalogue import dataset
from warehouse.publication.data_files import DataFile
from warehouse.publication.datapackage import package
from warehouse.publication.open_data import Publication, SourcePubliee

DECLARED = """
editeur: {nom: Observatoire des quartiers, page: https://exemple.fr/, courriel: donnees@exemple.fr}
adresse: https://donnees.exemple.fr/qpv/
"""


def declared(tmp_path: Path, text: str) -> Diffusion:
    path = tmp_path / "diffusion.yml"
    path.write_text(text, encoding="utf-8")
    return load_diffusion(path)


def publication(diffusion: Diffusion) -> Publication:
    return Publication(
        release_id="2023-X",
        edition="2023",
        titre='Chiffres <b>"clés"</b>',
        description="…",
        creee_le=datetime(2024, 1, 2, tzinfo=UTC),
        debut=date(2013, 1, 1),
        fin=date(2022, 12, 31),
        sources=[SourcePubliee("s", "Une source", "Insee", "https://exemple.fr/s", "Licence X")],
        fichiers=[
            DataFile(
                "qpv.duckdb", "Base", "…", "duckdb", "application/octet-stream", "OCTET", 1, "0"
            )
        ],
        modeles={},
        diffusion=diffusion,
    )


def test_no_file_is_no_declaration(tmp_path: Path) -> None:
    said = load_diffusion(tmp_path / "absent.yml")
    assert said.adresse is None and said.editeur.nom == "Éditeur non déclaré"
    assert "homepage" not in package(publication(said), {})
    assert "dcat:contactPoint" not in dataset(publication(said))


def test_what_is_declared_is_in_every_address(tmp_path: Path) -> None:
    p = publication(declared(tmp_path, DECLARED))
    said = dataset(p)
    base = "https://donnees.exemple.fr/qpv/2023-X"
    assert said["@id"] == f"{base}/catalogue.jsonld#jeu"
    assert said["dcat:distribution"][0]["dcat:downloadURL"] == {"@id": f"{base}/qpv.duckdb"}
    assert said["dcterms:publisher"]["foaf:name"]["@value"] == "Observatoire des quartiers"
    assert said["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:donnees@exemple.fr"}
    assert package(p, {})["homepage"] == f"{base}/fiches/index.html"
    assert package(p, {})["contributors"][0] == {
        "title": "Observatoire des quartiers",
        "role": "publisher",
        "path": "https://exemple.fr/",
        "email": "donnees@exemple.fr",
    }


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("editeurs: {nom: x}", "editeurs"),
        ("editeur: {nom: x, telephone: y}", "editeur.telephone"),
        ("editeur: {page: https://exemple.fr}", "editeur.nom"),
        ("adresse: donnees.exemple.fr", "adresse"),
        ("editeur: {nom: x, courriel: personne}", "editeur.courriel"),
    ],
)
def test_a_wrong_key_is_refused_by_its_name(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(QpvError) as refused:
        declared(tmp_path, text)
    assert f"clé {key}" in str(refused.value)


def test_the_package_says_which_counts_are_the_sum_of_others(tmp_path: Path) -> None:
    rows = [
        {"somme": n, "bloc": "b", "terme": mesure, "coefficient": sign, "reste": n == 1, "marge": 0}
        for n, terms in enumerate(
            ({"tous": 1.0, "femmes": -1.0, "hommes": -1.0}, {"tous": 1.0, "rsa": -1.0}, {"x": 1.0})
        )
        for mesure, sign in terms.items()
    ]
    codes = {"tous": "nb", "femmes": "nb_femmes", "rsa": "nb_rsa", "x": "nb_x"}
    # No indicator is the count of men: to a reader, women are part of all.
    told = [
        {"total": "nb", "parties": ["nb_femmes"], "reste": True, "marge": 0},
        {"total": "nb", "parties": ["nb_rsa"], "reste": True, "marge": 0},
    ]
    assert told_sums(rows, codes) == told
    whole = told_sums(rows, codes | {"hommes": "nb_hommes"})[0]
    assert (whole["parties"], whole["reste"]) == (["nb_femmes", "nb_hommes"], False)
    p = publication(load_diffusion(tmp_path / "absent.yml"))
    assert package(replace(p, sommes=told), {})["sommes"] == told
    assert "sommes" not in package(p, {})
