"""What a person reads of a draft before it is public: what it changes, and four sheets to open."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import exp
from pathlib import Path

import duckdb

from warehouse.domain.format import avec_unite, nombre, propre
from warehouse.publication.changes import NATURES
from warehouse.release.connect import open_scratch, texte_sql
from warehouse.release.promotion import REPORTS
from warehouse.release.relations import Relation, expose
from warehouse.release.seal import require_whole

_LUES: list[Relation] = ["chiffres", "comparabilites", "territoires", "indicateurs", "epci"]
#: Sheets to open.
FEUILLES = 4
#: From so many times the usual move of the others, a figure moved much.
_LOIN = 3
#: The figures put forward of quarters and EPCI, in a draft and in the release before it, and how
#: far each moved from the median move of its kind, in usual moves: a count or an amount by its
#: ratio, since large ones move more; never less than what is displayed, or 2 %.
_MOVES = """
create temp table mouvements as
with deux as (
    select
        a.code_territoire,
        a.type_territoire,
        a.perimetre,
        a.code_indicateur,
        i.libelle,
        i.unite,
        i.arrondi,
        b.valeur as avant,
        a.valeur as apres,
        b.valeur is not null and a.valeur is null as perdu,
        i.type in ('effectif', 'montant', 'superficie') and avant > 0 and apres > 0 as relatif,
        case when relatif then ln(apres / avant) else apres - avant end as ecart
    from apres_chiffres as a
    inner join avant_chiffres as b
        on a.code_territoire = b.code_territoire
        and a.perimetre = b.perimetre
        and a.code_indicateur = b.code_indicateur
    inner join apres_indicateurs as i on a.code_indicateur = i.code_indicateur
    where a.en_avant and b.en_avant and a.type_territoire in ('qpv', 'epci')
),
usuels as (
    select
        code_indicateur,
        type_territoire,
        relatif,
        median(ecart) as milieu,
        mad(ecart) * 1.4826 as dispersion
    from deux
    group by all
)
select
    d.*,
    u.milieu,
    abs(d.ecart - u.milieu)
    / greatest(u.dispersion, if(d.relatif, 0.02, pow(10, -coalesce(d.arrondi, 0)))) as loin
from deux as d
inner join usuels as u
    on d.code_indicateur = u.code_indicateur
    and d.type_territoire = u.type_territoire
    and d.relatif is not distinct from u.relatif
"""
_SHEETS = f"""
with places as (
    select
        code_territoire,
        type_territoire,
        perimetre,
        count(*) filter (where perdu) as perdus,
        count(*) filter (where loin > {_LOIN}) as loins,
        sum(ln(1 + loin)) filter (where loin > {_LOIN}) as total,
        arg_max(struct_pack(libelle, unite, arrondi, avant, apres, milieu, relatif), loin)
            filter (where loin > {_LOIN}) as premier
    from mouvements
    group by all
)
select
    p.*,
    coalesce(t.libelle_long, t.libelle, p.code_territoire) as nom,
    coalesce(t.code_epci, p.code_territoire) as code_epci
from places as p
left join apres_territoires as t
    on p.code_territoire = t.code_territoire and p.perimetre = t.perimetre
where coalesce(total, 0) + perdus > 0
order by coalesce(total, 0) + perdus desc, p.code_territoire
"""
#: Without an earlier release: those that say the most, first quarters of the largest EPCI.
_FIRST_SHEETS = """
select
    f.code_territoire,
    f.type_territoire,
    f.perimetre,
    coalesce(t.libelle_long, t.libelle, f.code_territoire) as nom,
    coalesce(t.code_epci, f.code_territoire) as code_epci
from apres_chiffres as f
left join apres_territoires as t
    on f.code_territoire = t.code_territoire and f.perimetre = t.perimetre
where f.en_avant and f.type_territoire in ('qpv', 'epci')
group by all
order by count(*) filter (where f.valeur is not null) desc, f.code_territoire
"""
_VERDICTS = """
select
    coalesce(a.code_indicateur, b.code_indicateur) as code_indicateur,
    coalesce(a.periode_comparaison, b.periode_comparaison) as de,
    coalesce(a.periode, b.periode) as a,
    coalesce(b.comparabilite, 'absent') as avant,
    coalesce(a.comparabilite, 'absent') as apres,
    count(*) as types
from apres_comparabilites as a
full join avant_comparabilites as b
    on a.code_indicateur = b.code_indicateur and a.type_territoire = b.type_territoire
    and a.relation is not distinct from b.relation
    and a.periode = b.periode and a.periode_comparaison = b.periode_comparaison
where a.comparabilite is distinct from b.comparabilite
group by all
order by all
"""
_NAMES = """
select
    coalesce(a.code_territoire, b.code_territoire) as code,
    coalesce(a.perimetre, b.perimetre) as perimetre,
    b.libelle as avant,
    a.libelle as apres
from apres_territoires as a
full join avant_territoires as b
    on a.code_territoire = b.code_territoire and a.perimetre = b.perimetre
