/* What colours the map: a level, a move or a gap of a key figure, in classes, with its legend. What has
   no figure has no colour, and is counted apart. */
"use strict";

/* From cividis: five steps that colour-blind readers and a grey print keep in order. */
const TEINTES = ["#fee838", "#bcaf6f", "#7c7b78", "#414d6b", "#00204d"];
/* On both sides of nothing: worse in orange, better in blue; a neutral figure, violet and green. */
const DEUX_BORDS = {
  favorable: ["#b34700", "#f0a467", "#d9dde1", "#7fb2e5", "#1a5a9e"],
  defavorable: ["#1a5a9e", "#7fb2e5", "#d9dde1", "#f0a467", "#b34700"],
  neutre: ["#5b3a8c", "#b39ed6", "#d9dde1", "#93cf8f", "#236b2c"],
};
const MESURES = { niveau: "niveau", mouvement: "évolution", commune: "écart à la commune", epci: "écart à l’EPCI", departement: "écart au département", france: "écart à la France" };
/* The figure that the map opens with, unless the reader says another or none. */
const D_ABORD = "taux_pauvrete", AUCUN = "aucun";

const figuresDe = (code) => window.QPV[`carte:${code}`];

function chargerLaCouleur(code) {
  if (figuresDe(code)) return Promise.resolve();
  return new Promise((fait) => {
    const s = noeud("script", null, { src: `explorer/c/${code.replace(/[^0-9A-Za-z]+/g, "-")}.js` });
    s.addEventListener("load", fait);
    s.addEventListener("error", fait);
    document.head.append(s);
  });
}

const couleurVoulue = () => {
  const voulu = etat.carte || (index.carte.indicateurs.includes(D_ABORD) ? D_ABORD : AUCUN);
  return index.carte.indicateurs.includes(voulu) ? voulu : null;
};

/* What an indicator can be coloured by → the periods of each, the one shown first at the head: the
   newest; of moves, since the oldest. */
function mesuresDe(code) {
  const lues = figuresDe(code);
  if (!lues) return {};
  const recents = (suites) => Object.keys(suites).map(Number).sort((a, b) => b - a).map(String);
  const paires = Object.keys(lues.m).sort((a, b) => {
    const [[pa, da], [pb, db]] = [a.split("-").map(Number), b.split("-").map(Number)];
    return pb - pa || da - db;
  });
  const offertes = { niveau: recents(lues.n), mouvement: paires };
  for (const genre of Object.keys(MESURES).slice(2)) if (lues.g[genre]) offertes[genre] = recents(lues.g[genre]);
  return Object.fromEntries(Object.entries(offertes).filter(([, periodes]) => periodes.length));
}

const nomDePeriode = (cle) => {
  const [p, depuis] = cle.split("-").map((n) => dite(periode(Number(n))));
  return depuis ? `de ${depuis} à ${p}` : p;
};

/* In the address, periods bear their names: numbers change with the release. */
const periodeEnAdresse = (cle) => cle.split("-").map((n) => periode(Number(n))).join("~");

/* What is shown: {i, mesure, cle, v, unite, decimales, bornes, teintes}; null without a figure. */
function couche() {
  const code = couleurVoulue();
  const offertes = code && mesuresDe(code);
  if (!code || !Object.keys(offertes).length) return null;
  const i = indicateurs.get(code);
  const mesure = offertes[etat.mesure] ? etat.mesure : "niveau" in offertes ? "niveau" : Object.keys(offertes)[0];
  const preferee = mesure === "niveau" ? offertes.niveau.find((cle) => periode(Number(cle)) === i.periode) : null;
  const cle = offertes[mesure].find((c) => periodeEnAdresse(c) === etat.periode) ?? preferee ?? offertes[mesure][0];
  const lues = figuresDe(code);
  const dite = mesure === "niveau" ? { v: lues.n[cle] } : mesure === "mouvement" ? lues.m[cle] : lues.g[mesure][cle];
  const unite = mesure === "niveau" ? i.unite : dite.points ? "points" : "%";
  const nombres = dite.v.filter((v) => typeof v === "number").sort((a, b) => a - b);
  const classes = mesure === "niveau" ? cinquiemes(nombres) : deuxBords(nombres);
  return { i, mesure, cle, v: dite.v, unite, decimales: mesure === "niveau" ? i.arrondi : 1, nombres, offertes, bornes: classes,
    teintes: mesure === "niveau" ? TEINTES : DEUX_BORDS[i.sens] ?? DEUX_BORDS.neutre };
}

