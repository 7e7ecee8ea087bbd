// The shift, for who leads it: all calls, agents and queues as of now, and what can be changed of them. Everything is
// set as text, never as HTML: names come from callers and from the dialplan.
import { ask, begin, byId, element, show, tell } from "/inside.js";
import { beginAgents, drawAgents } from "/supervisor-agents.js";
import { beginCalls, drawCalls, hearCalls } from "/supervisor-calls.js";
import { beginDone, done, failed } from "/supervisor-done.js";
import { beginQueues, drawQueues } from "/supervisor-queues.js";
import { beginSaying } from "/supervisor-say.js";
import { beginWatching } from "/supervisor-watch.js";
import { T, clock, fill } from "/supervisor-words.js";
import { drawAlarms, soundButton } from "/wall-alarms.js";
import { patch, watch } from "/wall-channel.js";
import { attribute, text } from "/wall-draw.js";

/** Milliseconds without a word of the line after which what is shown is old. */
const OLD = 5000;
const PARTS = ["calls", "agents", "queues", "say"];

let now = null, heardAt = 0, isLost = false, isDrawing = false, isBegun = false;
/** The wall's picture: alarms by the thresholds of the dialplan, and where agents sit. */
let wall = null, ahead = 0;
const sites = new Map();

function drawState() {
  text(byId("state"), isLost ? fill(T.lost, heardAt ? clock(heardAt) : "–") : now ? T.live : T.connecting);
  attribute(byId("state"), "class", isLost ? "lost" : now ? "live" : null);
  attribute(byId("inside"), "class", isLost ? "stale" : null);
}

function draw() {
  isDrawing = false;
  drawState();
  if (wall) drawAlarms(wall, performance.now() + ahead);
  if (!now) return;
  drawQueues(now.queues);
  drawAgents(now.agents, sites);
  // Hundreds of rows each: not in one frame.
  requestAnimationFrame(drawCalls);
}

// Once for all that has come since the last frame.
function drawSoon() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(draw);
}

function hear(told, name) {
  if (name !== "line") return;
  [now, heardAt, isLost] = [told, Date.now(), false];
  // Even while nobody looks at the page: what ends meanwhile is to be found later.
  hearCalls(told.calls, told.queues);
  drawSoon();
}

function hearWall(told) {
  if (told.full) wall = told.full;
  else if (wall) patch(wall, told.patch);
  if (!wall) return;
  ahead = told.now - performance.now();
  for (const [id, { site }] of Object.entries(wall.agents)) sites.set(id, wall.sites[site]?.title || "");
  drawSoon();
}

function lost(status) {
  isLost = true;
  if (status === 429) done(T.often);
  drawSoon();
}

// Whose session has ended finds the door again.
function refused(status) {
  if (status === 401) return location.reload();
  show("inside", false);
  tell(T.forbidden);
}

/** On a narrow screen one part is shown at a time. */
function drawParts() {
  const place = byId("parts"), choose = (part) => {
    document.body.dataset.part = part;
    for (const button of place.children) button.setAttribute("aria-pressed", String(button.dataset.part === part));
  };
  place.setAttribute("aria-label", T.parts);
  place.replaceChildren(...PARTS.map((part) => {
    const button = element("button", part === "say" ? T.sayShort : T[part]);
    button.type = "button";
    button.dataset.part = part;
    button.onclick = () => choose(part);
    return button;
  }));
  choose(PARTS[0]);
}

begin(T, async (signed) => {
  if (signed.role !== "supervisor" && signed.role !== "admin") return tell(T.forbidden);
  show("inside", true);
  // Who has logged in anew finds the page as it was.
  if (isBegun) return;
  isBegun = true;
  const names = await ask("GET", "/api/v1/names");
  if (!names.ok) { isBegun = false; return failed(names); }
  beginDone();
  beginAgents(names.body.topics, drawSoon);
  beginCalls(names.body.topics, drawSoon);
  beginQueues(names.body.prompts);
  beginSaying(signed.name);
  await beginWatching();
  drawParts();
  soundButton();
  drawState();
  const nothing = () => {};
  watch("/api/v1/events", null, { event: hear, alive: nothing, lost, refused });
  // Without the wall there are no alarms; what the page is for goes on.
  watch("/api/wall/stream", null, { event: hearWall, alive: nothing, lost: nothing, refused: nothing });
  // The server may be there without the line.
  setInterval(() => { if (now && !isLost && Date.now() - heardAt > OLD) lost(0); }, 1000);
});
