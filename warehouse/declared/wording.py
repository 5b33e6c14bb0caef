"""The sentences of an indicator: what is filled in, « au » a day, « en » a year. Reads no data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from string import Formatter
from typing import TYPE_CHECKING

from warehouse.base.errors import QpvError
from warehouse.domain.periods import Preposition

if TYPE_CHECKING:
    from warehouse.declared.dictionary import Dictionary


def refuse_unfillable(dictionary: Dictionary) -> None:
    """Refuse a sentence that does not say its value, or that asks for what nobody knows.

    Raises:
        QpvError: it names the indicator and what its sentence may hold.
    """
    for rubrique in dictionary.rubriques:
        for code, indicateur in rubrique.indicateurs.items():
            place = f"{rubrique.rubrique}.yml, clé indicateurs.{code}"
            if sorted(_fields(indicateur.lecture)) != ["periode", "territoire", "valeur"]:
                raise QpvError(
                    f"la lecture de l'indicateur {code} ne peut être remplie",
                    ou=f"{place}.lecture",
                    attendu="{territoire}, {valeur} et {periode}, une fois chacun",
                )
            found = {*_fields(indicateur.constat or "{valeur}")}
            if "valeur" not in found or not found <= {"valeur", "s"}:
                raise QpvError(
                    f"le constat de l'indicateur {code} ne peut être rempli",
                    ou=f"{place}.constat",
                    attendu="{valeur}, et {s} où un pluriel suit la valeur",
                )


def _fields(sentence: str) -> list[str]:
    """What is to be filled in; a brace alone where the sentence has one."""
    try:
        return [name for _, name, *_ in Formatter().parse(sentence) if name is not None]
    except ValueError:
        return ["{"]


def refuse_misread(
    dictionary: Dictionary, prepositions: Mapping[str, Collection[Preposition]]
) -> None:
    """Refuse a reading that would print « en 31/12/2021 » or « au 2019 ».

    Args:
        prepositions: mesure → how its periods are read. Periods of both kinds, or none that is
            known, leave it open.

    Raises:
        QpvError: it names the indicator, its mesure and the words to write.
    """
    known = dictionary.indicateurs
    for rubrique in dictionary.rubriques:
        for code, indicateur in rubrique.indicateurs.items():
            judged = indicateur.rapprochement
            base = known[judged.indicateurs[0]] if judged else indicateur
            mesure = next(iter(base.num))
            words = [f" {word} {{periode}}" for word in sorted(prepositions.get(mesure, ()))]
            words = words or [" au {periode}", " en {periode}"]
            if not any(word in indicateur.lecture for word in words):
                said = " ou ".join(f"«{word} »" for word in words)
                raise QpvError(
                    f"l'indicateur {code} ne dit pas sa période comme sa mesure {mesure} la porte",
                    ou=f"{rubrique.rubrique}.yml, clé indicateurs.{code}.lecture",
                    attendu=f"{said} : au un jour ou un trimestre, en une année",
                    faire="corriger la lecture, ou la période du bloc qui porte cette mesure",
                )
