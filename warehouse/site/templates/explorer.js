/* Search, compare, map. Every word of a source is set as text, never as markup. */
"use strict";

const { index } = window.QPV;
const MAX = 5;
const parCode = new Map(index.territoires.map((t) => [t.code_territoire, t]));
const indicateurs = new Map(index.indicateurs.map((i) => [i.code, i]));
const sources = new Map(index.sources.map((s) => [s.cle, s]));
const un = (id) => document.getElementById(id);
const choisis = [];
const couches = new Map();

function noeud(nom, texte, attributs = {}) {
  const n = document.createElement(nom);
  if (texte !== undefined && texte !== null) n.textContent = texte;
  for (const [cle, valeur] of Object.entries(attributs)) n.setAttribute(cle, valeur);
  return n;
}

const sansAccent = (mot) => mot.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

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

function avecUnite(valeur, i) {
  return nombre(valeur, i.arrondi) + (i.unite ? `\u00a0${i.unite}` : "");
}

/* A figure of a third party is marked wherever it stands, as in the fiches. */
const texteDe = (f, i) =>
  f.s === "diffuse" ? nombre(f.v, i.arrondi) + (sources.get(f.o)?.tierce ? "†" : "") : index.signes[f.s];

/* ---- search */
const moteur = new MiniSearch({
  idField: "code_territoire",
  fields: ["libelle", "communes", "code_territoire"],
  processTerm: (mot) => sansAccent(mot),
  searchOptions: { prefix: true, fuzzy: 0.15, combineWith: "AND", boost: { libelle: 2 } },
});
moteur.addAll(index.territoires);

const GENRES = {
  qpv: "quartier prioritaire", qpv_epci: "ensemble des quartiers de l’intercommunalité",
  epci: "intercommunalité entière", departement: "département entier", france: "France",
  qpv_departement: "ensemble des quartiers du département", qpv_france: "ensemble des quartiers",
  perimetre_local: "périmètre local",
};

function chercher() {
  const demande = un("cherche").value.trim();
  const trouves = demande ? moteur.search(demande).slice(0, 30) : [];
  un("resultats").replaceChildren(...trouves.map(({ id }) => ligne(parCode.get(id))));
  un("combien").textContent = !demande ? ""
    : trouves.length ? `${trouves.length}${trouves.length === 30 ? " premiers" : ""} territoire${trouves.length > 1 ? "s" : ""}`
    : "Aucun territoire de ce nom dans cette publication.";
}

function ligne(t) {
  const li = noeud("li");
  const nom = noeud("span", t.libelle, { class: "nom" });
  const lieu = [GENRES[t.type_territoire], t.communes, t.code_territoire].filter(Boolean).join(" · ");
  nom.append(document.createElement("br"), noeud("small", lieu));
  const bouton = noeud("button", "Comparer", { type: "button", "aria-label": `Comparer ${t.libelle}` });
  bouton.addEventListener("click", () => choisir(t.code_territoire));
  li.append(nom, bouton);
  if (t.fiche) li.append(noeud("a", "Fiche", { href: t.fiche, "aria-label": `Fiche de ${t.libelle}` }));
  return li;
}

/* ---- choice, kept in the address so that a comparison can be sent */
function charger(t) {
  if (window.QPV[t.code_territoire]) return Promise.resolve();
  return new Promise((fait) => {
    const s = noeud("script", null, { src: `explorer/t/${t.fichier}.js` });
    s.addEventListener("load", fait);
    s.addEventListener("error", fait);
    document.head.append(s);
  });
}

async function choisir(code) {
  const t = parCode.get(code);
  if (!t || choisis.includes(code)) return;
  if (choisis.length === MAX) choisis.shift();
  choisis.push(code);
  await charger(t);
  montrer();
  const couche = couches.get(code);
  if (couche) carte.fitBounds(couche.getBounds(), { maxZoom: 13, animate: false });
}

function retirer(code) {
  choisis.splice(choisis.indexOf(code), 1);
  montrer();
}

function montrer() {
  history.replaceState(null, "", location.pathname + location.search + (choisis.length ? `#${choisis.map(encodeURIComponent).join(",")}` : ""));
  un("vide").hidden = choisis.length > 0;
  un("choisis").replaceChildren(...choisis.map((code) => {
    const li = noeud("li");
    const bouton = noeud("button", `${parCode.get(code).libelle} ×`, { type: "button" });
    bouton.setAttribute("aria-label", `Retirer ${parCode.get(code).libelle}`);
    bouton.addEventListener("click", () => retirer(code));
    li.append(bouton);
    return li;
  }));
  for (const [code, couche] of couches) couche.setStyle(style(code));
  tableau();
}

