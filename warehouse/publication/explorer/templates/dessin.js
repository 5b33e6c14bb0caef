/* The drawing of one series: a point per diffused period, joined only where the release allows it.
   The same drawing on the page and in a file: a file has its title, notes and colours inside. */
"use strict";

const COULEURS = {
  page: { encre: "var(--encre)", discret: "var(--discret)", filet: "var(--filet)", accent: "var(--accent)", fond: "var(--fond)" },
  fichier: { encre: "#1b2026", discret: "#4d5863", filet: "#cfd6dd", accent: "#123e6b", fond: "#ffffff" },
};
/* What tells series apart without their colour. */
const MARQUES = {
  commune: "M-4-4h8v8h-8z", epci: "M0-5.5L5.5 0L0 5.5L-5.5 0z", departement: "M0-5L5 4h-10z",
  france: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
};
const COURTS = { commune: "Commune", epci: "EPCI", departement: "Dép.", france: "France" };
/* The widest of the faces that a page may get: a label never leaves its drawing. */
const CARACTERE = 7.4;

const trace = (nom, attributs, texte) => {
  const n = document.createElementNS("http://www.w3.org/2000/svg", nom);
  for (const [cle, valeur] of Object.entries(attributs)) n.setAttribute(cle, valeur);
  if (texte !== undefined) n.textContent = texte;
  return n;
};

const lettre = (rang) => (rang >= 26 ? lettre(Math.floor(rang / 26) - 1) : "") + String.fromCharCode(97 + (rang % 26));

/* A period under the axis: the year alone where all are the same day. */
function nomCourt(p, toutes) {
  const jour = /^(\d{4})-(\d\d-\d\d)$/;
  const dit = jour.exec(p);
  if (!dit) return p.replace(/^(\d{4})-T(\d)$/, "T$2 $1");
  return toutes.every((q) => jour.exec(q)?.[2] === dit[2]) ? dit[1] : dite(p);
}

/* The points of a series with the links that they may have; a link is kept if its other end is there. */
function liensDe(points) {
  const la = new Map(points.map((f) => [f.p, f]));
  return points.filter((f) => f.depuis !== null && la.has(f.depuis))
    .map((f) => ({ de: la.get(f.depuis), a: f, reserve: f.reserve }));
}

const diffuses = (points) => points.filter((f) => f.s === "diffuse" && f.p !== null);

/* A rule names its two periods first; the notes name those of all the links that it forbids. */
const sansPeriodes = (motif) => motif.replaceAll(/(^| ; )[\dT][^:;]* et [\dT][^:;]* : /g, "$1");

/* Why neighbours are not joined, why figures are missing, which links bear a reserve: each reason
   once, under its letter, with the periods that it is about. */
function notesDe(points) {
  const la = diffuses(points);
  const notes = new Map();
  const ajouter = (sorte, raison, periodes) => {
    const cle = `${sorte} ${raison}`;
    if (!notes.has(cle)) notes.set(cle, { sorte, raison, periodes: [] });
    notes.get(cle).periodes.push(periodes);
  };
  for (const f of points.filter(({ p }) => p !== null)) {
    const rang = la.indexOf(f);
    if (f.s !== "diffuse") ajouter(`${index.signes[f.s]}, ${index.statuts[f.s][0]}`, motifDe(f) ?? "", [f.p]);
    else if (rang > 0 && f.refus) ajouter("non reliés", sansPeriodes(f.refus), [la[rang - 1].p, f.p]);
  }
  for (const { de, a, reserve } of liensDe(la)) if (reserve) ajouter("en tirets, avec réserve", sansPeriodes(reserve), [de.p, a.p]);
  return [...notes.values()].map((note, rang) => ({
    ...note, lettre: lettre(rang),
    texte: `${note.sorte} (${note.periodes.map((ps) => ps.map(dite).join(" et ")).join(", ")}) : ${note.raison}`,
  }));
}