where a.libelle is distinct from b.libelle
order by all
"""


@dataclass(frozen=True)
class Review:
    """What to read of a draft.

    Attributes:
        precedente: the release that it is set beside; None for a first one.
        totaux: figures by nature of change, masks given or lifted included.
        masques: indicators of which some figure is newly masked, or no longer is, with both counts.
        verdicts: pairs of periods whose verdict changed.
        constats: findings of plausibility that are new, and those that are gone.
        noms: territories that are new, gone, or have another name.
        feuilles: the sheets to open, each with why.
    """

    release_id: str
    precedente: str | None
    totaux: dict[str, int]
    masques: list[dict]
    verdicts: list[dict]
    constats: dict[str, list[str]]
    noms: list[dict]
    feuilles: list[dict]

    def as_json(self) -> dict:
        return asdict(self)


def review(draft: Path, release_id: str, releases: Path) -> Review:
    """Set a whole draft beside the release that its change log is made against.

    Args:
        releases: the folder of releases.
    """
    journal = json.loads((draft / "changelog.json").read_text(encoding="utf-8"))
    earlier = journal["precedente"]
    before = releases / earlier if earlier else None
    with open_scratch() as con:
        sides = {"apres": draft} | ({"avant": before} if before else {})
        for name, folder in sides.items():
            database = require_whole(folder, "qpv.duckdb")
            con.execute(f"attach {texte_sql(database)} as {name} (read_only)")
            expose(con, *_LUES, of=name, under=name)
        if before:
            con.execute(_MOVES)
        return Review(
            release_id,
            earlier,
            journal.get("totaux", dict.fromkeys(NATURES, 0)),
            _masks(journal.get("indicateurs", [])),
            _dicts(con, _VERDICTS) if before else [],
            _findings(draft, before),
            _dicts(con, _NAMES) if before else [],
            _sheets(_dicts(con, _SHEETS if before else _FIRST_SHEETS), draft),
        )


def _masks(indicators: list[dict]) -> list[dict]:
    found: dict[str, dict] = {}
    for row in indicators:
        if row["masques"] or row["demasques"]:
            one = found.setdefault(
                row["code_indicateur"],
                {"libelle": row["libelle"], "masques": 0, "demasques": 0},
            )
            one["masques"] += row["masques"]
            one["demasques"] += row["demasques"]
    return [{"code_indicateur": code, **row} for code, row in found.items()]


def _findings(draft: Path, before: Path | None) -> dict[str, list[str]]:
    """What plausibility says anew, and no longer says: both reports are public."""

    def told(folder: Path | None) -> dict[tuple, str]:
        if folder is None:
            return {}
        report = json.loads((folder / REPORTS / "rapport.json").read_text(encoding="utf-8"))
        said = report["plausibilite"]
        return {
            (one["regle"], one["territoire"], one["indicateur"], one["periode"],
             one["grandeur"]): one["phrase"]
            for kind in ("retires", "ouverts")
            for one in said[kind]
        }  # fmt: skip

    now, then = told(draft), told(before)
    return {
        "nouveaux": sorted(now[key] for key in now.keys() - then.keys()),
        "disparus": sorted(then[key] for key in then.keys() - now.keys()),
    }


def _sheets(places: list[dict], draft: Path) -> list[dict]:
    """The first EPCI, then the first quarters that have a sheet: those of other EPCI before."""
    there = [(place, path) for place in places if (path := _sheet_of(place, draft))]
    whole = [one for one in there if one[0]["type_territoire"] == "epci"][:1]
    quarters = [one for one in there if one[0]["type_territoire"] == "qpv"]
    seen: set[str] = set()
    first, others = list[tuple[dict, str]](), list[tuple[dict, str]]()
    for place, path in quarters:
        (others if place["code_epci"] in seen else first).append((place, path))
        seen.add(place["code_epci"])
    return [
        {"fiche": path, "nom": place["nom"], "pourquoi": _why(place)}
        for place, path in [*whole, *first, *others][:FEUILLES]
    ]


def _sheet_of(place: dict, draft: Path) -> str | None:
    folder, code = place["type_territoire"], place["code_territoire"].removeprefix("EPCI:")
    path = f"fiches/{folder}/{code}.html"
    return path if (draft / path).is_file() else None


def _why(place: dict) -> str:
    if "perdus" not in place:
        return "rien à comparer : celle qui a le plus de chiffres"
    said = []
    if first := place["premier"]:
        usual = 100 * (exp(first["milieu"]) - 1) if first["relatif"] else first["milieu"]
        unit = "%" if first["relatif"] else propre(first["unite"] or "")
        moved = avec_unite(nombre(usual, max(1, first["arrondi"] or 0), signe=True), unit).strip()
        said.append(
            f"{propre(first['libelle'])} : {_value(first['avant'], first)} puis "
            f"{_value(first['apres'], first)} (les autres, en médiane : {moved})"
        )
    if (more := place["loins"] - 1) > 0:
        said.append(f"{more} autre{'s' * (more > 1)} chiffre{'s' * (more > 1)} loin des autres")
    if lost := place["perdus"]:
        said.append(f"{lost} chiffre{'s' * (lost > 1)} que l'on n'a plus")
    return " ; ".join(said)


def _value(value: float, about: dict) -> str:
    return avec_unite(nombre(value, about["arrondi"] or 0), propre(about["unite"] or "")).strip()


def _dicts(con: duckdb.DuckDBPyConnection, query: str) -> list[dict]:
    return con.execute(query).to_arrow_table().to_pylist()
