// The day's curve beside the usual one: for each quarter of an hour the calls of the hour before it.

import { byId } from "/inside.js";
import { attribute, sized, text } from "/wall-draw.js";
import { T, fill } from "/wall-words.js";

const [LEFT, RIGHT, BOTTOM, TOP] = [52, 14, 30, 12];
const QUARTERS = 96;

const picture = byId("curve").querySelector("svg");
const size = sized(picture, () => drawCurve(last));
let last;

function part(tag, kind) {
  // The name of the namespace is an address, and this page names no addresses.
  const made = document.createElementNS(picture.namespaceURI, tag);
  made.setAttribute("class", kind);
  picture.append(made);
  return made;
}

const grid = part("path", "grid");
const area = part("path", "usual-area");
const usual = part("path", "usual");
const today = part("path", "today");
const end = part("circle", "today-end");
const heights = [0, 1, 2].map(() => part("text", "height"));
const hours = [0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => {
  const label = part("text", "hour");
  label.textContent = hour;
  return [hour, label];
});

// Calls of the hour that ends with each quarter.
function ofHours(quarters) {
  return quarters.map((_, at) => quarters.slice(Math.max(0, at - 3), at + 1).reduce((sum, n) => sum + n, 0));
}

// A round number that is no less.
function ceiling(value) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 4)));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((n) => n * unit).find((n) => n >= value) || 10 * unit;
}

export function drawCurve(curve) {
  last = curve;
  const { width, height } = size;
  if (width < 1) return;
  attribute(picture, "viewBox", `0 0 ${width} ${height}`);
  // The quarter that runs is not over: it would look like a fall.
  const now = ofHours(curve ? curve.today.slice(0, -1) : []);
  const before = ofHours(curve && curve.usual ? curve.usual : []);
  const top = ceiling(Math.max(4, ...now, ...before));
  const across = (share) => (LEFT + share * (width - LEFT - RIGHT)).toFixed(1);
  const x = (at) => across((at + 1) / QUARTERS);
  const y = (calls) => (TOP + (1 - calls / top) * (height - TOP - BOTTOM)).toFixed(1);
  const line = (values) => values.map((calls, at) => `${at === 0 ? "M" : "L"}${x(at)} ${y(calls)}`).join("");
  attribute(grid, "d", [0, 0.5, 1].map((share) => `M${LEFT} ${y(top * share)}H${width - RIGHT}`).join(""));
  for (const [at, label] of heights.entries()) {
    text(label, (top * at) / 2);
    attribute(label, "x", LEFT - 8);
    attribute(label, "y", y((top * at) / 2));
  }
  for (const [hour, label] of hours) {
    attribute(label, "x", across(hour / 24));
    attribute(label, "y", height - 8);
  }
  attribute(usual, "d", line(before));
  attribute(area, "d", before.length > 0 ? `${line(before)}L${x(before.length - 1)} ${y(0)}L${x(0)} ${y(0)}Z` : "");
  attribute(today, "d", line(now));
  const latest = now.length - 1;
  attribute(end, "r", latest >= 0 ? 6 : 0);
  if (latest >= 0) { attribute(end, "cx", x(latest)); attribute(end, "cy", y(now[latest])); }
  const told = latest < 0 ? "" : fill(T.lastHour, now[latest]) + (before.length > 0 ? fill(T.usualHour, Math.round(before[latest])) : "");
  attribute(picture, "aria-label", told || T.curve);
  const legend = byId("legend");
  if (!legend.firstChild) for (const kind of ["key today-key", "key usual-key", "told"]) {
    const made = document.createElement("span");
    made.className = kind;
    legend.append(made);
  }
  const [one, other, words] = legend.children;
  text(one, T.today);
  text(other, before.length > 0 ? T.usual : T.noUsual);
  text(words, told);
}
