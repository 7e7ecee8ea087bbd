// The wall. Everything is set as text, never as HTML: names come from the dialplan.

import { begin, byId, isEnglish, show, tell } from "/inside.js";
import { SIGNS, drawAlarms, soundButton } from "/wall-alarms.js";
import { patch, watch } from "/wall-channel.js";
import { drawCurve } from "/wall-curve.js";
import { attribute, keyed, make, sized, text, variable } from "/wall-draw.js";
import { T, fill, percent, span, whole } from "/wall-words.js";

// In the order in which they are counted; each with a sign, since colour alone tells nothing to many.
const STATES = { waiting: "○", receiving: "◐", "in-call": "●", "wrap-up": "✎", break: "‖", unreachable: "✕" };
const CLINICS_SHOWN = 12;
// Up to so many agents, cells show numbers.
const NUMBERED = 80;
// The clocks of the line and of the page are set anew only if they differ by more than what the network does.
const DRIFT = 1500;

// What a screen without a person shows stands behind `#`, which no server is told.
const token = new URLSearchParams(location.hash.slice(1)).get("token");

let wall = null, ahead = 0, isLost = false, heardAt = 0, isDrawing = false;
// Parts of the picture that have changed since the last frame.
const changed = new Set();
const order = new Intl.Collator(isEnglish ? "en" : "ru", { numeric: true });
const now = () => performance.now() + ahead;

const table = (id) => byId(id).querySelector("tbody");
const worst = (levels) => (levels.includes("alarm") ? "alarm" : levels.includes("warn") ? "warn" : null);

function cells(...kinds) {
  return make("tr", "", ...kinds.map((kind) => make("td", kind)));
}

// A figure with a sign of its level.
function marked(node, value, level) {
  text(node, level ? `${SIGNS[level]} ${value}` : value);
  attribute(node, "data-level", level || null);
}

const drawFigures = keyed(byId("figures"), () => make("div", "figure", make("span"), make("b"), make("small")), (node, [title, value, small, level]) => {
  const [name, figure, more] = node.children;
  marked(name, title, level);
  text(figure, value);
  attribute(figure, "class", String(value).length > 5 ? "long" : null);
  attribute(node, "data-level", level || null);
  text(more, small);
});

const drawQueues = keyed(table("queues"), () => cells("", "n", "n", "n"), (row, queue) => {
  const [title, waiting, longest, free] = row.children;
  text(title, queue.title);
  marked(waiting, queue.waiting, queue.levels.waiting);
  marked(longest, queue.since === undefined ? "" : span(now() - queue.since), queue.levels.since);
  marked(free, queue.on_duty === 0 ? T.nobody : `${queue.free} / ${queue.on_duty}`, queue.levels.free);
  attribute(row, "class", queue.waiting === 0 && queue.on_duty === 0 ? "closed" : null);
});

const drawLongest = keyed(table("longest"), () => cells("n", ""), (row, wait) => {
  const [time, from] = row.children;
  if (!wait.queue) { text(time, ""); text(from, wait.words); return; }
  text(time, span(now() - wait.since));
  const queue = wall.queues[wait.queue];
  const words = [queue ? queue.title : wait.queue, wait.clinic, wait.offered ? T.rings : null];
  text(from, words.filter(Boolean).join(" · "));
});

const drawClinics = keyed(table("clinics"), () => cells("", "n"), (row, [title, count]) => {
  text(row.children[0], title);
  text(row.children[1], count);
});

const drawStates = keyed(byId("states"), () => make("li"), (node, [sign, name, count], state) => {
  attribute(node, "class", `s-${state}`);
  text(node, `${sign} ${count} ${name}`);
});

const sites = new Map();
const drawSites = keyed(byId("sites"), (id) => {
  const place = make("div", "site", make("h3", "", make("span"), make("small")), make("div", "cells"));
  sites.set(id, keyed(place.lastChild, () => make("span"), drawAgent));
  return place;
}, (place, [title, agents], id) => {
  const [name, counts] = place.firstChild.children;
  text(name, title);
  text(counts, `${STATES.waiting} ${agents.filter(([, [agent]]) => agent.state === "waiting").length} / ${agents.length}`);
  sites.get(id)(agents);
});

function drawAgent(cell, [agent, isNumbered], id) {
  attribute(cell, "class", `s-${agent.state}`);
  text(cell, isNumbered ? `${STATES[agent.state]} ${id}` : STATES[agent.state]);
  attribute(cell, "title", `${id} ${agent.name} · ${T.states[agent.state]}`);
}

