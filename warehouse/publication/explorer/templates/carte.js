/* The map: a circle per quarter, its outline where it is known and the scale shows it; coloured, and at
   the place of what is chosen. Loaded after what can be read. */
"use strict";

const METROPOLE = [[41.3, -5.2], [51.2, 9.6]];
/* From this scale on, an outline says more than a circle. */
const ZOOM_CONTOURS = 11.5;
let carte = null;
let quartiers = [];
let parLaCarte = false;

const couleur = (nom) => getComputedStyle(document.documentElement).getPropertyValue(nom).trim();
const rayon = (zoom) => Math.max(2.6, Math.min(11, 2.6 + (zoom - 5.5) * 1.15));

function style(q, c) {
  const choisi = choisis.includes(q.t.code_territoire);
  const v = c?.v[q.rang];
  const su = typeof v === "number";
  const plein = su ? c.teintes[classeDe(c, v)] : couleur("--accent");
  return {
    color: choisi ? couleur("--choix") : su ? couleur("--cerne") : couleur("--discret"),
    weight: choisi ? 3 : su ? 0.6 : 1, fillColor: plein, fillOpacity: su ? 0.95 : c ? 0 : 0.75, opacity: su || choisi ? 1 : 0.7,
  };
}

function bulle(q) {
  const nom = q.t.libelle_long;
  const c = couche();
  if (!c) return noeud("span", nom);
  const v = c.v[q.rang];
  const dit = typeof v === "number" ? `${valeurEcrite(c, v)} (${nomDePeriode(c.cle)})` : v === null ? "sans chiffre" : index.statuts[statuts[v]]?.[0];
  return noeud("span", `${nom} : ${dit}`);
}

/* Moves that the page makes are no view of the reader's. */
function aller(faire) {
  parLaCarte = true;
  faire();
  parLaCarte = false;
}

function cadrer(bornes, plus = {}) {
  aller(() => carte.fitBounds(bornes, { animate: false, maxZoom: 13, padding: [12, 12], ...plus }));
}

function lieuDe(code) {
  const q = quartiers.find(({ t }) => t.code_territoire === code);
  if (q) return q.contour ? q.contour.getBounds() : L.latLng(q.lieu).toBounds(6000);
  const lieu = contourDuLieu(code)?.getBounds();
  if (lieu) return lieu;
  const siren = /EPCI:(\w+)$/.exec(code)?.[1];
  const dedans = quartiers.filter(({ t }) => siren && t.code_epci === siren).map(({ lieu: la }) => la);
  return dedans.length ? L.latLngBounds(dedans).pad(0.2) : null;
}

/* Where the address says; else around what is chosen; else France. */
function placer() {
  aller(() => carte.invalidateSize({ animate: false }));
  const vue = /^(-?[\d.]+),(-?[\d.]+),([\d.]+)$/.exec(etat.vue)?.slice(1).map(Number);
  if (vue?.every(Number.isFinite)) aller(() => carte.setView(vue.slice(0, 2), vue[2], { animate: false }));
  else {
    const bornes = choisis.map(lieuDe).filter(Boolean);
    if (bornes.length) cadrer(L.latLngBounds(bornes.flatMap((b) => [b.getSouthWest(), b.getNorthEast()])));
    else cadrer(METROPOLE, { padding: [0, 0] });
  }
}

function noterLaVue() {
  if (parLaCarte) return;
  const { lat, lng } = carte.getCenter();
  etat.vue = `${lat.toFixed(4)},${lng.toFixed(4)},${carte.getZoom()}`;
  history.replaceState(null, "", location.pathname + location.search + adresse());
  dessinerLeLien();
}

function remplir(choix, options, valeur) {
  choix.replaceChildren(...options.map(([cle, texte]) => noeud("option", texte, { value: cle })));
  choix.value = valeur;
  choix.parentElement.hidden = options.length < 2;
}

/* All that depends on the state: controls, colours, legend, and the place of what is chosen. */
async function colorer(peindre) {
  const code = couleurVoulue();
  un("couleur").value = code ?? AUCUN;
  if (code) await chargerLaCouleur(code);
  const c = couche();
  remplir(un("mesure"), c ? Object.keys(c.offertes).map((m) => [m, MESURES[m]]) : [], c?.mesure);
  remplir(un("periode"), c ? c.offertes[c.mesure].map((cle) => [periodeEnAdresse(cle), nomDePeriode(cle)]) : [], c && periodeEnAdresse(c.cle));
  peindre(c);
  legende(c);
  document.dispatchEvent(new CustomEvent("carte", { detail: c }));
  document.body.dataset.peinte = adresse();
}

