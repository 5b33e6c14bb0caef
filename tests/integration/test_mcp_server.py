"""`qpv servir --mcp`: right answers, right refusals, and no value that is not diffused."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import duckdb
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import Client, StdioServerParameters

from orchestration.cli.mcp_server import mcp_server
from quality.citations.passages import Passage
from quality.citations.text_check import TextChecker
from tests.conftest import invoke_qpv
from warehouse.publication.answers.asked import Asked
from warehouse.release.connect import open_release
from warehouse.release.jeton import read_jeton

Ask = Callable[..., dict[str, Any]]
FIRST = ["publication", "statut", "motif", "verdict"]


@pytest.fixture(scope="module")
def con(sample_release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_release(sample_release) as con:
        yield con


@pytest.fixture(scope="module")
def ask(sample_release: Path) -> Iterator[Ask]:
    """One question through a client of the SDK; its answer as data."""
    asked = Asked(sample_release)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(mcp_server(asked))) as client,
    ):

        def question(tool: str, **words: Any) -> dict[str, Any]:
            result = portal.call(client.call_tool, tool, words)
            assert not result.is_error, result.content
            answer = result.structured_content
            assert answer is not None
            assert [*answer][:4] == FIRST
            assert json.loads(result.content[1].text) == answer
            assert answer["publication"] in result.content[0].text
            return answer

        yield question
    asked.close()


def test_50_right_answers(ask: Ask, con: duckdb.DuckDBPyConnection, sample_release: Path) -> None:
    levels = con.execute(
        "select code_territoire, code_indicateur, periode, valeur from fct_indicateur"
        " where statut = 'diffuse' and periode is not null"
        " order by hash(code_territoire || code_indicateur || periode) limit 30"
    ).fetchall()
    for place, code, periode, value in levels:
        for tool in ("chiffre", "citer"):
            answer = ask(tool, territoire=place, indicateur=code, periode=periode)
            assert (answer["verdict"], answer["statut"]) == ("donne", "diffuse")
            assert (answer["valeur"], answer["periode"]) == (value, periode)
    moves = con.execute(
        "select code_territoire, code_indicateur, periode, periode_comparaison,"
        " coalesce(evolution_pts, evolution_nb) from fct_evolution where statut = 'diffuse'"
        " order by hash(code_territoire || code_indicateur || periode) limit 10"
    ).fetchall()
    for place, code, late, early, value in moves:
        answer = ask("comparer_periodes", territoire=place, indicateur=code, de=early, a=late)
        assert answer["verdict"].startswith("comparable")
        assert value in [e["valeur"] for e in answer["evolutions"]]
    gaps = con.execute(
        "select code_territoire, code_reference, code_indicateur, periode, ecart from fct_ecart"
        " order by hash(code_territoire || code_indicateur || code_reference) limit 10"
    ).fetchall()
    for place, other, code, periode, value in gaps:
        words = {"territoire": place, "avec": other, "indicateur": code, "periode": periode}
        answer = ask("comparer_territoires", **words)
        assert answer["verdict"].startswith("comparable")
        assert answer["ecart"]["valeur"] == value
    assert len(levels) + len(moves) + len(gaps) == 50


def test_50_right_refusals(ask: Ask, con: duckdb.DuckDBPyConnection) -> None:
    absent = con.execute(
        "select code_territoire, code_indicateur, periode, statut, motif from fct_indicateur"
        " where statut <> 'diffuse' and periode is not null"
        " order by statut not like 'secret%', hash(code_territoire || code_indicateur || periode)"
        " limit 30"
    ).fetchall()
    assert {"secret_producteur"} <= {row[3] for row in absent}
    for place, code, periode, statut, motif in absent:
        answer = ask("chiffre", territoire=place, indicateur=code, periode=periode)
        assert (answer["verdict"], answer["statut"]) == ("refuse", statut)
        assert answer["regle"]["code"] == statut
        assert answer["motif"] == motif or not motif
        assert "valeur" not in json.dumps(answer)
        for told in _refusals(ask("expliquer", territoire=place, indicateur=code, periode=periode)):
            assert told["regle"] == answer["regle"]
    rules = con.execute(
        "select distinct f.code_territoire, c.code_indicateur, c.periode, c.periode_comparaison,"
        " c.motif from dim_comparabilite as c inner join fct_indicateur as f"
        " on c.code_indicateur = f.code_indicateur and c.type_territoire = f.type_territoire"
        " and c.periode = f.periode where c.comparabilite = 'non_comparable' and exists (from"
        " fct_indicateur as g where g.code_territoire = f.code_territoire and g.code_indicateur ="
        " f.code_indicateur and g.periode = c.periode_comparaison) order by all limit 10"
    ).fetchall()
    assert rules
    for place, code, late, early, motif in rules:
        answer = ask("comparer_periodes", territoire=place, indicateur=code, de=early, a=late)
        assert (answer["verdict"], answer["statut"]) == ("refuse", "non_comparable")
        assert answer["motif"] == motif
    words = {"territoire": "QP059050", "indicateur": "population_municipale"}
    others: list[tuple[str, dict[str, str], str]] = [
        ("chiffre", words | {"territoire": "QN05950M"}, "inconnu"),
        ("chiffre", words | {"territoire": "x' or 1=1 --"}, "inconnu"),
        ("chiffre", words | {"indicateur": "valeur"}, "inconnu"),
        ("chiffre", words | {"periode": "1999"}, "periode"),
        ("chiffre", words | {"territoire": "a" * 201}, "demande"),
        ("chiffre", words | {"territoire": "QP05\x00"}, "demande"),
        ("quartiers_semblables", {"quartier": "EPCI:200042190"}, "sans_objet"),
        ("comparer_territoires", words | {"avec": "QP059050"}, "demande"),
        ("chercher", {"texte": "xyzzy"}, "inconnu"),
        ("chercher", {"texte": "  "}, "demande"),
    ]
    for tool, asked, rule in others:
        answer = ask(tool, **asked)
        assert (answer["verdict"], answer["regle"]["code"]) == ("refuse", rule), (tool, asked)
        assert answer["motif"]
    # A pair of one missing figure fills what the rules of the sample do not.
    pairs = con.execute(
        "select code_territoire, code_indicateur, periode, periode_comparaison, statut"
        " from fct_evolution where statut <> 'diffuse' and periode_comparaison is not null"
        f" order by all limit {10 - len(rules)}"
    ).fetchall()
    for place, code, late, early, _ in pairs:
        answer = ask("comparer_periodes", territoire=place, indicateur=code, de=early, a=late)
        assert answer["verdict"] == "refuse"
        assert "evolutions" not in answer
    assert len(absent) + len(rules) + len(pairs) + len(others) == 50


def test_the_rest_answers_in_a_form_that_can_be_read(ask: Ask) -> None:
    words = {"territoire": "QP059050", "indicateur": "population_municipale"}
    assert any(
        r["code"] == "population_municipale" for r in ask("chercher", texte="population")["trouves"]
    )
    assert {line["statut"] for line in ask("profil", territoire="qp059050")["lignes"]} >= {
        "diffuse"
    }
    # The key figures of a quarter and those of a period: what is absent names its rule.
    absent = [*_refusals(ask("profil", territoire="QP059050"))]
    absent += _refusals(ask("serie", territoire="QP059050", indicateur="ecart_interdecile_revenu"))
    assert absent
    for one in absent:
        assert one["regle"]["code"] == one["statut"] and one["regle"]["phrase"]
    points = ask("serie", **words)["points"]
    assert [p["valeur"] for p in points if p["periode"] == "2018"] == [13204]
    told = ask("expliquer", **words)
    assert told["fichiers"][0]["sha256"]
    assert told["a_ne_pas_comparer_avec"]


def test_what_is_cited_is_recognised_by_the_reader_of_texts(
    ask: Ask, con: duckdb.DuckDBPyConnection, sample_release: Path
) -> None:
    answer = ask("citer", territoire="QP059050", indicateur="population_municipale", periode="2018")
    checker = TextChecker(con, sample_release.name)
    found = checker.passages([Passage(answer["phrase"], "")]).chiffres
    assert [one.constat.sort for one in found] == ["conforme"]


JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
CODES = ("QP059050", "QP059058", "QPV@EPCI:200042190", "EPCI:200042190", "DEP:59", "FRMETRO")


#: What may be given, by the token of each: levels, moves, gaps between two diffused figures.
DIFFUSED = (
    "select code_territoire, code_indicateur, periode, '', '', valeur from fct_indicateur"
    " where statut = 'diffuse'",
    *(
        f"select code_territoire, code_indicateur, periode, '{move}', periode_comparaison, {move}"
        f" from fct_evolution where statut = 'diffuse' and {move} is not null"
        for move in ("evolution_nb", "evolution_pct", "evolution_pts")
    ),
    "select g.code_territoire, g.code_indicateur, g.periode, 'ecart', g.code_reference, g.ecart"
    " from fct_ecart as g inner join fct_indicateur as a using (code_territoire, code_indicateur,"
    " periode) inner join fct_indicateur as b on b.code_territoire = g.code_reference"
    " and b.code_indicateur = g.code_indicateur and b.periode = g.periode"
    " where a.statut = 'diffuse' and b.statut = 'diffuse'",
)
#: What is there to be asked, and whether it is diffused.
THERE = {
    "periode": "select code_territoire, code_indicateur, periode, statut = 'diffuse'"
    " from fct_indicateur where periode is not null order by all",
    "de": "select code_territoire, code_indicateur, periode_comparaison, periode,"
    " statut = 'diffuse' from fct_evolution where periode_comparaison is not null order by all",
    "avec": "select g.code_territoire, g.code_indicateur, g.code_reference, g.periode, true"
    " from fct_ecart as g union all select a.code_territoire, a.code_indicateur,"
    " b.code_territoire, a.periode, false from fct_indicateur as a inner join fct_indicateur as b"
    " using (code_indicateur, periode) where (a.statut like 'secret%') <> (b.statut like 'secret%')"
    " order by all limit 5000",
}


def test_a_fuzzed_client_never_gets_what_is_not_diffused(
    ask: Ask, con: duckdb.DuckDBPyConnection
) -> None:
    diffused = {row[:5]: row[5] for sql in DIFFUSED for row in con.execute(sql).fetchall()}
    known = sorted({key[1] for key in diffused})
    periods = [row[0] for row in con.execute("select periode from dim_periode").fetchall()]
    # Three in four are real ones: what is not there is refused at once.
    place = st.one_of(*[st.sampled_from(CODES)] * 3, st.text(max_size=30))
    indicator = st.one_of(*[st.sampled_from(known)] * 3, st.text(max_size=20))
    period = st.one_of(*[st.sampled_from(periods)] * 3, st.text(max_size=12))
    maybe = st.none() | period
    figure = {"territoire": place, "indicateur": indicator}

    def there(kind: str, *names: str) -> list[list[dict[str, str]]]:
        """What is there: what is diffused, then what is not."""
        rows = con.execute(THERE[kind]).fetchall()
        named = [(dict(zip((*figure, *names), row, strict=False)), row[-1]) for row in rows]
        return [[asked for asked, told in named if told == is_told] for is_told in (True, False)]

    known_calls = {
        "chiffre": there("periode", "periode"),
        "comparer_periodes": there("de", "de", "a"),
        "comparer_territoires": there("avec", "avec", "periode"),
    }

    def real(tool: str) -> st.SearchStrategy[dict[str, str]]:
        """Masked as often as not."""
        return st.one_of(*map(st.sampled_from, known_calls[tool]))

    moves = figure | {"de": period, "a": period}
    places = figure | {"avec": place, "periode": maybe}
    calls = st.one_of(
        st.tuples(
            st.sampled_from(["chiffre", "expliquer", "citer"]),
            st.one_of(real("chiffre"), st.fixed_dictionaries(figure | {"periode": maybe})),
        ),
        st.tuples(
            st.just("comparer_territoires"),
            st.one_of(real("comparer_territoires"), st.fixed_dictionaries(places)),
        ),
        st.tuples(
            st.just("comparer_periodes"),
            st.one_of(real("comparer_periodes"), st.fixed_dictionaries(moves)),
        ),
        st.tuples(st.just("serie"), st.fixed_dictionaries(figure)),
        st.tuples(st.just("profil"), st.fixed_dictionaries({"territoire": place})),
        st.tuples(st.just("quartiers_semblables"), st.fixed_dictionaries({"quartier": place})),
        st.tuples(st.just("chercher"), st.fixed_dictionaries({"texte": st.text(max_size=30)})),
    )
    seen: Counter[str] = Counter()

    def check(tool: str, words: dict[str, Any]) -> None:
        answer = ask(tool, **words)
        for holder in _holders(answer):
            assert holder["statut"] == "diffuse"
            token = read_jeton(holder["jeton"])
            assert token
            seen[token.grandeur] += 1
            cell = (token.territoire, token.indicateur, token.periode, token.grandeur, token.avec)
            assert diffused[cell] == holder["valeur"]
        # What is between two periods is given, or is refused.
        assert answer.get("evolutions") != []
        # What is held back is so for a rule that is named.
        for refusal in _refusals(answer):
            assert refusal["regle"]["code"] and refusal["regle"]["phrase"]

    @settings(max_examples=200, derandomize=True, suppress_health_check=[*HealthCheck])
    @given(calls)
    def run(call: tuple[str, dict[str, Any]]) -> None:
        check(*call)

    # Some of each, whatever chance asks for.
    for tool, each in known_calls.items():
        for asked in each:
            for words in asked[:: len(asked) // 8 + 1]:
                check(tool, words)
    run()
    print(f"values seen: {dict(seen)}")
    assert min(seen[kind] for kind in ("", "evolution_nb", "evolution_pts", "ecart")) > 1


def _refusals(answer: object) -> Iterator[dict[str, Any]]:
    """Whatever is refused, at any depth."""
    yield from (one for one in _inside(answer) if one.get("verdict") == "refuse")


def _holders(answer: object) -> Iterator[dict[str, Any]]:
    """Whatever holds a value, at any depth."""
    yield from (one for one in _inside(answer) if one.get("valeur") is not None)


def _inside(answer: object) -> Iterator[dict[str, Any]]:
    if isinstance(answer, list):
        for one in answer:
            yield from _inside(one)
    elif isinstance(answer, dict):
        yield answer
        for one in answer.values():
            yield from _inside(one)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from orchestration.cli.main import main; main()", *words]


def test_the_command_serves_by_standard_input_and_on_loopback_alone(sample_data: Path) -> None:
    words = _command("servir", "--mcp", "--data", str(sample_data))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = subprocess.Popen([*words, "--port", str(port)], stderr=subprocess.DEVNULL)
    asked = {"territoire": "QP059050", "indicateur": "population_municipale", "periode": "2018"}
    try:
        _wait_for(port)
        places = [
            StdioServerParameters(command=words[0], args=words[1:]),
            f"http://127.0.0.1:{port}/mcp",
        ]
        with start_blocking_portal() as portal:
            for place in places:
                with portal.wrap_async_context_manager(Client(place)) as client:
                    result = portal.call(client.call_tool, "chiffre", asked)
                    assert result.structured_content["valeur"] == 13204
        # A page of the web that names itself otherwise reaches nothing.
        posed = Request(f"http://127.0.0.1:{port}/mcp", b"{}", {"Host": "exemple.fr", **JSON})
        with pytest.raises(HTTPError, match="421"):
            urlopen(posed)
        listening = Path("/proc/net/tcp").read_text(encoding="ascii")
        assert [
            row.split()[1]
            for row in listening.splitlines()
            if f":{port:04X} 00000000:0000 0A" in row
        ] == [f"0100007F:{port:04X}"]
    finally:
        served.kill()
        served.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_the_command_says_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert invoke_qpv("servir", "--data", str(tmp_path))[0] == 2
    code, output = invoke_qpv("servir", "--mcp", "--data", str(tmp_path))
    assert (code, "aucune publication" in output) == (1, True)
    monkeypatch.delitem(sys.modules, "orchestration.cli.mcp_server")
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    code, output = invoke_qpv("servir", "--mcp", "--data", str(tmp_path))
    assert (code, "requirements-mcp.lock" in output) == (1, True), output
