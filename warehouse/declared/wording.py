"""How the reading of an indicator names its period: « au » a day, « en » a year. Reads no data."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary
from warehouse.domain.periods import Preposition


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
