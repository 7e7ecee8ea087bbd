// Alarms: a list on top, and a sound if somebody has turned it on (a browser plays nothing before a click).

import { byId } from "/inside.js";
import { attribute, keyed, make, text } from "/wall-draw.js";
import { T, fill, percent, span } from "/wall-words.js";

const SHOWN = 6;
// An alarm that nobody has ended sounds again.
const AGAIN = 60_000;
export const SIGNS = { warn: "▲", alarm: "■" };

let sound = null, heard = new Set(), soundedAt = 0;

// All that has reached a level: [id, { level, words, plain }]; `plain` is without what counts on.
function reached(wall, now) {
  const all = [];
  const add = (id, level, words, plain = words) => { if (level) all.push([id, { level, words, plain }]); };
  // Who is short of agents is short of them in many queues at once: that is one thing to know, not many.
  const short = { warn: [], alarm: [] };
  for (const [id, { title, levels, waiting, since, free }] of Object.entries(wall.queues)) {
    const figures = { waiting, since: span(now - since), free };
    const level = Object.values(levels).includes("alarm") ? "alarm" : "warn";
    const told = Object.keys(figures).filter((figure) => levels[figure] === level);
    const say = (figure) => fill(T.alarms[figure], figures[figure]);
    const plain = told.map((figure) => T.spoken[figure]).join(", ");
    if (told.length === 1 && told[0] === "free") short[level].push(`${title}: ${say("free")}`);
    else if (told.length > 0) add(`queue ${id} ${level}`, level, `${title}: ${told.map(say).join(", ")}`, `${title}: ${plain}`);
  }
  for (const [level, queues] of Object.entries(short)) {
    if (queues.length > 0) add(`free ${level}`, level, queues.length === 1 ? queues[0] : fill(T.alarms.short, queues.length));
  }
  const { day, tasks } = wall;
  if (day) {
    add("level", day.levels.service_level, fill(T.alarms.service_level.replace("{s}", wall.within), percent(day.service_level)));
    add("lost", day.levels.abandoned, fill(T.alarms.abandoned, percent(day.abandonment)));
  }
  add("call-backs", tasks.levels.call_backs, fill(T.alarms.call_backs, tasks.call_backs_overdue));
  add("cases", tasks.levels.cases, fill(T.alarms.cases, tasks.cases_overdue));
  const rank = ([, one]) => (one.level === "alarm" ? 0 : 1);
  return all.sort((a, b) => rank(a) - rank(b));
}

const list = keyed(byId("alarms"), () => make("li"), (node, one) => {
  attribute(node, "class", one.level);
  text(node, one.level ? `${SIGNS[one.level] || ""} ${one.words}` : one.words);
});

export function drawAlarms(wall, now) {
  const all = reached(wall, now);
  const rows = all.slice(0, SHOWN);
  if (all.length > SHOWN) rows.push(["more", { level: "more", words: fill(T.more, all.length - SHOWN) }]);
  if (all.length === 0) rows.push(["calm", { level: "calm", words: T.calm }]);
  list(rows);
  text(byId("spoken"), all.map(([, one]) => `${T[one.level]}: ${one.plain}`).join(". "));
  const loud = all.filter(([, one]) => one.level === "alarm").map(([id]) => id);
  const isNew = loud.some((id) => !heard.has(id));
  heard = new Set(loud);
  if (loud.length > 0 && (isNew || performance.now() - soundedAt > AGAIN)) ring();
}

function ring() {
  if (!sound || sound.state !== "running") return;
  soundedAt = performance.now();
  for (const [after, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
    const tone = sound.createOscillator(), loud = sound.createGain();
    const from = sound.currentTime + after;
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0, from);
    loud.gain.linearRampToValueAtTime(0.3, from + 0.02);
    loud.gain.linearRampToValueAtTime(0, from + 0.2);
    tone.connect(loud).connect(sound.destination);
    tone.start(from);
    tone.stop(from + 0.22);
  }
}

export function soundButton() {
  const button = byId("sound");
  const draw = (on) => { attribute(button, "aria-pressed", String(on)); text(button, on ? T.sound.on : T.sound.off); };
  draw(false);
  button.addEventListener("click", async () => {
    const on = !sound || sound.state !== "running";
    if (!sound) sound = new AudioContext();
    await (on ? sound.resume() : sound.suspend());
    draw(on);
    // So that one hears what it will be like.
    if (on) ring();
  });
}
