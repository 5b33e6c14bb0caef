"""Before the code starts: a run that is still said to go on died with the code that ran it.

Runs live in the code's own process, so none does while it is away (power cut, kill); Dagster's
monitor cannot see it, and such a run would hold the queue for good.
"""

from __future__ import annotations

import dagster as dg

#: Those that hold a place of the queue.
_EN_COURS = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_DIT = "Arrêtée avec le service qui l'exécutait ; rien n'est publié à moitié : la relancer."


def free_queue(instance: dg.DagsterInstance) -> int:
    """How many runs were marked failed."""
    dead = instance.get_runs(dg.RunsFilter(statuses=_EN_COURS))
    for run in dead:
        instance.report_run_failed(run, _DIT)
    return len(dead)


if __name__ == "__main__":
    with dg.DagsterInstance.get() as here:
        print(f"Exécutions arrêtées avec le service : {free_queue(here)}")