function figures() {
  const queues = Object.values(wall.queues), agents = Object.values(wall.agents), { day, tasks } = wall;
  const firsts = queues.map((queue) => queue.since).filter((since) => since !== undefined);
  const free = agents.filter((agent) => agent.state === "waiting").length;
  const atWork = agents.filter((agent) => agent.state !== "break" && agent.state !== "unreachable").length;
  const level = (figure) => worst(queues.map((queue) => queue.levels[figure]));
  const overdue = (count) => (count > 0 ? fill(T.overdue, count) : T.noneOverdue);
  const more = (...parts) => parts.filter(Boolean).join(" · ");
  const F = T.figures, ofDay = day || { levels: {} };
  const known = (value) => value ?? "–";
  return [
    ["waiting", [F.waiting, queues.reduce((sum, queue) => sum + queue.waiting, 0), "", level("waiting")]],
    ["longest", [F.longest, firsts.length > 0 ? span(now() - Math.min(...firsts)) : "0:00", day && day.mean_wait !== undefined ? fill(T.meanWait, span(day.mean_wait * 1000)) : "", level("since")]],
    ["free", [F.free, free, fill(T.onDuty, atWork), level("free")]],
    ["level", [fill(F.level, wall.within), whole(ofDay.service_level), day ? "" : T.noFigures, ofDay.levels.service_level]],
    ["level-answered", [fill(F.levelAnswered, wall.within), whole(ofDay.service_level_answered), "", null]],
    ["answered", [F.answered, known(ofDay.answered), day ? more(fill(T.of, day.offered), fill(T.calls, day.calls)) : "", null]],
    ["abandoned", [F.abandoned, known(ofDay.abandoned), day ? fill(T.lostShare, percent(day.abandonment)) : "", ofDay.levels.abandoned]],
    ["call-backs", [F.callBacks, tasks.call_backs, overdue(tasks.call_backs_overdue), tasks.levels.call_backs]],
    ["cases", [F.cases, known(tasks.cases), tasks.cases === undefined ? "" : more(overdue(tasks.cases_overdue), tasks.cases_due > 0 && fill(T.due, tasks.cases_due)), tasks.levels.cases]],
  ];
}

// The clinics that pass on most, in the order of their names: a row that stays where it is is found again.
function clinics() {
  const all = Object.entries(wall.clinics).map(([id, { title, causes }]) => {
    const known = Object.entries(causes).sort(([a], [b]) => order.compare(a, b));
    const count = known.reduce((sum, [, calls]) => sum + calls, 0);
    const words = known.map(([cause, calls]) => (known.length > 1 ? `${T.causes[cause]} ${calls}` : T.causes[cause]));
    return { id, title, count, words: words.join(", ") };
  });
  const most = [...all].sort((a, b) => b.count - a.count || order.compare(a.title, b.title)).slice(0, CLINICS_SHOWN);
  most.sort((a, b) => order.compare(a.title, b.title));
  const rows = most.map((one) => [one.id, [`${one.title} · ${one.words}`, one.count]]);
  const calls = (clinics) => clinics.reduce((sum, one) => sum + one.count, 0);
  if (all.length > most.length) rows.push([" more", [fill(T.more, all.length - most.length), calls(all) - calls(most)]]);
  return rows.length > 0 ? rows : [[" none", [T.noClinics, ""]]];
}

function agents() {
  // By number; what compares words takes milliseconds for so many.
  const all = Object.entries(wall.agents).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  const counts = Object.keys(STATES).map((state) => [state, all.filter(([, agent]) => agent.state === state).length]);
  const off = Object.values(wall.sites).reduce((sum, site) => sum + site.off, 0);
  const states = counts.map(([state, count]) => [state, [STATES[state], T.states[state], count]]);
  if (off > 0) states.push(["off", ["–", T.off, off]]);
  drawStates(states);
  const isNumbered = all.length <= NUMBERED;
  const bySite = new Map();
  for (const [id, agent] of all) {
    if (!bySite.has(agent.site)) bySite.set(agent.site, []);
    bySite.get(agent.site).push([id, [agent, isNumbered]]);
  }
  const title = (id) => (wall.sites[id] && wall.sites[id].title) || T.noSite;
  const places = [...bySite].sort(([a], [b]) => order.compare(title(a), title(b)));
  drawSites(places.map(([id, here]) => [id, [title(id), here]]));
  fit(places.map(([, here]) => here.length), isNumbered);
}

