// The calls of the shift: who waits, is with the robot, rings, talks; what can be done for one that waits, and what
// became of one that has ended.
import { ask, byId, show } from "/inside.js";
import { agentName } from "/supervisor-agents.js";
import { done, failed } from "/supervisor-done.js";
import { collator, drawLine, line, rows } from "/supervisor-rows.js";
import { canWatch, watchTalk } from "/supervisor-watch.js";
import { T, fill, span } from "/supervisor-words.js";
import { keyed, make, text } from "/wall-draw.js";

const SIGNS = { queued: "○", robot: "◇", ringing: "◐", talking: "●", held: "‖", ended: "–" };
const RANK = Object.keys(SIGNS);
/** The line's states, as people tell them apart. */
const KINDS = { arriving: "robot", "in-menu": "robot", announcing: "robot", queued: "queued", offered: "ringing", ringing: "ringing", talking: "talking", transferring: "talking", held: "held", ended: "ended" };
/** Whom one may lead elsewhere. */
const WAITS = ["queued", "offered"];
/** What can be listened to. */
const TALKS = ["talking", "held"];
/** How many calls the line shows one by one, and how many that have ended are remembered. */
const SHOWN_MAX = 500, ENDED_MAX = 100;

let live = new Map(), ended = new Map(), topics = [], queues = [], topic = null, shown = null, told = false, drawList = null, changed = null;

const callerOf = ({ caller }) => caller || T.withheld;
const wordsOf = ({ state, agent }) => T.callWords[state] + (state === "offered" && agent ? ` ${agent}` : "");

/** What has vanished since the last time has ended: the list begins with the oldest. */
function remember(calls) {
  const now = new Map(calls.map((call) => [call.call, call]));
  for (const [id, call] of live) if (!now.has(id)) ended.set(id, { ...call, state: "ended", endedAt: Date.now() });
  for (const id of now.keys()) ended.delete(id);
  while (ended.size > ENDED_MAX) ended.delete(ended.keys().next().value);
  live = now;
  told = true;
}

/** Takes the calls and queues as of now. */
export function hearCalls(calls, queuesNow) {
  remember(calls);
  queues = queuesNow;
}

export function drawCalls() {
  if (!told) return;
  const all = [...live.values(), ...ended.values()].map((call) => ({ id: call.call, call, state: KINDS[call.state] || "robot" }));
  drawList(topic === null ? all : all.filter(({ call }) => call.topic === topic));
  byId("calls-part").querySelector(".limit").hidden = live.size < SHOWN_MAX;
  if (shown) drawOne(live.get(shown) || ended.get(shown));
}

/** Shows the calls of one topic alone, of all with null; gives what is shown. */
export function chooseTopic(title) {
  topic = title === topic ? null : title;
  const only = byId("calls-part").querySelector(".only");
  only.hidden = topic === null;
  only.firstElementChild.textContent = topic === null ? "" : fill(T.onlyTopic, topic);
  changed();
}

export const topicChosen = () => topic;

function more({ topic: title, origin, agent, state }) {
  const talks = agent && state !== "offered" ? agentName(agent) : null;
  return [title || T.noTopic, origin, talks].filter(Boolean).join(" · ");
}

const drawFacts = keyed(byId("call-facts"), () => make("div", "", make("dt"), make("dd")), (fact, [name, value]) => {
  text(fact.firstChild, name);
  text(fact.lastChild, value);
});

function drawOne(call) {
  if (!call) return;
  const F = T.facts, has = (value) => value !== null && value !== undefined && value !== "";
  const facts = [["state", wordsOf(call)], ["since", call.state === "ended" ? null : span(call.since)], ["topic", call.topic || T.noTopic], ["origin", call.origin], ["dialled", call.dialled], ["agent", call.agent && agentName(call.agent)], ["age", span(call.age)], ["recorded", call.recorded ? T.yes : T.notRecorded]];
  drawFacts(facts.filter(([name, value]) => has(value) && !(name === "recorded" && call.state === "ended")).map(([name, value]) => [name, [F[name], value]]));
  show("call-watch", TALKS.includes(call.state) && canWatch(call.agent));
  show("call-move", WAITS.includes(call.state));
  show("call-first", queueOf(call) !== null);
  show("call-ended", call.state === "ended");
}

/** The queue in which it waits; null if its topic has several, or none. */
function queueOf(call) {
  const found = queues.filter((queue) => queue.topic === call.topic);
  return found.length === 1 ? found[0] : null;
}

function open(id) {
  const call = live.get(id) || ended.get(id);
  if (!call) return;
  shown = id;
  byId("call-title").textContent = callerOf(call);
  byId("call-read").href = `/calls/${id}`;
  const here = queueOf(call)?.queue, form = byId("call-move").elements;
  form.topic.replaceChildren(...topics.filter((one) => one.id !== here).map((one) => new Option(one.title, one.id)));
  form.first.checked = false;
  drawOne(call);
  byId("call").showModal();
}

async function move(id, to, first) {
  const call = live.get(id);
  if (!call) return;
  const title = topics.find((one) => one.id === to)?.title || to, before = queueOf(call)?.queue;
  byId("call").close();
  const asked = await ask("POST", `/api/v1/calls/${id}/move`, { topic: to, first });
  if (asked.status === 409) return done(T.notWaiting);
  if (!asked.ok) return failed(asked);
  const isElsewhere = before && before !== to;
  done(fill(first ? T.movedFirst : T.moved, callerOf(call), title), isElsewhere ? () => move(id, before, false) : null);
}

/** `redraw` draws the page anew. */
export function beginCalls(names, redraw) {
  [topics, changed] = [names, redraw];
  const byTopic = (a, b) => collator.compare(a.call.topic || "\uffff", b.call.topic || "\uffff");
  const isLater = (a, b) => (b.call.endedAt || 0) - (a.call.endedAt || 0);
  drawList = rows({
    part: byId("calls-part"), signs: SIGNS, counts: T.callCounts, resting: ["ended"], names: T.callOrders, open, changed,
    orders: {
      state: (a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state) || isLater(a, b) || b.call.since - a.call.since,
      since: (a, b) => isLater(a, b) || b.call.since - a.call.since,
      topic: (a, b) => byTopic(a, b) || RANK.indexOf(a.state) - RANK.indexOf(b.state) || b.call.since - a.call.since,
      age: (a, b) => b.call.age - a.call.age,
    },
    said: ({ call }) => `${callerOf(call)} ${wordsOf(call)} ${more(call)} ${call.dialled}`,
    create: line,
    update: (row, { call, state }) => drawLine(row, [callerOf(call), `${SIGNS[state]} ${wordsOf(call)}`, span(state === "ended" ? call.age : call.since), more(call), call.recorded ? `● ${T.recorded}` : ""]),
  });
  const only = byId("calls-part").querySelector(".only button");
  only.setAttribute("aria-label", T.allCalls);
  only.onclick = () => chooseTopic(null);
  byId("call-move").onsubmit = (event) => {
    event.preventDefault();
    const { topic: to, first } = event.target.elements;
    move(shown, to.value, first.checked);
  };
  byId("call-first").onclick = () => {
    const call = live.get(shown), queue = call && queueOf(call);
    if (queue) move(shown, queue.queue, true);
  };
  byId("call-watch").onclick = () => { const { agent } = live.get(shown) || {}; byId("call").close(); if (agent) watchTalk(agent); };
  byId("call").addEventListener("close", () => { shown = null; });
}
