/* What is shown is in the address: a view can be sent, and the back button returns to the one before. */
"use strict";

const MAX = 5;
const choisis = [];
const etat = { theme: "", serie: "", carte: "", mesure: "", periode: "", vue: "", manques: "", seul: "" };
let lecture = 0;

/* An address that can be read: what needs no escape has none. */
const ecrire = (texte) => encodeURIComponent(texte).replaceAll("%3A", ":").replaceAll("%40", "@");

function adresse(autre = {}) {
  const dits = Object.entries({ ...etat, ...autre }).filter(([, valeur]) => valeur);
  const suite = dits.map(([cle, valeur]) => `&${cle}=${ecrire(valeur).replaceAll("%2C", ",")}`).join("");
  return choisis.length || suite ? `#${choisis.map(ecrire).join(",")}${suite}` : "";
}

/* After a choice of the reader: one step more for the back button. */
function noter() {
  if (adresse() !== location.hash) history.pushState(null, "", location.pathname + location.search + adresse());
}

function clair(texte) {
  try { return decodeURIComponent(texte); } catch { return texte; }
}

async function lire() {
  const moi = (lecture += 1);
  const [liste, ...reglages] = location.hash.slice(1).split("&");
  const demandes = [...new Set(liste.split(",").map(clair).filter(Boolean))];
  const connus = demandes.filter((code) => parCode.has(code));
  await Promise.all(connus.slice(0, MAX).map((code) => charger(parCode.get(code))));
  if (moi !== lecture) return;
  choisis.splice(0, choisis.length, ...connus.slice(0, MAX));
  for (const cle of Object.keys(etat)) etat[cle] = "";
  for (const dit of reglages) {
    const [cle, valeur = ""] = dit.split("=");
    if (cle in etat) etat[cle] = clair(valeur);
  }
  montrer();
  const inconnus = demandes.filter((code) => !parCode.has(code));
  const dits = await Promise.all(inconnus.map(async (code) => (await ditDuCode(code))?.texte ?? `${code} : cette publication ne connaît pas ce code.`));
  if (moi !== lecture) return;
  if (connus.length > MAX) dits.push(`Cinq territoires sont déjà là ; non montrés : ${connus.slice(MAX).join(", ")}.`);
  un("perdus").hidden = !dits.length;
  un("perdus").textContent = dits.length ? `Dans l’adresse, et non montré ici. ${dits.join(" ")}` : "";
}

async function choisir(code) {
  const t = parCode.get(code);
  if (!t || choisis.includes(code)) return;
  const cede = choisis.length === MAX ? choisis.shift() : null;
  choisis.push(code);
  await charger(t);
  etat.vue = "";
  noter();
  montrer();
  dire(`${t.libelle_long} : ajouté à la comparaison.${cede ? ` ${parCode.get(cede).libelle_long} : retiré, cinq au plus.` : ""}`);
}

function retirer(code) {
  choisis.splice(choisis.indexOf(code), 1);
  noter();
  montrer();
  dire(`${parCode.get(code).libelle_long} : retiré de la comparaison.`);
  (un("choisis").querySelector("button") ?? un("cherche")).focus();
}

function regler(cle, valeur) {
  etat[cle] = valeur;
  noter();
  montrer();
}

function montrer() {
  un("vide").hidden = choisis.length > 0;
  un("choisis").replaceChildren(...choisis.map((code) => {
    const nom = parCode.get(code).libelle_long;
    const li = noeud("li");
    const bouton = noeud("button", nom, { type: "button", "aria-label": `Retirer ${nom}` });
    bouton.append(noeud("span", " ×"));
    bouton.addEventListener("click", () => retirer(code));
    li.append(bouton);
    li.append(...pagesDe(parCode.get(code)));
    if (fichier(code).s) {
      const proches = noeud("button", "Ses semblables", { type: "button", class: "proches", "aria-label": `Quartiers semblables à ${nom}` });
      proches.addEventListener("click", () => ouvrirSemblables(code));
      li.append(proches);
    }
    return li;
  }));
  un("theme").value = etat.theme || themes[0];
  un("manques").checked = Boolean(etat.manques);
  tableau();
  serie();
  document.dispatchEvent(new CustomEvent("choix"));
}

const themes = [...new Set(index.indicateurs.map((i) => i.theme))];
un("theme").append(...themes.map((t) => noeud("option", t[0].toUpperCase() + t.slice(1), { value: t })));
un("theme").addEventListener("change", () => regler("theme", un("theme").value));
un("manques").addEventListener("change", () => regler("manques", un("manques").checked ? "1" : ""));
/* The link to the content keeps its place in the page, not in the address. */
document.querySelector(".evitement").addEventListener("click", (e) => {
  e.preventDefault();
  un("contenu").focus();
});
