"use strict";
(() => {
  const form = document.querySelector("[data-zone]");
  const offer = document.getElementById("zone-offer");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!form || !offer || !here || !here.includes("/")) return;
  const clock = (zone, at) => new Intl.DateTimeFormat("en", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(at);
  const days = [0, 91, 182, 273].map((day) => Date.now() + day * 864e5);
  try {
    if (days.every((at) => clock(here, at) === clock(form.dataset.zone, at))) return;
  } catch {
    return;
  }
  const address = new URL(form.dataset.here, location.origin);
  address.searchParams.set("zone", here);
  const link = document.createElement("a");
  link.href = address.pathname + address.search;
  link.textContent = "Show times there?";
  const city = here.split("/").pop().replaceAll("_", " ");
  offer.hidden = false;
  offer.replaceChildren(`You seem to be in ${city}. `, link);
})();
