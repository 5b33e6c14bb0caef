"""What the watch says of a source, day after day, from what it saw."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.publication_days import Calendrier
from ingest.watch.seen import Memory, SeenFile, read_memory, write_memory
from ingest.watch.states import Lu, judge
from tests.fixtures.small_source import Essai

DAY = date(2025, 11, 10)
ADRESSE = "https://exemple.invalid/fichier/ESSAI_2021.zip"


def essai(tmp_path: Path, calendar: str = '{jours: ["02-01"], texte: annuel}'):
    lien = 'page: https://exemple.invalid/page\nlien: "ESSAI_{yyyy}.zip"'
    return Essai(tmp_path).source(
        ("page: https://exemple.invalid/page", lien),
        ('calendrier: {jours: ["02-01"], texte: annuel}', f"calendrier: {calendar}"),
    )


def seen(millesime: str = "2021", **what: object) -> Memory:
    file = SeenFile.model_validate({"adresse": ADRESSE, "vu_le": DAY, **what})
    return Memory(source="essai", premiere_visite=DAY, visite_le=DAY, fichiers={millesime: file})


def states(source, memory: Memory, today: date, read: dict | None = None) -> list[str]:
    return [one.etat for one in judge(source, memory, read or {}, today)]


def test_nothing_new_until_a_day_of_the_calendar_and_its_tolerance_are_over(tmp_path: Path) -> None:
    source = essai(tmp_path)
    for today in (DAY, date(2026, 2, 1), date(2026, 3, 2)):
        assert states(source, seen(), today) == ["rien_de_neuf"]
    [late] = judge(source, seen(), {}, date(2026, 3, 3))
    assert (late.etat, late.depuis) == ("en_retard", date(2026, 2, 1))
    assert "attendu le 1er février 2026 (annuel)" in late.dit


def test_a_source_says_its_own_tolerance(tmp_path: Path) -> None:
    source = essai(tmp_path, '{jours: ["02-01"], texte: annuel, tolerance: 90}')
    assert states(source, seen(), date(2026, 5, 1)) == ["rien_de_neuf"]
    assert states(source, seen(), date(2026, 5, 3)) == ["en_retard"]


@pytest.mark.parametrize(
    "sign",
    [
        {"modifie": "Tue, 20 Jan 2026 10:00:00 GMT"},
        {"modifie": "2026-02-20T10:00:00+00:00"},
        {"vu_le": date(2026, 2, 12)},
        {"change_le": date(2026, 2, 12), "sha256": "x"},
    ],
    ids=["http", "iso", "first seen since", "changed since"],
)
def test_what_came_about_that_day_is_not_late(tmp_path: Path, sign: dict) -> None:
    assert "en_retard" not in states(essai(tmp_path), seen(**sign), date(2026, 4, 1))


def test_an_old_file_that_its_server_dates_is_late_at_the_first_visit(tmp_path: Path) -> None:
    old = seen(modifie="Mon, 03 Feb 2025 10:00:00 GMT", vu_le=date(2026, 3, 20))
    old.premiere_visite = date(2026, 3, 20)
    assert states(essai(tmp_path), old, date(2026, 3, 20)) == ["en_retard"]


def test_a_file_without_a_date_seen_after_that_day_says_nothing_of_when_it_came(
    tmp_path: Path,
) -> None:
    memory = seen(vu_le=date(2026, 3, 20))
    memory.premiere_visite = date(2026, 3, 20)
    assert states(essai(tmp_path), memory, date(2026, 4, 1)) == ["rien_de_neuf"]
    assert states(essai(tmp_path), memory, date(2027, 3, 20)) == ["en_retard"]


def test_a_year_that_nothing_declares_is_published(tmp_path: Path) -> None:
    [found] = judge(essai(tmp_path), seen("2022"), {}, DAY)
    assert (found.etat, found.millesime) == ("paru", "2022")
    assert "qpv millesime proposer" in str(found.faire)


def test_a_revised_file_is_told_until_its_bytes_are_read(tmp_path: Path) -> None:
    source, memory = essai(tmp_path), seen(change_le=DAY, sha256="new")
    before = datetime(2025, 11, 1, tzinfo=UTC)
    assert states(source, memory, DAY) == ["revise"]
    assert states(source, memory, DAY, {"2021": Lu(before, frozenset({"old"}))}) == ["revise"]
    read = Lu(before, frozenset({"new"}))
    assert states(source, memory, DAY, {"2021": read}) == ["rien_de_neuf"]
    later = Lu(before + timedelta(days=30), frozenset({"third"}))
    assert states(source, memory, DAY, {"2021": later}) == ["rien_de_neuf"]


def test_a_file_is_gone_after_two_visits_without_it(tmp_path: Path) -> None:
    source = essai(tmp_path)
    assert states(source, seen(absences=1), DAY) == ["rien_de_neuf"]
    assert states(source, seen(absences=2), DAY) == ["disparu"]


def test_a_page_out_of_reach_is_neither_new_nor_nothing_new(tmp_path: Path) -> None:
    memory = seen()
    memory.injoignables = {"https://exemple.invalid/page": "statut 503"}
    assert states(essai(tmp_path), memory, date(2026, 6, 1)) == ["injoignable"]


def test_a_source_without_an_address_is_looked_at_by_hand(tmp_path: Path) -> None:
    [found] = judge(Essai(tmp_path).source(), Memory(source="essai"), {}, DAY)
    assert found.etat == "a_la_main"
    assert "https://exemple.invalid/page" in str(found.faire)


def test_the_day_before_is_found_over_the_turn_of_a_year() -> None:
    calendar = Calendrier(jours=["02-15", "11-15"], texte="")
    assert calendar.last_before(date(2026, 2, 15)) == date(2026, 2, 15)
    assert calendar.last_before(date(2026, 2, 14)) == date(2025, 11, 15)


def test_a_damaged_memory_is_an_empty_one(tmp_path: Path) -> None:
    write_memory(tmp_path, seen())
    [path] = tmp_path.glob("*.json")
    assert read_memory(tmp_path, "essai") == seen()
    path.write_text("{", encoding="utf-8")
    assert read_memory(tmp_path, "essai") == Memory(source="essai")
