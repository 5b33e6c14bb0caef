"""What a run says of a file put aside explains it: pasted in the registry, the file lands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingest.header_faults import HeaderFault
from ingest.header_lines import millesime_yaml
from ingest.headers import attribute_headers
from ingest.registry import Source, load_registry
from tests.fixtures.small_source import HEADER, ROW, YAML, Essai, cell, table
from tests.unit.test_registry import refusal
from warehouse.base.errors import QpvError

UNSEEN = 'periodes: {population: "2018", rp: "2017", caf: "2019-12-31"}'
NON_VERIFIEES = (UNSEEN, UNSEEN + "\n    statut_entetes: non_verifiees")


def put_aside(essai: Essai, content: str, source: Source) -> HeaderFault:
    with pytest.raises(HeaderFault) as fault:
        essai.land(content, source=source)
    return fault.value


def pasted(essai: Essai, entry: str, yaml_text: str = YAML) -> Source:
    """The source once the entry has taken the place of the millésime's."""
    content = yaml.safe_load(yaml_text)
    content["millesimes"] |= yaml.safe_load(entry)
    return essai.source(yaml=yaml.safe_dump(content, allow_unicode=True))


@pytest.mark.parametrize("edits", [(), (NON_VERIFIEES,)])
def test_the_entry_makes_the_file_land(tmp_path: Path, edits: tuple) -> None:
    """A new mesure is left aside, an absent one is said absent, and no figure is guessed."""
    essai = Essai(tmp_path)
    source = essai.source(*edits)
    content = table(f"{ROW};7", header="CODGEO;POP MUN;TX_FEMMES;A;MED_A21;NOTE_CNAF;NEUF(1)")
    entry = millesime_yaml(source, "2021", [put_aside(essai, content, source)])
    assert "# TX_F est absente, TX_FEMMES lui ressemble" in entry
    known = pasted(essai, entry)
    rows = essai.land(content, source=known)
    assert cell(rows, "pop_municipale")["valeur"] == 1345, "seule la ponctuation diffère"
    assert "rp_part_femmes" not in {r["mesure"] for r in rows}
    assert set(essai.report.ignorees) == {"TX_FEMMES", "NEUF(1)"}
    assert known.is_unseen("2021") is bool(edits), "seul un lecteur le dit vérifié"
    essai.out.unlink()
    assert "NEUFS" in essai.refusal(content.replace("NEUF(1)", "NEUFS"), source=known)


def test_what_the_millesime_said_already_is_kept(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    said = UNSEEN + "\n    absentes: [rp_part_femmes]\n    remarque: provisoire"
    source = essai.source((UNSEEN, said))
    content = table("QP059050;1 345;10 620;0", header="CODGEO;POP_MUN;MED_A21;NOTE_CNAF")
    entry = yaml.safe_load(millesime_yaml(source, "2021", [put_aside(essai, content, source)]))
    assert entry["2021"]["absentes"] == ["rp_part_femmes", "caf_allocataires"]
    assert entry["2021"]["remarque"] == "provisoire"
    assert entry["2021"]["periodes"] == {"population": "2018", "rp": "2017", "caf": "2019-12-31"}


def test_a_note_is_absent_or_renamed_in_one_millesime(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    source = essai.source()
    for header, note in (("LIBGEO", None), ("NOTE CNAF", "NOTE CNAF")):
        content = table(header=HEADER.replace("NOTE_CNAF", header))
        entry = millesime_yaml(source, "2021", [put_aside(essai, content, source)])
        assert yaml.safe_load(entry)["2021"]["notes"] == {"caf": note}
        rows = essai.land(content, source=pasted(essai, entry))
        assert cell(rows, "caf_allocataires")["note"] == (note and "0")
        essai.source()
    assert "clé millesimes.2017.notes.rp" in refusal(
        tmp_path, ('  "2017":\n', '  "2017":\n    notes: {rp: X}\n')
    )


def test_the_key_is_told_by_its_cells(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    source = essai.source(NON_VERIFIEES)
    content = table(header=HEADER.replace("CODGEO", "CODE_DU_QUARTIER"))
    entry = millesime_yaml(source, "2021", [put_aside(essai, content, source)])
    assert yaml.safe_load(entry)["2021"]["entete_cle"] == "CODE_DU_QUARTIER"
    assert essai.land(content, source=pasted(essai, entry))


def test_the_entry_of_a_file_of_units_names_its_attributes() -> None:
    source = load_registry()["sdes_rpls_logements"]
    [millesime] = list(source.millesimes)[-1:]
    headers = attribute_headers(source, millesime)
    fault = HeaderFault("x", ou=None, attendu=None, faire=None, raison="r",
                        absentes=list(headers.values()))  # fmt: skip
    entry = yaml.safe_load(millesime_yaml(source, millesime, [fault]))
    assert set(entry[millesime]["absentes"]) == set(headers)


def test_a_bad_regex_of_a_millesime_is_refused(tmp_path: Path) -> None:
    new = '  "2017":\n    colonnes_ignorees: [{entete: "(", raison: x}]\n'
    assert "clé millesimes.2017.colonnes_ignorees.0" in refusal(tmp_path, ('  "2017":\n', new))


def test_the_file_of_another_year_is_no_header_to_declare(tmp_path: Path) -> None:
    of_2017 = table("QP059050;1 345;200;0", header="CODGEO;POP_MUN;A;NOTE_CNAF")
    with pytest.raises(QpvError, match="celui du millésime 2017") as refused:
        Essai(tmp_path).land(of_2017)
    assert not isinstance(refused.value, HeaderFault)


def test_a_file_without_its_key_or_its_member_is_put_aside(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    fault = put_aside(essai, table(header=HEADER.replace(";", "|")), essai.source())
    assert "la colonne clé (attendu : une colonne 'CODGEO'" in fault.raison
    for damaged in (b"\xc3\xa9t\xe9;CODGEO\n", "CODGEO;CODGEO\nQP059050;1\n"):
        with pytest.raises(QpvError) as refused:
            essai.land(damaged)
        assert not isinstance(refused.value, HeaderFault), "un fichier abîmé arrête"
