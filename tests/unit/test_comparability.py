"""The rules that say whether two periods may be compared: each forbids what it says, no more."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.registry import Registry, load_registry
from quality.period_judgement import REGLES, Couple, Jugement, interdits, judge, sans_passe
from warehouse.declared.comparability import Comparabilite, Fourniture, Rupture
from warehouse.domain.types_territoire import published_types

REGISTRY = load_registry()


def side(
    mesure: str,
    bloc: str,
    periode: str,
    choix: str | None = "niveau",
    perimetre: str = "2015",
    registry: Registry = REGISTRY,
    **more: object,
) -> Fourniture:
    """A mesure of a real block of the registry, at any period."""
    source_id, name = bloc.split(".")
    fenetre = registry[source_id].blocs[name].fenetre_annees
    rules = registry.comparabilite_of(source_id, name)
    return Fourniture(mesure, choix, bloc, periode, fenetre, perimetre, rules, **more)


def verdict(mesure: str, bloc: str, base: str, niveau: str, kind: str = "qpv") -> Jugement:
    """The verdict on one mesure of one real block between two periods."""
    return judge([Couple(side(mesure, bloc, niveau), side(mesure, bloc, base))], kind)


def free(periode: str, **more: object) -> Fourniture:
    """A mesure whose block declares that it has no rule."""
    return Fourniture("m", "niveau", "s.b", periode, 0, "2015", Comparabilite(), **more)


@pytest.mark.parametrize(
    ("mesure", "bloc", "base", "niveau", "rule"),
    [
        ("rp_taux_emploi", "insee_ipro.rp", "2018", "2019", "C02, C04"),
        ("rp_taux_emploi", "insee_ipro.rp", "2014", "2018", "C02, C04"),
        ("pop_municipale", "insee_population.population", "2015", "2018", "C04"),
        ("cnam_assures", "insee_revn.cnam", "2021-01-01", "2022-01-01", "C04"),
        ("filo_mediane", "insee_filosofi.filosofi", "2020", "2021", "C04"),
        ("caf_rsa_socle", "insee_revn.caf", "2015-12-31", "2020-12-31", "C05"),
        ("caf_minima_sociaux", "fiche_publiee.caf", "2015-12-31", "2021-12-31", "C05"),
        ("caf_aah", "insee_revn.caf", "2022-12-31", "2023-12-31", "C05"),
        ("cnam_couverts_c2s", "fiche_publiee.cnam", "2018-01-01", "2021-01-01", "C05"),
        ("asp_contrats_aides", "insee_ipro.contrats_aides", "2016", "2021", "C05"),
        ("ft_defm_abc_rsa", "insee_defm.france_travail", "2024-12-31", "2025-12-31", "C05"),
        ("rp_part_monoparentales_familles", "insee_rp.rp", "2010", "2022", "C05"),
        ("superficie_ha", "anct_contours.contours", "2015", "2024", "C01"),
    ],
)
def test_the_producers_rules_forbid(
    mesure: str, bloc: str, base: str, niveau: str, rule: str
) -> None:
    told = verdict(mesure, bloc, base, niveau)
    assert (told.verdict, told.regle) == ("non_comparable", rule)
    assert told.motif and (told.document or rule == "C01")


@pytest.mark.parametrize(
    ("mesure", "bloc", "base", "niveau"),
    [
        ("rp_taux_emploi", "insee_ipro.rp", "2013", "2018"),  # exactly five years
        ("rp_taux_emploi", "insee_ipro.rp", "2011", "2019"),
        ("cnam_assures", "insee_revn.cnam", "2020-01-01", "2022-01-01"),
        ("caf_rsa_socle", "insee_revn.caf", "2016-12-31", "2021-12-31"),
        ("caf_allocataires", "insee_demo.caf", "2015-12-31", "2020-12-31"),
        ("asp_contrats_aides", "insee_ipro.contrats_aides", "2020", "2021"),
        ("ft_defm_a_trimestriel", "fiche_publiee.france_travail_trimestre", "2016-T4", "2022-T4"),
    ],
)
def test_and_allow_what_they_do_not_forbid(mesure: str, bloc: str, base: str, niveau: str) -> None:
    assert verdict(mesure, bloc, base, niveau) == Jugement("comparable")


def test_consecutive_millesimes_are_forbidden_below_the_commune_only() -> None:
    """Insee's own words are about infra-communal levels."""
    words = ("cnam_assures", "insee_revn.cnam", "2021-01-01", "2022-01-01")
    forbidden = {
        k for k in published_types() if verdict(*words, kind=k).verdict == "non_comparable"
    }
    assert forbidden == {
        "qpv",
        "qpv_commune",
        "qpv_epci",
        "qpv_departement",
        "qpv_region",
        "qpv_france",
        "qpv_producteur",
        "perimetre_local",
    }


def test_reserves_accumulate_and_the_worst_verdict_wins() -> None:
    long = verdict("filo_mediane", "insee_filosofi.filosofi", "2013", "2020")
    assert long.verdict == "comparable_avec_reserve"
    for year in ("2016", "2018", "2019", "2020"):
        assert f"Filosofi {year}" in long.document
    assert long.motif.startswith("2013 et 2020 : ")
    mixed = [
        Couple(free("2020"), free("2015")),
        Couple(free("2020", provisoire=True), free("2015")),
        Couple(free("2020"), free("2020")),
    ]
    assert judge(mixed[:2], "qpv").regle == "C07"
    assert judge(mixed, "qpv").regle == "C02"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("2020", "2020", ("comparable", None)),
        ("2016", "2021", ("comparable", None)),  # its composition tells, EPCI by EPCI
        ("", "", ("comparable", None)),
        (None, "2021", ("comparable_avec_reserve", "C06")),
    ],
)
def test_an_epci_is_compared_on_one_outline(before, after, expected) -> None:
    couple = Couple(free("2021", contour=after), free("2016", contour=before))
    told = judge([couple], "epci")
    assert (told.verdict, told.regle) == expected
    assert judge([couple], "departement").verdict == "comparable"


