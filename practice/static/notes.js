"use strict";
// Leaving at once, on every private page.
(() => {
  const ways = document.querySelectorAll('a[href="/leave"]');
  const root = document.documentElement;
  const leave = () => {
    root.classList.add("leaving"); // hides all there is before anything is fetched
    document.title = "…";
    location.replace("/leave");
  };
  for (const link of ways) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      leave();
    });
  }
  let presses = [];
  addEventListener("keydown", (event) => {
    if (event.repeat || !ways.length) return; // the desk saves by this script too, and stays
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

// Saving what is typed, on the page of a section.
(() => {
  const form = document.querySelector("form[data-saves]");
  const said = document.getElementById("saved");
  if (!form || !said) return;
  const fields = () => new FormData(form);
  const words = () => JSON.stringify([...fields()].filter(([name]) => !/^(seen-|csrf_token|passcode)/.test(name)));
  let saved = words();
  const RETRY = 10000;
  let timer = 0;
  let saving = null;
  let pressed = null;

  const asked = (root) => [...root.querySelectorAll("[data-asked]")];
  // What is asked after an answer comes from the page as it would be loaded now.
  const show = async (ids) => {
    const here = new Map(asked(form).map((each) => [each.dataset.asked, each]));
    for (const [id, each] of here) each.hidden = !ids.includes(id);
    if (ids.every((id) => here.has(id))) return;
    const text = await (await fetch(location.href)).text();
    const typed = words() !== saved; // while that was on its way
    let last = null;
    for (const each of asked(new DOMParser().parseFromString(text, "text/html"))) {
      const id = each.dataset.asked;
      if (!here.has(id)) {
        if (last) last.after(each);
        else asked(form)[0].before(each);
      }
      last = here.get(id) ?? each;
    }
    said.textContent += ". There is more to answer now.";
    if (typed) soon();
    else saved = words(); // the new fields alone are no change
  };

  const send = async () => {
    const sent = words();
    if (sent === saved) return;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: fields(),
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout?.(15000),
      });
      const told = await answer.json();
      if (!answer.ok) {
        said.textContent = told.error;
        if (answer.status > 499) soon(RETRY);
        return;
      }
      saved = sent;
      for (const [id, seen] of Object.entries(told.seen)) {
        const field = form.elements.namedItem(`seen-${id}`);
        if (field) field.value = seen;
      }
      said.textContent = `Saved at ${told.saved}`;
      await show(told.shown);
    } catch {
      if (words() === saved) return; // only what there is more to answer did not come
      said.textContent = "Not saved yet. Your words are still here.";
      soon(RETRY);
    }
  };
  const save = () => {
    clearTimeout(timer);
    if (pressed) return;
    if (saving) {
      soon(); // one after the other, so that no save meets its own forerunner
      return;
    }
    saving = send().finally(() => {
      saving = null;
      if (pressed) form.requestSubmit(pressed);
    });
  };
  const soon = (wait = 2000) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };
  addEventListener("online", save);
  form.addEventListener("input", () => soon());
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget?.type !== "submit") save();
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!saving) return;
    event.preventDefault();
    pressed = event.submitter;
  });
})();
