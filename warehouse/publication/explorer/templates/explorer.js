/* Search, compare, open a figure. Every word of a source is set as text, never as markup. */
"use strict";

const { index } = window.QPV;
const MAX = 5;
const parCode = new Map(index.territoires.map((t) => [t.code_territoire, t]));
const indicateurs = new Map(index.indicateurs.map((i) => [i.code, i]));
const sources = new Map(index.sources.map((s) => [s.cle, s]));
const un = (id) => document.getElementById(id);
const choisis = [];
const dire = (texte) => { un("annonce").textContent = texte; };

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

/* A reason is a number in the files: each is written once, in the index. */
const motifDe = (f) => index.motifs[f.m];

/* The figure of the edition's period: an earlier one in its place would compare what does not. */
const chiffreDe = (code, i) =>
  (window.QPV[code] ?? []).find((f) => f.i === i.code && f.p === i.periode)
  ?? { p: i.periode, s: "non_disponible", m: index.manques[parCode.get(code).type_territoire]?.[i.code] };

/* ---- search */
const moteur = new MiniSearch({
  idField: "code_territoire",
  fields: ["libelle", "communes", "code_territoire", "anciens"],
  processTerm: (mot) => sansAccent(mot),
  searchOptions: { prefix: true, fuzzy: (mot) => (/\d/.test(mot) ? false : 0.15), combineWith: "AND", boost: { libelle: 2 } },
});
moteur.addAll(index.territoires);

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
  const lieu = [index.genres[t.type_territoire], t.communes, t.code_territoire, t.anciens && `recouvre ${t.anciens}`].filter(Boolean).join(" · ");
  nom.append(document.createElement("br"), noeud("small", lieu));
  const bouton = noeud("button", "Comparer", { type: "button", "aria-label": `Comparer ${t.libelle_long}` });
  bouton.addEventListener("click", () => choisir(t.code_territoire));
  li.append(nom, bouton);
  if (t.fiche) li.append(noeud("a", "Fiche", { href: t.fiche, "aria-label": `Fiche de ${t.libelle_long}` }));
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
  dire(`${t.libelle_long} : ajouté à la comparaison.`);
  document.dispatchEvent(new CustomEvent("choisi", { detail: code }));
}

function retirer(code) {
  choisis.splice(choisis.indexOf(code), 1);
  montrer();
  dire(`${parCode.get(code).libelle_long} : retiré de la comparaison.`);
  (un("choisis").querySelector("button") ?? un("cherche")).focus();
}

function montrer() {
  history.replaceState(null, "", location.pathname + location.search + (choisis.length ? `#${choisis.map(encodeURIComponent).join(",")}` : ""));
  un("vide").hidden = choisis.length > 0;
  un("choisis").replaceChildren(...choisis.map((code) => {
    const li = noeud("li");
    const bouton = noeud("button", `${parCode.get(code).libelle_long} ×`, { type: "button" });
    bouton.setAttribute("aria-label", `Retirer ${parCode.get(code).libelle_long}`);
    bouton.addEventListener("click", () => retirer(code));
    li.append(bouton);
    return li;
  }));
  tableau();
  document.dispatchEvent(new CustomEvent("choix"));
}

/* ---- comparison */
function tableau() {
  const table = un("tableau");
  const theme = un("theme").value;
  table.hidden = choisis.length === 0;
  const tete = noeud("tr");
  tete.append(noeud("th", "Indicateur", { scope: "col" }), ...choisis.map((c) => noeud("th", parCode.get(c).libelle_long, { scope: "col" })));
  table.tHead.replaceChildren(tete);
  const lignes = [];
  const duTheme = index.indicateurs.filter((i) => i.theme === theme)
    .map((i) => [i, choisis.map((code) => chiffreDe(code, i))]);
  const connus = duTheme.filter(([, chiffres]) => chiffres.some((f) => f.s !== "non_disponible"));
  const combienManquent = duTheme.length - connus.length;
  un("choix-manques").hidden = !choisis.length || !combienManquent;
  un("nb-manques").textContent = `Montrer aussi ce qui manque (${combienManquent}), avec sa raison`;
  for (const [i, chiffres] of un("manques").checked ? duTheme : connus) {
    const tr = noeud("tr");
    const nom = noeud("th", i.libelle, { scope: "row" });
    nom.append(noeud("small", ` (${[i.unite, i.periode].filter(Boolean).join(", ")})`));
    tr.append(nom);
    chiffres.forEach((f, k) => {
      const td = noeud("td");
      const bouton = noeud("button", texteDe(f, i), { type: "button" });
      if (f.s !== "diffuse") bouton.className = "absent";
      bouton.setAttribute("aria-label", `${i.libelle}, ${parCode.get(choisis[k]).libelle_long} : ${texteDe(f, i)}`);
      bouton.addEventListener("click", () => ouvrir(choisis[k], i, f));
      td.append(bouton);
      tr.append(td);
    });
    lignes.push(tr);
  }
  if (choisis.length && !lignes.length) {
    const tr = noeud("tr");
    tr.append(noeud("td", "Aucun chiffre de ce thème pour ces territoires dans cette édition.", { colspan: choisis.length + 1 }));
    lignes.push(tr);
  }
  table.tBodies[0].replaceChildren(...lignes);
}

