"""`qpv explain`: each figure says where it comes from, why it is missing, what it stands beside."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app
from tests.fixtures.rewritten_release import rewritten
from warehouse.base.layout import Layout
from warehouse.publication.explain.comparison_limits import REGLES
from warehouse.publication.explain.facts import Contexte, Explication, Limite
from warehouse.publication.explain.gathering import explain

DEFM_FEMMES = "part_defm_abc_femmes"


def said(data: Path, *words: str) -> str:
    """What the command prints, its narrow spaces made plain."""
    done = CliRunner().invoke(app, ["explain", *words, "--data", str(data)])
    assert done.exit_code == 0, done.output
    return done.stdout.replace("\u202f", " ")


def line(text: str, start: str) -> str:
    """The first line that begins so."""
    return next(x.strip() for x in text.splitlines() if x.strip().startswith(start))


def block(text: str, title: str) -> str:
    """One titled block."""
    return next(b for b in text.split("\n\n") if b.startswith(title))


def facts(data: Path, territoire: str, indicateur: str) -> Explication:
    return explain(Layout(data), territoire, indicateur)


@pytest.fixture
def copied(sample_data: Path, tmp_path: Path) -> Path:
    """The sample's releases and build database, to be damaged."""
    shutil.copytree(sample_data / "releases", tmp_path / "releases", symlinks=True)
    (tmp_path / "build").mkdir()
    shutil.copy(Layout(sample_data).warehouse_db, Layout(tmp_path).warehouse_db)
    return tmp_path


def test_a_value_comes_with_its_period_source_and_cell(sample_data: Path) -> None:
    text = said(sample_data, "qp059050", "NB_DEFM_ABC")
    assert line(text, "valeur") == "valeur : 2 374 personnes"
    assert line(text, "période") == "période : au 31 décembre 2021"
    assert line(text, "type") == "type : quartier prioritaire (QPV)"
    assert "IPRO_2022.csv, millésime 2022 (insee_ipro)" in line(text, "fichier")
    (source,) = facts(sample_data, "QP059050", "nb_defm_abc").contexte.chiffres[0].fichiers
    assert line(text, "sha256") == f"sha256 : {source.sha256}"
    assert len(source.sha256) == 64
    assert "Pôle emploi, Dares" in line(text, "à citer")
    assert line(text, "page") == "page : https://www.insee.fr/fr/statistiques/3646773"
    assert line(text, "licence") == "licence : Licence Ouverte 2.0"
    assert "tierce : échantillon saisi depuis" in line(text, "confiance")
    assert line(text, "terme").endswith("2 374, diffusé ; IPRO_2022.csv, ligne 5, colonne ABC")


def test_the_line_that_is_named_holds_the_value(sample_data: Path) -> None:
    (entree,) = facts(sample_data, "QP059050", "nb_defm_abc").contexte.chiffres[0].entrees.entrees
    bundled = Path(__file__).resolve().parents[2] / "ingest" / "sample" / entree.fichier
    rows = bundled.read_text(encoding="utf-8").splitlines()
    cells = dict(zip(rows[0].split(";"), rows[entree.ligne - 1].split(";"), strict=True))
    assert cells[entree.entete] == "2374"
    assert "QP059050" in cells.values()


def test_a_masked_value_says_so_and_shows_no_number(sample_data: Path) -> None:
    text = said(sample_data, "QP059058", DEFM_FEMMES)
    value = block(text, "Valeur")
    assert "statut : secret du producteur" in value
    assert "motif : case laissée vide par le producteur" in value
    assert "valeur :" not in value and "non arrondie" not in value
    assert line(text, "numérateur ft_defm_abc_femmes").startswith(
        "numérateur ft_defm_abc_femmes : secret du producteur"
    )
    assert "53" not in line(text, "numérateur ft_defm_abc_femmes")
    assert "113, diffusé" in line(text, "dénominateur ft_defm_abc")


def test_a_recomposed_share_says_which_parts_count(sample_data: Path) -> None:
    text = said(sample_data, "QPV@EPCI:200042190", DEFM_FEMMES)
    assert line(text, "valeur") == "valeur : 47,0 %"
    assert line(text, "non arrondie") == "non arrondie : 46,99519230769231"
    assert line(text, "parts") == "parts : 12 QPV retenus sur 13 ; 1 laissé de côté"
    left_out = [x for x in text.splitlines() if ": laissé de côté : ft_" in x]
    assert len(left_out) == 1 and left_out[0].strip().startswith("QP059058")
    assert line(text, "numérateur") == "numérateur : 3 519"
    assert line(text, "dénominateur") == "dénominateur : 7 488"


