"""What a person reads of a draft: the sheets that moved away from the others, and what changed."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.publication.review import review
from warehouse.publication.review_page import page, summary
from warehouse.release.promotion import write_json

QUARTERS = [f"QP{n}" for n in range(10, 26)]
WHOLES = [f"EPCI:{n}" for n in (1, 2, 3, 4, 9)]


def release(
    folder: Path,
    figures: dict[tuple[str, str], float | None],
    *,
    names: dict[str, str] | None = None,
    verdict: str = "comparable",
    findings: tuple[str, ...] = (),
) -> Path:
    """Figures put forward by (territory, indicator); quarters from QP18 on are of EPCI `9`."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "qpv.duckdb")) as con:
        con.execute(
            "create table fct_indicateur(code_territoire varchar, type_territoire varchar, "
            "perimetre varchar, code_indicateur varchar, periode varchar, valeur double, "
            "statut varchar, en_avant boolean)"
        )
        con.execute(
            "create table dim_indicateur(code_indicateur varchar, libelle varchar, unite varchar, "
            "arrondi integer, type varchar)"
        )
        con.execute("insert into dim_indicateur values ('pop', 'Population', 'habitants', 0, "
                    "'effectif'), ('taux', 'Taux *b*', '%', 1, 'part')")  # fmt: skip
        con.execute(
            "create table dim_territoire(code_territoire varchar, perimetre varchar, "
            "libelle varchar, libelle_long varchar, code_epci varchar)"
        )
        con.execute(
            "create table dim_comparabilite(code_indicateur varchar, type_territoire varchar, "
            "relation varchar, periode varchar, periode_comparaison varchar, comparabilite varchar)"
        )
        con.execute(
            "insert into dim_comparabilite values ('pop', 'qpv', null, '2019', '2014', $1)",
            [verdict],
        )
        con.execute("create table pont_qpv_epci(code_qpv varchar)")
        for code in (*QUARTERS, *WHOLES):
            kind = "epci" if code.startswith("EPCI") else "qpv"
            epci = code if kind == "epci" else "EPCI:9" if code >= "QP18" else "EPCI:1"
            name = (names or {}).get(code, f"Nom de {code}")
            con.execute("insert into dim_territoire values (?, '', ?, ?, ?)",
                        [code, name, name, epci])  # fmt: skip
            sheet = folder / "fiches" / kind / f"{code.removeprefix('EPCI:')}.html"
            sheet.parent.mkdir(parents=True, exist_ok=True)
            sheet.touch()
        for (code, indicator), value in figures.items():
            kind = "epci" if code.startswith("EPCI") else "qpv"
            statut = "secret" if value is None else "diffuse"
            con.execute("insert into fct_indicateur values (?, ?, '', ?, '2019', ?, ?, true)",
                        [code, kind, indicator, value, statut])  # fmt: skip
    said = [
        {"regle": "P10", "territoire": f, "indicateur": "pop", "periode": "2019",
         "grandeur": "valeur", "phrase": f}
        for f in findings
    ]  # fmt: skip
    (folder / "qualite").mkdir()
    report = {"plausibilite": {"retires": [], "ouverts": said}}
    write_json(folder / "qualite" / "rapport.json", report)
    return folder


def usual() -> dict[tuple[str, str], float | None]:
    """Quarters of 1,000 to 2,500 people, EPCI of 100,000 and more."""
    found: dict[tuple[str, str], float | None] = {}
    for n, code in enumerate(QUARTERS, 10):
        found |= {(code, "pop"): 100.0 * n, (code, "taux"): 20.0 + n}
    return found | {(code, "pop"): 100_000.0 * n for n, code in enumerate(WHOLES, 1)}


def reviewed(tmp_path: Path, figures: dict, earlier: str | None = "avant", **how):
    before = release(tmp_path / "avant", usual(), findings=("ancien",))
    after = release(tmp_path / "apres", figures, **how)
    write_json(after / "changelog.json", {"precedente": before.name if earlier else None,
                                          "totaux": {"revise": 3}, "indicateurs": []})  # fmt: skip
    return review(after, "2023-2-b", tmp_path)


