"use strict";
/* A long list gets a field that keeps what bears all its words, itself or by the headings above it;
   « St » is « Saint », accents count for nothing. A block whose entries are all hidden is hidden. */
{
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, " ")
    .replace(/\bste\b/g, "sainte").replace(/\bst\b/g, "saint");
  const place = document.querySelector("[data-filtre]");
  const blocks = [...document.querySelectorAll(place.dataset.blocs)];
  const above = (node) => blocks.filter((block) => block.contains(node)).map((block) => block.querySelector("h2, h3").textContent);
  const entries = [...document.querySelectorAll(place.dataset.filtre)].map((node) => [node, plain([node.textContent, ...above(node)].join(" "))]);
  const label = document.createElement("label");
  const field = document.createElement("input");
  field.type = "search";
  field.autocomplete = "off";
  label.append(place.dataset.titre, " ", field);
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  place.append(label, said);
  let only = null;
  if (place.dataset.seuls) {
    const choice = document.createElement("label");
    only = document.createElement("input");
    only.type = "checkbox";
    choice.append(only, ` ${place.dataset.seuls}`);
    label.after(choice);
  }
  const show = () => {
    const words = plain(field.value).split(" ").filter(Boolean);
    let count = 0;
    for (const [node, text] of entries) {
      node.hidden = !words.every((word) => text.includes(word)) || Boolean(only?.checked && "absent" in node.dataset);
      count += !node.hidden;
    }
    for (const block of blocks) block.hidden = ![...block.querySelectorAll(place.dataset.filtre)].some((node) => !node.hidden);
    said.textContent = words.length || only?.checked ? `${count.toLocaleString("fr-FR")} sur ${entries.length.toLocaleString("fr-FR")}` : "";
  };
  field.addEventListener("input", show);
  only?.addEventListener("change", show);
  show();
}
