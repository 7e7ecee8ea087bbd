// The case that is written during and after a talk; the agent's own cases and the call-backs.
import { ask, byId, element, show } from "/inside.js";
import { T, moment, say } from "/desk-words.js";

const API = "/api/v1";
/** Where what is half written is kept until it is saved: the next call does not wait for it, and a reload is soon made. */
const DRAFTS = "line122-drafts";
/** Half written cases that are kept; the oldest goes for a new one. */
const DRAFTS_MAX = 10;
/** Cases that are shown, and letters of each one's text. */
const SHOWN = 20, WORDS_MAX = 140;

let names = { topics: [], clinics: [], owners: [] }, call = "", mark = crypto.randomUUID();

const titleOf = (topic) => names.topics.find((one) => one.id === topic)?.title || topic;

function choices(select, list, first) {
  select.replaceChildren(...(first === undefined ? [] : [new Option(first, "")]), ...list.map((one) => new Option(one.title, one.id)));
}

/** The form, once for the page. Curators may say when a case is due. */
export async function beginCases({ isCurator, saved }) {
  const form = byId("case"), { elements } = form;
  const told = await ask("GET", `${API}/names`);
  if (told.ok) names = told.body;
  choices(elements.topic, names.topics);
  choices(elements.clinic, names.clinics, T.none);
  choices(elements.urgency, Object.keys(T.urgencies).map((id) => ({ id, title: T.urgencies[id] })), T.byTopic);
  show("due-part", isCurator);
  form.oninput = keep;
  form.onsubmit = async (event) => {
    event.preventDefault();
    await save();
    saved();
  };
}

const values = () => Object.fromEntries(new FormData(byId("case")));
const drafts = () => JSON.parse(sessionStorage.getItem(DRAFTS) || "[]");

function keep() {
  const others = drafts().filter((one) => one.mark !== mark), given = values();
  if (given.text.trim()) others.push({ call, mark, values: given });
  sessionStorage.setItem(DRAFTS, JSON.stringify(others.slice(-DRAFTS_MAX)));
}

function forget(which) {
  sessionStorage.setItem(DRAFTS, JSON.stringify(drafts().filter((one) => one.mark !== which)));
}

function goOn(draft) {
  const { elements } = byId("case");
  ({ call, mark } = draft);
  for (const [name, value] of Object.entries(draft.values)) elements[name].value = value;
}

/** Whether what stands in the form is half written. */
export const isHalfWritten = () => drafts().some((one) => one.mark === mark);

/** Draws the half written cases that do not stand in the form; `changed` is told when one is taken up. */
export function drawDrafts(changed) {
  const others = drafts().filter((one) => one.mark !== mark);
  show("drafts-part", others.length > 0);
  draw("drafts", others.map((one) => {
    const further = element("button", T.goOn), drop = element("button", T.drop);
    further.onclick = () => { goOn(one); changed(); byId("case").elements.text.focus(); };
    drop.onclick = () => { forget(one.mark); changed(); };
    const acts = element("div", "", "acts");
    acts.append(further, drop);
    return [element("b", titleOf(one.values.topic)), ` ${one.values.phone}`, element("div", cut(one.values.text), "words"), acts];
  }), "");
}

/** A case for a call: with what is known of it, or as far as it was written before a reload. */
export function fillCase(callId, card) {
  const form = byId("case"), { elements } = form;
  form.reset();
  byId("case-saved").replaceChildren();
  const draft = callId && drafts().find((one) => one.call === callId);
  if (draft) return goOn(draft);
  call = callId;
  mark = crypto.randomUUID();
  if (!card) return;
  if (card.queue) elements.topic.value = card.queue.id;
  elements.phone.value = card.caller || "";
  elements.clinic.value = names.clinics.find((one) => one.title === card.origin.title)?.id || "";
  elements.text.value = card.told.filter((one) => one.what !== "telephone").map((one) => `${T.told[one.what] || one.what}: ${one.text}\n`).join("");
  if (elements.topic.selectedIndex < 0) elements.topic.selectedIndex = 0;
}

async function save() {
  const given = values(), body = { topic: given.topic, text: given.text };
  for (const name of ["urgency", "phone", "clinic"]) if (given[name]) body[name] = given[name];
  if (given.due) body.due = new Date(given.due).toISOString();
  if (call) body.call = call;
  // The mark changes with the case, so that two presses of the button open one.
  const told = await ask("POST", `${API}/cases`, body, { "Idempotency-Key": mark });
  const place = byId("case-saved");
  if (!told.ok) {
    const why = told.body?.title ? `: ${told.body.title}${told.body.field ? ` (${told.body.field})` : ""}` : "";
    return place.replaceChildren(element("span", T.saveFailed + why, "bad"));
  }
  const link = element("a", T.openSaved);
  link.href = `/cases/${told.body.id}`;
  link.target = "_blank";
  link.rel = "noopener";
  place.replaceChildren(element("span", `${say(T.saved, moment(told.body.due))}. `, "good"), link);
  forget(mark);
  mark = crypto.randomUUID();
  byId("case").elements.text.value = "";
}

const cut = (text) => (text.length > WORDS_MAX ? `${text.slice(0, WORDS_MAX)}…` : text);

function draw(id, lines, none) {
  const items = lines.map((parts) => {
    const item = element("li", "");
    item.append(...parts);
    return item;
  });
  byId(id).replaceChildren(...(items.length ? items : [element("li", none, "quiet")]));
}

/** My cases that wait for me, and the call-backs of the queues that I serve. */
export async function drawWaiting(agent, queues) {
  const query = new URLSearchParams({ owner: `agent:${agent}`, state: "open,handed-over", order: "due", limit: String(SHOWN) });
  const [cases, backs] = await Promise.all([ask("GET", `${API}/cases?${query}`), ask("GET", `${API}/call-backs`)]);
  if (cases.ok) {
    draw("my-cases", cases.body.cases.map((one) => {
      const link = element("a", one.title);
      link.href = `/cases/${one.id}`;
      link.target = "_blank";
      link.rel = "noopener";
      const due = element("span", ` ${moment(one.due)}${one.overdue ? ` · ${T.overdue}` : ""}`, one.overdue ? "bad" : "quiet");
      const urgent = one.urgency === "urgent" ? element("span", ` ${T.urgencies.urgent}`, "busy") : "";
      return [link, due, urgent, element("div", cut(one.text), "words")];
    }), T.noCases);
  }
  if (backs.ok) {
    const titles = new Map(queues.map((one) => [one.id, one.title]));
    draw("call-backs", backs.body.call_backs.filter((one) => titles.has(one.topic)).slice(0, SHOWN).map((one) => {
      const tries = [one.tries ? say(T.tries, one.tries) : "", one.again_at ? say(T.again, moment(one.again_at)) : ""].filter(Boolean).join(", ");
      return [element("b", one.phone), ` ${titles.get(one.topic)}`, element("div", [T.whys[one.why] || one.why, say(T.since, moment(one.since)), tries].filter(Boolean).join(" · "), "quiet")];
    }), T.noCallBacks);
  }
}
