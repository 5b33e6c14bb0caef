/* On paper: drawings made again for the width of a sheet, the map as the drawing that is downloaded. */
"use strict";

const PAPIER = 680;

addEventListener("beforeprint", () => {
  for (const cadre of document.querySelectorAll(".dessin")) cadre.refaire?.(PAPIER);
  if (!carte) return;
  const image = noeud("img", null, { alt: un("carte-titre").textContent, src: `data:image/svg+xml,${encodeURIComponent(carteEnSvg(couche()))}` });
  un("carte-imprimee").replaceChildren(image);
});

addEventListener("afterprint", () => {
  for (const cadre of document.querySelectorAll(".dessin")) cadre.refaire?.();
  un("carte-imprimee").replaceChildren();
});