/* ---- what stands behind a figure */
function termes(code, i) {
  return i.termes.map(({ mesure, code: autre }) => {
    const publie = indicateurs.get(autre);
    if (!publie) return `${mesure} : n’est pas publié à part`;
    const f = chiffreDe(code, publie);
    const valeur = f.s === "diffuse" ? avecUnite(f.v, publie) : `${index.signes[f.s]}, ${index.statuts[f.s][0]}`;
    return `${mesure}, ${publie.libelle} : ${valeur}${f.p && f.p !== i.periode ? ` (${f.p})` : ""}`;
  });
}

function evolution(e, i) {
  if (e.s !== "diffuse") return motifDe(e) ?? index.statuts[e.s]?.[0];
  return [
    e.n !== null && `${nombre(e.n, i.arrondi, true)} ${i.unite ?? ""}`,
    e.c !== null && `${nombre(e.c, 1, true)}\u00a0%`,
    e.t !== null && `${nombre(e.t, 1, true)} points`, motifDe(e),
  ].filter(Boolean).join(" ; ");
}

function limites(t, i) {
  return [...index.limites["*"], ...index.limites[i.code]]
    .filter(({ portee }) => !portee.length || portee.includes(t.type_territoire))
    .map(({ avec, pourquoi }) => `${avec} : ${pourquoi}`);
}

function ouvrir(code, i, f) {
  const paires = [];
  const dit = (titre, ...textes) => {
    const dits = textes.filter(Boolean);
    if (dits.length) paires.push(noeud("dt", titre), ...dits.map((t) => (t instanceof Node ? t : noeud("dd", t))));
  };
  const t = parCode.get(code);
  const [nomDuStatut, sens] = index.statuts[f.s] ?? [f.s, ""];
  un("p-titre").textContent = `${i.libelle}, ${t.libelle_long}`;
  if (f.s === "diffuse") dit("Valeur", avecUnite(f.v, i));
  else dit("Pourquoi il manque", motifDe(f), `${nomDuStatut} : ${sens}`);
  dit("Période", f.p);
  if (t.perimetre) dit("Périmètre", `QPV ${t.perimetre}`);
  if (f.s === "diffuse") dit("Réserve", motifDe(f));
  dit("Définition", i.definition);
  dit("Formule", i.formule);
  dit("Termes de la formule", ...termes(code, i));
  const source = sources.get(f.o);
  if (source) {
    const tierce = source.tierce && "† Chiffre d’une source tierce, non d’un fichier du producteur.";
    dit("Source", i.citation, tierce, `${source.titre}, millésime ${source.millesime}`, source.fichiers, lien(source.page), `Licence : ${source.licence}`);
  }
  for (const e of f.e ?? []) dit(`Comparé à ${e.p}`, evolution(e, i));
  dit("À ne pas comparer avec", ...limites(t, i));
  un("p-corps").replaceChildren(...paires);
  un("panneau").showModal();
}

/* Only an address of the web becomes a link: a source could write `javascript:`. */
function lien(page) {
  if (!/^https?:\/\//.test(page ?? "")) return null;
  const dd = noeud("dd");
  dd.append(noeud("a", page, { href: page, rel: "noreferrer" }));
  return dd;
}

/* ---- start */
const themes = [...new Set(index.indicateurs.map((i) => i.theme))];
un("theme").append(...themes.map((t) => noeud("option", t[0].toUpperCase() + t.slice(1), { value: t })));
un("theme").addEventListener("change", tableau);
un("manques").addEventListener("change", tableau);
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
