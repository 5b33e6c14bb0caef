"""An edition that only names its blocks: what the rules choose for it."""

from __future__ import annotations

import pytest

from ingest.plan import resolve
from ingest.registry import load_registry
from orchestration.edition_by_rule import by_rule, chosen_by_rule
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Edition

REGISTRY = load_registry()


def _edition(*blocs: dict, perimetre: str = "2015") -> Edition:
    return Edition(id="essai", titre="Essai", perimetre=perimetre, blocs=[*blocs], references={})


def _chosen(bloc: str, *, perimetre: str = "2015") -> tuple[str | None, str | None]:
    [done] = by_rule(_edition({"bloc": bloc}, perimetre=perimetre), REGISTRY).blocs
    return done.periode, done.comparaison


@pytest.mark.parametrize(
    ("bloc", "chosen"),
    [
        ("insee_ipro.france_travail", ("2022-12-31", "2016-12-31")),
        # The census: five years at least, so 2010 and not 2015 to 2018.
        ("insee_ipro.rp", ("2019", "2010")),
        ("sdes_rpls.rpls", ("2022-01-01", "2021-01-01")),
        # One period alone is compared with nothing.
        ("perimetres_locaux.contours", ("2024", None)),
    ],
)
def test_the_newest_period_and_the_oldest_that_it_compares_with(
    bloc: str, chosen: tuple[str, str | None]
) -> None:
    assert _chosen(bloc) == chosen


def test_another_perimeter_has_its_own_periods_and_nothing_to_compare_with() -> None:
    periode, comparaison = _chosen("insee_filosofi.filosofi", perimetre="2024")
    assert (periode, comparaison) == ("2021", None)


def test_what_the_edition_says_stands() -> None:
    said = _edition(
        {"bloc": "insee_ipro.rp", "periode": "2017"},
        {"bloc": "insee_revn.filosofi", "comparaison": "2013"},
        {"bloc": "insee_rp.rp", "serie": True},
    )
    assert by_rule(said, REGISTRY) is said


def test_each_choice_is_told_and_its_files_are_found() -> None:
    said = _edition({"bloc": "insee_ipro.rp"}, {"bloc": "perimetres_locaux.contours"})
    done = by_rule(said, REGISTRY)
    assert chosen_by_rule(said, done) == [
        "insee_ipro.rp : par règle, 2019 comparée à 2010",
        "perimetres_locaux.contours : par règle, 2024, sans comparaison",
    ]
    chosen = {(c.periode, c.choix) for c in resolve(done, REGISTRY) if c.choix}
    assert chosen == {("2019", "niveau"), ("2010", "comparaison"), ("2024", "niveau")}


def test_an_unknown_block_is_refused_by_its_name() -> None:
    with pytest.raises(QpvError, match=r"bloc inconnu insee_ipro\.france"):
        resolve(by_rule(_edition({"bloc": "insee_ipro.france"}), REGISTRY), REGISTRY)


def test_a_block_without_a_period_on_this_perimeter_is_said_and_not_passed_over() -> None:
    with pytest.raises(QpvError, match=r"période du bloc rp au périmètre 2024.*editions/essai"):
        _chosen("insee_ipro.rp", perimetre="2024")


def test_a_block_of_the_series_alone_chooses_nothing_and_is_read() -> None:
    said = _edition({"bloc": "insee_rp.rp", "serie": True})
    assert {(c.choix, c.periode) for c in resolve(said, REGISTRY)} == {(None, "2010")}
    with pytest.raises(ValueError, match="ne met rien en avant"):
        _edition({"bloc": "insee_rp.rp", "serie": True, "periode": "2010"})
