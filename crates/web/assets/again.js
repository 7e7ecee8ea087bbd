
"use strict";
// A network that goes or changes while a page loads takes files with it, and a script that lacks one of its parts does
// not run at all. So the page is loaded again; this stands within it, for a file may be lost like the others.
addEventListener("error", ({ target }) => {
  const isLost = target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.rel === "stylesheet");
  if (!isLost) return;
  const tell = () => {
    document.getElementById("message").textContent = document.documentElement.lang === "en"
      ? "Not all of the page has come: trying once more…"
      : "Страница пришла не вся, пробуем ещё раз…";
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", tell);
  else tell();
  setTimeout(() => location.reload(), 3_000);
}, true);
