"""The quality report says places by their names, and words of a source stay text."""

from __future__ import annotations

from pathlib import Path

from quality.report import named, write_report

NOMS = {
    "QP059050": "Centre (Denain)",
    "EPCI:200042190": "CA de la Porte du Hainaut",
    "QPV@EPCI:200042190": "QP de la CA de la Porte du Hainaut",
}


def test_a_known_code_stands_after_its_name_and_another_stays() -> None:
    said = named(
        "EPCI:200042190 contient QPV@EPCI:200042190, QP059050 et QP999999 (REVN_2022)", NOMS
    )
    assert said == (
        "CA de la Porte du Hainaut (EPCI:200042190) contient QP de la CA de la Porte du Hainaut"
        " (QPV@EPCI:200042190), Centre (Denain) (QP059050) et QP999999 (REVN_2022)"
    )


def test_the_page_names_places_and_escapes_their_names(tmp_path: Path) -> None:
    finding = {"regle": "P10", "severite": "a_verifier", "phrase": "QP059050 : +7,6.", "motif": ""}
    report = {
        "release_id": "essai", "titre": "Édition",
        "plausibilite": {"retires": [], "ouverts": [finding], "acceptes": [], "caducs": []},
        "secret": {"masques": [], "blocs": []}, "statuts": {},
    }  # fmt: skip
    write_report(tmp_path, report, {"QP059050": "<b>Centre</b>"})
    page = (tmp_path / "rapport.html").read_text("utf-8")
    assert "&lt;b&gt;Centre&lt;/b&gt; (QP059050) : +7,6." in page and "<b>" not in page
    assert "à&nbsp;vérifier" in page and "a_verifier" not in page
