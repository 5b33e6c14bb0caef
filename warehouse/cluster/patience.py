"""How long a cluster without a worker is waited for: Spark itself would wait for ever."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.base.errors import QpvError
from warehouse.cluster.spark_access import Grappe, refused

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Seconds without any worker after which a run gives up.
PATIENCE = "QPV_SPARK_PATIENCE"
_PATIENCE = 60.0
_LOOK = 1.0


@contextmanager
def watched(spark: SparkSession, grappe: Grappe, said: Path) -> Iterator[None]:
    """Work asked of a cluster, given up where it has had no worker for too long.

    Raises:
        QpvError: no worker, or whatever else stopped the work.
    """
    patience = _patience()
    done, alone = threading.Event(), threading.Event()

    def _look() -> None:
        since = time.monotonic()
        while not done.wait(_LOOK):
            try:
                if _workers(spark):
                    since = time.monotonic()
                elif time.monotonic() - since > patience:
                    alone.set()
                    spark.sparkContext.cancelAllJobs()
            except Exception:  # the driver is gone: whoever waits for it is told
                return

    looking = threading.Thread(target=_look, daemon=True)
    looking.start()
    try:
        yield
    except Exception as error:  # Py4J's, Spark's or the system's: each has classes of its own
        if alone.is_set():
            raise _deserted(grappe, patience) from error
        raise refused(grappe, error, said) from error
    finally:
        done.set()
        looking.join()


def _patience() -> float:
    said = os.environ.get(PATIENCE, "").strip()
    if said and not said.isdecimal():
        raise QpvError(
            f"une attente de la grappe qui n'est pas un nombre de secondes : {said!r}",
            ou=PATIENCE,
            faire="donner un nombre entier de secondes, ou rien",
        )
    return float(said or _PATIENCE)


def _workers(spark: SparkSession) -> int:
    """How many executors the session has; the driver is counted among them."""
    return int(spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size()) - 1


def _deserted(grappe: Grappe, patience: float) -> QpvError:
    return QpvError(
        f"la grappe n'a plus aucun nœud pour compter, depuis {patience:.0f} s",
        ou=grappe.url,
        faire="vérifier sur la page du maître que des nœuds sont en marche et libres, puis "
        "relancer : les mois déjà comptés ne le seront plus ; la publication précédente reste en "
        "place",
    )
