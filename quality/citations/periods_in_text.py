"""The periods that a text names. Says nothing of which the release has."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from quality.citations.french_words import fold
from warehouse.domain.format import MOIS
from warehouse.domain.periods import year_of

_MONTHS = [*map(fold, MOIS)]
_Y = r"(?P<y>(?:19|20)[0-9]{2})"
_LEAD = (
    r"(?:(?:en|au|a|fin|debut|annee|l'annee|de l'annee|des|pour|du|depuis|millesime|rp|filosofi) )?"
)
_FORMS = (
    re.compile(rf"(?P<d>[0-9]{{1,2}})(?:er)? (?P<m>{'|'.join(_MONTHS)}) {_Y}(?![0-9])"),
    re.compile(rf"(?<![0-9/])(?P<d>[0-9]{{1,2}})/(?P<m>[0-9]{{1,2}})/{_Y}(?![0-9])"),
    re.compile(r"(?<![0-9-])(?P<y>(?:19|20)[0-9]{2})-(?P<m>[01][0-9])-(?P<d>[0-3][0-9])(?![0-9-])"),
    re.compile(
        rf"(?:(?P<q>[1-4])(?:er|e|eme)? ?|(?P<qw>premier|deuxieme|troisieme|quatrieme) )trimestre"
        rf" (?:de )?{_Y}"
    ),
    re.compile(rf"(?<![a-z0-9])t(?P<q>[1-4]) {_Y}(?![0-9])"),
    re.compile(r"(?<![0-9])(?P<y>(?:19|20)[0-9]{2})-t(?P<q>[1-4])(?![0-9])"),
    re.compile(rf"(?:annee scolaire|rentree) {_Y}(?:[-/](?P<y2>(?:19|20)[0-9]{{2}}))?(?![0-9])"),
    re.compile(rf"(?P<month_only>fin decembre|fin d'annee|fin) {_Y}(?![0-9])"),
)  # fmt: skip
_WORD_QUARTERS = {"premier": 1, "deuxieme": 2, "troisieme": 3, "quatrieme": 4}
_BARE = re.compile(r"(?<![\w,.])(?P<y>(?:19|20)[0-9]{2})(?![\w]|[,.][0-9]|[ \u202f][0-9]{3}\b)")
#: What makes a figure of four digits that could be a year.
_COUNTED = re.compile(
    r" (?:habitant|personne|menage|foyer|demandeur|allocataire|logement|etablissement|emploi|eleve"
    r"|enfant|famille|contrat|jeune|beneficiaire|assure|euro|€|%|point|unite|couple|candidat|homme"
    r"|femme|etranger|salarie|actif|chomeur|resident|naissance)"
)
#: What makes it a year, though a token follows: that of the figure of its clause.
_DATED = re.compile(
    r"(?<![a-z])(?:en|depuis|annee|fin|debut|millesime|rp|filosofi"
    r"|(?:entre|de) (?:19|20)[0-9]{2} (?:et|a)) $"
)
#: What says that an earlier period is set beside.
_SINCE = re.compile(
    r"(?:depuis|par rapport a|par rapport au|contre|face a|de|entre)(?: l'annee)? ?$"
)


@dataclass(frozen=True)
class PeriodSaid:
    """A period of a text: a label of the release, or a year alone (`annee`)."""

    start: int
    end: int
    label: str
    annee: bool

    def among(self, known: Collection[str]) -> list[str]:
        """Those of the known periods that it may be."""
        if not self.annee:
            return [p for p in known if p == self.label]
        return [p for p in known if "-20" not in p[4:] and year_of(p) == int(self.label)]


def periods(
    text: str, labels: list[tuple[int, int]], jetons: Collection[int] = ()
) -> list[PeriodSaid]:
    """The periods of a sentence, in order.

    Args:
        labels: what is part of the name of an indicator.
        jetons: where tokens stood, which are blank by now: « 2015 [qpv:…] » is a figure.
    """
    folded = fold(text)
    found: list[PeriodSaid] = []

    def free(start: int, end: int) -> bool:
        spans = [*labels, *((p.start, p.end) for p in found)]
        return not any(s < end and start < e for s, e in spans)

    for form in _FORMS:
        for m in form.finditer(folded):
            label = _label(m)
            if label and free(m.start(), m.end()):
                found.append(PeriodSaid(m.start(), m.end(), label, label.isdigit()))
    for m in _BARE.finditer(folded):
        borne = any(s >= m.end() and not folded[m.end() : s].strip() for s in jetons)
        counted = _COUNTED.match(folded, m.end()) or (
            borne and not _DATED.search(folded[: m.start()])
        )
        if free(m.start(), m.end()) and not counted:
            found.append(PeriodSaid(m.start(), m.end(), m["y"], True))
    return sorted(found, key=lambda p: p.start)


def _label(m: re.Match[str]) -> str | None:
    groups = m.groupdict()
    year = groups["y"]
    if quarter := groups.get("q") or _WORD_QUARTERS.get(groups.get("qw") or ""):
        return f"{year}-T{quarter}"
    if "month_only" in groups:
        return f"{year}-12-31" if "decembre" in m["month_only"] else year
    if "y2" in groups:
        return f"{year}-{groups['y2'] or int(year) + 1}"
    month, day = groups["m"], int(groups["d"])
    number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
    return f"{year}-{number:02}-{day:02}" if 1 <= number <= 12 and 1 <= day <= 31 else None
