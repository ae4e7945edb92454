"use strict";
(() => {
  const root = document.documentElement;
  const leave = () => {
    root.classList.add("leaving"); // hides all there is before anything is fetched
    document.title = "…";
    location.replace("/leave");
  };
  for (const link of document.querySelectorAll('a[href="/leave"]')) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      leave();
    });
  }
  let presses = [];
  addEventListener("keydown", (event) => {
    if (event.repeat) return;
    const now = event.timeStamp;
    // A capital letter is Shift and something else, which begins the count anew.
    presses = event.key === "Shift" ? [...presses.filter((at) => now - at < 5000), now] : [];
    if (presses.length > 2) leave();
  });
  // A page that the browser kept alive is asked for again: its sitting may have ended.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
