/* The figures of the chosen territories, side by side, at the period of the edition. */
"use strict";

function tableau() {
  const table = un("tableau");
  const theme = un("theme").value;
  un("bloc-chiffres").hidden = choisis.length === 0;
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
  const montres = un("manques").checked ? duTheme : connus;
  for (const [i, chiffres] of montres) {
    const tr = noeud("tr");
    const nom = noeud("th", i.libelle, { scope: "row" });
    nom.append(noeud("small", ` (${[i.unite, i.periode].filter(Boolean).join(", ")})`), " ", lienDeSerie(i));
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
  un("tableau-fichiers").replaceChildren(...(montres.length && choisis.length ? [boutonDeFichier("Télécharger ce tableau (CSV)", theme, `tableau_${sansAccent(theme).replace(/[^a-z]+/g, "-")}.csv`, CSV, () => tableauEnCsv(montres))] : []));
}

/* Nothing moves where there is one period. */
function lienDeSerie(i) {
  if (i.periodes.length < 2) return "";
  const a = noeud("a", "série", { href: adresse({ serie: i.code }), "aria-label": `Série : ${i.libelle}` });
  a.addEventListener("click", (e) => {
    e.preventDefault();
    regler("serie", i.code);
    un("t-serie").focus();
  });
  return a;
}
