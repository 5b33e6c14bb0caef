/* What lies under the quarters: départements, EPCI and communes as outlines, names of towns, insets
   of what is far away. No tile, no network. */
"use strict";

const ZOOM_EPCI = 7.5, ZOOM_COMMUNES = 9.5, ZOOM_NOMS_DES_QUARTIERS = 13;
const ENCARTS = [
  ["Guadeloupe", ["971"]], ["Martinique", ["972"]], ["Guyane", ["973"]], ["La Réunion", ["974"]],
  ["Mayotte", ["976"]], ["Paris et sa couronne", ["75", "92", "93", "94"]],
];

/* Rings as latitudes and longitudes, from each point's step from the one before. */
function points(suite, pas) {
  const lus = [];
  let [x, y] = [0, 0];
  for (let k = 0; k < suite.length; k += 2) {
    x += suite[k];
    y += suite[k + 1];
    lus.push([y / pas, x / pas]);
  }
  return lus;
}
const enPolygones = (trace, pas) => trace.map((anneaux) => anneaux.map((suite) => points(suite, pas)));

const departements = new Map();
const lieuxDessines = new Map();

/* The outline of the place of a territory: its own, or that of the place whose set it is. */
function contourDuLieu(code) {
  const [, genre, cle] = /(EPCI|COM|DEP):(\w+)$/.exec(code) ?? [];
  return genre === "DEP" ? departements.get(cle) : lieuxDessines.get(`${genre}:${cle}`);
}

function poserLeFond(carte, couleur) {
  const plume = L.canvas({ pane: "fond", padding: 0.3 });
  const surface = (polygones, style) => L.polygon(polygones, { renderer: plume, interactive: false, ...style });
  const styles = () => ({
    terre: { color: couleur("--trait-fort"), weight: 1, fillColor: couleur("--terre"), fillOpacity: 1 },
    epci: { color: couleur("--trait-moyen"), weight: 1.2, fillColor: couleur("--lieu"), fillOpacity: 1 },
    commune: { color: couleur("--trait-moyen"), weight: 0.7, fill: false },
  });
  const groupes = { terre: L.layerGroup(), epci: L.layerGroup(), commune: L.layerGroup() };
  for (const [code, , anneaux] of window.QPV.departements) {
    const couche = surface(anneaux.map((suite) => [points(suite, 1000)]), styles().terre);
    departements.set(code, couche);
    groupes.terre.addLayer(couche);
  }
  groupes.terre.addTo(carte);
  const choisi = L.layerGroup().addTo(carte);
  const entourer = () => {
    choisi.clearLayers();
    for (const lieu of choisis.map(contourDuLieu).filter(Boolean)) {
      choisi.addLayer(surface(lieu.getLatLngs(), { color: couleur("--choix"), weight: 2.5, fill: false }));
    }
  };
  const selonLeZoom = () => {
    for (const [nom, seuil] of [["epci", ZOOM_EPCI], ["commune", ZOOM_COMMUNES]]) {
      const voulu = carte.getZoom() >= seuil;
      if (voulu !== carte.hasLayer(groupes[nom])) carte[voulu ? "addLayer" : "removeLayer"](groupes[nom]);
    }
  };
  carte.on("zoomend", selonLeZoom);
  return {
    ajouterLesLieux() {
      for (const [numero, trace] of Object.entries(window.QPV.lieux ?? {})) {
        const t = index.territoires[numero];
        const genre = t.type_territoire;
        const couche = surface(enPolygones(trace, 10000), styles()[genre]);
        lieuxDessines.set(t.code_territoire, couche);
        groupes[genre].addLayer(couche);
      }
      selonLeZoom();
      entourer();
    },
    entourer,
    refaire() {
      entourer();
      for (const [nom, groupe] of Object.entries(groupes)) groupe.eachLayer((couche) => couche.setStyle(styles()[nom]));
    },
  };
}

/* ---- names: the towns with most quarters first, none over another */
function nomsDesVilles(quartiers) {
  const villes = new Map();
  for (const { t, lieu } of quartiers) {
    const insee = (t.insee ?? "").split(/[ ,]+/)[0];
    const nom = parCode.get(`COM:${insee}`)?.libelle ?? t.communes.split(", ")[0];
    if (!nom) continue;
    const cle = `${nom} ${t.code_departement}`;
    if (!villes.has(cle)) villes.set(cle, { nom, lieux: [] });
    villes.get(cle).lieux.push(lieu);
  }
  return [...villes.values()].map(({ nom, lieux }) => ({
    nom, poids: lieux.length, lieu: [0, 1].map((k) => lieux.reduce((somme, l) => somme + l[k], 0) / lieux.length),
  })).sort((a, b) => b.poids - a.poids || a.nom.localeCompare(b.nom, "fr"));
}

