/* What every part of the page shares: the index, nodes, numbers, and the figures of a territory.
   Every word of a source is set as text, never as markup. */
"use strict";

const { index } = window.QPV;
const parCode = new Map(index.territoires.map((t) => [t.code_territoire, t]));
const indicateurs = new Map(index.indicateurs.map((i, rang) => [i.code, Object.assign(i, { rang })]));
const statuts = Object.keys(index.statuts);
const un = (id) => document.getElementById(id);
const dire = (texte) => { un("annonce").textContent = texte; };

function noeud(nom, texte, attributs = {}) {
  const n = document.createElement(nom);
  if (texte !== undefined && texte !== null) n.textContent = texte;
  for (const [cle, valeur] of Object.entries(attributs)) n.setAttribute(cle, valeur);
  return n;
}

/* Half away from zero, as the fiches: the shift in text avoids the error of a product. */
function arrondi(valeur, decimales) {
  const entier = Math.round(Number(`${Math.abs(valeur)}e${decimales}`));
  return (Math.sign(valeur) || 1) * Number(`${entier}e-${decimales}`);
}

function nombre(valeur, decimales, signe) {
  const juste = arrondi(valeur, decimales);
  const texte = Math.abs(juste).toLocaleString("fr-FR", {
    minimumFractionDigits: decimales, maximumFractionDigits: decimales,
  });
  return (juste < 0 ? "−" : signe && juste > 0 ? "+" : "") + texte;
}

/* 1er, 2e. */
const rangEcrit = (n) => `${n.toLocaleString("fr-FR")}${n === 1 ? "er" : "e"}`;

function avecUnite(valeur, i) {
  return nombre(valeur, i.arrondi) + (i.unite ? `\u00a0${i.unite}` : "");
}

/* ---- the figures of a territory, from the numbers of its file */
const fichier = (code) => window.QPV[code] ?? {};
const periode = (numero) => index.periodes[numero]?.[0] ?? null;
const numeroDe = (p) => index.periodes.findIndex(([connue]) => connue === p);
/* A day as it is written in French; other periods are words already. */
const dite = (p) => (/^\d{4}-\d\d-\d\d$/.test(p ?? "") ? p.split("-").reverse().join("/") : p ?? "");
/* A period in a sentence: « en 2018 », « fin 2021 », « au 01/01/2022 » ; « depuis 2013 », « depuis le 01/01/2016 ». */
const finDAnnee = (p) => (/^\d{4}-12-31$/.test(p) ? `fin ${p.slice(0, 4)}` : null);
const quand = (p) => finDAnnee(p) ?? (dite(p) === p ? `en ${p}` : `au ${dite(p)}`);
const depuisQuand = (p) => `depuis ${finDAnnee(p) ?? (dite(p) === p ? p : `le ${dite(p)}`)}`;
const lignes = (partie, code, i) => fichier(code)[partie]?.[i.rang] ?? [];

/* A data file, once: scripts, since a page opened from a folder may read nothing else. */
function lireFichier(nom, chemin) {
  if (window.QPV[nom]) return Promise.resolve();
  return new Promise((fait) => {
    const s = noeud("script", null, { src: `explorer/${chemin}.js` });
    s.addEventListener("load", fait);
    s.addEventListener("error", fait);
    document.head.append(s);
  });
}

const charger = (t) => lireFichier(t.code_territoire, `t/${t.fichier}`);

/* Where else a territory is told. */
function pagesDe(t) {
  const { fiche, libelle_long: nom } = t;
  if (!fiche) return [];
  const annexe = !fiche.startsWith("local/");
  return [
    ["Fiche", fiche], annexe && ["Annexe", `annexes/${fiche}`], annexe && ["CSV", fiche.replace(/html$/, "csv")],
    index.classeurs && t.code_epci && ["Classeur", `../classeurs/${t.code_epci}.xlsx`],
  ].filter(Boolean).map(([quoi, adresseDeLa]) => noeud("a", quoi, { href: adresseDeLa, "aria-label": `${quoi} : ${nom}` }));
}

/* Each known period of an indicator, in order: its value, or why there is none. `depuis`: the
   earlier period to which it may be joined, with `reserve`; `refus`: why not to the one before. The
   period of the edition always has one. */
function pointsDe(code, i) {
  const lus = lignes("f", code, i).map(([p, v, o, d, s, m, r, x]) => ({
    p: periode(p), n: p ?? -1, v: v ?? null, source: index.sources[o], depuis: periode(d), s: statuts[s ?? 0],
    motif: index.motifs[m], refus: index.motifs[r], reserve: index.motifs[x],
  }));
  const dits = new Set(lus.map((f) => f.n));
  const manques = index.manques[parCode.get(code).type_territoire]?.[i.rang] ?? {};
  for (const [p, m] of Object.entries(manques)) {
    const n = p === "" ? -1 : Number(p);
    if (!dits.has(n)) lus.push({ p: periode(n), n, v: null, depuis: null, s: "non_disponible", motif: index.motifs[m] });
  }
  if (!lus.some((f) => f.p === i.periode)) lus.push({ p: i.periode, n: numeroDe(i.periode), v: null, depuis: null, s: "non_disponible" });
  return lus.sort((a, b) => a.n - b.n);
}

/* The figure of the edition's period: an earlier one in its place would compare what does not. */
const chiffreDe = (code, i) => pointsDe(code, i).find((f) => f.p === i.periode);

/* A figure of a third party is marked wherever it stands, as in the fiches. */
const texteDe = (f, i) =>
  f.s === "diffuse" ? nombre(f.v, i.arrondi) + (f.source?.tierce ? "†" : "") : index.signes[f.s];
const motifDe = (f) => f.motif ?? index.statuts[f.s]?.[1];

/* Types of comparison territory → the territory itself. */
const comparateursDe = (code) =>
  Object.entries(index.comparateurs).filter(([genre]) => fichier(code).c?.[genre] !== undefined)
    .map(([genre, nom]) => ({ genre, nom, t: index.territoires[fichier(code).c[genre]] }));
