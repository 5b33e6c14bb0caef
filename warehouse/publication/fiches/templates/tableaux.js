"use strict";
/* On a phone a row is a card: each figure under its column's name. Roles, since a card is no table. */
for (const table of document.querySelectorAll(".defile > table")) {
  const titles = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim().replace(/\s+/g, " "));
  table.classList.add("cartes");
  table.setAttribute("role", "table");
  for (const body of [table.tHead, ...table.tBodies]) body.setAttribute("role", "rowgroup");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    for (const cell of row.cells) {
      const isHead = cell.tagName === "TH";
      cell.setAttribute("role", isHead ? (cell.scope === "col" ? "columnheader" : "rowheader") : "cell");
      if (!isHead) cell.dataset.titre = titles[cell.cellIndex];
    }
  }
}
for (const table of document.querySelectorAll("table.triable")) {
  const body = table.querySelector("tbody.quartiers");
  const heads = [...table.tHead.rows[0].cells];
  const said = table.closest("section").querySelectorAll(".tri span");
  const key = (cell) => {
    const text = cell.firstChild.nodeType === 3 ? cell.firstChild.data : "";
    return parseFloat(text.replace(/[\s+]/g, "").replace("\u2212", "-").replace(",", "."));
  };
  heads.forEach((head, column) => {
    const title = head.querySelector("span");
    const button = document.createElement("button");
    button.type = "button";
    button.append(...title.childNodes);
    title.append(button);
    button.addEventListener("click", () => {
      const first = column ? "descending" : "ascending";
      const other = column ? "ascending" : "descending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      const sign = order === "ascending" ? 1 : -1;
      const compare = (a, b) => {
        if (!column) return sign * a.cells[0].textContent.localeCompare(b.cells[0].textContent, "fr");
        const [x, y] = [key(a.cells[column]), key(b.cells[column])];
        if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
        return sign * (x - y);
      };
      body.append(...[...body.rows].sort(compare));
      heads.forEach((h) => h.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      said[0].textContent = order === "ascending" ? "croissant" : "décroissant";
      said[1].textContent = button.textContent;
    });
  });
}
