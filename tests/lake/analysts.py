"""Analysts who read a lake until they are told to stop, each with a connection of its own.

Run as a program, so that they have one process and the reader's account: `python -m
tests.lake.analysts 50`. It says `assis` once each has a connection, ends with the end of its input,
and prints what they saw as JSON.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections import Counter

import duckdb

from warehouse import connect, poser

#: Seconds that a person thinks between two questions, and after which everybody goes home.
_PENSE = (8.0, 20.0)
_JOURNEE = 1200
#: What is said once everybody has a connection: a short day would end before the last arrive.
ASSIS = "assis"
#: Questions asked before a connection is opened again.
_QUESTIONS = 8
#: The release that a reader meets, whole: its schema, its tables and its rows, at one instant.
_DERNIERE = """
select schema_tables from lac.registre.publications where retiree_le is null
order by publiee_le desc, envoyee_le desc limit 1
"""
_TABLES = """
select count(*) from duckdb_tables() where database_name = 'lac' and schema_name = ?
"""


class Analysts:
    """What they all saw: errors, seconds to open and to ask, releases as (schema, tables, rows)."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.errors: list[str] = []
        self.opened: list[float] = []
        self.asked: list[float] = []
        self.seen: Counter[tuple[str, int, int]] = Counter()

    def work(self) -> None:
        while not self.over.is_set():
            try:
                self._sit_down()
            except Exception as error:  # whatever it is, it is told
                self.errors.append(f"{type(error).__name__} : {error}"[:300])
                self.over.wait(1)

    def _sit_down(self) -> None:
        start = time.monotonic()
        with connect("lac") as con:
            con.execute("set threads = 1")
            self.opened.append(time.monotonic() - start)
            for _ in range(_QUESTIONS):
                if self.over.wait(random.uniform(*_PENSE)):
                    return
                start = time.monotonic()
                self.seen[_ask(con)] += 1
                self.asked.append(time.monotonic() - start)


def _ask(con: duckdb.DuckDBPyConnection) -> tuple[str, int, int]:
    con.execute("begin")
    [(schema,)] = con.execute(_DERNIERE).fetchall()
    [(tables,)] = con.execute(_TABLES, [schema]).fetchall()
    [(rows,)] = con.execute(f"select count(*) from lac.{schema}.fct_indicateur").fetchall()
    con.execute(f"use lac.{schema}")
    assert poser(con, "chiffres_absents", epci="200042190").fetchall()
    con.execute("commit")
    return schema, tables, rows


def main(count: int) -> None:
    os.nice(10)  # theirs are other machines
    analysts = Analysts()
    threads = [threading.Thread(target=analysts.work) for _ in range(count)]
    for one in threads:
        one.start()
    timer = threading.Timer(_JOURNEE, analysts.over.set)
    timer.daemon = True
    timer.start()
    while len(analysts.opened) < count and not analysts.over.wait(0.1):
        pass
    print(ASSIS, flush=True)
    sys.stdin.read()
    analysts.over.set()
    for one in threads:
        one.join()
    told = {"errors": analysts.errors, "opened": analysts.opened, "asked": analysts.asked}
    print(json.dumps(told | {"seen": [[*what, times] for what, times in analysts.seen.items()]}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
