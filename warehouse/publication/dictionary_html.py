"""`dictionnaire.html` of a release: its indicators, tables, statuts and files, for readers."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from warehouse.declared.dictionary import Dictionary
from warehouse.domain.format import (
    depuis,
    jour,
    nombre,
    periode_longue,
    phrase_de_lecture,
    typographie,
)
from warehouse.domain.statuts import signe_de
from warehouse.publication.dictionary_page import AGREGATIONS, JAMAIS_LU, NIVEAUX_JAMAIS_LUS, SENS
from warehouse.publication.explorer.figures import file_of
from warehouse.publication.fiches.gabarits import environnement
from warehouse.publication.fiches.textes import STATUTS
from warehouse.publication.open_data import Publication
from warehouse.release.connect import open_release
from warehouse.release.relations import expose

PAGE = "dictionnaire.html"
_ICI = Path(__file__).parent / "templates"
#: What stands in a reading for what each figure puts there.
_BLANCS = ("[territoire]", "[valeur]", "[période]")


def write_dictionary(
    release: Path,
    publication: Publication,
    dictionary: Dictionary,
    interdits: Mapping[str, list[str]],
    jamais_lus: Mapping[str, str],
    niveaux: Mapping[str, str],
) -> None:
    """Write the page beside the files that it lists: only what the release publishes.

    Args:
        interdits: indicator → what the rules of comparability forbid, in words.
        jamais_lus: indicator → the files that nobody has read yet.
        niveaux: indicator → the places to compare with that files nobody has read would give.
    """
    rubriques = _rubriques(release, dictionary, interdits, jamais_lus, niveaux)
    for one in (i for r in rubriques for i in r["indicateurs"]):
        code = one["code_indicateur"]
        one["sur_la_carte"] = (release / "fiches/explorer/c" / f"{file_of(code)}.js").is_file()
    env = environnement(_ICI, styles=(_ICI / "dictionnaire.css",))
    env.filters["nombre"] = nombre
    page = env.get_template("dictionnaire.html.j2").render(
        p=publication,
        date=jour(publication.creee_le.date()),
        rubriques=rubriques,
        nb_indicateurs=sum(len(r["indicateurs"]) for r in rubriques),
        statuts=_statuts(),
        explorateur="fiches/explorer.html"
        if (release / "fiches/explorer.html").is_file()
        else None,
        fichier_jamais_lu=JAMAIS_LU,
        niveaux_jamais_lus=NIVEAUX_JAMAIS_LUS,
    )
    (release / PAGE).write_text(page, encoding="utf-8")


def _statuts() -> list[dict]:
    return [
        {
            "code": code,
            "nom": nom,
            "signe": "la valeur" if code == "diffuse" else signe_de(code),
            "sens": sens,
        }
        for code, (nom, sens) in STATUTS.items()
    ]


def _rubriques(
    release: Path,
    dictionary: Dictionary,
    interdits: Mapping[str, list[str]],
    jamais_lus: Mapping[str, str],
    niveaux: Mapping[str, str],
) -> list[dict]:
    """The released indicators under the question that they answer, in the order of the fiche."""
    questions = {r.rubrique: typographie(r.question) for r in dictionary.rubriques}
    with open_release(release) as con:
        expose(con, "indicateurs")
        rows = con.sql("from publie_indicateurs order by rang").to_arrow_table().to_pylist()
    denominateurs = _denominateurs(rows, dictionary)
    found = []
    for code, group in groupby(rows, key=lambda row: row["rubrique"]):
        indicateurs = [
            _indicateur(row, interdits, jamais_lus, niveaux, denominateurs) for row in group
        ]
        theme = indicateurs[0]["theme"]
        found.append(
            {
                "code": code,
                "theme": theme,
                "question": questions.get(code, theme),
                "indicateurs": indicateurs,
            }
        )
    return found


def _denominateurs(rows: list[dict], dictionary: Dictionary) -> dict[str, str]:
    """Indicator → what it is set over, with its periods, where they are not the indicator's."""
    shown = {row["code_indicateur"]: row for row in rows}
    counts = {
        next(iter(i.num)): shown[code]
        for code, i in dictionary.indicateurs.items()
        if code in shown and len(i.num) == 1 and not (i.den or i.den_ensemble)
    }
    found = {}
    for code, i in dictionary.indicateurs.items():
        own = shown[code]["periode"] if code in shown else None
        bases = [counts[mesure] for mesure in i.den if mesure in counts]
        said = [
            f"{base['libelle']}, {_periodes(base)}"
            for base in bases
            if own and base["periode"] and base["periode"] != own
        ]
        if said:
            found[code] = " ; ".join(said)
    return found


def _periodes(row: dict) -> str:
    """The period shown, and the one that it is compared with."""
    periods = [periode_longue(row["periode"])] if row["periode"] else []
    periods += [depuis(row["periode_comparaison"])] if row["periode_comparaison"] else []
    return ", ".join(periods)


def _indicateur(
    row: dict,
    interdits: Mapping[str, list[str]],
    jamais_lus: Mapping[str, str],
    niveaux: Mapping[str, str],
    denominateurs: Mapping[str, str],
) -> dict:
    return row | {
        "lecture": phrase_de_lecture(row["lecture"], *_BLANCS),
        "agregation": AGREGATIONS[row["agregation"]],
        "sens": SENS[row["sens"]],
        "periodes": _periodes(row),
        "interdits": interdits.get(row["code_indicateur"], []),
        "denominateur": denominateurs.get(row["code_indicateur"]),
        "jamais_lu": jamais_lus.get(row["code_indicateur"]),
        "niveaux": niveaux.get(row["code_indicateur"]),
    }
