/* What stands behind a figure: where it comes from, where it places its territory, what it forbids. */
"use strict";

function termes(code, i) {
  return i.termes.map(({ mesure, code: autre }) => {
    const publie = indicateurs.get(autre);
    if (!publie) return `${mesure} : n’est pas publié à part`;
    const f = chiffreDe(code, publie);
    const valeur = f.s === "diffuse" ? avecUnite(f.v, publie) : `${index.signes[f.s]}, ${index.statuts[f.s][0]}`;
    return `${mesure}, ${publie.libelle} : ${valeur}${f.p && f.p !== i.periode ? ` (${f.p})` : ""}`;
  });
}

/* What the release says of a figure and its own at earlier periods. */
function evolutions(code, i, f) {
  return lignes("e", code, i).filter(([p]) => periode(p) === f.p).map(([, a, nb, pct, pts, s, m]) => {
    const statut = statuts[s ?? 0];
    const su = (v) => v !== null && v !== undefined;
    const dits = statut !== "diffuse" ? [index.motifs[m] ?? index.statuts[statut]?.[0]] : [
      su(nb) && `${nombre(nb, i.arrondi, true)} ${i.unite ?? ""}`,
      su(pct) && `${nombre(pct, 1, true)}\u00a0%`, su(pts) && `${nombre(pts, 1, true)} points`, index.motifs[m],
    ];
    return [periode(a), dits.filter(Boolean).join(" ; ")];
  });
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
  if (f.s === "diffuse") dit("Réserve", f.motif);
  if (f.p === i.periode && f.s === "diffuse") {
    dit("À côté des autres territoires", ...ecarts(code, i));
    dit("Parmi les quartiers prioritaires", ...rangs(code, i));
  }
  dit("Définition", i.definition, lienInterne(`../dictionnaire.html#i-${i.code}`, "Au dictionnaire"));
  dit("Formule", i.formule);
  dit("Termes de la formule", ...termes(code, i));
  const { source } = f;
  if (source) {
    const tierce = source.tierce && "† Chiffre d’une source tierce, non d’un fichier du producteur.";
    dit("Source", i.citation, tierce, `${source.titre}, millésime ${source.millesime}`, source.fichiers, lien(source.page), `Licence : ${source.licence}`);
  }
  for (const [avant, dite] of evolutions(code, i, f)) dit(avant ? `Comparé à ${avant}` : "Comparé à une période antérieure", dite);
  dit("À ne pas comparer avec", ...limites(t, i));
  un("p-corps").replaceChildren(...paires);
  un("panneau").showModal();
}

function lienInterne(adresseDeLa, texte) {
  const dd = noeud("dd");
  dd.append(noeud("a", texte, { href: adresseDeLa }));
  return dd;
}

/* Only an address of the web becomes a link: a source could write `javascript:`. */
function lien(page) {
  if (!/^https?:\/\//.test(page ?? "")) return null;
  const dd = noeud("dd");
  dd.append(noeud("a", page, { href: page, rel: "noreferrer" }));
  return dd;
}
