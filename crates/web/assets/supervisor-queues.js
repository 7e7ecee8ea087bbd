// The queues of the shift: who waits, who serves; a queue shows its calls alone, and is closed and opened.
import { ask, byId, show } from "/inside.js";
import { chooseTopic, topicChosen } from "/supervisor-calls.js";
import { done, failed } from "/supervisor-done.js";
import { T, fill, span } from "/supervisor-words.js";
import { attribute, keyed, make, text } from "/wall-draw.js";

let queues = [], prompts = [], shown = null;

function waitsOf(queue) {
  const Q = T.queue;
  const waiting = [queue.waiting > 0 && fill(Q.waiting, queue.waiting), queue.offered > 0 && fill(Q.rings, queue.offered), queue.waiting > 0 && fill(Q.longest, span(queue.longest_wait))].filter(Boolean);
  return waiting.length > 0 ? waiting.join(" · ") : Q.nobodyWaits;
}

const staffOf = (queue) => (queue.on_duty > 0 ? fill(T.queue.free, queue.free, queue.on_duty) : T.queue.nobody);

const drawList = keyed(byId("queues"), () => {
  const button = make("button", "", make("b"), make("span"), make("span"), make("span", "bad"));
  button.type = "button";
  return make("li", "", button);
}, (place, queue) => {
  const button = place.firstChild, [title, waits, staff, closed] = button.children;
  text(title, queue.topic);
  text(waits, waitsOf(queue));
  text(staff, staffOf(queue));
  text(closed, queue.closed ? T.queue.closed : "");
  attribute(waits, "class", queue.waiting > 0 ? "waits" : null);
  attribute(staff, "class", queue.on_duty === 0 ? (queue.waiting > 0 ? "bad" : "quiet") : null);
  attribute(button, "aria-pressed", String(topicChosen() === queue.topic));
  button.onclick = () => open(queue.queue);
});

const wordsOf = (name) => prompts.find((one) => one.id === name)?.title || name;

function drawOne(queue) {
  const { closed } = queue, isOnly = topicChosen() === queue.topic;
  text(byId("queue-title"), queue.topic);
  text(byId("queue-now"), [waitsOf(queue), staffOf(queue), closed && T.queue.closed, closed?.say && fill(T.closedSays, wordsOf(closed.say))].filter(Boolean).join(" · "));
  text(byId("queue-only"), isOnly ? T.allCalls : fill(T.onlyTopic, queue.topic));
  show("queue-words", !closed && prompts.length > 0);
  show("queue-closing", !closed);
  const button = byId("queue-door").querySelector("button");
  text(button, closed ? T.openQueue : T.closeQueue);
  attribute(button, "class", closed ? "go" : "stop");
}

/** Takes the queues as of now. */
export function drawQueues(told) {
  queues = told;
  drawList(told.map((queue) => [queue.queue, queue]));
  const queue = queues.find((one) => one.queue === shown);
  if (queue) drawOne(queue);
}

function open(id) {
  shown = id;
  byId("queue-door").reset();
  drawOne(queues.find((one) => one.queue === id));
  byId("queue").showModal();
}

/** Closes a queue or opens it, with a way back to what was. */
async function close(queue, to) {
  const path = `/api/v1/topics/${encodeURIComponent(queue.queue)}/closing`;
  const told = await ask("PUT", path, to);
  if (!told.ok) return failed(told);
  const before = queue.closed ? { closed: true, say: queue.closed.say } : { closed: false };
  done(fill(to.closed ? T.queueClosed : T.queueOpened, queue.topic), async () => {
    const back = await ask("PUT", path, before);
    if (back.ok) done(fill(T.undone, queue.topic)); else failed(back);
  });
}

/** `own` are the region's prompts. */
export function beginQueues(own) {
  prompts = own;
  byId("queue-door").elements.say.replaceChildren(new Option(T.closingUsual, ""), ...own.map((one) => new Option(one.title, one.id)));
  byId("queue-only").onclick = () => {
    const queue = queues.find((one) => one.queue === shown);
    byId("queue").close();
    if (queue) chooseTopic(queue.topic);
  };
  byId("queue-door").onsubmit = (event) => {
    event.preventDefault();
    const queue = queues.find((one) => one.queue === shown), say = event.target.elements.say.value || null;
    byId("queue").close();
    if (queue) close(queue, queue.closed ? { closed: false } : { closed: true, say });
  };
  byId("queue").addEventListener("close", () => { shown = null; });
}