def test_what_moves_as_the_others_is_not_worth_a_reading(tmp_path: Path) -> None:
    """All people up by 1 %: the largest quarter gains the most, and says nothing of its own."""
    after = {k: v * 1.01 if k[1] == "pop" else v + 0.4 for k, v in usual().items()}
    assert reviewed(tmp_path, after).feuilles == []


def test_the_quarter_and_the_epci_that_moved_away_are_read_with_why(tmp_path: Path) -> None:
    after = {k: v * 1.01 if k[1] == "pop" else v for k, v in usual().items()}
    after |= {("QP12", "pop"): 2400.0, ("EPCI:9", "pop"): 900_000.0, ("QP20", "taux"): 60.0}
    found = reviewed(tmp_path, after)
    assert [(f["fiche"], f["nom"]) for f in found.feuilles] == [
        ("fiches/epci/9.html", "Nom de EPCI:9"),
        ("fiches/qpv/QP20.html", "Nom de QP20"),
        ("fiches/qpv/QP12.html", "Nom de QP12"),
    ]
    said = {f["fiche"]: f["pourquoi"].replace("\u202f", " ") for f in found.feuilles}
    assert said["fiches/qpv/QP12.html"] == (
        "Population : 1 200 habitants puis 2 400 habitants (les autres, en médiane : +1,0 %)"
    )
    assert said["fiches/qpv/QP20.html"] == (
        "Taux *b* : 40,0 % puis 60,0 % (les autres, en médiane : 0,0 %)"
    )


def test_at_most_four_are_read_of_other_epci_first(tmp_path: Path) -> None:
    after = usual()
    for n, code in enumerate(("QP10", "QP11", "QP12", "QP13", "QP20", "QP21")):
        after[code, "taux"] = 70.0 - n
    found = reviewed(tmp_path, after)
    codes = [f["fiche"].split("/")[-1] for f in found.feuilles]
    assert len(codes) == 4
    assert {code >= "QP18" for code in codes[:2]} == {True, False}


def test_a_figure_that_is_masked_now_is_counted_and_its_old_value_not_told(tmp_path: Path) -> None:
    after = usual() | {("QP13", "pop"): None}
    found = reviewed(tmp_path, after)
    assert [(f["nom"], f["pourquoi"]) for f in found.feuilles] == [
        ("Nom de QP13", "1 chiffre que l'on n'a plus")
    ]
    assert "1 300" not in page(found, "x").replace("\u202f", " ")


def test_names_verdicts_and_findings_that_changed_are_told(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path,
        usual(),
        names={"QP10": "[x](javascript:1) <b>"},
        verdict="non_comparable",
        findings=("nouveau & vrai",),
    )
    assert [(n["code"], n["avant"]) for n in found.noms] == [("QP10", "Nom de QP10")]
    [verdict] = found.verdicts
    assert (verdict["avant"], verdict["apres"]) == ("comparable", "non_comparable")
    assert found.constats == {"nouveaux": ["nouveau & vrai"], "disparus": ["ancien"]}
    text = page(found, "publication")
    assert r"\[x\](javascript:1) \<b\>" in text and "<b>" not in text.replace(r"\<b\>", "")
    assert "qpv publier 2023-2-b --relu-par" in text
    assert "verdicts changés : 1" in " ".join(summary(found))


def test_a_first_draft_has_sheets_to_read_and_nothing_to_compare(tmp_path: Path) -> None:
    found = reviewed(tmp_path, usual(), earlier=None)
    assert len(found.feuilles) == 4 and found.precedente is None
    assert "Première publication" in page(found, "x")


def test_a_sheet_that_was_not_made_is_not_sent_to(tmp_path: Path) -> None:
    after = usual() | {("QP13", "pop"): None}
    before = release(tmp_path / "avant", usual())
    folder = release(tmp_path / "apres", after)
    (folder / "fiches" / "qpv" / "QP13.html").unlink()
    write_json(folder / "changelog.json", {"precedente": before.name})
    assert review(folder, "x", tmp_path).feuilles == []
