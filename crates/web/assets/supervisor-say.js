// A message to all desks, and those that were sent from this tab.
import { ask, byId, element, show } from "/inside.js";
import { done, failed } from "/supervisor-done.js";
import { T, clock, fill } from "/supervisor-words.js";

/** Letters of a message, as the server counts them, and how many messages are remembered. */
const LETTERS_MAX = 500, SENT_MAX = 50, KEPT = "line122-sent";

let sent = [], by = "";

function draw() {
  show("sent-title", sent.length > 0);
  byId("sent").replaceChildren(...sent.map(({ at, text }) => {
    const one = element("li", "");
    one.append(element("time", clock(at), "quiet"), ` ${text}`);
    return one;
  }));
}

function count() {
  byId("say-left").textContent = fill(T.left, LETTERS_MAX - byId("say").elements.text.value.length);
}

async function send(event) {
  event.preventDefault();
  const field = event.target.elements.text, text = field.value.trim();
  if (!text) return;
  const told = await ask("POST", "/api/v1/messages", { text });
  if (!told.ok) return failed(told);
  sent = [{ at: Date.now(), text }, ...sent].slice(0, SENT_MAX);
  sessionStorage.setItem(KEPT, JSON.stringify({ by, sent }));
  field.value = "";
  done(T.sentDone);
  count();
  draw();
}

/** `name` is whose session it is: the next at this tab does not see what was sent before. */
export function beginSaying(name) {
  by = name;
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  sent = kept?.by === by ? kept.sent : [];
  const form = byId("say");
  form.onsubmit = send;
  form.elements.text.oninput = count;
  // So that the hands stay on the keys.
  form.elements.text.onkeydown = (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(); };
  count();
  draw();
}
