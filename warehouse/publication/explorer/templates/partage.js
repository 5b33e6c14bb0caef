/* A view sent or set in another page: its address, and each exhibit alone, bare. */
"use strict";

const SEULS = { serie: "la série", chiffres: "le tableau", carte: "la carte" };

function dessinerLeLien() {
  const ici = location.href.split("#")[0];
  document.body.dataset.seul = etat.seul in SEULS ? etat.seul : "";
  un("retour").href = adresse({ seul: "" }) || "#";
  for (const quoi of Object.keys(SEULS)) {
    const cadre = document.querySelector(`[data-integrer="${quoi}"]`);
    const la = `${ici}${adresse({ seul: quoi })}`;
    cadre.querySelector("a").href = la;
    cadre.querySelector("textarea").value = `<iframe src="${la.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" title="Quartiers prioritaires : ${SEULS[quoi]}" width="100%" height="640" loading="lazy" style="border:0"></iframe>`;
  }
}

document.addEventListener("choix", dessinerLeLien);
