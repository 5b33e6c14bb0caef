"""The real files say themselves which period each block holds: a swap or a wrong word is caught.

They stay outside the repository (../shared/data/extracts): without them these tests are skipped.
Landing only, no warehouse.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.archive import ArchivedFile
from ingest.extracts_folder import ExtractsFolder
from ingest.landing import land
from ingest.registry import Source, load_registry
from quality.period_evidence.evidence_cells import Landed, confront
from quality.period_evidence.evidence_rules import Examen, examine
from quality.period_evidence.words import refusal
from tests.fixtures import landed_extracts
from warehouse.base.layout import witnesses_of

#: Every file of the extracts whose blocks have, today, something to be compared with.
FILES = {
    ("insee_demo", "2017"): "DEMO_2017.csv",
    ("insee_demo", "2018"): "DEMO_2018.csv",
    ("insee_demo", "2019"): "DEMO_2019.csv",
    ("insee_demo", "2020"): "data_DEMO_2020_V1_QP.csv",
    ("insee_demo", "2021"): "data_DEMO_2021_V1_QP.csv",
    ("insee_demo", "2022"): "DEMO_2022.csv",
    ("insee_revn", "2017"): "REVN_2017.csv",
    ("insee_revn", "2018"): "REVN_2018.csv",
    ("insee_revn", "2019"): "REVN_2019.csv",
    ("insee_revn", "2021"): "REVN_2021.csv",
    ("insee_revn", "2022"): "REVN_2022.csv",
    ("insee_filosofi", "2016"): "data_filo16_qp_revdis.csv",
    ("insee_filosofi", "2018"): "data_filo18_qp_revdis.csv",
    ("insee_population", "2018"): "population_qpv_2013_2018.csv",
    ("insee_rp", "2010"): "demographie_2010_qpv.xls",
    ("insee_ipro", "2017"): "IPRO_2017.csv",
    ("insee_ipro", "2018"): "IPRO_2018.csv",
    ("insee_ipro", "2019"): "IPRO_2019.csv",
    ("insee_ipro", "2020"): "IPRO_2020.csv",
    ("insee_ipro", "2021"): "IPRO_2021.csv",
    ("insee_ipro", "2022"): "IPRO_2022.csv",
}
Lander = Callable[..., Landed]


@pytest.fixture(scope="module")
def lander(
    all_extracts: tuple[Path, ...],
    extracts_landed: dict[tuple[str, str], landed_extracts.Landed],
    tmp_path_factory: pytest.TempPathFactory,
) -> Lander:
    """Lands a file as a millésime, whatever its name says, with periods that may be wrong."""
    registry, folder = load_registry(), ExtractsFolder(*all_extracts)
    data, done = tmp_path_factory.mktemp("periodes"), {}
    for (source_id, millesime), nom in FILES.items():
        right = extracts_landed[source_id, millesime]
        if [file.nom for _, file in right.files] == [nom]:
            path = right.report.path
            done[source_id, millesime, nom] = Landed(path, witnesses_of(path))

    def _land(source_id: str, millesime: str, nom: str = "", **periodes: str) -> Landed:
        nom = nom or FILES[source_id, millesime]
        key = (source_id, millesime, nom, *periodes.items())
        if key not in done:
            source = _declaring(registry[source_id], millesime, periodes)
            path = folder.find([nom]).path
            file = ArchivedFile(path, "ab" * 32, 0, nom, nom, "", None, False)
            out = data / str(len(done)) / f"{millesime}.parquet"
            files = [(source.parts_of(millesime)[0], file)]
            land(source, millesime, files, out=out, codes_qpv=None)
            done[key] = Landed(out, witnesses_of(out))
        return done[key]

    return _land


def _declaring(source: Source, millesime: str, periodes: dict[str, str]) -> Source:
    edition = source.millesimes[millesime]
    said = edition.periodes | {bloc: [periode] for bloc, periode in periodes.items()}
    changed = {millesime: edition.model_copy(update={"periodes": said})}
    return source.model_copy(update={"millesimes": source.millesimes | changed})


def _verdicts(examen: Examen) -> dict[tuple[str, str, str], str]:
    return {(v.bloc.source_id, v.bloc.millesime, v.bloc.nom): v.etat for v in examen.verdicts}


def test_right_files_and_right_periods_pass_and_say_what_was_verified(lander: Lander) -> None:
    examen = examine([lander(*key) for key in FILES])
    assert refusal(examen) is None
    found = _verdicts(examen)
    verified = {key for key, etat in found.items() if etat == "verifiee"}
    assert {
        ("insee_demo", "2017", "population"), ("insee_demo", "2017", "rp"),
        ("insee_demo", "2017", "caf"), ("insee_demo", "2019", "population"),
        ("insee_demo", "2021", "population"), ("insee_demo", "2021", "caf"),
        ("insee_demo", "2022", "population"), ("insee_demo", "2022", "caf"),
        ("insee_revn", "2017", "caf"), ("insee_revn", "2021", "caf"),
        ("insee_revn", "2022", "caf"), ("insee_revn", "2022", "filosofi"),
        ("insee_filosofi", "2018", "filosofi"), ("insee_population", "2018", "population"),
        ("insee_rp", "2010", "rp"), ("insee_ipro", "2017", "rp"),
        ("insee_ipro", "2021", "france_travail"), ("insee_ipro", "2022", "france_travail"),
        ("insee_ipro", "2021", "contrats_aides"), ("insee_ipro", "2022", "contrats_aides"),
        ("insee_demo", "2018", "population"), ("insee_demo", "2018", "rp"),
        ("insee_demo", "2018", "caf"), ("insee_demo", "2020", "population"),
        ("insee_revn", "2018", "caf"), ("insee_revn", "2019", "caf"),
        ("insee_ipro", "2018", "rp"), ("insee_ipro", "2018", "france_travail"),
        ("insee_ipro", "2018", "contrats_aides"), ("insee_ipro", "2020", "france_travail"),
        ("insee_ipro", "2020", "contrats_aides"),
    } <= verified  # fmt: skip
    assert found["insee_demo", "2022", "rp"] == found["insee_revn", "2022", "cnam"]
    assert found["insee_demo", "2022", "rp"] == "non_verifiable"


@pytest.mark.parametrize("declared", ["2018", "2019"])
def test_the_incomes_of_edition_2022_are_recognised_as_those_of_2018(
    lander: Lander, declared: str
) -> None:
    """Whatever the registry says of them; medians of 1,352 QPV and eleven other mesures."""
    twins = [lander("insee_filosofi", m) for m in ("2016", "2018")]
    examen = examine([*twins, lander("insee_revn", "2022", filosofi=declared)])
    [verdict] = [
        v for v in examen.verdicts if (v.bloc.source_id, v.bloc.nom) == ("insee_revn", "filosofi")
    ]
    assert verdict.reconnues == {"2018"}
    assert (refusal(examen) is None) == (declared == "2018")


SWAPS = [
    # two editions with one header, each under the other's name
    ([("insee_demo", "2021", "DEMO_2022.csv"), ("insee_demo", "2022", "DEMO_2021.csv"),
      ("insee_revn", "2021"), ("insee_revn", "2022")],
     "fichiers sans doute échangés : DEMO_2022.csv et DEMO_2021.csv"),
    # only one of them, with its twin of the other thematic base
    ([("insee_demo", "2022", "DEMO_2021.csv"), ("insee_revn", "2022")],
     "insee_demo 2022, bloc caf (DEMO_2021.csv) et insee_revn 2022, bloc caf (REVN_2022.csv)"),
    # one header, no twin anywhere: the published evolutions alone
    ([("insee_ipro", "2021", "IPRO_2022.csv"), ("insee_ipro", "2022", "IPRO_2021.csv")],
     "fichiers sans doute échangés : IPRO_2022.csv et IPRO_2021.csv"),
    ([("insee_ipro", "2021", "IPRO_2022.csv"), ("insee_ipro", "2022", "IPRO_2021.csv")],
     "bloc france_travail"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "said"), SWAPS)
def test_files_of_two_editions_swapped_are_caught(
    lander: Lander, files: list[tuple[str, ...]], said: str
) -> None:
    assert said in str(refusal(examine([lander(*file) for file in files])))


WRONG = [
    ("insee_demo", "2022", {"population": "2013"}, "population_qpv_2013_2018.csv"),
    ("insee_demo", "2019", {"population": "2018"}, "DEMO_2017.csv"),
    ("insee_demo", "2017", {"rp": "2011"}, "demographie_2010_qpv.xls"),
    ("insee_demo", "2018", {"caf": "2017-12-31"}, "REVN_2018.csv"),
    ("insee_demo", "2020", {"population": "2018"}, "DEMO_2017.csv"),
    ("insee_ipro", "2018", {"france_travail": "2018-12-31"}, "IPRO_2019.csv"),
    ("insee_ipro", "2018", {"contrats_aides": "2018"}, "IPRO_2019.csv"),
    ("insee_ipro", "2017", {"rp": "2011"}, "demographie_2010_qpv.xls"),
    ("insee_demo", "2021", {"caf": "2020-12-31"}, "REVN_2021.csv"),
    ("insee_revn", "2022", {"caf": "2019-12-31"}, "DEMO_2022.csv"),
    ("insee_revn", "2022", {"filosofi": "2017"}, "data_filo18_qp_revdis.csv"),
    ("insee_revn", "2021", {"filosofi": "2018"}, "data_filo18_qp_revdis.csv"),
    ("insee_filosofi", "2016", {"filosofi": "2018"}, "REVN_2022.csv"),
    ("insee_ipro", "2022", {"france_travail": "2022-12-31"}, "IPRO_2021.csv"),
    ("insee_ipro", "2021", {"france_travail": "2019-12-31"}, "IPRO_2020.csv"),
    ("insee_ipro", "2019", {"france_travail": "2020-12-31"}, "IPRO_2021.csv"),
    ("insee_ipro", "2022", {"contrats_aides": "2022"}, "IPRO_2021.csv"),
    ("insee_ipro", "2021", {"contrats_aides": "2019"}, "IPRO_2020.csv"),
]


@pytest.mark.parametrize(("source", "millesime", "periodes", "witness"), WRONG)
def test_a_wrong_period_in_the_registry_is_caught(
    lander: Lander, source: str, millesime: str, periodes: dict[str, str], witness: str
) -> None:
    kin = {source, *(s for (s, _), nom in FILES.items() if nom == witness)}
    others = [lander(*key) for key in FILES if key[0] in kin and key != (source, millesime)]
    message = str(refusal(examine([*others, lander(source, millesime, **periodes)])))
    assert FILES[source, millesime] in message and witness in message
    assert "ingest/sources/" in message


def test_the_published_evolution_is_read_over_as_many_territories_as_known(lander: Lander) -> None:
    """Counted with pandas over the two workbooks: 1,303 QPV, 0.965; contracts 562, 0.9986."""
    found = confront([lander("insee_ipro", "2021"), lander("insee_ipro", "2022")]).temoignages
    said = {(t.entete, t.bloc.millesime): (t.cases, round(t.accord, 4)) for t in found}
    assert said["EVOL_CA_N_E", "2022"] == (562, 0.9986)
    cases, accord = said["EVOL_ABC_T4", "2022"]
    assert (cases, round(accord, 3)) == (1303, 0.965)


def test_a_file_alone_has_nothing_against_it(lander: Lander) -> None:
    examen = examine([lander("insee_demo", "2022")])
    assert refusal(examen) is None and set(_verdicts(examen).values()) == {"non_verifiable"}