def test_a_share_of_the_set_shows_its_total(sample_data: Path) -> None:
    chiffre, *_ = facts(sample_data, "QP059050", "part_population_qp_epci").contexte.chiffres
    behind = chiffre.entrees
    assert 100 * behind.numerateur / behind.denominateur == pytest.approx(chiffre.chiffre.valeur)
    assert len(behind.parts) == 13


def test_a_missing_file_is_named(sample_data: Path) -> None:
    text = said(sample_data, "QP059050", "revenu_median")
    assert line(text, "motif") == "motif : fichier absent : data_filo20_qp_revdis.csv"
    assert "absent" in line(text, "fichier :")
    assert line(text, "période") == "période : 2020, du 1er janvier 2020 au 31 décembre 2020"


def test_a_median_of_a_set_is_not_recomposed(sample_data: Path) -> None:
    text = said(sample_data, "QPV@EPCI:200042190", "revenu_median")
    assert line(text, "motif") == "motif : fichier absent : data_filo20_qp_revdis.csv"
    assert "ni recomposable à partir de ses QPV" in line(text, "voie")
    assert "une médiane" in line(text, "une moyenne ou une somme de territoires")


def test_an_indicator_answers_to_its_other_names(sample_data: Path) -> None:
    text = said(sample_data, "QP059050", "part_monoparentales_allocataires_caf")
    assert line(text, "part_monoparentales_menages_caf").endswith("parmi les allocataires")


def test_an_epci_is_found_by_its_siren_alone(sample_data: Path) -> None:
    assert line(said(sample_data, "200042190", "nb_defm_abc"), "EPCI:200042190")


def test_both_periods_are_shown_level_first_unless_one_is_asked(sample_data: Path) -> None:
    code = "ecart_part_pop_etrangere_femmes_ensemble"
    text = said(sample_data, "QP059021", code)
    assert text.index("Valeur, 2019 (période montrée)") < text.index("Valeur, 2011 (période de")
    assert "du 1er janvier 2017 au 31 décembre 2021" in text
    assert "moins de 5 ans" in block(text, "À ne pas comparer")
    alone = said(sample_data, "QP059021", code, "--periode", "2011")
    assert "Valeur, 2011" in alone and "Valeur, 2019" not in alone


def test_the_evolution_is_the_release_s_or_says_why_not(sample_data: Path) -> None:
    with duckdb.connect(str(sample_data / "releases/latest/qpv.duckdb"), read_only=True) as con:
        for sign, mark in ((-1, "\u2212"), (1, "+")):
            code, indicateur, points = con.execute(
                "select code_territoire, code_indicateur, evolution_pts from fct_evolution"
                " where statut = 'diffuse' and evolution_pts * ? > 0.1 order by 1, 2",
                [sign],
            ).fetchone()
            text = block(said(sample_data, code, indicateur), "Comparaison")
            assert f"{mark}{abs(points):.1f}".replace(".", ",") + " points" in text
    assert "ne donne pas de période de comparaison" in block(
        said(sample_data, "QP059050", "nb_defm_abc"), "Comparaison"
    )


def test_the_other_perimeter_is_named_with_the_overlapping_quarters(copied: Path) -> None:
    with rewritten(copied) as con:
        con.execute("insert into passage_qpv values ('QN05950M', 'QP059050', null, 'modifie')")
    limits = block(said(copied, "QP059050", "nb_defm_abc"), "À ne pas comparer")
    assert "un chiffre du périmètre 2024" in limits and "QN05950M (modifié)" in limits


def test_a_quarter_of_the_other_perimeter_is_refused_with_those_it_overlaps(copied: Path) -> None:
    with rewritten(copied) as con:
        con.execute("insert into passage_qpv values ('QN05950M', 'QP059050', null, 'modifie')")
        con.execute(
            "insert into dim_territoire (code_territoire, type_territoire, perimetre)"
            " values ('QN05950M', 'qpv', '2024')"
        )
    words = ["explain", "QN05950M", "nb_defm_abc", "--data", str(copied)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "périmètre 2024" in done.output and "QP059050" in done.output


def test_a_rule_of_comparability_has_one_place(sample_data: Path) -> None:
    def rule(contexte: Contexte) -> list[Limite]:
        return [Limite("une autre définition", contexte.indicateur.code)]

    told = explain(Layout(sample_data), "QP059050", "nb_defm_abc", regles=[*REGLES, rule])
    assert told.limites[-1] == Limite("une autre définition", "nb_defm_abc")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["QP05905", "nb_defm_abc"], "QP059050 ("),
        (["elnon", "nb_defm_abc"], "QP059058 ("),
        (["QP059050", "nb_defm_acb"], "nb_defm_abc ("),
        (["QP059050", "nb_defm_abc", "--periode", "2019"], "2021-12-31"),
        (["QP059050'; drop", "nb_defm_abc"], "QP059050 ("),
        (["", ""], "dim_territoire"),
    ],
    ids=["territory", "label", "indicator", "period", "quote", "nothing"],
)
def test_unknown_words_are_one_paragraph_with_close_ones(
    words: list[str], named: str, sample_data: Path
) -> None:
    done = CliRunner().invoke(app, ["explain", *words, "--data", str(sample_data)])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_without_a_release_it_says_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["explain", "QP059050", "x", "--data", str(tmp_path)])
    assert done.exit_code == 1 and "aucune publication" in done.output