def test_across_the_perimeters_only_an_unchanged_quarter() -> None:
    across = Couple(
        side("pop_municipale", "insee_population.population", "2020", perimetre="2024"),
        side("pop_municipale", "insee_population.population", "2013"),
    )
    told = {r: judge([across], "qpv", relation=r) for r in ("I", "M", "N")}
    assert told["I"].verdict == "comparable_avec_reserve" and "inchangé" in told["I"].motif
    assert [told[r].verdict for r in "MN"] == ["non_comparable"] * 2
    assert "modifié" in told["M"].motif and "nouveau" in told["N"].motif
    assert judge([across], "qpv_epci").motif == sans_passe("").motif


def test_nothing_to_judge_is_a_refusal() -> None:
    assert judge([], "qpv").verdict == "non_comparable"


def test_every_rule_that_decides_is_listed() -> None:
    assert list(REGLES) == sorted(REGLES)
    assert verdict("superficie_ha", "anct_contours.contours", "2015", "2024").regle in REGLES


LABELS = st.one_of(
    st.integers(2005, 2026).map(str),
    st.dates(date(2005, 1, 1), date(2026, 12, 31)).map(str),
    st.tuples(st.integers(2005, 2026), st.integers(1, 4)).map(lambda t: f"{t[0]}-T{t[1]}"),
    st.integers(2005, 2026).map(lambda y: f"{y}-{y + 1}"),
)
MESURES = st.sampled_from(
    [
        ("rp_taux_emploi", "insee_ipro.rp"),
        ("cnam_assures", "insee_revn.cnam"),
        ("caf_rsa_socle", "insee_revn.caf"),
        ("filo_mediane", "insee_filosofi.filosofi"),
    ]
)


@given(mesure=MESURES, periods=st.lists(LABELS, min_size=2, max_size=4), data=st.data())
def test_shuffling_or_repeating_couples_changes_no_verdict(mesure, periods, data) -> None:
    name, bloc = mesure
    couples = [Couple(side(name, bloc, a), side(name, bloc, b)) for a in periods for b in periods][
        : 2 * len(periods)
    ]
    again = data.draw(st.permutations(couples)) + data.draw(st.lists(st.sampled_from(couples)))
    first, second = judge(couples, "qpv"), judge(again, "qpv")
    assert (first.verdict, first.regle) == (second.verdict, second.regle)
    alone = [judge([c], "qpv").verdict for c in couples]
    assert ("non_comparable" in alone) == (first.verdict == "non_comparable")


@given(mesure=MESURES, base=LABELS, niveau=LABELS)
def test_a_published_pair_respects_every_rule_stated_plainly(mesure, base, niveau) -> None:
    """An oracle in other words: years named by the labels, no call to the rules' own code."""
    name, bloc = mesure
    told = verdict(name, bloc, base, niveau)
    if told.verdict == "non_comparable":
        return
    gap = int(niveau[:4]) - int(base[:4])
    fewest = {"rp_taux_emploi": 5, "cnam_assures": 2, "filo_mediane": 2}.get(name, 0)
    assert gap >= fewest and base != niveau and len(base) == len(niveau)
    if name == "caf_rsa_socle":
        assert (base[:4] >= "2016") == (niveau[:4] >= "2016") or niveau[:4] < "2016"


@given(mesure=MESURES, base=LABELS, niveau=LABELS)
def test_time_has_one_direction(mesure, base, niveau) -> None:
    forth, back = verdict(*mesure, base, niveau), verdict(*mesure, niveau, base)
    assert "non_comparable" in (forth.verdict, back.verdict)


def test_a_rupture_counts_from_its_first_day() -> None:
    rupture = Rupture(le="2016", effet="non_comparable", motif="m", document="d")

    def across(base: str, niveau: str) -> str:
        return judge([Couple(free(niveau), free(base))], "qpv", ruptures=[rupture]).verdict

    assert across("2015-12-31", "2016-01-01") == "non_comparable"
    assert across("2016-01-01", "2016-01-02") == "comparable"
    assert across("2015-12-30", "2015-12-31") == "comparable"


def test_figures_of_communes_across_perimeters_are_not_compared() -> None:
    """Quarter by quarter the lists of communes are judged; across perimeters nothing tells them."""
    new = Fourniture("m", "niveau", "s.b", "2020", 0, "2024", Comparabilite(), sujet="communes")
    old = free("2013", sujet="communes")
    judged = judge([Couple(new, old)], "qpv", relation="I")
    assert (judged.verdict, judged.regle) == ("non_comparable", "C09")
    assert judge([Couple(free("2020", sujet="communes"), old)], "qpv").verdict == "comparable"
    said = [i for i in interdits([old]) if i.regle == "C09"]
    assert [i.avec for i in said] == ["le même chiffre sur d'autres communes"]
    assert not [i for i in interdits([free("2013")]) if i.regle == "C09"]