function poserLesNoms(carte, quartiers) {
  const villes = nomsDesVilles(quartiers);
  const couche = carte.getPane("noms");
  const ecrire = () => {
    const { x: large, y: haut } = carte.getSize();
    const pris = [];
    const posees = [];
    const proches = carte.getZoom() >= ZOOM_NOMS_DES_QUARTIERS;
    const candidats = proches ? [...quartiers.map(({ t, lieu }) => ({ nom: t.libelle, lieu, quartier: true })), ...villes] : villes;
    const place = Math.max(8, Math.floor((large * haut) / 16000));
    for (const { nom, lieu, quartier } of candidats) {
      if (posees.length >= place) break;
      const { x, y } = carte.latLngToContainerPoint(lieu);
      if (x < 0 || y < 8 || x > large || y > haut - 8) continue;
      const demi = nom.length * 3.1 + 4;
      const sous = quartier ? 12 : 9;
      const boite = [x - demi, y + sous - 7, x + demi, y + sous + 9];
      if (boite[0] < 2 || boite[2] > large - 2) continue;
      if (pris.some((b) => boite[0] < b[2] && b[0] < boite[2] && boite[1] < b[3] && b[1] < boite[3])) continue;
      pris.push(boite);
      const span = noeud("span", nom, { class: quartier ? "nom-quartier" : "nom-ville" });
      const { x: gauche, y: dessus } = carte.containerPointToLayerPoint([x, y + sous]);
      span.style.transform = `translate(${Math.round(gauche)}px, ${Math.round(dessus)}px) translate(-50%, -50%)`;
      posees.push(span);
    }
    couche.replaceChildren(...posees);
  };
  carte.on("moveend zoomend resize", ecrire);
  ecrire();
}

/* ---- insets: each is a drawing, and the way there */
function poserLesEncarts(carte, quartiers, allerA) {
  const coins = un("encarts");
  const dessines = ENCARTS.map(([nom, codes]) => {
    const dedans = quartiers.filter(({ t }) => codes.includes(t.code_departement));
    const la = window.QPV.departements.filter(([code]) => codes.includes(code));
    return { nom, codes, dedans, anneaux: la.flatMap(([, , suites]) => suites.map((suite) => points(suite, 1000))) };
  }).filter(({ dedans, anneaux }) => dedans.length && anneaux.length);
  for (const encart of dessines) {
    const tous = encart.anneaux.flat();
    const [bas, haut] = [Math.min(...tous.map(([y]) => y)), Math.max(...tous.map(([y]) => y))];
    const [gauche, droite] = [Math.min(...tous.map(([, x]) => x)), Math.max(...tous.map(([, x]) => x))];
    const aplati = Math.cos(((bas + haut) / 2) * (Math.PI / 180));
    const echelle = 84 / Math.max((droite - gauche) * aplati, haut - bas);
    const ici = ([y, x]) => [6 + (x - gauche) * aplati * echelle, 6 + (haut - y) * echelle].map((v) => v.toFixed(1));
    const [l, h] = [12 + (droite - gauche) * aplati * echelle, 12 + (haut - bas) * echelle];
    const svg = trace("svg", { viewBox: `0 0 ${l.toFixed(0)} ${h.toFixed(0)}`, width: l.toFixed(0), height: h.toFixed(0), "aria-hidden": "true" });
    svg.append(trace("path", { class: "terre", d: encart.anneaux.map((anneau) => `M${anneau.map((p) => ici(p).join(" ")).join("L")}z`).join("") }));
    encart.ronds = encart.dedans.map((q) => {
      const [cx, cy] = ici(q.lieu);
      const rond = trace("circle", { cx, cy, r: 2.6 });
      svg.append(rond);
      return [q, rond];
    });
    const bouton = noeud("button", null, { type: "button", "aria-label": `${encart.nom} : y aller sur la carte` });
    bouton.append(svg, noeud("span", encart.nom));
    bouton.addEventListener("click", () => allerA(L.latLngBounds(tous)));
    coins.append(bouton);
  }
  return (style) => {
    for (const { ronds } of dessines) {
      for (const [q, rond] of ronds) {
        const { fillColor, fillOpacity, color } = style(q);
        for (const [cle, valeur] of [["fill", fillOpacity ? fillColor : "none"], ["stroke", color], ["stroke-width", fillOpacity ? 0.4 : 0.8]]) rond.setAttribute(cle, valeur);
      }
    }
  };
}