def test_without_the_build_the_inputs_are_said_not_kept(copied: Path) -> None:
    shutil.rmtree(copied / "build")
    text = said(copied, "QPV@EPCI:200042190", DEFM_FEMMES)
    assert "ne sont pas conservées" in line(text, "valeurs lues")
    assert "qpv build --edition 2023" in line(text, "à faire")
    assert line(text, "valeur :") == "valeur : 47,0 %"
    assert "secret du producteur" in line(text, "QP059058")
    assert "ligne" not in block(text, "Formule")
    assert not (copied / "build").exists()


@pytest.mark.parametrize(
    "change",
    [
        "update edition.parametres set id = '2022'",
        "update edition.fichiers set sha256 = 'autre' where source_id = 'insee_ipro'",
        "delete from edition.fichiers where source_id = 'fiche_publiee'",
        "update intermediate.int_indicateurs_directs set valeur = valeur + 1",
    ],
    ids=["edition", "bytes", "files", "values"],
)
def test_a_build_of_something_else_is_not_read(change: str, copied: Path) -> None:
    with duckdb.connect(str(Layout(copied).warehouse_db)) as con:
        con.execute(change)
    text = said(copied, "QP059050", "nb_defm_abc")
    assert "n'est pas celle" in line(text, "valeurs lues")
    assert "ligne" not in block(text, "Formule")


def test_a_build_under_way_is_not_read(copied: Path) -> None:
    with duckdb.connect(str(Layout(copied).warehouse_db)) as con:
        con.execute("drop schema intermediate cascade")
    assert "ne se lit pas" in line(said(copied, "QP059050", "nb_defm_abc"), "valeurs lues")


def test_our_own_masks_hide_the_value_and_what_would_give_it_back(copied: Path) -> None:
    """The value stays in the file on purpose: the statut alone must hide it, everywhere."""
    with rewritten(copied) as con:
        con.execute(
            "update fct_indicateur set statut = 'secret', motif = 'masqué' where code_territoire ="
            " 'QP059050' and code_indicateur in ('nb_defm_abc', 'part_defm_abc_femmes')"
        )
    own = said(copied, "QP059050", "nb_defm_abc")
    assert "statut : secret" in block(own, "Valeur")
    assert "masquée par le secret" in line(own, "valeurs lues")
    whole = said(copied, "QPV@EPCI:200042190", DEFM_FEMMES)
    sibling = said(copied, "QP059050", "part_defm_abc_26_49_ans")
    for text in (own, whole, sibling):
        assert "2 374" not in text and "1 061" not in text and "44,6" not in text


def test_nothing_is_written(copied: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in sorted(copied.rglob("*"))}
    said(copied, "QP059050", "nb_defm_abc")
    assert {p: p.stat().st_mtime_ns for p in sorted(copied.rglob("*"))} == before


def test_it_reads_beside_other_readers(sample_data: Path) -> None:
    """A connection that could write would be refused while these two are open."""
    release = str((sample_data / "releases" / "latest").resolve() / "qpv.duckdb")
    build = str(Layout(sample_data).warehouse_db)
    with duckdb.connect(release, read_only=True), duckdb.connect(build, read_only=True):
        assert "ligne 5" in line(said(sample_data, "QP059050", "nb_defm_abc"), "terme")


def test_a_gap_with_the_territory_of_comparison_shows_both_sides(sample_data: Path) -> None:
    """The printed rates of the fiche: 34.5 % for the quarter, 54.6 % for its EPCI."""
    text = said(sample_data, "QP059050", "ecart_taux_emploi_epci")
    assert line(text, "valeur") == "valeur : −20,1 points"
    assert line(text, "territoire taux").startswith("territoire taux_emploi_15_64_ans : 34,5")
    assert "54,6, diffusé (EPCI:200042190)" in line(text, "comparaison taux")
    absent = said(sample_data, "EPCI:200042190", "ecart_taux_emploi_epci")
    assert "pas de territoire de comparaison de ce type" in block(absent, "Valeur")
