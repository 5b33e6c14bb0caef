"""What a mask hides is in no byte that leaves: a run of the real job, then a search by forms."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.fixtures.confidential_sample import Sous, under_agreement

#: 3 young people of 12 377, 2 graduates of 10 853: shares that no other figure has.
PLANTED = {
    ("QP059050", "ABC"): 12377,
    ("QP059050", "ABC_25"): 3,
    ("QP059051", "ABC"): 10853,
    ("QP059051", "ABC_SUPBAC"): 2,
    ("QP059058", "ABC_F"): 1,
}
PLACES = [("QP059050", "ft_defm_abc_moins_26_ans"), ("QP059051", "ft_defm_abc_sup_bac")]


@pytest.fixture(scope="module")
def sous(tmp_path_factory: pytest.TempPathFactory) -> Sous:
    """A release built from figures under agreement."""
    made = under_agreement(tmp_path_factory.mktemp("convention"), PLANTED)
    done = made.build()
    assert done.returncode == 0, done.stderr
    (made.data / "messages").write_text(done.stdout + done.stderr, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def hidden(sous: Sous) -> dict[str, float]:
    """Name → confidential value of each masked figure, from the build that never leaves."""
    with duckdb.connect(str(sous.data / "build" / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select t.code_territoire || ' ' || t.code_indicateur, t.valeur from ("
            " select code_territoire, perimetre, code_indicateur, role, valeur"
            " from intermediate.int_indicateurs_propres union all"
            " select code_territoire, perimetre, code_indicateur, role, valeur"
            " from intermediate.int_indicateurs_recomposes) as t"
            " join intermediate.int_indicateurs as i"
            "   using (code_territoire, perimetre, code_indicateur, role)"
            " where i.statut = 'secret' and t.valeur is not null"
        ).fetchall()
    return dict(rows)


def is_distinctive(value: float) -> bool:
    """Enough digits not to be met by chance."""
    return value >= 1000 if value == round(value) else len(repr(value)) > 8


def forms(value: float) -> Iterator[bytes]:
    """A number as our code or a library might write it, where it has enough digits to be known."""
    yield struct.pack("<d", value)
    if value == round(value):
        whole = f"{value:.0f}"
        if len(whole) > 3:
            for space in ("", " ", "\u202f", "\u00a0", ","):
                yield f"{value:,.0f}".replace(",", space).encode()
        return
    for text in (repr(value), f"{value:.6f}", f"{value:.6f}".replace(".", ",")):
        yield text.encode()


def content(path: Path) -> bytes:
    """The bytes of a file, and what its format packs away."""
    raw = path.read_bytes()
    if path.suffix == ".parquet":
        file = pq.ParquetFile(path)
        raw += file.read().to_pandas().to_csv().encode() + str(file.metadata.to_dict()).encode()
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            for (table,) in con.sql("select table_name from duckdb_tables()").fetchall():
                raw += str(con.sql(f"select * from {table}").fetchall()).encode()
    return raw


def leaving(data: Path) -> dict[str, bytes]:
    """Everything that leaves, or that somebody else may read: releases, messages, journals."""
    (release,) = (p for p in (data / "releases").iterdir() if not p.is_symlink())
    files = [p for p in release.rglob("*") if p.is_file()]
    files += [data / "messages", data / "build" / "journal.log"]
    files += [*(data / "build" / "controles").glob("*"), *(data / "build").glob("*.json")]
    return {str(p.relative_to(data)): content(p) for p in files if p.is_file()}


def test_the_planted_counts_are_masked_and_the_rest_is_told(sous: Sous) -> None:
    with duckdb.connect(str(sous.data / "build" / "warehouse.duckdb"), read_only=True) as con:
        rows = con.sql("select code_territoire, mesure, etat from intermediate.int_masques")
        states = {(t, m): e for t, m, e in rows.fetchall()}
    assert [states[place] for place in PLACES] == ["primaire", "primaire"]
    told = sum(state == "publiable" for state in states.values())
    assert told > 0.6 * len(states)


def test_no_masked_figure_is_in_a_byte_that_leaves(sous: Sous, hidden: dict[str, float]) -> None:
    read = leaving(sous.data)
    assert {Path(name).suffix for name in read} >= {".parquet", ".duckdb", ".csv", ".html", ".json"}
    with duckdb.connect(str(next(sous.data.glob("releases/2*/qpv.duckdb"))), read_only=True) as con:
        told = {v for (v,) in con.sql("select distinct valeur from fct_indicateur").fetchall()}
        told |= {
            v
            for row in con.sql("select evolution_nb, evolution_pct from fct_evolution").fetchall()
            for v in row
        }
    searched = {name: v for name, v in hidden.items() if v not in told and is_distinctive(v)}
    assert len(searched) > 10, "the planted figures no longer make distinctive ones"
    shares = [100 * 3 / 12377, 100 * 2 / 10853]
    assert all(any(abs(v - share) < 1e-9 for v in searched.values()) for share in shares)
    found = [
        (name, place)
        for name, value in searched.items()
        for form in forms(value)
        for place, text in read.items()
        if form in text
    ]
    assert found == []


def test_the_search_sees_what_is_told(sous: Sous) -> None:
    """The same search, on a figure that is published: else it would prove nothing."""
    read = leaving(sous.data)
    with duckdb.connect(str(next(sous.data.glob("releases/2*/qpv.duckdb"))), read_only=True) as con:
        [value] = con.sql(
            "select valeur from fct_indicateur where code_territoire = 'QP059022'"
            " and code_indicateur = 'part_defm_abc_femmes' and statut = 'diffuse'"
        ).fetchone()
    suffixes = {Path(p).suffix for p, text in read.items() for f in forms(value) if f in text}
    assert suffixes >= {".csv", ".parquet", ".duckdb"}


def test_explain_gives_nothing_back(sous: Sous) -> None:
    for place, code in (
        ("QP059050", "part_defm_abc_moins_26_ans"),
        ("QP059050", "nb_defm_abc"),
        ("QPV@EPCI:200042190", "part_defm_abc_moins_26_ans"),
    ):
        done = sous.qpv("explain", place, code, "--data", str(sous.data))
        assert done.returncode == 0, done.stderr
        said = done.stdout + done.stderr
        for secret in ("0,0242", "0.0242", "2,42"):
            assert secret not in said, (place, code, said)


def test_one_sign_for_every_mask(sous: Sous) -> None:
    with duckdb.connect(str(next(sous.data.glob("releases/2*/qpv.duckdb"))), read_only=True) as con:
        rows = con.sql(
            "select distinct statut, motif, valeur from fct_indicateur where statut like 'secret%'"
            " and statut <> 'secret_producteur'"
        ).fetchall()
    assert len(rows) == 1 and rows[0][0] == "secret" and rows[0][2] is None
