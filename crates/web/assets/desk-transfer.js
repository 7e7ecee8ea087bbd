// To whom a call is handed on: topics, people, the clinic's contacts, any number, in one list that is searched.
import { ask, byId, element } from "/inside.js";
import { T, say } from "/desk-words.js";

const API = "/api/v1";
/** People who are free come first. */
const ORDER = ["waiting", "wrap-up", "receiving", "in-call", "break", "unreachable", "off"];

const stateOf = (agent) => (agent.call !== "waiting" ? agent.call : agent.duty !== "on" ? agent.duty : agent.reachable ? "waiting" : "unreachable");

async function agents() {
  const told = await ask("GET", `${API}/agents`);
  return told.ok ? told.body.agents.map((one) => ({ ...one, state: stateOf(one) })) : [];
}

/** A curator who can be asked now, who is free for the longest time; null if there is none. */
export async function freeCurator(me) {
  const free = (await agents()).filter((one) => one.kind === "curator" && one.state === "waiting" && one.id !== me);
  return free.sort((one, other) => other.since - one.since)[0] || null;
}

/**
 * Lets the agent choose. Gives `{ to, title, isBlind }`, or null if the window is closed. `contacts` are those of
 * the clinic, `queues` the topics.
 */
export async function choose({ me, queues, contacts }) {
  const dialog = byId("whom"), find = byId("find");
  const people = (await agents()).filter((one) => one.id !== me).sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
  const groups = [
    [T.topics, queues.map((one) => ({ to: one.id, title: one.title, note: "", asks: false }))],
    [T.contacts, contacts.map((one) => ({ to: one.number, title: one.title, note: one.number, asks: true }))],
    [T.people, people.map((one) => ({ to: one.id, title: one.name, note: [one.id, T.kinds[one.kind], T.personStates[one.state]].join(" · "), kind: one.state === "waiting" ? "good" : "quiet", asks: true }))],
  ];
  let chosen = null;

  const line = (one) => {
    const button = (title, name, isBlind) => {
      const made = element("button", title);
      made.type = "button";
      made.setAttribute("aria-label", say(name, one.title));
      made.onclick = () => { chosen = { to: one.to, title: one.title, isBlind }; dialog.close(); };
      return made;
    };
    const made = element("li", ""), text = element("div", ""), acts = element("div", "", "acts");
    text.append(element("b", one.title), element("div", one.note, one.kind || "quiet"));
    acts.append(...(one.asks ? [button(T.ask, T.asked, false)] : []), button(T.blind, T.handedTo, true));
    made.append(text, acts);
    return made;
  };

  const draw = () => {
    const sought = find.value.trim().toLowerCase();
    const isNumber = /^[+*]?[\d\s()-]{3,}$/.test(sought);
    const fits = (one) => `${one.title} ${one.note} ${one.to}`.toLowerCase().includes(sought);
    const typed = isNumber ? [[T.aNumber, [{ to: sought, title: find.value.trim(), note: "", asks: true }]]] : [];
    const parts = [...typed, ...groups.map(([title, all]) => [title, all.filter(fits)])].filter(([, all]) => all.length > 0);
    byId("targets").replaceChildren(...(parts.length ? parts.flatMap(([title, all]) => {
      const list = element("ul", "", "things targets");
      list.append(...all.map(line));
      return [element("h3", title), list];
    }) : [element("p", T.nothingFound, "quiet")]));
  };

  find.value = "";
  find.placeholder = T.find;
  find.setAttribute("aria-label", T.find);
  find.oninput = draw;
  draw();
  dialog.showModal();
  find.focus();
  await new Promise((done) => { dialog.onclose = done; });
  return chosen;
}
