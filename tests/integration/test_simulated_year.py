"""A year of a dozen producers, played by a server: each event told once, no false one, a diary.

On time, late, revised twice, moved, in maintenance, broken, gone, on another perimeter, with a new
column, by a data set, silent, and one without an address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from ingest.millesime_draft import propose
from ingest.receipts import FileReceipt, Receipt
from ingest.registry import Registry, load_registry
from orchestration.events import of_round
from orchestration.messages import tell
from orchestration.watching import watch
from tests.fixtures.loopback_server import PAGE, Reponse, Serveur, fichier, sha, zip_de
from tests.fixtures.mail_server import Boite
from tests.fixtures.small_source import HEADER, ID, ROW, YAML
from warehouse.base.layout import Layout
from warehouse.declared.diffusion import Diffusion

FIRST, LAST, STEP = date(2026, 1, 1), date(2026, 12, 31), timedelta(days=5)
#: Every producer but the last publishes on 1 April; the first round knows what was there before.
CALENDAR = '{jours: ["04-01"], texte: "annuel, en avril"}'


@dataclass
class Producer:
    """One producer: the files on its page, and what happens on which day."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    events: dict[date, Callable[[Producer], None]] = field(default_factory=dict)
    page: Reponse | None = None  # in place of its links

    def serve(self, server: Serveur) -> None:
        for name, body in self.files.items():
            server.route(f"/{self.name}/{name}", fichier(body, etag=f'"{sha(body)[:12]}"'))
        links = "".join(f'<a href="/{self.name}/{name}">x</a>' for name in self.files)
        notice = f'<a href="/{self.name}/notice.csv">notice</a>'
        server.route(f"/{self.name}", self.page or Reponse((links + notice).encode()))


def zipped(text: str) -> bytes:
    return zip_de({"data_essai.csv": text.encode()})


def put(name: str, body: bytes | None) -> Callable[[Producer], None]:
    """A file that appears, changes, or goes."""

    def happens(one: Producer) -> None:
        one.files.pop(name, None)
        if body is not None:
            one.files[name] = body

    return happens


def show(page: Reponse | None) -> Callable[[Producer], None]:
    def happens(one: Producer) -> None:
        one.page = page

    return happens


OLD = zipped(f"{HEADER}\n{ROW}\n")
NEW = zipped(f"{HEADER.replace('MED_A21', 'MED_A22')}\n{ROW}\n")
DRIFT = f"{HEADER.replace('MED_A21', 'MED_A22').replace('TX_F', 'TX_FEM')};CMU\n{ROW};3\n"
APRIL = date(2026, 4, 1)


def producers() -> list[Producer]:
    def one(name: str, **events: object) -> Producer:
        days = {date.fromisoformat(f"2026-{day[1:]}".replace("_", "-")): what
                for day, what in events.items()}  # fmt: skip
        return Producer(name, {"ESSAI_2021.zip": OLD}, days)

    new = put("ESSAI_2022.zip", NEW)
    return [
        one("essai_alheure", d04_01=new),
        one("essai_tard", d06_15=new),
        one("essai_revise", d04_01=new, d05_10=put("ESSAI_2021.zip", zipped("a;b\n1;2\n")),
            d09_10=put("ESSAI_2021.zip", zipped("a;b\n1;3\n"))),
        one("essai_demenage", d04_01=new, d07_01=put("v2_ESSAI_2021.zip", OLD),
            d07_02=put("ESSAI_2021.zip", None)),
        one("essai_travaux", d02_10=show(Reponse(PAGE)), d03_01=show(None), d04_01=new),
        one("essai_casse", d04_01=new, d08_01=put("ESSAI_2021.zip", OLD[:-60]),
            d08_20=put("ESSAI_2021.zip", OLD)),
        one("essai_disparu", d04_01=new, d10_01=put("ESSAI_2021.zip", None)),
        one("essai_perimetre", d04_01=put("ESSAI_QP24_ed2022.zip", NEW)),
        one("essai_colonne", d04_01=put("ESSAI_2022.zip", zipped(DRIFT))),
        one("essai_muet"),
    ]  # fmt: skip


def registry(folder: Path, base: str, names: list[str]) -> Registry:
    """The sources of these producers, the one of a data set, and the one without an address."""
    sources = folder / "sources"
    sources.mkdir()
    lien = r"ESSAI_{yyyy}\\.zip"
    for name in [*names, "essai_jeu", "essai_sans"]:
        text = YAML.replace(f"id: {ID}", f"id: {name}").replace(
            "ESSAI_{yyyy}.csv", f"{name}_{{yyyy}}.csv"
        )
        text = text.replace("https://exemple.invalid/page", f"{base}/{name}")
        text = re.sub(r"calendrier: .*", f"calendrier: {CALENDAR}", text)
        found = {"essai_jeu": 'dataset: jeu\nressource: "ESSAI_{yyyy}"\n', "essai_sans": ""}
        text = text.replace("acces:", found.get(name, f'lien: "{lien}"\n') + "acces:")
        (sources / f"{name}.yml").write_text(text, encoding="utf-8")
    return load_registry(sources)