function poserLesQuartiers() {
  const plume = L.canvas({ padding: 0.3 });
  const contours = window.QPV.contours ?? {};
  const ronds = L.layerGroup().addTo(carte);
  const surfaces = L.layerGroup();
  for (const q of quartiers) {
    q.rond = L.circleMarker(q.lieu, { renderer: plume });
    const trait = contours[q.rang];
    if (trait) q.contour = L.polygon(enPolygones(trait, 100000), { renderer: plume });
    for (const forme of [q.rond, q.contour]) {
      forme?.bindTooltip(() => bulle(q)).on("click", () => choisir(q.t.code_territoire));
    }
    ronds.addLayer(q.rond);
    if (q.contour) surfaces.addLayer(q.contour);
  }
  return (c) => {
    const zoom = carte.getZoom();
    const proches = zoom >= ZOOM_CONTOURS;
    if (proches !== carte.hasLayer(surfaces)) carte[proches ? "addLayer" : "removeLayer"](surfaces);
    for (const q of quartiers) {
      const s = style(q, c);
      const cache = proches && q.contour;
      q.rond.setStyle(cache ? { ...s, opacity: 0, fillOpacity: 0 } : s).setRadius(cache ? 0.1 : rayon(zoom) * (typeof c?.v[q.rang] === "number" || !c ? 1 : 0.8));
      q.contour?.setStyle(s);
    }
    for (const q of quartiers) if (choisis.includes(q.t.code_territoire)) (proches && q.contour ? q.contour : q.rond).bringToFront();
  };
}

function dessinerLaCarte() {
  quartiers = window.QPV.quartiers.map(([numero, x, y], rang) => ({ t: index.territoires[numero], lieu: [y, x], rang }));
  carte = L.map("carte", { scrollWheelZoom: false, zoomControl: false, zoomSnap: 0.25, zoomDelta: 1, minZoom: 3, maxZoom: 17, maxBoundsViscosity: 1, renderer: L.canvas() });
  L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(carte);
  carte.createPane("fond").style.zIndex = 250;
  carte.createPane("noms").style.zIndex = 450;
  carte.getPane("noms").style.pointerEvents = "none";
  carte.attributionControl.setPosition("bottomleft").setPrefix(false).addAttribution(`Fond : IGN, Admin Express, Licence Ouverte${index.carte.contours ? " · Contours : ANCT" : ""}`);
  const fond = poserLeFond(carte, couleur);
  aller(() => carte.fitBounds(METROPOLE, { animate: false }));
  const peindreIci = poserLesQuartiers();
  const peindreLoin = poserLesEncarts(carte, quartiers, (bornes) => carte.fitBounds(bornes, { animate: false }));
  poserLesNoms(carte, quartiers);
  const peindre = (c) => { peindreIci(c); peindreLoin((q) => style(q, c)); };
  un("couleur").append(noeud("option", "rien", { value: AUCUN }), ...index.carte.indicateurs.map((code) => noeud("option", indicateurs.get(code).libelle, { value: code })));
  for (const [id, cle] of [["couleur", "carte"], ["mesure", "mesure"], ["periode", "periode"]]) {
    un(id).addEventListener("change", () => {
      if (id !== "periode") etat.periode = "";
      regler(cle, un(id).value);
    });
  }
  un("toute-la-france").addEventListener("click", () => { cadrer(METROPOLE, { padding: [0, 0] }); noterLaVue(); });
  carte.on("moveend", noterLaVue);
  carte.on("zoomend", () => peindreIci(couche()));
  const refaire = () => { colorer(peindre); fond.entourer(); placer(); };
  document.addEventListener("choix", refaire);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { fond.refaire(); peindre(couche()); });
  refaire();
  suivants(["lieux"], () => { fond.ajouterLesLieux(); if (!etat.vue) placer(); });
}

/* Files after what is there is drawn: asked together, run in their order. */
function suivants(noms, faire) {
  const scripts = noms.map((nom) => noeud("script", null, { src: `explorer/${nom}.js` }));
  for (const s of scripts) s.async = false;
  scripts.at(-1).addEventListener("load", faire);
  document.head.append(...scripts);
}

if (index.carte) {
  un("sans-contours").hidden = index.carte.contours;
  suivants(["departements", "quartiers", "contours"], dessinerLaCarte);
} else {
  un("avec-carte").hidden = true;
  un("sans-carte").hidden = false;
}
