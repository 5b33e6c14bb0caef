/* An indicator at every period: a drawing per chosen territory, the same points in a table, both as files. */
"use strict";

/* What a rate or an amount is drawn beside; counts of a quarter and of France share no scale. */
const COTES = ["commune", "epci", "departement", "france"];
const SE_COMPARENT = ["part", "ratio", "montant", "indice"];

function seriesDe(code, i) {
  const autres = SE_COMPARENT.includes(i.type) ? comparateursDe(code).filter(({ genre }) => COTES.includes(genre)) : [];
  return [
    { code, nom: parCode.get(code).libelle_long, points: pointsDe(code, i) },
    ...autres.map(({ genre, t }) => ({ code: t.code_territoire, genre, nom: t.libelle_long, points: pointsDe(t.code_territoire, i) })),
  ].filter(({ genre, points }) => !genre || diffuses(points).length);
}

/* What can be drawn of the chosen territories, and which of them when the reader has not said. */
function indicateurDeSerie() {
  const combien = (i) => Math.max(0, ...choisis.map((code) => diffuses(pointsDe(code, i)).length));
  const offerts = index.indicateurs.filter((i) => i.periodes.length > 1 && combien(i));
  const voulu = indicateurs.get(etat.serie);
  const i = voulu ?? [...index.cles.map((c) => indicateurs.get(c)), ...offerts].find((c) => c && combien(c) > 1) ?? offerts[0];
  return { i, offerts: i && !offerts.includes(i) ? [i, ...offerts] : offerts };
}

let dessinees = 0;

async function serie() {
  const moi = (dessinees += 1);
  const { i, offerts } = indicateurDeSerie();
  un("bloc-serie").hidden = !choisis.length || !i;
  if (!choisis.length || !i) return;
  const choix = un("serie");
  choix.replaceChildren(...themes.map((theme) => {
    const groupe = noeud("optgroup", null, { label: theme });
    groupe.append(...offerts.filter((o) => o.theme === theme).map((o) => noeud("option", o.libelle, { value: o.code })));
    return groupe;
  }).filter((groupe) => groupe.children.length));
  choix.value = i.code;
  un("definition").href = `../dictionnaire.html#i-${i.code}`;
  await Promise.all(choisis.flatMap((code) => comparateursDe(code).map(({ t }) => charger(t))));
  if (moi !== dessinees) return;
  const toutes = choisis.map((code) => seriesDe(code, i));
  const commune = echelle(toutes.flat());
  un("series").replaceChildren(...toutes.map((series) => figure(series, i, commune)));
}

function figure(series, i, commune) {
  const bloc = noeud("figure");
  const [{ code, nom }] = series;
  const legende = noeud("figcaption");
  legende.append(noeud("strong", nom), noeud("span", ` – ${i.libelle}${i.unite ? `, en ${i.unite}` : ""}`));
  bloc.append(legende);
  const notes = notesDe(series[0].points);
  const la = diffuses(series[0].points);
  if (commune && la.length) {
    const cadre = noeud("div", null, { class: "dessin" });
    const refaire = (largeur = Math.max(cadre.clientWidth, 300)) => {
      const svg = dessiner({ series, i, echelle: commune, largeur });
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `${i.libelle}, ${nom} : ${la.map((f) => `${avecUnite(f.v, i)} (${dite(f.p)})`).join(", ")}. Les mêmes points sont dans le tableau qui suit.`);
      cadre.replaceChildren(svg);
    };
    cadre.refaire = refaire;
    bloc.append(cadre);
    let connue = 0;
    new ResizeObserver(() => { if (cadre.clientWidth !== connue) { connue = cadre.clientWidth; refaire(); } }).observe(cadre);
  } else bloc.append(noeud("p", "Aucun chiffre diffusé à dessiner ; le tableau dit pourquoi."));
  bloc.append(autour(series, i), notesEnListe(notes), ...[...ecarts(code, i).filter((t) => !t.startsWith("À lire")), ...rangs(code, i).slice(0, 1)].map((t) => noeud("p", t, { class: "place" })));
  const details = noeud("details");
  const titre = noeud("summary", "Les points, en tableau");
  const defile = noeud("div", null, { class: "defile", tabindex: "0", role: "region", "aria-label": `Points de ${nom}` });
  defile.append(tableDesPoints(series, i));
  details.append(titre, defile);
  bloc.append(details, boutons(series, i, commune, notes));
  return bloc;
}

