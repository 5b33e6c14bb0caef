"""The national extracts as if confidential: what is masked, in which time, and what a reader finds.

`python -m tests.bench.bench_secrecy_national [BUILD]`: the build database of edition 2022 from the
real extracts; without it, they are built first (two minutes). Exits 1 if anything is found.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import duckdb

from quality.disclosure.audit.verdict import Audit
from quality.secrecy.release.release_attack import audit_release
from tests.conftest import EXTRACTS, run_qpv
from tests.fixtures.as_if_confidential import (
    SEUILS,
    SEUILS_HAUTS,
    SOMMES,
    Trial,
    as_if_confidential,
)
from tests.fixtures.remainders import remainders

#: Cells of counts, of sets too: what a set sums is not among the cells that are read.
_SHARES = """
with masques as (select * from intermediate.int_masques where etat <> 'derivee'),
valeurs as (
    select k.etat, coalesce(c.valeur, (
        select sum(q.valeur) from intermediate.int_ensembles as e
        join intermediate.int_cellules_secretes as q
            on q.code_territoire = e.code_qpv and q.perimetre = e.perimetre
        where e.code_ensemble = k.code_territoire and q.mesure = k.mesure and q.periode = k.periode
    )) as valeur
    from masques as k
    left join intermediate.int_cellules_secretes as c
        using (code_territoire, perimetre, mesure, periode)
    where k.regle in (select regle from edition.secrets where type = 'effectif')
)
select count(*), 100 * avg((etat <> 'publiable')::int),
    100 * sum(valeur) filter (etat <> 'publiable') / sum(valeur)
from valeurs
"""


def main() -> None:
    """Print a paragraph per trial."""
    if len(sys.argv) < 2 and not EXTRACTS.is_dir():
        print("Extraits nationaux absents (../shared/data/extracts)")
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if len(sys.argv) > 1:
            build = Path(sys.argv[1])
        else:
            words = ("--edition", "2022", "--extracts", str(EXTRACTS), "--sans-documents")
            done = run_qpv("build", *words, "--data", str(home / "2022"))
            if done.returncode:
                sys.exit(done.stderr)
            build = home / "2022" / "build" / "warehouse.duckdb"
        found = 0
        for name, seuils, fill in (
            ("cases blanches remplies, seuils 5 et 11", SEUILS, True),
            ("valeurs réelles, seuils 11 et 23", SEUILS_HAUTS, False),
        ):
            made = as_if_confidential(build, home / name, seuils=seuils, completer=fill)
            start = _processor()
            audit = audit_release(made.brouillon, made.regles, seuls=made.seuls, sommes=SOMMES)
            found += _say(name, made, audit, _processor() - start)
    sys.exit(1 if found else 0)


def _processor() -> float:
    """Seconds of processor, of the processes that ended too: a machine is seldom alone."""
    spent = os.times()
    return sum(spent[:4])


def _say(name: str, trial: Trial, audit: Audit, seconds: float) -> int:
    """Print a trial; how much was found."""
    with duckdb.connect(str(trial.layout.warehouse_db), read_only=True) as con:
        cells, masked, value = con.execute(_SHARES).fetchone()
    number = {etat: n for etat, (n, _) in trial.etats.items()}
    primary, secondary = number["primaire"], number.get("secondaire", 0)
    outside = [c for c in audit.exposes if c.moyen != "initie"]
    exact = sum(c.moyen in ("relations", "imprime") or c.bas == c.haut for c in outside)
    insiders = sum(c.moyen == "initie" and c.nom in trial.primaires for c in audit.exposes)
    lost = number.get("non_protegee", 0)
    print(
        f"{name} : {cells} effectifs jugés, {trial.completes.remplies} cases remplies\n"
        f"  {primary} primaires, {secondary} secondaires ({secondary / primary:.2f} par primaire), "
        f"{masked:.1f} % des cases et {value:.2f} % de la valeur masquées, "
        f"{number.get('derivee', 0)} taux et montants retirés avec elles\n"
        f"  masquage {trial.secondes:.1f} s (modèle dbt, montre) ; "
        f"audit {seconds:.1f} s de calcul, {audit.cases} cases attaquées\n"
        f"  retrouvées exactement : {exact} ; "
        f"sous la protection demandée : {len(outside) - exact} ; "
        f"primaires à un contributeur seul : {insiders} ; non protégées : {lost} ; "
        f"contradictions : {len(audit.contradictions)}",
        flush=True,
    )
    virtual, short = remainders(trial.layout)
    print(f"  {virtual} restes jamais publiés, par le lecteur des tests : {short}", flush=True)
    return len(outside) + insiders + lost + short


if __name__ == "__main__":
    main()
