"""Secrets are planted in a source under agreement, and looked for in every byte that leaves."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from ingest.lock import update_locks
from ingest.registry import load_registry
from orchestration.defs import plausibility_assets
from orchestration.defs.quality_checks import plausibility_door
from orchestration.defs.resources import Reglages
from quality.plausibility.findings import Finding
from tests.conftest import invoke_qpv
from tests.fixtures import forked_qpv
from tests.fixtures.leak_search import contents, leaks, rounded, told
from tests.fixtures.planted_secrets import (
    EPCI,
    PRIMAIRE,
    SECONDAIRE,
    codes,
    counts,
    secrets,
    write_extracts,
    write_registry,
)
from warehouse.base.layout import Layout

SET = f"QPV@EPCI:{EPCI}"
#: Indicators with a planted count among their terms: none may be told of either quarter.
MASQUES = (
    "nb_allocataires_aah",
    "nb_allocataires_minima_sociaux",
    "part_allocataires_aah",
    "part_allocataires_minima_sociaux",
    "part_menages_aah",
    "part_rsa_minima_sociaux",
    "taux_couverture_minima_sociaux",
)
#: The name of a count of the secondary quarter that nothing masks.
OUVERT = "allocataires"
#: A sibling that no mask touches.
MONTRE = "nb_allocataires_rsa_socle"


class Built(NamedTuple):
    data: Path
    release: Path
    extraits: Path
    sources: Path
    said: str
    #: The release's bytes, each with its place, and what they tell: secrets, and one open figure.
    read: list[tuple[str, bytes]]
    told: list[str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """One run of the job on the planted files, by `qpv build` in a process of its own."""
    base = tmp_path_factory.mktemp("secrets")
    extraits = write_extracts(base / "extraits")
    data, sources = base / "data", write_registry(base / "sources")
    done = forked_qpv.run(
        *("build", "--edition", "2023", "--extracts", str(extraits), "--data", str(data)),
        stderr=base / "messages",
        setting=forked_qpv.Setting(registry=sources),
    )
    assert done.returncode == 0, done.stderr
    release = (data / "releases" / "latest").resolve()
    read = list(contents(release))
    open_one = {OUVERT: counts(codes().index(SECONDAIRE), SECONDAIRE)["A"]}
    return Built(
        data, release, extraits, sources, done.stderr, read, leaks(secrets() | open_one, read)
    )


def test_the_search_sees_what_is_there(built: Built) -> None:
    raw = b"".join(path.read_bytes() for path in built.extraits.iterdir())
    own = {"secondaire, AAH", "secondaire, AAH au départ", "secondaire, C2S participative"}
    assert own <= set(told(secrets(), raw))
    places = "\n".join(place for place in built.told if place.startswith(OUVERT))
    for ending in (
        "qpv.duckdb, table main.fct_indicateur",
        "fct_indicateur.parquet, lu",
        "fct_indicateur.csv",
        f"qpv/{SECONDAIRE}.html",
    ):
        assert ending in places


@pytest.mark.parametrize(
    "form",
    ["8675309", "8 675 309", "8\u202f675\u202f309", "8.675.309", "8,675,309.0", "12,8675309,3"],
)
def test_the_search_knows_every_way_to_print_a_number(form: str) -> None:
    assert told({"x": 8_675_309.0}, f"avant {form} après".encode()) == ["x"]
    assert told({"x": 8_675_310.0}, f"avant {form} après".encode()) == []


def test_the_search_knows_rates_and_bytes() -> None:
    share = 100 * 4 / 1237  # 0.32336297…
    assert told({"x": share}, b'"part": 0.3233629749393694,') == ["x"]
    assert told({"x": share}, b"0,323362975 %") == ["x"]
    assert told({"x": share}, b"0,3233 %") == []
    # IEEE 754 of 8675309: 0x41608BFDA0000000, read from its last byte
    assert told({"x": 8_675_309.0}, b"\x01" + bytes.fromhex("000000a0fd8b6041")) == ["x"]


def test_nothing_planted_is_in_the_release(built: Built) -> None:
    assert [place for place in built.told if not place.startswith(OUVERT)] == []


def test_no_masked_rate_is_printed_rounded(built: Built) -> None:
    def minima_sociaux(code: str) -> float:
        own = counts(codes().index(code), code)
        return 100 * (own["ARSAS"] + own["AAAH"]) / own["A"]

    # 59,6 % of households where nothing is masked; 55,4 % only in the secondary quarter
    assert any(place.endswith(".html") for place in rounded(minima_sociaux(codes()[0]), built.read))
    assert rounded(minima_sociaux(SECONDAIRE), built.read) == []


def test_nothing_planted_is_in_what_the_run_says_and_logs(built: Built) -> None:
    assert told(secrets(), built.said.encode()) == []
    build = built.data / "build"
    kept = [build / "journal.log", build / "periodes.json", build / "plausibilite.json"]
    kept += (build / "controles").glob("*/*.json")
    assert len(kept) > 5
    assert leaks(secrets(), ((str(p), p.read_bytes()) for p in kept)) == []


def test_the_masked_figures_leave_without_value_and_their_siblings_with_it(built: Built) -> None:
    with duckdb.connect(str(built.release / "qpv.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select code_territoire, code_indicateur, valeur, statut from fct_indicateur"
            " where code_territoire in (?, ?) and code_indicateur in (select unnest(?))"
            " and periode = '2021-12-31'",
            [PRIMAIRE, SECONDAIRE, [*MASQUES, MONTRE]],
        ).fetchall()
        moved = con.execute(
            "select coalesce(evolution_nb, evolution_pct, evolution_pts), statut"
            " from fct_evolution where code_indicateur = 'nb_allocataires_aah'"
            " and code_territoire in (?, ?)",
            [PRIMAIRE, SECONDAIRE],
        ).fetchall()
    hidden = {row[:2]: row[2:] for row in rows if row[1] != MONTRE}
    assert set(hidden) == {(q, code) for q in (PRIMAIRE, SECONDAIRE) for code in MASQUES}
    assert set(hidden.values()) == {(None, "secret")}
    assert sorted(row[2] for row in rows if row[1] == MONTRE) == [
        1_237,
        counts(codes().index(SECONDAIRE), SECONDAIRE)["ARSAS"],
    ]
    assert {value for value, _ in moved} == {None} and len(moved) == 2


@pytest.mark.parametrize(
    ("territoire", "indicateur"),
    [
        *((PRIMAIRE, code) for code in (*MASQUES[:3], MONTRE)),
        (SECONDAIRE, "nb_allocataires_aah"),
        (SECONDAIRE, "part_rsa_minima_sociaux"),
        (codes()[0], "nb_allocataires_aah"),
        (SET, "nb_allocataires_aah"),
        (SET, "part_allocataires_aah"),
    ],
)
def test_explain_gives_no_masked_figure_back(
    built: Built, territoire: str, indicateur: str
) -> None:
    code, said = invoke_qpv("explain", territoire, indicateur, "--data", str(built.data))
    assert code == 0, said
    assert told(secrets(), said.encode()) == []
    assert not re.search(r"(caf_aah|AAAH)[^\n]*[:=] 4\b", said)
    assert "reçue sous convention" in said or "masquée par le secret" in said


def test_the_fingerprint_of_a_file_under_agreement_does_not_leave(
    built: Built, tmp_path: Path
) -> None:
    prints = {
        path.name: sha256(path.read_bytes()).hexdigest()[:12] for path in built.extraits.iterdir()
    }
    whole = b"".join(text for _, text in built.read)
    assert prints["fiche_publiee_2023.csv"].encode() in whole
    assert prints["REVN_2023.csv"].encode() not in whole
    assert prints["REVN_2018.csv"].encode() not in whole
    update_locks(Layout.resolve(built.data), tmp_path, load_registry(built.sources))
    locks = {path.name for path in tmp_path.iterdir()}
    assert "fiche_publiee.json" in locks and "insee_revn.json" not in locks


def test_the_quality_report_counts_masks_without_telling_the_small_from_the_others(
    built: Built,
) -> None:
    page = (built.release / "qualite" / "rapport.html").read_text(encoding="utf-8")
    section = page.split("<h2>Secret statistique</h2>")[1]
    rows = re.findall(
        r"<tr><td>(\w+)</td><td>(\w+)</td>\s*<td.*?>(\d+)</td><td.*?>(\d+)</td>", section
    )
    # 13 quarters × (4 counts × 2 periods, or 3 counts): 2 × 2 and 2 masked
    assert ("cnaf", "qpv", "104", "4") in rows and ("cnam", "qpv", "39", "2") in rows
    assert "primaire" not in page and "secondaire" not in page


def test_a_contradiction_between_confidential_figures_stops_without_telling_them(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = [f"{SET}, part_allocataires_aah, 2021-12-31"]
    grave = ("P04", "bloquant", SET, "part_allocataires_aah", "2021-12-31", "niveau")
    finding = Finding(*grave, "il reste 8\u202f675\u202f313 pour 2 parties masquées.", place)
    monkeypatch.setattr(plausibility_assets, "judge", lambda con: [finding])
    reglages = Reglages(data=str(built.data))
    plausibility_assets.plausibility(reglages)
    refused = plausibility_door(reglages)
    assert not refused.passed and "P04" in refused.description and SET in refused.description
    kept = (built.data / "build" / "plausibilite.json").read_bytes()
    kept += (reglages.doors / "porte_plausibilite.json").read_bytes()
    said = [refused.description, repr(refused.metadata)]
    assert told(secrets(), kept + "".join(said).encode()) == []
