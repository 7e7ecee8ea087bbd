// The agents of the shift: who does what, for how long, and taking which topics; and what can be changed for one.
import { ask, byId, element, show } from "/inside.js";
import { done, failed } from "/supervisor-done.js";
import { collator, drawLine, line, rows } from "/supervisor-rows.js";
import { canWatch, watchTalk } from "/supervisor-watch.js";
import { T, fill, span } from "/supervisor-words.js";
import { text } from "/wall-draw.js";

// In the order of the list; each with a sign, since colour alone tells nothing to many.
const SIGNS = { waiting: "○", receiving: "◐", "in-call": "●", "wrap-up": "✎", break: "‖", unreachable: "✕", off: "–" };
const RANK = Object.keys(SIGNS);
/** Seconds of a day. */
const DAY = 86_400;
/** Duties as buttons: name, and what is asked of the line. */
const DUTIES = [["on", { duty: "on" }], ...["rest", "meal", "paperwork"].map((reason) => [reason, { duty: "break", reason }]), ["off", { duty: "off" }]];

let agents = new Map(), topics = [], shown = null, drawList = null, changed = null;

export const titleOf = (id) => topics.find((one) => one.id === id)?.title || id;
// How many days somebody is off duty helps nobody.
const timeOf = ({ duty, since }) => (duty.duty === "off" && since > DAY ? "" : span(since));
const nameOf = ({ agent, name }) => `${agent} · ${name}`;

function stateOf({ call, duty, reachable }) {
  if (call !== "waiting") return call;
  if (duty.duty !== "on") return duty.duty;
  return reachable ? "waiting" : "unreachable";
}

function stateWords(agent, state) {
  const reason = state === "break" && T.breaks[agent.duty.reason];
  return `${SIGNS[state]} ${T.agentStates[state]}${reason ? `: ${reason}` : ""}`;
}

function takes({ only }) {
  if (!only) return "";
  return only.length === 0 ? T.noTopics : fill(T.restricted, only.map(titleOf).join(", "));
}

/** Takes the agents as of now; `sites` gives the title of an agent's site. */
export function drawAgents(told, sites) {
  agents = new Map(told.map((agent) => [agent.agent, agent]));
  const items = told.map((agent) => ({ id: agent.agent, agent, state: stateOf(agent), site: sites.get(agent.agent) || "" }));
  drawList(items);
  if (shown) drawNow(items.find(({ id }) => id === shown));
}

export const agentName = (id) => (agents.has(id) ? nameOf(agents.get(id)) : id);

const more = ({ agent, site }) => [T.kinds[agent.kind] || agent.kind, site].filter(Boolean).join(" · ");

function drawNow(item) {
  if (!item) return;
  const { agent, state } = item;
  text(byId("agent-now"), [stateWords(agent, state), timeOf(agent), more(item), takes(agent)].filter(Boolean).join(" · "));
  show("agent-watch", agent.call === "in-call" && canWatch(agent.agent));
  const is = agent.duty.reason || agent.duty.duty;
  for (const button of byId("agent-duty").children) button.setAttribute("aria-pressed", String(button.dataset.duty === is));
}

/** Changes something of an agent, with a way back to what was. */
async function change(agent, what, to, before, words) {
  const told = await ask("PUT", `/api/v1/agents/${encodeURIComponent(agent.agent)}/${what}`, to);
  if (!told.ok) return failed(told);
  done(words, async () => {
    const back = await ask("PUT", `/api/v1/agents/${encodeURIComponent(agent.agent)}/${what}`, before);
    if (back.ok) done(fill(T.undone, nameOf(agent))); else failed(back);
  });
}

function setDuty(agent, duty) {
  byId("agent").close();
  change(agent, "duty", duty, agent.duty, fill(T.dutyDone[duty.duty], nameOf(agent)));
}

