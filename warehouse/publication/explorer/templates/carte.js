/* The map, without tiles: outlines, coloured by a key figure. Loaded after what can be read. */
"use strict";

/* From cividis: five steps that colour-blind readers and a grey print keep in order. */
const TEINTES = ["#fee838", "#bcaf6f", "#7c7b78", "#414d6b", "#00204d"];
const couches = new Map();
let carte = null;
let classes = null;

const couleur = (nom) => getComputedStyle(document.documentElement).getPropertyValue(nom).trim();

function classeDe(valeur) {
  const rang = classes.bornes.findIndex((borne) => valeur <= borne);
  return rang < 0 ? classes.bornes.length : rang;
}

function style({ properties: { code, v } }) {
  const choisi = choisis.includes(code);
  const valeur = classes && v[classes.i.code];
  const teinte = typeof valeur === "number" ? TEINTES[classeDe(valeur)] : null;
  return {
    color: couleur(choisi ? "--choix" : "--accent"), weight: choisi ? 3 : 1,
    fillColor: teinte ?? couleur("--accent"), fillOpacity: teinte ? 0.9 : classes ? 0 : choisi ? 0.55 : 0.25,
    dashArray: choisi ? null : "2 2",
  };
}

function bulle({ properties: { code, v } }) {
  const nom = parCode.get(code)?.libelle_long ?? code;
  if (!classes) return noeud("span", nom);
  const valeur = v[classes.i.code] ?? "non_disponible";
  const dit = typeof valeur === "number" ? avecUnite(valeur, classes.i) : index.statuts[valeur]?.[0];
  return noeud("span", `${nom} : ${dit}`);
}

/* Fifths of the quarters; equal bounds are one. */
function ranger(code) {
  const i = indicateurs.get(code);
  if (!i) return null;
  const valeurs = window.QPV.contours.features.map((f) => f.properties.v[code]).filter((v) => typeof v === "number").sort((a, b) => a - b);
  const quantiles = [0.2, 0.4, 0.6, 0.8].map((q) => valeurs[Math.floor(q * (valeurs.length - 1))]);
  return { i, valeurs, bornes: [...new Set(quantiles)] };
}

function legende() {
  const dl = un("legende");
  dl.replaceChildren();
  un("carte-titre").textContent = "";
  if (!classes) return;
  const { i, valeurs } = classes;
  un("carte-titre").textContent = `${i.libelle}${i.unite ? `, en ${i.unite}` : ""}, ${i.periode}. ${i.citation ?? ""}${i.tierce ? ". † En partie d’une source tierce." : ""}`;
  const rangs = valeurs.map(classeDe);
  for (let k = 0; k <= classes.bornes.length; k += 1) {
    const dedans = valeurs.filter((_, n) => rangs[n] === k);
    if (dedans.length) entree(TEINTES[k], `de ${nombre(dedans[0], i.arrondi)} à ${nombre(dedans.at(-1), i.arrondi)} : ${combien(dedans.length)}`);
  }
  const sans = window.QPV.contours.features.length - valeurs.length;
  if (sans) entree("transparent", `sans chiffre : ${combien(sans)}`);
}

const combien = (n) => `${n.toLocaleString("fr-FR")} quartier${n > 1 ? "s" : ""}`;

function entree(teinte, texte) {
  const li = noeud("li", texte);
  const pastille = noeud("span", null, { class: "pastille", "aria-hidden": "true" });
  pastille.style.background = teinte;
  li.prepend(pastille);
  un("legende").append(li);
}

function dessinerLaCarte() {
  const { contours } = window.QPV;
  carte = L.map("carte", { preferCanvas: true, scrollWheelZoom: false, zoomControl: false });
  L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(carte);
  const tout = L.geoJSON(contours, {
    style,
    onEachFeature: (f, couche) => {
      couches.set(f.properties.code, couche);
      couche.bindTooltip(() => bulle(f));
      couche.on("click", () => choisir(f.properties.code));
    },
  }).addTo(carte);
  carte.attributionControl.setPrefix(false).addAttribution("Contours : ANCT");
  carte.fitBounds(tout.getBounds());
  const refaire = () => tout.setStyle(style);
  document.addEventListener("choisi", ({ detail }) => montrerSurLaCarte(detail));
  const choix = un("couleur");
  for (const i of index.indicateurs) {
    if (contours.features.some((f) => typeof f.properties.v[i.code] === "number")) {
      choix.append(noeud("option", i.libelle, { value: i.code }));
    }
  }
  const colorer = () => { choix.value = etat.carte; classes = ranger(etat.carte); refaire(); legende(); };
  choix.addEventListener("change", () => regler("carte", choix.value));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refaire);
  document.addEventListener("choix", colorer);
  colorer();
  for (const code of choisis) montrerSurLaCarte(code);
}

function montrerSurLaCarte(code) {
  const couche = couches.get(code);
  if (couche) carte.fitBounds(couche.getBounds(), { maxZoom: 13, animate: false });
}

if (index.carte) {
  const s = noeud("script", null, { src: "explorer/contours.js" });
  s.addEventListener("load", dessinerLaCarte);
  document.head.append(s);
} else {
  un("avec-carte").hidden = true;
  un("sans-carte").hidden = false;
}