/* Fifths of the quarters; equal bounds are one. */
function cinquiemes(nombres) {
  return [...new Set([0.2, 0.4, 0.6, 0.8].map((q) => nombres[Math.floor(q * (nombres.length - 1))]))];
}

/* Small on both sides of nothing, then large: a third and three quarters of what moves. */
function deuxBords(nombres) {
  const tailles = nombres.map(Math.abs).sort((a, b) => a - b);
  const [petit, grand] = [0.33, 0.75].map((q) => arrondi(tailles[Math.floor(q * (tailles.length - 1))] ?? 0, 1) || 0.1);
  const fort = Math.max(grand, petit + 0.1);
  return [-fort, -petit, petit, fort];
}

function classeDe({ bornes }, valeur) {
  const rang = bornes.findIndex((borne) => valeur <= borne);
  return rang < 0 ? bornes.length : rang;
}

const valeurEcrite = (c, v) => {
  const unite = c.unite === "points" ? `\u00a0point${Math.abs(v) >= 2 ? "s" : ""}` : c.unite ? `\u00a0${c.unite}` : "";
  return nombre(v, c.decimales, c.mesure !== "niveau") + unite;
};

const combien = (n) => `${n.toLocaleString("fr-FR")} quartier${n > 1 ? "s" : ""}`;

function titreDe(c) {
  const quoi = c.mesure === "niveau" ? c.i.libelle : `${c.i.libelle}, ${MESURES[c.mesure]}`;
  return `${quoi}${c.unite ? `, en ${c.unite}` : ""}, ${nomDePeriode(c.cle)}`;
}

/* Each class that has a quarter: its colour and its words; then what has none. */
function entrees(c, sansPlace) {
  const dites = [];
  for (let k = 0; c && k <= c.bornes.length; k += 1) {
    const dedans = c.nombres.filter((v) => classeDe(c, v) === k);
    const ecrit = (v) => nombre(v, c.decimales, c.mesure !== "niveau");
    if (dedans.length) dites.push([c.teintes[k], `de ${ecrit(dedans[0])} à ${ecrit(dedans.at(-1))} : ${combien(dedans.length)}`]);
  }
  const sans = c ? c.v.length - c.nombres.length : 0;
  if (sans) dites.push([null, `sans chiffre : ${combien(sans)}`]);
  if (sansPlace) dites.push([null, `hors de la carte, faute de contour : ${combien(sansPlace)}`]);
  return dites;
}

function legende(c) {
  const bords = c && c.mesure !== "niveau" && c.i.sens !== "neutre" && "En bleu, le plus favorable ; en orange, le moins.";
  const dits = c ? [c.i.citation, c.i.tierce && "† En partie d’une source tierce", bords] : [];
  un("carte-titre").replaceChildren(...(c ? [noeud("strong", titreDe(c)), ` ${dits.filter(Boolean).join(". ")}`] : []));
  un("legende").replaceChildren(...entrees(c, index.carte.sans_place).map(([teinte, texte]) => {
    const li = noeud("li", texte);
    const pastille = noeud("span", null, { class: `pastille${teinte ? "" : " vide"}`, "aria-hidden": "true" });
    if (teinte) pastille.style.background = teinte;
    li.prepend(pastille);
    return li;
  }));
}