def was_read(layout: Layout, name: str) -> None:
    """The file of 2021, as a build of the year before read it."""
    file = FileReceipt(nom="x", sha256=sha(OLD), octets=len(OLD), origine="x",
                       obtenu_le="2025-06-01T00:00:00+00:00")  # fmt: skip
    receipt = Receipt(source_id=name, millesime="2021", fichiers=[file], absents=[], raisons=[],
                      territoires=1, sur_place=True)  # fmt: skip
    path = layout.landed(name, "2021").with_suffix(".json")
    path.parent.mkdir(parents=True)
    path.write_text(receipt.model_dump_json(), encoding="utf-8")


def serve_dataset(server: Serveur, today: date) -> None:
    dated = {"ESSAI_2021": "2026-01-01", **({"ESSAI_2022": "2026-04-03"} if today >= APRIL else {})}
    answer = [
        {
            "id": title[-4:],
            "title": title,
            "format": "zip",
            "url": "",
            "last_modified": f"{day}T08:00:00",
        }
        for title, day in dated.items()
    ]
    server.route("/api/datasets/jeu/", Reponse(json.dumps({"resources": answer}).encode()))


@pytest.fixture(scope="module")
def year(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[list[str], list[str], Registry]]:
    """The subjects of the mails of a year, the lines of its diary, the registry."""
    folder = tmp_path_factory.mktemp("annee")
    layout, all_of_them = Layout(folder / "data"), producers()
    with Serveur() as server, Boite() as box:
        base = server.route("/", Reponse(b"")).rstrip("/")
        known = registry(folder, base, [one.name for one in all_of_them])
        mail = {"serveur": "127.0.0.1", "port": box.port, "chiffrement": "aucun",
                "de": "qpv@exemple.fr", "a": ["equipe@exemple.fr"]}  # fmt: skip
        diffusion = Diffusion.model_validate({"messages": {"courriel": mail}})
        for one in all_of_them:
            was_read(layout, one.name)
        today, before = FIRST, FIRST - timedelta(days=1)
        while today <= LAST:
            for one in all_of_them:
                for day, happens in sorted(one.events.items()):
                    if before < day <= today:
                        happens(one)
                one.serve(server)
            serve_dataset(server, today)
            found = watch(layout, known, today=today, pause=0, api=f"{base}/api")
            noon = datetime.combine(today, time(12), UTC)
            assert (
                tell(layout, of_round(found.constats, known), now=noon, diffusion=diffusion) == []
            )
            before, today = today, today + STEP
        diary = (layout.messages / "journal.txt").read_text("utf-8").splitlines()
        yield [str(m["Subject"]).removeprefix("[qpv] ") for m in box.recus], diary, known


def test_each_event_is_told_once_and_no_other(year: tuple[list[str], list[str], Registry]) -> None:
    told, _, _ = year
    new = ("alheure", "tard", "revise", "demenage", "travaux", "casse", "disparu", "colonne", "jeu")
    expected = [f"essai_{name} 2022 paru et non déclaré" for name in new]
    expected += [f"essai_{name} en retard" for name in ("tard", "perimetre", "muet")]
    expected += ["essai_revise 2021 révisé"] * 2 + ["essai_disparu 2021 disparu"]
    assert sorted(" ".join(subject.split()) for subject in told) == sorted(expected)


def test_the_diary_reads_in_the_order_of_the_days(
    year: tuple[list[str], list[str], Registry],
) -> None:
    _, diary, _ = year
    days = [datetime.strptime(line[:10], "%d/%m/%Y").replace(tzinfo=UTC) for line in diary]
    assert days == sorted(days) and days[0].date() == APRIL
    [late] = [line for line in diary if "essai_tard" in line and "en retard" in line]
    assert late.startswith("01/05/2026") and "attendu le 1er avril 2026" in late
    assert [line[:10] for line in diary if "essai_revise 2021" in line] == [
        "11/05/2026",
        "13/09/2026",
    ]


def test_the_file_with_a_new_column_is_not_declared_alone(
    year: tuple[list[str], list[str], Registry], tmp_path: Path
) -> None:
    path = tmp_path / "essai_colonne_2022.csv"
    path.write_text(DRIFT, encoding="utf-8")
    found = propose(path, year[2])
    assert (found.disparues, found.nouvelles) == ([("TX_F", "TX_FEM")], ["CMU"])
    assert not found.is_sure
