/* Search: names, communes, codes of today and of before. */
"use strict";

const PREMIERS = 6;
let montres = PREMIERS;
const sansAccent = (mot) => mot.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
/* « St Denis » and « Saint-Denis » are one name. */
const ABREGES = { st: "saint", ste: "sainte" };

const moteur = new MiniSearch({
  idField: "code_territoire",
  fields: ["libelle", "communes", "code_territoire", "insee", "anciens"],
  processTerm: (mot) => ABREGES[sansAccent(mot)] ?? sansAccent(mot),
  searchOptions: { prefix: true, fuzzy: (mot) => (/\d/.test(mot) ? false : 0.15), combineWith: "AND", boost: { libelle: 2 } },
});
/* What is seen comes first: the words of all territories are gathered once the page is drawn, or when
   a search asks for them. */
const preparer = () => { if (!moteur.documentCount) moteur.addAll(index.territoires); };
addEventListener("load", () => setTimeout(preparer, 1500));

const COMMUNE = /^(\d{2}|2[AB])\d{3}$/i;

/* A code that is of another list, or of a commune that has no quarter: what it is, and what stands here
   in its place. Nothing for words. */
async function ditDuCode(texte) {
  const code = texte.toUpperCase();
  if (COMMUNE.test(code)) {
    const connue = parCode.get(`COM:${code}`)?.libelle;
    const lu = connue ? `${code} est lu comme le code Insee d’une commune, ${connue}.` : `${code} n’est le code Insee d’aucune commune de cette publication : elle n’a pas de quartier prioritaire, ou n’est plus une commune.`;
    return { texte: `${lu} Aucun fichier lu ne donne les codes postaux : chercher la commune par son nom.`, ici: [] };
  }
  if (!/^Q[A-Z]\w+$/.test(code) || parCode.has(code)) return null;
  await lireFichier("ailleurs", "ailleurs");
  const autre = window.QPV.ailleurs?.[code];
  if (!autre) return { texte: `${code} n’est le code d’aucun quartier des listes lues.`, ici: [] };
  const [nom, perimetre, ici] = autre;
  const suite = ici.length ? `D’après les tables de passage lues, lui correspond ici : ${ici.join(", ")}.` : "Les tables de passage lues ne lui donnent pas de correspondant ici.";
  return { texte: `${code}, ${nom}, est un quartier du périmètre ${perimetre} ; cette publication porte sur le périmètre ${index.perimetre}. ${suite}`, ici };
}

let recherche = 0;

/* A code is told once it is whole: the beginning of one is not a dead one. */
async function direDuCode(demande, trouves) {
  const moi = (recherche += 1);
  const dit = trouves.length && !COMMUNE.test(demande) ? null : await ditDuCode(demande);
  if (moi !== recherche) return;
  un("dit").hidden = !dit;
  un("dit").textContent = dit?.texte ?? "";
  if (dit?.ici.length) un("resultats").replaceChildren(...dit.ici.map((code) => ligne(parCode.get(code))));
}

function chercher() {
  const demande = un("cherche").value.trim();
  if (demande) preparer();
  const trouves = demande ? moteur.search(demande) : [];
  un("resultats").replaceChildren(...trouves.slice(0, montres).map(({ id }) => ligne(parCode.get(id))));
  const reste = trouves.length - montres;
  un("suite").hidden = reste <= 0;
  un("suite").textContent = `Montrer la suite (${Math.max(reste, 0).toLocaleString("fr-FR")})`;
  un("combien").textContent = !demande ? ""
    : trouves.length ? `${trouves.length.toLocaleString("fr-FR")} territoire${trouves.length > 1 ? "s" : ""}`
    : "Aucun territoire de ce nom dans cette publication.";
  direDuCode(demande, trouves);
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

un("cherche").addEventListener("input", () => { montres = PREMIERS; chercher(); });
un("suite").addEventListener("click", () => {
  const suivant = montres;
  montres += 30;
  chercher();
  un("resultats").children[suivant]?.querySelector("button").focus();
});
un("formulaire").addEventListener("submit", (e) => {
  e.preventDefault();
  un("resultats").querySelector("button")?.click();
});