/* What each mark is, in full. */
function autour(series, i) {
  const p = noeud("p", null, { class: "autour" });
  p.textContent = [...series.slice(1).map(({ genre, nom }) => `${COURTS[genre]} : ${nom}`), i.citation, i.tierce && "† En partie d’une source tierce."].filter(Boolean).join(" ; ");
  return p;
}

function notesEnListe(notes) {
  const ul = noeud("ul", null, { class: "notes" });
  ul.append(...notes.map(({ lettre: l, texte }) => {
    const li = noeud("li");
    li.append(noeud("em", l), ` ${texte}`);
    return li;
  }));
  return ul;
}

/* Each point as the table and the file say it. */
function rangees(series, i) {
  return series.flatMap(({ code, nom, points }) => points.map((f) => ({
    code, nom, f,
    valeur: f.s === "diffuse" ? texteDe(f, i) : `${index.signes[f.s]} : ${index.statuts[f.s][0]}`,
    motif: f.s === "diffuse" ? f.motif ?? "" : motifDe(f) ?? "",
    lien: [f.depuis && `relié à ${dite(f.depuis)}${f.reserve ? ` (${sansPeriodes(f.reserve)})` : ""}`, f.refus && `non relié à la période d’avant : ${sansPeriodes(f.refus)}`].filter(Boolean).join(" ; "),
    source: f.source ? `${f.source.titre}, ${f.source.millesime}` : "",
  })));
}

function tableDesPoints(series, i) {
  const table = noeud("table", null, { class: "points" });
  table.append(noeud("caption", `Points de la série ${i.libelle}`));
  const tete = noeud("tr");
  tete.append(...["Période", `Valeur${i.unite ? ` (${i.unite})` : ""}`, "Pourquoi, ou réserve", "Comparaison", "Source"].map((t) => noeud("th", t, { scope: "col" })));
  table.createTHead().append(tete);
  for (const s of series) {
    const corps = noeud("tbody");
    const nom = noeud("tr");
    nom.append(noeud("th", s.nom, { scope: "rowgroup", colspan: "5" }));
    corps.append(nom, ...rangees([s], i).map(({ f, valeur, motif, lien: l, source }) => {
      const tr = noeud("tr");
      tr.append(noeud("th", dite(f.p), { scope: "row" }), ...[valeur, motif, l, source].map((t) => noeud("td", t)));
      return tr;
    }));
    table.append(corps);
  }
  return table;
}

/* ---- files */
const COLONNES = ["code_territoire", "territoire", "perimetre", "code_indicateur", "indicateur", "unite", "periode", "valeur", "statut", "motif", "comparable_depuis", "reserve_du_lien", "pourquoi_non_relie", "source", "citation", "publication"];

function enCsv(series, i) {
  const corps = rangees(series, i).map(({ code, nom, f, source }) => [
    code, nom, parCode.get(code).perimetre, i.code, i.libelle, i.unite, f.p, f.s === "diffuse" ? f.v : null, f.s, f.motif ?? (f.s === "diffuse" ? "" : motifDe(f)),
    f.depuis, f.reserve, f.refus, source, i.citation, index.release,
  ]);
  return enLignesCsv([COLONNES, ...corps]);
}

function enSvg(series, i, commune, notes) {
  const svg = dessiner({
    series, i, echelle: commune, largeur: 760, cadre: "fichier",
    entete: [`${i.libelle}${i.unite ? `, en ${i.unite}` : ""} : ${series[0].nom}`, autour(series, i).textContent],
    pied: [...notes.map(({ lettre: l, texte }) => `${l} ${texte}`), `${parCode.get(series[0].code).perimetre ? `QPV ${parCode.get(series[0].code).perimetre}. ` : ""}Publication ${index.release}.`],
  });
  return new XMLSerializer().serializeToString(svg);
}

function boutons(series, i, commune, notes) {
  const p = noeud("p", null, { class: "fichiers" });
  const nom = `${series[0].code.replace(/[^0-9A-Za-z]+/g, "-")}_${i.code}`;
  const precision = `${i.libelle}, ${series[0].nom}`;
  p.append(boutonDeFichier("Télécharger ces points (CSV)", precision, `${nom}.csv`, CSV, () => enCsv(series, i)));
  if (commune && diffuses(series[0].points).length) p.append(" ", boutonDeFichier("Télécharger le dessin (SVG)", precision, `${nom}.svg`, SVG, () => enSvg(series, i, commune, notes)));
  return p;
}

un("serie").addEventListener("change", () => regler("serie", un("serie").value));