/** Asks before somebody gets no calls any more; "no" has the focus, so that Enter pressed twice does no harm. */
function askFirst(agent, duty) {
  const isOff = duty.duty === "off";
  const question = fill(isOff ? T.sureOff : T.sureBreak, nameOf(agent), isOff ? "" : T.breaks[duty.reason]);
  const also = { "in-call": T.finishes, receiving: T.rings }[agent.call];
  byId("agent-question").textContent = [question, also].filter(Boolean).join(" ");
  byId("agent-yes").textContent = isOff ? T.yesOff : T.yesBreak;
  byId("agent-yes").onclick = () => setDuty(agent, duty);
  show("agent-sure", true);
  byId("agent-no").focus();
}

function open(id) {
  const agent = agents.get(id);
  if (!agent) return;
  shown = id;
  byId("agent-title").textContent = nameOf(agent);
  byId("agent-trouble").textContent = "";
  show("agent-sure", false);
  const form = byId("agent-topics");
  form.elements.all.checked = !agent.only;
  byId("agent-boxes").replaceChildren(...topics.map((one) => {
    const label = element("label", ""), box = document.createElement("input");
    [box.type, box.name, box.value, box.checked] = ["checkbox", "topic", one.id, !agent.only || agent.only.includes(one.id)];
    label.append(box, ` ${one.title}`);
    return label;
  }));
  lockTopics();
  changed();
  byId("agent").showModal();
}

function lockTopics() {
  const { all } = byId("agent-topics").elements;
  for (const box of byId("agent-boxes").querySelectorAll("input")) {
    box.disabled = all.checked;
    if (all.checked) box.checked = true;
  }
}

function saveTopics(event) {
  event.preventDefault();
  const agent = agents.get(shown), { all } = event.target.elements;
  if (!agent) return;
  const chosen = [...byId("agent-boxes").querySelectorAll("input:checked")].map((box) => box.value);
  if (!all.checked && chosen.length === 0) { byId("agent-trouble").textContent = T.oneTopic; return; }
  byId("agent").close();
  change(agent, "topics", { topics: all.checked ? null : chosen }, { topics: agent.only ?? null }, fill(T.topicsDone, nameOf(agent)));
}

/** `redraw` draws the page anew. */
export function beginAgents(names, redraw) {
  [topics, changed] = [names, redraw];
  drawList = rows({
    part: byId("agents-part"), signs: SIGNS, counts: T.agentCounts, names: T.agentOrders, open, changed,
    orders: {
      state: (a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state) || b.agent.since - a.agent.since,
      since: (a, b) => b.agent.since - a.agent.since,
      number: (a, b) => collator.compare(a.id, b.id),
      name: (a, b) => collator.compare(a.agent.name, b.agent.name),
    },
    said: (item) => `${nameOf(item.agent)} ${more(item)} ${takes(item.agent)} ${T.agentStates[item.state]}`,
    create: line,
    update: (row, item) => drawLine(row, [nameOf(item.agent), stateWords(item.agent, item.state), timeOf(item.agent), more(item), takes(item.agent)]),
  });
  byId("agent-duty").setAttribute("aria-label", T.duty);
  byId("agent-duty").replaceChildren(...DUTIES.map(([name, duty]) => {
    const button = element("button", T.duties[name]);
    button.type = "button";
    button.dataset.duty = name;
    button.addEventListener("click", () => {
      const agent = agents.get(shown);
      if (!agent || button.getAttribute("aria-pressed") === "true") return;
      if (duty.duty === "on") setDuty(agent, duty); else askFirst(agent, duty);
    });
    return button;
  }));
  byId("agent-watch").onclick = () => { const id = shown; byId("agent").close(); watchTalk(id); };
  byId("agent-no").onclick = () => { show("agent-sure", false); byId("agent-duty").querySelector("button").focus(); };
  byId("agent-topics").onsubmit = saveTopics;
  byId("agent-topics").elements.all.onchange = lockTopics;
  byId("agent").addEventListener("close", () => { shown = null; });
}