function graduations(bas, haut) {
  const pas = (haut - bas) / 4;
  const ordre = 10 ** Math.floor(Math.log10(pas));
  const rond = [1, 2, 2.5, 5, 10].map((m) => m * ordre).find((m) => m >= pas);
  const debut = Math.floor(bas / rond) * rond;
  const rep = [];
  for (let k = 0; debut + k * rond <= haut + rond * 0.999; k += 1) rep.push(Number((debut + k * rond).toPrecision(12)));
  return rep;
}

/* One scale for all that is drawn side by side. */
function echelle(series) {
  const points = series.flatMap(({ points: lus }) => lus.filter((f) => f.p !== null && f.n >= 0));
  const valeurs = points.filter((f) => f.s === "diffuse").map((f) => f.v);
  if (!valeurs.length) return null;
  let [bas, haut] = [Math.min(...valeurs), Math.max(...valeurs)];
  if (bas > 0 && bas < 0.4 * haut) bas = 0;
  if (bas === haut) [bas, haut] = bas === 0 ? [0, 1] : [bas - Math.abs(bas) * 0.1, haut + Math.abs(haut) * 0.1];
  const dates = points.map((f) => index.periodes[f.n][1]);
  return { reperes: graduations(bas, haut), dates: [Math.min(...dates), Math.max(...dates)] };
}

/* Labels pushed apart, from the top, then back inside. */
function ecarter(etiquettes, haut, bas, pas) {
  etiquettes.sort((a, b) => a.y - b.y);
  etiquettes.forEach((e, k) => { e.la = Math.max(e.y, k ? etiquettes[k - 1].la + pas : haut); });
  for (let k = etiquettes.length - 1; k >= 0; k -= 1) {
    etiquettes[k].la = Math.min(etiquettes[k].la, k === etiquettes.length - 1 ? bas : etiquettes[k + 1].la - pas);
  }
}

function enLignes(texte, largeur) {
  const lignesDites = [""];
  for (const mot of texte.split(" ")) {
    const derniere = lignesDites.at(-1);
    if (derniere && (derniere.length + mot.length + 1) * CARACTERE > largeur) lignesDites.push(mot);
    else lignesDites[lignesDites.length - 1] = derniere ? `${derniere} ${mot}` : mot;
  }
  return lignesDites;
}