const room = sized(byId("sites"), () => { changed.add("agents"); drawSoon(); });
const isNarrow = matchMedia("(max-width: 59.99rem)");
// As the style has it: which part of the width cells have, the pixels between them, those of a site's name.
const [CELLS_PART, GAP, HEAD] = [0.78, 3, 46];

// The largest cells with which all agents have room.
function fit(counts, isNumbered) {
  const place = byId("sites"), { width, height } = room;
  if (width < 1) return;
  const wide = isNumbered ? 3.2 : 1;
  let size = isNarrow.matches ? 26 : 40;
  const inRow = () => Math.max(1, Math.floor((width * CELLS_PART) / (size * wide + GAP)));
  const needed = () => counts.reduce((sum, count) => sum + Math.max(Math.ceil(count / inRow()) * (size + GAP), HEAD) + GAP, 0);
  while (!isNarrow.matches && size > 10 && needed() > height) size -= 1;
  variable(place, "--cell", `${size}px`);
  attribute(place, "class", isNumbered ? "numbered" : null);
}

function drawState() {
  const notice = isLost ? fill(T.lost, new Date(heardAt).toLocaleTimeString(document.documentElement.lang)) : wall.silent ? T.silent : wall.draining ? T.drain : T.live;
  text(byId("state"), notice);
  attribute(byId("state"), "class", isLost || wall.silent || wall.draining ? "bad" : "good");
  attribute(byId("inside"), "class", isLost || wall.silent ? "stale" : null);
}

let clock = null;
function drawClock() {
  if (!clock) clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: wall.zone || undefined, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  text(byId("clock"), clock.format(new Date()));
}

function draw() {
  isDrawing = false;
  if (!wall) return;
  text(byId("region"), wall.region);
  drawState();
  drawClock();
  drawAlarms(wall, now());
  drawFigures(figures());
  const queues = Object.entries(wall.queues).sort(([a, one], [b, other]) => order.compare(one.title, other.title) || order.compare(a, b));
  drawQueues(queues);
  variable(byId("queues"), "--rows", queues.length + 1);
  const longest = Object.entries(wall.longest).sort(([a, one], [b, other]) => one.since - other.since || order.compare(a, b));
  drawLongest(longest.length > 0 ? longest : [["", { words: T.nobodyWaits }]]);
  if (changed.has("clinics")) {
    const passing = clinics();
    drawClinics(passing);
    variable(byId("clinics"), "--rows", passing.length);
  }
  if (changed.has("agents") || changed.has("sites")) agents();
  if (changed.has("curve")) drawCurve(wall.curve);
  changed.clear();
}

// Once for all that has come since the last frame.
function drawSoon() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(draw);
}

function event(told) {
  if (told.full) { [wall, clock] = [told.full, null]; }
  else if (wall) patch(wall, told.patch);
  // What the whole picture lacks has changed as well.
  for (const part of [...Object.keys(told.full || told.patch), ...(told.full ? ["curve"] : [])]) changed.add(part);
  const differs = told.now - performance.now();
  if (told.full || Math.abs(differs - ahead) > DRIFT) ahead = differs;
  drawSoon();
}

function start() {
  show("inside", true);
  // What lasts counts on by itself.
  setInterval(drawSoon, 1000);
  watch("/api/wall/stream", token, {
    event,
    alive: () => { [isLost, heardAt] = [false, Date.now()]; },
    lost: (status) => { isLost = true; if (status === 429) tell(T.often); drawSoon(); },
    refused: (status) => {
      show("inside", false);
      if (token || status === 403) tell(status === 403 ? T.forbidden : T.token);
      else location.reload();
    },
  });
}

function tools() {
  soundButton();
  const root = document.documentElement, button = byId("theme");
  const choose = (theme) => { root.dataset.theme = theme; text(button, T.theme[theme]); };
  // A browser may keep nothing for pages.
  let kept = null;
  try { kept = localStorage.getItem("wall-theme"); } catch { kept = null; }
  choose(kept === "light" ? "light" : "dark");
  button.addEventListener("click", () => {
    choose(root.dataset.theme === "dark" ? "light" : "dark");
    try { localStorage.setItem("wall-theme", root.dataset.theme); } catch { /* chosen for this time */ }
  });
  byId("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()));
  show("full", Boolean(root.requestFullscreen));
}

tools();
if (token) {
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = T[place.dataset.t] ?? "";
  document.title = `122 · ${T.title}`;
  start();
} else {
  begin(T, start);
}
