"""From contracts and a release's database to their pages, HTML and CSV. Judges no figure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from warehouse.declared.contracts import Contrat, ContratLu
from warehouse.declared.dictionary import Edition
from warehouse.domain import format as f
from warehouse.publication.contrats.controle import require_known
from warehouse.publication.contrats.depuis import changes, last_committee, release_then
from warehouse.publication.contrats.etats import Suivi, follow, follow_count
from warehouse.publication.contrats.euros import SommeDeCredits, add_up, read_credits
from warehouse.publication.contrats.mesures import Figure, Mesures, read_mesures
from warehouse.publication.contrats.vue import Metteur, Resume, resume
from warehouse.publication.fiches.gabarits import environnement, jour_de_publication
from warehouse.publication.inert_csv import write_csv
from warehouse.publication.typeset import typeset
from warehouse.release.promotion import read_manifest
from warehouse.release.seal import require_whole

_TEMPLATES = Path(__file__).parent / "templates"
#: What the sheets of EPCI say of them, kept beside the pages.
_RESUMES = "contrats.json"
_OBJECTIFS = (
    *("orientation", "code", "objectif", "code_indicateur", "code_territoire", "unite"),
    *("depart_periode", "depart", "depart_imprime", "depart_document", "depart_page"),
    *("periode", "valeur", "comparaison", "etat", "raison"),
    *("cible", "cible_valeur", "cible_annee", "cible_document", "cible_page"),
)
_EUROS = (
    *("annee", "quartiers", "orientation", "actions", "montant", "montants_manquants"),
    *("habitants", "euros_par_habitant", "raison"),
)


@dataclass(frozen=True)
class CommandeDeContrats:
    """What is to be rendered and where.

    Args:
        racine: the fiches of the release, seen from the folder of these pages.
        precedentes: releases that stand, in the order of publication: « since the last committee ».
        ouverts: figures under an open plausibility finding.
    """

    db: Path
    out: Path
    edition: Edition
    release_id: str
    contrats: Sequence[ContratLu]
    racine: str = "../"
    precedentes: Sequence[Path] = ()
    ouverts: Collection[Figure] = ()
    pdf: bool = False


def render_contrats(order: CommandeDeContrats) -> dict[str, Resume]:
    """Write `contrats/<siren>.html|.csv` and `<siren>-euros.csv` under `out`; by siren, what the
    sheet of its EPCI says.

    Raises:
        QpvError: a contract names what the release does not know, or its credits cannot be read.
    """
    if not order.contrats:
        return {}
    mesures = _read(order.db, order.release_id, order.contrats)
    require_known(order.contrats, mesures)
    credited = {one.contrat.siren: read_credits(one) for one in order.contrats}
    day = jour_de_publication(order.release_id, order.db)
    env = environnement(_TEMPLATES, styles=(_TEMPLATES / "contrat.css",))
    said_everywhere = {
        "edition": order.edition.titre,
        "release_id": order.release_id,
        "date": f.jour(day),
    }
    env.globals.update(said_everywhere)
    then: dict[Path, Mesures] = {}
    told: dict[str, Resume] = {}
    ouverts = frozenset(order.ouverts)
    (order.out / "contrats").mkdir(parents=True, exist_ok=True)
    for one in order.contrats:
        contrat = one.contrat
        followed = _follow(contrat, mesures, ouverts)
        sums = add_up(contrat, credited[contrat.siren], mesures)
        vue = Metteur(contrat, mesures).page(followed, sums)
        vue = replace(vue, **_since(order, contrat, day, followed, then))
        page = order.out / "contrats" / f"{contrat.siren}.html"
        text = env.get_template("contrat.html.j2").render(
            vue=vue, racine=order.racine, pdf=order.pdf
        )
        page.write_text(text, encoding="utf-8")
        if order.pdf:
            told_too = {**said_everywhere, "vue": asdict(vue)}
            page.with_suffix(".pdf").write_bytes(typeset(_TEMPLATES / "contrat.typ", told_too, day))
        write_csv(page.with_suffix(".csv"), _OBJECTIFS, _rows(contrat, followed, mesures))
        if sums:
            write_csv(page.with_name(f"{contrat.siren}-euros.csv"), _EUROS, _sums(sums))
        link = f"../contrats/{contrat.siren}.html"
        told[contrat.siren] = replace(resume(contrat, followed), page=link)
    kept = {siren: asdict(one) for siren, one in told.items()}
    text = json.dumps(kept, ensure_ascii=False, indent=1)
    (order.out / _RESUMES).write_text(f"{text}\n", encoding="utf-8")
    return told


def _since(
    order: CommandeDeContrats,
    contrat: Contrat,
    day: date,
    followed: Sequence[Suivi],
    then: dict[Path, Mesures],
) -> dict:
    """What the page says of the last committee before its release: since when, and what changed.

    Args:
        then: what was read of earlier releases, for the contracts of this order.
    """
    committee = last_committee(contrat, day)
    if committee is None:
        return {}
    said = f"Depuis le {f.jour(committee.date)}"
    earlier = release_then(order.precedentes, committee.date)
    if earlier is None:
        return {"depuis": f"{said} : aucune publication n’est plus ancienne que ce comité"}
    if earlier not in then:
        database = require_whole(earlier, "qpv.duckdb")
        then[earlier] = _read(database, earlier.name, order.contrats)
    before = _follow(contrat, then[earlier], frozenset())
    found = [(c.libelle, c.quoi) for c in changes(before, followed)]
    published = date.fromisoformat(str(read_manifest(earlier)["publiee_le"])[:10])
    said = f"{said}, publication {earlier.name} du {f.jour(published)}"
    if not found:
        said = f"{said} : aucun objectif n’a changé"
    return {"depuis": said, "changements": found}


def kept_resumes(fiches: Path, racine: str) -> dict[str, Resume]:
    """What a release says of its contracts, for a sheet that is printed apart from it.

    Args:
        fiches: the fiches of the release.
        racine: these, seen from the folder of the sheet.
    """
    path = fiches / _RESUMES
    if not path.is_file():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    return {
        siren: Resume(
            one["titre"],
            one["exemple"],
            tuple((state, count) for state, count in one["comptes"]),
            f"{racine}contrats/{siren}.html",
        )
        for siren, one in kept.items()
    }


def _read(db: Path, release_id: str, contrats: Iterable[ContratLu]) -> Mesures:
    figures = {
        (o.indicateur, o.territoire or one.contrat.ensemble)
        for one in contrats
        for o in one.contrat.objectifs
        if o.indicateur
    }
    quarters = {c for one in contrats for q in one.contrat.perimetres.qpv.values() for c in q}
    return read_mesures(db, release_id, figures, quarters)


def _follow(contrat: Contrat, mesures: Mesures, ouverts: frozenset[Figure]) -> list[Suivi]:
    """Where each objective stands; one on what an earlier release does not know has no figure."""
    made = []
    for one in contrat.objectifs:
        if one.comptage:
            made.append(follow_count(one))
        elif one.indicateur in mesures.indicateurs:
            place = one.territoire or contrat.ensemble
            made.append(follow(one, place, contrat.perimetre, mesures, ouverts))
    return made


def _rows(
    contrat: Contrat, suivis: Iterable[Suivi], mesures: Mesures
) -> Iterable[Sequence[object]]:
    """The objectives, figures unrounded."""
    words = Metteur(contrat, mesures)
    for s in suivis:
        o, start, now = s.objectif, s.depart, s.maintenant
        cited = o.depart.source if o.depart else None
        yield (
            f.propre(contrat.orientations[o.orientation].libelle),
            o.code,
            f.propre(o.libelle),
            o.indicateur,
            (o.territoire or contrat.ensemble) if o.indicateur else None,
            words.unite(o)[0],
            start and start.periode,
            start and start.valeur,
            s.imprime,
            cited and f.propre(contrat.documents[cited.document].titre),
            cited and f.propre(cited.page),
            now and now.periode,
            now and now.valeur,
            s.comparaison,
            s.etat,
            f.propre(s.raison),
            o.cible.operateur,
            o.cible.valeur,
            o.cible.annee,
            f.propre(contrat.documents[o.cible.source.document].titre),
            f.propre(o.cible.source.page),
        )


def _sums(sommes: Iterable[SommeDeCredits]) -> Iterable[Sequence[object]]:
    for s in sommes:
        yield (
            s.annee,
            "+".join(s.quartiers),
            s.orientation,
            s.actions,
            None if s.manquants else s.montant,
            s.manquants,
            s.habitants,
            s.par_habitant,
            s.raison,
        )
