"""From a release's database to what sheets know of it. Judges no figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from warehouse.base.errors import QpvError
from warehouse.declared.profile import ProfilDeclare
from warehouse.domain.format import propre
from warehouse.domain.types_territoire import sets, types_territoire
from warehouse.publication.attendus import Attendu
from warehouse.publication.profils.faits import (
    Bande,
    Cle,
    EcartSuivi,
    Mouvement,
    Niveau,
    Point,
    Position,
    Recueil,
)
from warehouse.release.connect import texte_sql
from warehouse.release.published import Territoire
from warehouse.release.reader import Reader
from warehouse.release.relations import expose
from warehouse.release.series import LUES, liens

#: What stands beside a quarter or an EPCI, wherever it lies.
_PARTOUT = ("france", "france_entiere", "qpv_france", "qpv_producteur")
#: What is drawn beside a quarter's series.
SERIES = ("commune", "epci", "france", "qpv_france")
_AUTOUR = ("qpv", "commune", "epci", "qpv_epci", *_PARTOUT)


def read_recueil(
    db: Path,
    profil: ProfilDeclare,
    perimetre: str,
    codes: Collection[str] | None,
    attendus: Mapping[str, Attendu],
    ouverts: Collection[Cle],
) -> Recueil:
    """What the sheets of some territories are made of, those of all if `codes` is None.

    Args:
        codes: QPV codes and EPCI siren.
        attendus: by indicator, when a figure is expected.
        ouverts: indicator and territory of the figures under an open plausibility finding.

    Raises:
        QpvError: no such file, or a table or column of the contract is missing.
    """
    try:
        with duckdb.connect(str(db), read_only=True) as con:
            con.execute("set enable_progress_bar = false")
            expose(con, "chiffres", "positions", "ecarts", "semblables", *LUES)
            return _Recolte(con, profil, perimetre).recueil(codes, attendus, ouverts)
    except duckdb.Error as error:
        raise QpvError(
            f"la base de la publication ne se lit pas : {error}",
            ou=str(db),
            attendu="les tables du contrat (fct_indicateur, fct_evolution, fct_position…)",
        ) from error


class _Recolte:
    """One pass over one open release."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, profil: ProfilDeclare, perimetre: str
    ) -> None:
        self._con, self._reader, self._profil = con, Reader(con), profil
        self._perimetre = perimetre
        files = self._reader.fichiers()
        self._tierces = {f.cle for f in files if f.est_tierce}
        self._fichiers = {f.cle: f for f in files if f.etat == "lue"}
        self._sur = f"code_indicateur in {_liste(profil.montres)}"
        self._ici = f"coalesce(perimetre, '') in ({texte_sql(perimetre)}, '')"

    def recueil(
        self,
        codes: Collection[str] | None,
        attendus: Mapping[str, Attendu],
        ouverts: Collection[Cle],
    ) -> Recueil:
        places = {t.code: self._propre(t) for t in self._territoires()}
        epci, communes = defaultdict(list), defaultdict(list)
        for row in self._reader.epci(perimetres=[self._perimetre]):
            epci[row.code_qpv].append(row)
        for row in self._reader.communes(perimetres=[self._perimetre]):
            communes[row.code_qpv].append(row)
        chosen = f"type_territoire in {_liste(_AUTOUR)}"
        quarters = "true"
        if codes is not None:
            read = {q for q, rows in epci.items() if {q, *(r.code for r in rows)} & {*codes}}
            read |= {*codes} & places.keys()
            quarters = f"code_qpv in {_liste(read)}"
            beside = {c for c, t in places.items() if t.type in _PARTOUT}
            for q in read:
                beside |= {f"COM:{r.entiere or r.code}" for r in communes.get(q, ())[:1]}
                beside |= {f"{k}:{r.code}" for r in epci.get(q, ()) for k in ("EPCI", "QPV@EPCI")}
            chosen = f"code_territoire in {_liste(read | beside)}"
        ou = f"{self._sur} and {self._ici} and {chosen}"
        # What is said to move is the quarters', in EPCI's sheets too.
        moving = f"{ou} and type_territoire = 'qpv'"
        lines = [x.indicateur for x in self._profil.lignes if x.niveau]
        drawn = f"{ou} and type_territoire in {_liste(SERIES)}"
        series = self._series(moving)
        series |= self._series(f"{drawn} and code_indicateur in {_liste(lines)}")
        return Recueil(
            perimetre=self._perimetre,
            territoires=places,
            epci=dict(epci),
            communes=dict(communes),
            indicateurs=self._reader.indicateurs(),
            niveaux=self._niveaux(ou),
            mouvements=self._mouvements(moving, series),
            bandes=self._bandes(),
            usages=self._usages(),
            positions=self._positions(quarters.replace("code_qpv", "code_territoire")),
            ecarts=self._ecarts(quarters.replace("code_qpv", "code_territoire"), lines),
            semblables=self._semblables(quarters),
            series=series,
            fichiers=self._fichiers,
            attendus=attendus,
            ouverts=frozenset(ouverts),
        )

    def _territoires(self) -> list[Territoire]:
        whole = "departement"
        inside = [code for code in sets() if types_territoire()[code].tout == whole]
        types = [*_AUTOUR, whole, *inside]
        return self._reader.territoires(types=types, perimetres=[self._perimetre, ""])

    @staticmethod
    def _propre(t: Territoire) -> Territoire:
        label = propre(t.libelle) or t.code
        return replace(t, libelle=label, libelle_long=propre(t.libelle_long) or label)

    def _niveaux(self, ou: str) -> dict[Cle, Niveau]:
        rows = self._con.execute(
            "select code_indicateur, code_territoire, periode, valeur, statut, motif, source_id,"
            f" millesime from publie_chiffres where en_avant and {ou}"
        ).fetchall()
        found = {}
        for code, place, periode, valeur, statut, motif, source, millesime in rows:
            origin = (source, millesime) if source else None
            found[code, place] = Niveau(
                periode or "", valeur, statut, propre(motif), origin, origin in self._tierces
            )
        return found

    def _mouvements(self, ou: str, series: dict[Cle, list[Point]]) -> dict[Cle, Mouvement]:
        """Since the oldest comparable period; else since the edition's, with its reason."""
        rows = self._con.execute(
            "select code_indicateur, code_territoire, periode_comparaison, evolution_nb,"
            " evolution_pct, evolution_pts, statut, motif from publie_evolutions"
            f" where {ou} and (premiere or en_avant)"
            " qualify row_number() over (partition by code_indicateur, code_territoire"
            " order by premiere and statut = 'diffuse' desc, en_avant desc) = 1"
        ).fetchall()
        found = {}
        for code, place, depuis, nb, pct, pts, statut, motif in rows:
            points = series.get((code, place), ())
            before = next((p.valeur for p in points if p.periode == depuis), None)
            found[code, place] = Mouvement(depuis, before, nb, pct, pts, statut, propre(motif))
        return found

    def _bandes(self) -> dict[str, Bande]:
        """Over all the quarters of the perimeter, whichever sheets are wanted."""
        rows = self._con.execute(
            "select code_indicateur, count(*), min(valeur), quantile_cont(valeur, 0.25),"
            " quantile_cont(valeur, 0.5), quantile_cont(valeur, 0.75), max(valeur)"
            f" from publie_chiffres where en_avant and {self._sur} and statut = 'diffuse'"
            f" and type_territoire = 'qpv' and perimetre = {texte_sql(self._perimetre)} group by 1"
        ).fetchall()
        least = self._profil.seuils.bande
        return {code: Bande(*row) for code, *row in rows if row[0] >= least}

    def _usages(self) -> dict[tuple[str, str], float]:
        """How far apart the moves of the middle half of the quarters are."""
        rows = self._con.execute(
            "with m as (select code_indicateur, periode_comparaison as depuis,"
            " coalesce(evolution_pts, evolution_pct) as m from publie_evolutions"
            f" where {self._sur} and premiere and statut = 'diffuse' and type_territoire = 'qpv'"
            f" and perimetre = {texte_sql(self._perimetre)})"
            " select code_indicateur, depuis, quantile_cont(m, 0.75) - quantile_cont(m, 0.25)"
            f" from m group by 1, 2 having count(m) >= {self._profil.seuils.mouvements}"
        ).fetchall()
        return {(code, depuis): spread for code, depuis, spread in rows if spread}

    def _positions(self, ou: str) -> dict[Cle, Position]:
        rows = self._con.execute(
            "select code_indicateur, code_territoire, rang_france, nb_france, cinquieme_france,"
            " coalesce(niveau, ''), periode_comparaison, rang_mouvement, nb_mouvement,"
            f" coalesce(mouvement, '') from publie_positions where {self._sur} and {ou}"
            f" and perimetre = {texte_sql(self._perimetre)}"
        ).fetchall()
        return {(code, place): Position(*row) for code, place, *row in rows}

    def _ecarts(self, ou: str, lines: Collection[str]) -> dict[Cle, list[EcartSuivi]]:
        """Gaps of quarters to what has all the inhabitants, since the oldest comparable period."""
        found = defaultdict(list)
        for code, place, *row, reserve in self._con.execute(
            "select code_indicateur, code_territoire, code_reference, periode, ecart, unite_ecart,"
            " periode_comparaison, ecart_comparaison, tendance, motif from publie_ecarts"
            f" where premiere and tendance is not null and ecart_comparaison is not null and {ou}"
            f" and code_indicateur in {_liste(lines)} and reference in {_liste(SERIES)}"
            f" and type_territoire = 'qpv' and perimetre = {texte_sql(self._perimetre)}"
        ).fetchall():
            found[code, place].append(EcartSuivi._make([*row, propre(reserve)]))
        return dict(found)

    def _semblables(self, ou: str) -> dict[str, list[tuple[str, int]]]:
        found = defaultdict(list)
        for quarter, other, known in self._con.execute(
            "select code_qpv, code_semblable, nb_indicateurs from publie_semblables"
            f" where perimetre = {texte_sql(self._perimetre)} and {ou} order by code_qpv, rang"
        ).fetchall():
            found[quarter].append((other, known))
        return dict(found)

    def _series(self, ou: str) -> dict[Cle, list[Point]]:
        joined = {
            (code, place, periode): (depuis, voisine, refus)
            for place, _, code, periode, depuis, _, voisine, refus in self._con.execute(
                liens(ou)
            ).fetchall()
        }
        found = defaultdict(list)
        for code, place, periode, fin, valeur, source, millesime in self._con.execute(
            "select code_indicateur, code_territoire, periode, periode_fin, valeur, source_id,"
            f" millesime from publie_chiffres where statut = 'diffuse' and {ou}"
            " and periode_fin is not null order by code_indicateur, code_territoire, periode"
        ).fetchall():
            depuis, voisine, refus = joined.get((code, place, periode), (None, None, None))
            origin = (source, millesime) if source else None
            found[code, place].append(
                Point(periode, fin, valeur, depuis, voisine, propre(refus), origin)
            )
        return dict(found)


def _liste(texts: Collection[str]) -> str:
    return f"({', '.join(map(texte_sql, sorted(texts))) or 'null'})"
