/* Start: the address says what is shown; the map, if there is one, has its script after this one. */
"use strict";

un("cherche").value = new URLSearchParams(location.search).get("q") ?? "";
chercher();
addEventListener("hashchange", lire);
lire();
