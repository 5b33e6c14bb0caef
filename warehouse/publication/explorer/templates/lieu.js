/* Is a point in a quarter? Asked of the outlines that the page carries: nothing leaves it. A point nearer
   to a limit than the declared band is not told. */
"use strict";

/* Metres of a degree of longitude and of latitude, on the ellipsoid of GRS 80. */
function metresParDegre(lat) {
  const [a, e2, phi] = [6378137, 0.00669438002, (lat * Math.PI) / 180];
  const w = 1 - e2 * Math.sin(phi) ** 2;
  return [(Math.PI / 180) * (a / Math.sqrt(w)) * Math.cos(phi), (Math.PI / 180) * ((a * (1 - e2)) / w ** 1.5)];
}

/* Of an outline, whether it holds the point, and how many metres its nearest side is away. */
function coteDuPoint(polygones, lon, lat) {
  const [mx, my] = metresParDegre(lat);
  let dedans = false;
  let loin = Infinity;
  for (const anneau of polygones.flat()) {
    let [x1, y1] = [(anneau.at(-1)[1] - lon) * mx, (anneau.at(-1)[0] - lat) * my];
    for (const [y, x] of anneau) {
      const [x2, y2] = [(x - lon) * mx, (y - lat) * my];
      if (y1 > 0 !== y2 > 0 && x1 - (y1 * (x2 - x1)) / (y2 - y1) > 0) dedans = !dedans;
      const [dx, dy] = [x2 - x1, y2 - y1];
      const long = dx * dx + dy * dy;
      const t = long ? Math.max(0, Math.min(1, -(x1 * dx + y1 * dy) / long)) : 0;
      loin = Math.min(loin, Math.hypot(x1 + t * dx, y1 + t * dy));
      [x1, y1] = [x2, y2];
    }
  }
  return { dedans, loin };
}

/* « 3.389, 50.329 », « 3,389 50,329 »: longitude, then latitude; null where it is no point. */
function pointLu(texte) {
  const lu = /^\s*([+-]?\d{1,3}(?:\.\d+)?)\s*,\s*([+-]?\d{1,3}(?:\.\d+)?)\s*$/.exec(texte)
    ?? /^\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*[;\s]\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*$/.exec(texte);
  return lu?.slice(1).map((n) => Number(n.replace(",", "."))) ?? null;
}

const enMetres = (m) => `${Math.round(m).toLocaleString("fr-FR")}\u00a0m`;

/* Rank of a quarter → its outline, once it was asked. */
const traces = {};

/* What is said of a point, and the quarter that it is about. */
function ditDuPoint(lon, lat) {
  const connus = quartiers.filter(({ rang }) => traces[rang]).map((q) => ({ q, ...coteDuPoint(traces[q.rang], lon, lat) }));
  const proche = connus.reduce((un_, autre) => (autre.loin < un_.loin ? autre : un_));
  const choisi = connus.find(({ dedans }) => dedans) ?? proche;
  const { q: { t } } = choisi;
  const nom = `${t.libelle_long} (${t.code_territoire})`;
  const perimetre = `QPV ${index.perimetre}`;
  if (proche.loin <= index.limite.bande) {
    return { t, doute: true, texte: `${perimetre} : limite de ${nom} à ${enMetres(proche.loin)} : à vérifier sur le site officiel.` };
  }
  if (choisi.dedans) return { t, texte: `${perimetre} : dans ${nom}, à ${enMetres(proche.loin)} de la limite.` };
  if (proche.loin > 50000) return { texte: `${perimetre} : hors quartier, à plus de 50 km de tous. La longitude s’écrit d’abord.` };
  return { t, texte: `${perimetre} : hors quartier ; le plus proche, ${nom}, est à ${enMetres(proche.loin)}.` };
}


function repondre() {
  const point = pointLu(un("point").value);
  const reponse = point ? ditDuPoint(...point) : { texte: "Ce n’est pas un point : une longitude, une virgule, une latitude, en degrés (3.389, 50.329)." };
  un("reponse").textContent = reponse.texte;
  un("reponse-suite").replaceChildren(...[
    reponse.doute && noeud("a", "Site officiel", { href: index.limite.site, rel: "noopener" }),
    reponse.t && !choisis.includes(reponse.t.code_territoire) && noeud("button", "Comparer", { type: "button", "aria-label": `Comparer ${reponse.t.libelle_long}` }),
  ].filter(Boolean));
  un("reponse-suite").querySelector("button")?.addEventListener("click", () => choisir(reponse.t.code_territoire));
}

if (index.limite) {
  un("bloc-lieu").hidden = false;
  un("le-point").addEventListener("submit", (e) => {
    e.preventDefault();
    const dits = window.QPV.contours ?? {};
    for (const [rang, trait] of Object.entries(dits)) traces[rang] ??= enPolygones(trait, 100000);
    if (quartiers.length) repondre();
  });
}
