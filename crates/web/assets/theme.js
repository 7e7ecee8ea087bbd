"use strict";
// Light or dark, if the reader has chosen (inside.js): a script of its own, before the page is drawn, so
// that it does not flash.
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") || "";
} catch {
  // Without storage it is as the system says.
}
