"""Plausibility of what the marts hold, before the draft: a judgement, what it takes out, a door.

No rule is here: they are in `quality.plausibility`.
"""

import json

import dagster as dg

from orchestration.console import say
from orchestration.dbt_assets import MART_KEYS
from orchestration.partitions import REGISTRY
from orchestration.resources import Reglages
from quality.plausibility.arbitrages import load_arbitrages, sort_out
from quality.plausibility.built import has_figure, read_build
from quality.plausibility.judge import judge
from quality.plausibility.rules import REGLES
from quality.plausibility.withhold import withheld, withhold
from warehouse.connect import open_writer
from warehouse.dictionary import load_dictionary
from warehouse.layout import ARBITRAGES, Layout

PLAUSIBILITE_KEY = dg.AssetKey(["publication", "plausibilite"])


@dg.asset(key=PLAUSIBILITE_KEY, deps=MART_KEYS, group_name="publication")
def plausibility(reglages: Reglages) -> dg.MaterializeResult:
    """Every finding of the rules, sorted: taken out, accepted, open."""
    layout = reglages.layout
    accepted = load_arbitrages(ARBITRAGES)
    con = read_build(layout.warehouse_db, load_dictionary(), REGISTRY.estimees)
    sorted_out = sort_out(judge(con), [a for a in accepted if has_figure(con, a)])
    con.close()
    out = withheld(sorted_out.ouverts)
    if out:
        with open_writer(layout.warehouse_db) as writer:
            withhold(writer, out)
    kept = [f for f in sorted_out.ouverts if f not in out]
    content = {
        "retires": [f.as_dict() for f in out],
        "ouverts": [f.as_dict() for f in kept],
        "acceptes": [
            f.as_dict() | {"motif": a.motif, "signature": a.signature}
            for f, a in sorted_out.acceptes
        ],
        "caducs": [" ".join(a.cle) for a in sorted_out.caducs],
    }
    _path(layout).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    counts = {name: len(found) for name, found in content.items()}
    say("Plausibilité : " + ", ".join(f"{n} {name}" for name, n in counts.items()))
    return dg.MaterializeResult(metadata=counts)


@dg.asset_check(
    asset=PLAUSIBILITE_KEY,
    name="porte_plausibilite",
    blocking=True,
    description="Aucun constat bloquant qui ne soit retiré ou accepté.",
)
def plausibility_door(reglages: Reglages) -> dg.AssetCheckResult:
    """A contradiction between figures stops the release, unless a signed reason accepts it."""
    failures = [
        f"{f['regle']} {f['phrase']}"
        for f in read_findings(reglages.layout)["ouverts"]
        if f["severite"] == "bloquant"
    ]
    folder = reglages.layout.build / "controles"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "nom": "porte_plausibilite",
        "attentes": len(REGLES),
        "passe": not failures,
        "echecs": failures,
    }
    (folder / "porte_plausibilite.json").write_text(
        json.dumps(content, ensure_ascii=False), encoding="utf-8"
    )
    return dg.AssetCheckResult(passed=not failures, description=" ; ".join(failures[:5]) or None)


def read_findings(layout: Layout) -> dict[str, list]:
    """What the last judgement said: retires, ouverts, acceptes, caducs."""
    return json.loads(_path(layout).read_text(encoding="utf-8"))


def _path(layout: Layout):
    return layout.build / "plausibilite.json"
