/* What is shown, as files: tables as CSV, drawings as SVG. */
"use strict";

/* A text that a spreadsheet would compute is made inert, as in the tables of the release. */
function caseCsv(valeur) {
  const texte = typeof valeur === "number" ? String(valeur) : String(valeur ?? "").replace(/^(?=[=+\-@\t\r])/, "'");
  return /[",\n\r]/.test(texte) ? `"${texte.replaceAll('"', '""')}"` : texte;
}

const enLignesCsv = (rangs) => rangs.map((rangee) => rangee.map(caseCsv).join(",")).join("\r\n") + "\r\n";

function boutonDeFichier(texte, precision, nom, genre, contenu) {
  const bouton = noeud("button", texte, { type: "button", "aria-label": `${texte} : ${precision}` });
  bouton.addEventListener("click", () => {
    const adresseDuFichier = URL.createObjectURL(new Blob([contenu()], { type: genre }));
    const a = noeud("a", null, { href: adresseDuFichier, download: nom });
    a.click();
    setTimeout(() => URL.revokeObjectURL(adresseDuFichier), 1000);
  });
  return bouton;
}
const CSV = "text/csv;charset=utf-8", SVG = "image/svg+xml";

/* ---- the table of figures */
function tableauEnCsv(rangs) {
  const tete = ["code_territoire", "territoire", "perimetre", "code_indicateur", "indicateur", "unite", "periode", "valeur", "statut", "motif", "source", "citation", "publication"];
  const corps = rangs.flatMap(([i, chiffres]) => chiffres.map((f, k) => {
    const t = parCode.get(choisis[k]);
    return [t.code_territoire, t.libelle_long, t.perimetre, i.code, i.libelle, i.unite, f.p, f.s === "diffuse" ? f.v : null, f.s,
      f.s === "diffuse" ? f.motif : motifDe(f), f.source ? `${f.source.titre}, ${f.source.millesime}` : "", i.citation, index.release];
  }));
  return enLignesCsv([tete, ...corps]);
}

/* ---- the map: every quarter in the table, those of the view on the drawing */
function carteEnCsv(c) {
  const corps = quartiers.map((q) => {
    const v = c.v[q.rang];
    const su = typeof v === "number";
    const [p, depuis] = c.cle.split("-").map((n) => periode(Number(n)));
    return [q.t.code_territoire, q.t.libelle_long, q.t.perimetre, q.t.code_departement, c.i.code, c.i.libelle, MESURES[c.mesure], c.unite, p, depuis,
      su ? v : null, su ? "diffuse" : v === null ? "" : statuts[v], c.i.citation, index.release];
  });
  return enLignesCsv([["code_territoire", "territoire", "perimetre", "code_departement", "code_indicateur", "indicateur", "mesure", "unite", "periode", "depuis", "valeur", "statut", "citation", "publication"], ...corps]);
}

function carteEnSvg(c) {
  const { x: l, y: h } = carte.getSize();
  const zoom = carte.getZoom();
  const proches = zoom >= ZOOM_CONTOURS;
  const titres = enLignes(c ? titreDe(c) : "Quartiers prioritaires", l - 16);
  const pied = [c?.i.citation, `Fond : IGN, Admin Express. Publication ${index.release}.`].filter(Boolean).flatMap((texte) => enLignes(texte, l - 16));
  const dites = entrees(c, index.carte.sans_place);
  const [haut, bas] = [titres.length * 18 + 10, dites.length * 18 + pied.length * 16 + 14];
  const svg = trace("svg", { viewBox: `0 0 ${l} ${h + haut + bas}`, width: l, height: h + haut + bas, xmlns: "http://www.w3.org/2000/svg", "font-family": "Segoe UI, Helvetica, Arial, Liberation Sans, sans-serif", "font-size": 12 });
  svg.append(trace("rect", { width: l, height: h + haut + bas, fill: "#ffffff" }));
  titres.forEach((texte, k) => svg.append(trace("text", { x: 8, y: 18 + k * 18, "font-size": 14, "font-weight": 600, fill: "#1b2026" }, texte)));
  const cadre = trace("svg", { x: 0, y: haut, width: l, height: h, viewBox: `0 0 ${l} ${h}`, overflow: "hidden" });
  cadre.append(trace("rect", { width: l, height: h, fill: "#f1f4f8" }));
  const chemin = (anneaux) => anneaux.map((anneau) => {
    const dessines = anneau.map((p) => carte.latLngToContainerPoint(p));
    return dessines.some((p) => p.x > -l && p.x < 2 * l && p.y > -h && p.y < 2 * h) ? `M${dessines.map((p) => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join("L")}z` : "";
  }).join("");
  const surfaces = (couches, attributs) => {
    for (const surface of couches) {
      const d = chemin(surface.getLatLngs().flat(surface.getLatLngs()[0]?.[0]?.lat === undefined ? 1 : 0));
      if (d) cadre.append(trace("path", { d, ...attributs }));
    }
  };
  surfaces(departements.values(), { fill: "#ffffff", stroke: "#9aa5b1", "stroke-width": 1 });
  if (zoom >= ZOOM_COMMUNES) surfaces(lieuxDessines.values(), { fill: "none", stroke: "#b9c2cb", "stroke-width": 0.7 });
  for (const q of quartiers) {
    const { x, y } = carte.latLngToContainerPoint(q.lieu);
    if (x < -20 || y < -20 || x > l + 20 || y > h + 20) continue;
    const v = c?.v[q.rang];
    const su = typeof v === "number";
    const choisi = choisis.includes(q.t.code_territoire);
    const dehors = { class: "quartier", "data-code": q.t.code_territoire, fill: su ? c.teintes[classeDe(c, v)] : c ? "none" : "#123e6b", stroke: choisi ? "#d55e00" : "#4d5863", "stroke-width": choisi ? 3 : 0.7 };
    const forme = proches && q.contour ? trace("path", { d: chemin(q.contour.getLatLngs().flat(1)), ...dehors }) : trace("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: rayon(zoom).toFixed(1), ...dehors });
    forme.append(trace("title", {}, bulle(q).textContent));
    cadre.append(forme);
  }
  svg.append(cadre);
  dites.forEach(([teinte, texte], k) => {
    const y = h + haut + 18 + k * 18;
    svg.append(trace("rect", { x: 8, y: y - 10, width: 12, height: 12, fill: teinte ?? "none", stroke: "#4d5863" }), trace("text", { x: 28, y, fill: "#1b2026" }, texte));
  });
  pied.forEach((texte, k) => svg.append(trace("text", { x: 8, y: h + haut + dites.length * 18 + 20 + k * 16, fill: "#4d5863", "font-size": 11.5 }, texte)));
  return new XMLSerializer().serializeToString(svg);
}

document.addEventListener("carte", ({ detail: c }) => {
  const nom = `carte_${c?.i.code ?? "quartiers"}`;
  un("carte-fichiers").replaceChildren(
    ...(c ? [boutonDeFichier("Télécharger les chiffres de la carte (CSV)", titreDe(c), `${nom}.csv`, CSV, () => carteEnCsv(c))] : []),
    boutonDeFichier("Télécharger le dessin de la carte (SVG)", c ? titreDe(c) : "quartiers", `${nom}.svg`, SVG, () => carteEnSvg(c)),
  );
});