/* ---- comparison */
function tableau() {
  const table = un("tableau");
  const theme = un("theme").value;
  table.hidden = choisis.length === 0;
  const tete = noeud("tr");
  tete.append(noeud("th", "Indicateur", { scope: "col" }), ...choisis.map((c) => noeud("th", parCode.get(c).libelle, { scope: "col" })));
  table.tHead.replaceChildren(tete);
  const chiffres = choisis.map((c) => {
    const par = new Map();
    for (const f of window.QPV[c] ?? []) {
      if (f.p === indicateurs.get(f.i)?.periode) par.set(f.i, f);
    }
    return par;
  });
  const lignes = [];
  for (const i of index.indicateurs) {
    if (i.theme !== theme || !chiffres.some((par) => par.has(i.code))) continue;
    const tr = noeud("tr");
    const nom = noeud("th", i.libelle, { scope: "row" });
    nom.append(noeud("small", ` (${[i.unite, i.periode].filter(Boolean).join(", ")})`));
    tr.append(nom);
    chiffres.forEach((par, k) => {
      const td = noeud("td");
      const f = par.get(i.code) ?? { p: i.periode, s: "non_disponible" };
      const bouton = noeud("button", texteDe(f, i), { type: "button" });
      if (f.s !== "diffuse") bouton.className = "absent";
      bouton.setAttribute("aria-label", `${i.libelle}, ${parCode.get(choisis[k]).libelle} : ${texteDe(f, i)}`);
      bouton.addEventListener("click", () => ouvrir(choisis[k], i, f));
      td.append(bouton);
      tr.append(td);
    });
    lignes.push(tr);
  }
  table.tBodies[0].replaceChildren(...lignes);
}

/* ---- what stands behind a figure */
function ouvrir(code, i, f) {
  const paires = [];
  const dire = (titre, ...textes) => {
    const dits = textes.filter(Boolean);
    if (dits.length) paires.push(noeud("dt", titre), ...dits.map((t) => noeud("dd", t)));
  };
  const [nomDuStatut, sens] = index.statuts[f.s] ?? [f.s, ""];
  un("p-titre").textContent = `${i.libelle}, ${parCode.get(code).libelle}`;
  if (f.s === "diffuse") dire("Valeur", avecUnite(f.v, i));
  else dire("Pourquoi il manque", f.m, `${nomDuStatut} : ${sens}`);
  dire("Période", f.p);
  if (f.s === "diffuse") dire("Réserve", f.m);
  dire("Définition", i.definition);
  dire("Formule", i.formule);
  const source = sources.get(f.o);
  if (source) {
    const tierce = source.tierce && "† Chiffre d’une source tierce, non d’un fichier du producteur.";
    dire("Source", i.citation, tierce, source.titre, source.fichiers, `Licence : ${source.licence}`);
  }
  for (const e of f.e ?? []) {
    const parties = e.s !== "diffuse" ? [e.m ?? index.statuts[e.s]?.[0]] : [
      e.n !== null && `${nombre(e.n, i.arrondi, true)} ${i.unite ?? ""}`,
      e.c !== null && `${nombre(e.c, 1, true)}\u00a0%`,
      e.t !== null && `${nombre(e.t, 1, true)} points`, e.m,
    ];
    dire(`Comparé à ${e.p}`, parties.filter(Boolean).join(" ; "));
  }
  un("p-corps").replaceChildren(...paires);
  un("panneau").showModal();
}

/* ---- map, without tiles: outlines alone */
const carte = index.contours ? L.map("carte", { preferCanvas: true }) : null;

const couleur = (nom) => getComputedStyle(document.documentElement).getPropertyValue(nom).trim();
function style(code) {
  const choisi = choisis.includes(code);
  return {
    color: couleur(choisi ? "--choix" : "--accent"), weight: choisi ? 3 : 1,
    fillOpacity: choisi ? 0.55 : 0.25, dashArray: choisi ? null : "2 2",
  };
}

if (carte) {
  const tout = L.geoJSON(index.contours, {
    style: (f) => style(f.properties.code),
    onEachFeature: ({ properties: { code } }, couche) => {
      couches.set(code, couche);
      couche.bindTooltip(() => noeud("span", parCode.get(code)?.libelle ?? code));
      couche.on("click", () => choisir(code));
    },
  }).addTo(carte);
  carte.attributionControl.setPrefix(false).addAttribution("Contours : ANCT");
  carte.fitBounds(tout.getBounds());
} else {
  un("carte").hidden = true;
  un("sans-carte").hidden = false;
}

/* ---- start */
const themes = [...new Set(index.indicateurs.map((i) => i.theme))];
un("theme").append(...themes.map((t) => noeud("option", t[0].toUpperCase() + t.slice(1), { value: t })));
un("theme").addEventListener("change", tableau);
un("cherche").addEventListener("input", chercher);
un("formulaire").addEventListener("submit", (e) => {
  e.preventDefault();
  un("resultats").querySelector("button")?.click();
});
un("cherche").value = new URLSearchParams(location.search).get("q") ?? "";
chercher();
(async () => {
  for (const code of decodeURIComponent(location.hash.slice(1)).split(",")) if (code) await choisir(code);
  montrer();
})();
