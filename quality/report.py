"""The quality report of a release: one JSON, one HTML page."""

from __future__ import annotations

import json
from pathlib import Path

from jinja2 import Environment

_PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Rapport de qualité {{ r.release_id }}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}caption{text-align:left;font-weight:600}
th,td{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}</style></head><body>
<h1>Rapport de qualité</h1><p>Publication {{ r.release_id }}, {{ r.titre }}.</p>
<table><caption>Contrôles</caption><thead><tr><th scope="col">Contrôle</th>
<th scope="col">Attentes</th><th scope="col">Résultat</th></tr></thead><tbody>
{% for c in r.controles %}<tr><td>{{ c.nom }}</td><td class="n">{{ c.attentes }}</td>
<td>{{ "passé" if c.passe else "refusé : " ~ c.echecs | join(" ; ") }}</td></tr>
{% endfor %}</tbody></table>
<p>Plausibilité : {{ r.plausibilite.retires | length }} retiré(s),
{{ r.plausibilite.acceptes | length }} accepté(s), {{ r.plausibilite.ouverts | length }}
à vérifier ou pour information{% if r.plausibilite.caducs %} ; arbitrages devenus sans objet :
{{ r.plausibilite.caducs | join(", ") }}{% endif %}.</p>
{% set etats = {"retires": "retiré", "ouverts": "", "acceptes": "accepté"} %}
<table><caption>Constats de plausibilité</caption><thead><tr><th scope="col">Règle</th>
<th scope="col">Gravité</th><th scope="col">Constat</th></tr></thead><tbody>
{% for cle, etat in etats.items() %}{% for f in r.plausibilite[cle] %}<tr><td>{{ f.regle }}</td>
<td>{{ etat or f.severite }}</td><td>{{ f.phrase }}
{% if f.motif %} Accepté : {{ f.motif }} ({{ f.signature }}).{% endif %}</td></tr>
{% endfor %}{% endfor %}</tbody></table>
<table><caption>Valeurs publiées par statut</caption><thead><tr><th scope="col">Statut</th>
<th scope="col">Lignes</th></tr></thead><tbody>
{% for s, n in r.statuts.items() %}<tr><td>{{ s }}</td><td class="n">{{ n }}</td></tr>
{% endfor %}</tbody></table>
<h2>Secret statistique</h2>
{% if r.secret.masques %}<table><caption>Cases jugées et masquées, par règle et type de territoire
</caption><thead><tr><th scope="col">Règle</th><th scope="col">Territoires</th>
<th scope="col">Jugées</th><th scope="col">Masquées</th><th scope="col">Part</th></tr></thead>
<tbody>
{% for m in r.secret.masques %}<tr><td>{{ m.regle }}</td><td>{{ m.type_territoire }}</td>
<td class="n">{{ m.jugees }}</td><td class="n">{{ m.masquees }}</td>
<td class="n">{{ m.part | string | replace(".", ",") }} %</td></tr>
{% endfor %}</tbody></table>
{% if r.secret.depuis %}<p>Depuis la publication {{ r.secret.depuis.release_id }} :
{{ r.secret.depuis.masques }} chiffre(s) nouvellement masqué(s),
{{ r.secret.depuis.demasques }} démasqué(s).</p>{% endif %}
{% else %}<p>Toutes les sources de cette édition sont masquées par leurs producteurs.</p>{% endif %}
<table><caption>Règle de chaque bloc</caption><thead><tr><th scope="col">Bloc</th>
<th scope="col">Accès</th><th scope="col">Règle</th><th scope="col">Seuil</th>
<th scope="col">Document</th><th scope="col">Lu à sa source</th></tr></thead><tbody>
{% for b in r.secret.blocs %}<tr><td>{{ b.bloc }}</td><td>{{ b.acces }}</td><td>{{ b.regle }}</td>
<td class="n">{{ b.seuil or "" }}</td><td>{{ b.document }}</td>
<td>{{ "oui" if b.confirme else "non" }}</td></tr>
{% endfor %}</tbody></table>
<table><caption>Fichiers que l'édition nomme</caption><thead><tr><th scope="col">Source</th>
<th scope="col">Millésime</th><th scope="col">Fichier</th><th scope="col">État</th></tr></thead>
<tbody>{% for f in r.fichiers %}<tr><td>{{ f.source_id }}</td><td>{{ f.millesime }}</td>
<td>{{ f.fichier }}</td><td>{{ f.etat }}{% if f.remarque %} ({{ f.remarque }}){% endif %}</td></tr>
{% endfor %}</tbody></table>
<table><caption>Périodes déclarées, et ce que les valeurs en disent</caption><thead><tr>
<th scope="col">Source</th><th scope="col">Millésime</th><th scope="col">Bloc</th>
<th scope="col">Période</th><th scope="col">Vérification</th></tr></thead><tbody>
{% for p in r.periodes %}<tr><td>{{ p.source_id }}</td><td>{{ p.millesime }}</td>
<td>{{ p.bloc }}</td><td>{{ p.periode }}</td>
<td>{{ "vérifiée : " ~ p.preuves | join(" ; ") if p.preuves
else "non vérifiable : rien de commun avec un autre fichier atterri" }}</td></tr>
{% endfor %}</tbody></table>
{% if r.a_verifier %}<table><caption>À vérifier : libellé ou chiffres qui désignent un autre
quartier que le passage par le code</caption><thead><tr><th scope="col">QPV</th>
<th scope="col">Origine par le code</th><th scope="col">Constat</th><th scope="col">Calculs</th>
</tr></thead><tbody>{% for v in r.a_verifier %}<tr><td>{{ v.code }} ({{ v.libelle }})</td>
<td>{{ v.origines | join(", ") }}</td><td>{{ v.constat }}</td>
<td>{{ v.calculs | join(" — ") }}</td></tr>{% endfor %}</tbody></table>{% endif %}
<table><caption>Colonnes lues et laissées de côté</caption><thead><tr><th scope="col">Source</th>
<th scope="col">Colonne</th><th scope="col">Raison</th></tr></thead><tbody>
{% for i in r.ignorees %}<tr><td>{{ i.source }}</td><td>{{ i.colonne }}</td><td>{{ i.raison }}</td>
</tr>{% endfor %}</tbody></table>
{% if r.comparaisons_refusees %}<table><caption>Comparaisons que les règles refusent</caption>
<thead><tr><th scope="col">Bloc</th><th scope="col">Raison</th><th scope="col">Règle</th>
<th scope="col">Document</th></tr></thead><tbody>{% for c in r.comparaisons_refusees %}<tr>
<td>{{ c.bloc }}</td><td>{{ c.motif }}</td><td>{{ c.regle }}</td>
<td>{{ c.document or "" }}</td></tr>
{% endfor %}</tbody></table>{% endif %}
{% if r.contours %}<table><caption>Contours réparés ou laissés de côté</caption><thead><tr>
<th scope="col">Source</th><th scope="col">Territoire</th><th scope="col">Constat</th></tr></thead>
<tbody>{% for c in r.contours %}<tr><td>{{ c.source }}</td><td>{{ c.territoire }}</td>
<td>{{ c.constat }}</td></tr>{% endfor %}</tbody></table>{% endif %}</body></html>
"""


def write_report(folder: Path, report: dict) -> None:
    """`rapport.json` and `rapport.html`.

    Args:
        report: release_id, titre, controles, plausibilite, statuts, secret (masques, depuis,
            blocs), fichiers, periodes, a_verifier, ignorees, contours, comparaisons_refusees.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (folder / "rapport.json").write_text(text + "\n", encoding="utf-8")
    page = Environment(autoescape=True).from_string(_PAGE).render(r=report)
    (folder / "rapport.html").write_text(page, encoding="utf-8")