/* `series`: the territory first, then what it is set beside: {genre, nom, points}. */
function dessiner({ series, i, echelle: { reperes, dates }, largeur, cadre = "page", entete = [], pied = [] }) {
  const c = COULEURS[cadre];
  const toutes = [...new Set(series.flatMap(({ points }) => points.map((f) => f.p)))].filter(Boolean);
  const dernier = diffuses(series[0].points).at(-1)?.p;
  const etiquettes = series.map((s) => {
    const f = diffuses(s.points).at(-1);
    return f && { s, f, texte: `${s.genre ? COURTS[s.genre] : "Ici"} ${nombre(f.v, i.arrondi)}${f.p === dernier ? "" : ` (${nomCourt(f.p, toutes)})`}` };
  }).filter(Boolean);
  const hautes = entete.flatMap((texte) => enLignes(texte, largeur - 16));
  const basses = pied.flatMap((texte) => enLignes(texte, largeur - 16));
  const gauche = 10 + Math.max(...reperes.map((v) => nombre(v, i.arrondi).length)) * CARACTERE;
  const droite = 18 + Math.max(...etiquettes.map(({ texte }) => texte.length)) * CARACTERE;
  const [x0, x1] = [gauche + 6, largeur - droite - 6];
  const y1 = hautes.length * 17 + 20;
  const y0 = y1 + 210;
  const hauteur = y0 + 44 + (basses.length ? basses.length * 16 + 10 : 0);
  const x = (f) => (dates[0] === dates[1] ? (x0 + x1) / 2 : x0 + ((index.periodes[f.n][1] - dates[0]) / (dates[1] - dates[0])) * (x1 - x0));
  const y = (v) => y0 - ((v - reperes[0]) / (reperes.at(-1) - reperes[0])) * (y0 - y1);
  const svg = trace("svg", { viewBox: `0 0 ${largeur} ${hauteur}`, width: largeur, height: hauteur, xmlns: "http://www.w3.org/2000/svg", "font-family": "Segoe UI, Helvetica, Arial, Liberation Sans, sans-serif", "font-size": 12 });
  const ecrire = (texte, gx, gy, plus = {}) => svg.append(trace("text", { x: gx.toFixed(1), y: gy.toFixed(1), fill: c.encre, ...plus }, texte));
  if (cadre === "fichier") svg.append(trace("rect", { width: largeur, height: hauteur, fill: c.fond }));
  hautes.forEach((texte, k) => ecrire(texte, 8, 18 + k * 17, k ? { fill: c.discret } : { "font-weight": 600, "font-size": 13 }));
  for (const v of reperes) {
    svg.append(trace("line", { x1: gauche, x2: largeur - droite, y1: y(v), y2: y(v), stroke: c.filet }));
    ecrire(nombre(v, i.arrondi), gauche - 4, y(v) + 4, { "text-anchor": "end", fill: c.discret });
  }
  let fin = -Infinity;
  const parPeriode = new Map(series.flatMap(({ points }) => points.filter((f) => f.p).map((f) => [f.p, f])));
  for (const f of [...parPeriode.values()].sort((a, b) => a.n - b.n)) {
    const nom = nomCourt(f.p, toutes);
    const demi = (nom.length * CARACTERE) / 2;
    svg.append(trace("line", { x1: x(f), x2: x(f), y1: y0, y2: y0 + 4, stroke: c.discret }));
    if (x(f) - demi < fin + 4) continue;
    ecrire(nom, x(f), y0 + 36, { "text-anchor": "middle", fill: c.discret });
    fin = x(f) + demi;
  }
  [...series].reverse().forEach((s) => {
    const sujet = !s.genre;
    const la = diffuses(s.points);
    for (const { de, a, reserve } of liensDe(la)) {
      svg.append(trace("line", {
        class: sujet ? "lien" : "lien autre", "data-de": de.p, "data-a": a.p, x1: x(de), y1: y(de.v), x2: x(a), y2: y(a.v),
        stroke: sujet ? c.accent : c.discret, "stroke-width": sujet ? 2.5 : 1.2, "stroke-dasharray": reserve ? "5 3" : "none",
      }));
    }
    for (const f of la) {
      const point = sujet ? trace("circle", { cx: x(f), cy: y(f.v), r: 4.5, fill: c.accent })
        : trace("path", { d: MARQUES[s.genre], transform: `translate(${x(f)} ${y(f.v)})`, fill: c.fond, stroke: c.discret, "stroke-width": 1.2 });
      point.setAttribute("class", sujet ? "point" : "point autre");
      point.append(trace("title", {}, `${s.nom}, ${f.p} : ${avecUnite(f.v, i)}`));
      svg.append(point);
    }
  });
  for (const { sorte, lettre: l, periodes } of notesDe(series[0].points)) {
    if (sorte.startsWith("en tirets")) continue;
    for (const ps of periodes) {
      const milieu = ps.map((p) => x(parPeriode.get(p))).reduce((a, b) => a + b) / ps.length;
      ecrire(ps.length === 1 ? `${sorte.split(",")[0]} ${l}` : l, milieu, y0 + 18, { "text-anchor": "middle", "font-style": "italic", "font-size": 11, class: "rupture" });
    }
  }
  for (const e of etiquettes) e.y = y(e.f.v);
  ecarter(etiquettes, y1, y0, 15);
  for (const { s, f, y: vrai, la, texte } of etiquettes) {
    const bout = largeur - droite + 6;
    if (bout - x(f) > 12) svg.append(trace("polyline", { points: `${x(f) + 6},${vrai} ${bout - 8},${la} ${bout - 2},${la}`, fill: "none", stroke: c.discret, "stroke-width": 0.6 }));
    ecrire(texte, bout, la + 4, { class: "etiquette", ...(s.genre ? { fill: c.discret } : { "font-weight": 600, fill: c.accent }) });
  }
  basses.forEach((texte, k) => ecrire(texte, 8, y0 + 56 + k * 16, { fill: c.discret, "font-size": 11.5 }));
  return svg;
}
