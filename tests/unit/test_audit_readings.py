"""What the audit takes for known, and what it asks of a rate: what a reader has, no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from quality.secrecy.release.release_attack import audit_release
from quality.secrecy.release.source_rules import ReglesDesSources, RegleSource
from tests.fixtures.small_release import AVANT, DICTIONARY, NIVEAU, SmallRelease, sound_release
from warehouse.declared.dictionary import Dictionary, Indicateur

CONVENTION = ReglesDesSources(sources={"caisse": RegleSource(nature="convention", seuil=5)})
#: What a producer prints as its own total of women and men.
PRINTED = Indicateur(
    libelle="x",
    unite="x",
    definition="x",
    sens="neutre",
    lecture="{territoire}{valeur}{periode}",
    publier=True,
    type="effectif",
    arrondi=0,
    num={"femmes": 1, "hommes": 1},
    publiee="ensemble",
    agregation="somme",
)


def _exposed(
    release: SmallRelease, folder: Path, dictionary: Dictionary = DICTIONARY
) -> dict[str, str]:
    draft = release.write(folder)
    found = audit_release(draft, CONVENTION, dictionnaire=dictionary, sommes=[])
    return {c.nom: c.moyen for c in found.exposes}


@pytest.mark.parametrize(("periode", "donne"), [(NIVEAU, True), (AVANT, False)])
def test_a_printed_total_is_that_of_its_own_period(
    tmp_path: Path, periode: str, donne: bool
) -> None:
    """9 in all and 6 men make 3 women the same year; of another year they say nothing."""
    own = {"nb_ensemble": PRINTED}
    rubrique = DICTIONARY.rubriques[0]
    more = rubrique.model_copy(update={"indicateurs": rubrique.indicateurs | own})
    release = SmallRelease(
        {
            ("QP990001", "nb_femmes", NIVEAU): None,
            ("QP990001", "nb_hommes", NIVEAU): 6,
            ("QP990001", "nb_ensemble", periode): 9,
        }
    )
    found = _exposed(release, tmp_path, Dictionary(rubriques=[more]))
    assert ("femmes, QP990001, 2021" in found) == donne, found


def test_a_rate_known_to_its_rounding_is_no_count(tmp_path: Path) -> None:
    """Of 100,000 people a tenth of a point is a hundred: 49,943 to 50,003 tells nobody."""
    release = sound_release()
    release.figures |= {
        ("QP990001", "nb_alloc", NIVEAU): 60,
        ("QP990002", "nb_alloc", NIVEAU): 100_000,
        ("QPV@EPCI:E1", "nb_alloc", NIVEAU): 100_260,
        ("QPV@EPCI:E1", "nb_rsa", NIVEAU): 50_043,
        ("QPV@EPCI:E1", "taux_rsa", NIVEAU): 100 * 50_043 / 100_260,
        ("QPV@DEP:99", "nb_rsa", NIVEAU): 50_073,
    }
    release.evolutions.clear()
    assert _exposed(release, tmp_path) == {}


def test_a_rate_that_gives_its_count_is_one_too_many(tmp_path: Path) -> None:
    release = sound_release()
    release.figures["QP990002", "taux_rsa", NIVEAU] = 100 * 9 / 130
    assert _exposed(release, tmp_path)["rsa, QP990001, 2021"] == "relations"
