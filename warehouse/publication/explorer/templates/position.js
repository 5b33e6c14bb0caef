/* Where a figure places its territory: gaps and whether they close, ranks, the quarters most like it. */
"use strict";

const TENDANCES = ["il se resserre", "il se creuse", "il est stable"];
const NIVEAUX = ["dans le cinquième le moins favorable", null, "dans le cinquième le plus favorable"];
const MOUVEMENTS = ["a moins bien évolué que les autres", "a évolué comme les autres", "a mieux évolué que les autres"];

/* One sentence per territory of comparison, then what they are to be read with. */
function ecarts(code, i) {
  const phrases = new Map();
  const reserves = new Set();
  const rang = ([vers]) => Object.keys(index.comparateurs).indexOf(index.territoires[vers].type_territoire);
  const dans = [...lignes("g", code, i)].sort((a, b) => rang(a) - rang(b));
  for (const [vers, p, ecart, points, avant, alors, tendance, m] of dans) {
    const t = index.territoires[vers];
    const unite = points ? " points" : "\u00a0%";
    const ecrit = (v) => `${nombre(v, 1, true)}${unite}`;
    const nom = index.comparateurs[t.type_territoire] ?? "";
    const debut = `Écart avec ${nom.startsWith("France") ? "la " : ""}${nom}${nom === t.libelle ? "" : ` (${t.libelle})`} : ${ecrit(ecart)} ${quand(periode(p))}`;
    const dits = phrases.get(vers) ?? [debut];
    if (TENDANCES[tendance]) {
      dits.push(`${TENDANCES[tendance]} ${depuisQuand(periode(avant))} (${ecrit(alors)})`);
      if (index.motifs[m]) for (const r of sansPeriodes(index.motifs[m]).split(" ; ")) reserves.add(r);
    } else dits.push(`tendance non établie : ${index.motifs[m] ?? "rien ne l’établit"}`);
    phrases.set(vers, dits);
  }
  const aLireAvec = reserves.size ? [`À lire avec : ${[...reserves].join(" ; ")}.`] : [];
  return [...[...phrases.values()].map((dits) => `${dits.join(" ; ")}.`), ...aLireAvec];
}

function rangs(code, i) {
  return lignes("r", code, i).flatMap(([, france, nFrance, taille, nTaille, proche, nProches, classe, niveau, mouvement, avant, rang, n]) => {
    const su = (v) => v !== null && v !== undefined;
    const sur = (r, total) => `${rangEcrit(r)} sur ${total.toLocaleString("fr-FR")}`;
    return [
      `${sur(france, nFrance)} quartiers de France, le 1er étant le moins favorable${NIVEAUX[niveau] ? ` : ${NIVEAUX[niveau]}` : ""}.`,
      su(taille) && `${sur(taille, nTaille)} de sa taille (${index.tailles[classe]}).`,
      su(proche) && `${sur(proche, nProches)} parmi ceux qui lui ressemblent, lui compris.`,
      su(rang) && su(mouvement) && `${depuisQuand(periode(avant)).replace("d", "D")}, il ${MOUVEMENTS[mouvement]} : ${sur(rang, n)}, le 1er étant le moins favorable.`,
    ].filter(Boolean);
  });
}

function ouvrirSemblables(code) {
  const t = parCode.get(code);
  un("p-titre").textContent = `Quartiers semblables à ${t.libelle_long}`;
  const liste = (fichier(code).s ?? []).map((numero) => {
    const autre = index.territoires[numero];
    const dd = noeud("dd", null, { class: "proche" });
    const bouton = noeud("button", "Comparer", { type: "button", "aria-label": `Comparer ${autre.libelle_long}` });
    bouton.addEventListener("click", () => { un("panneau").close(); choisir(autre.code_territoire); });
    dd.append(noeud("span", autre.libelle_long), " ", bouton);
    return dd;
  });
  un("p-corps").replaceChildren(noeud("dt", "Du plus semblable au moins semblable, par les indicateurs de structure ; ressembler n’est pas expliquer"), ...liste);
  un("panneau").showModal();
}
