// The card of a call: who calls, from where, what was said before, and what is known of the number.
import { ask, byId, element, show } from "/inside.js";
import { T, moment, roughly, say } from "/desk-words.js";

/** Letters of a case's text that are shown. */
const WORDS_MAX = 120;

/** The card of a call; null if there is none. */
export async function cardOf(call) {
  if (!call) return null;
  const told = await ask("GET", `/api/desk/calls/${call}`);
  return told.ok ? told.body : null;
}

/** Where a call came from, in words. */
export function originOf(card) {
  const { kind, title, cause } = card.origin;
  if (kind !== "clinic") return T[kind] || kind;
  return cause ? say(T.clinicBecause, title, T.causes[cause] || cause) : title;
}

function fact(name, value) {
  return [element("dt", name), element("dd", value)];
}

function list(title, lines) {
  if (lines.length === 0) return [];
  const all = element("ul", "", "things");
  all.append(...lines.map((parts) => {
    const line = element("li", "");
    line.append(...parts);
    return line;
  }));
  return [element("h3", title), all];
}

/** Draws a card; nothing without one. */
export function drawCard(card) {
  byId("card").replaceChildren();
  byId("known").replaceChildren();
  show("known-part", false);
  if (!card) return;
  const facts = element("dl", "", "facts");
  facts.append(...fact(T.waited, roughly(card.waited)));
  if (card.said.length) facts.append(...fact(T.said, card.said.map((one) => `«${one}»`).join(", ")));
  for (const one of card.told) facts.append(...fact(T.told[one.what] || one.what, one.text));
  const cases = card.cases.map((one) => {
    const link = element("a", `${one.topic} · ${T.caseStates[one.state] || one.state}`);
    link.href = `/cases/${one.number}`;
    link.target = "_blank";
    link.rel = "noopener";
    const due = one.due ? element("span", ` ${T.due.toLowerCase()} ${moment(one.due)}`, one.due < Date.now() ? "bad" : "quiet") : "";
    return [link, due, element("div", one.text.slice(0, WORDS_MAX), "words")];
  });
  const earlier = card.earlier.map((one) => [element("span", moment(one.at), "quiet"), ` ${one.topic || ""} `, element("span", T.outcomes[one.outcome] || one.outcome, "quiet")]);
  const contacts = card.contacts.map((one) => [`${one.title} `, element("b", one.number)]);
  const isNew = card.caller && earlier.length === 0 && cases.length === 0;
  byId("card").replaceChildren(facts, ...(isNew ? [element("p", T.first, "quiet")] : []));
  const known = [...list(T.openCases, cases), ...list(T.contacts, contacts), ...list(T.earlier, earlier)];
  byId("known").replaceChildren(...known);
  show("known-part", known.length > 0);
}
