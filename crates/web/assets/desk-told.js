// What who leads the shift tells all desks: it stands on top with its time until the agent puts it away, a reload included.
import { byId, element } from "/inside.js";
import { T } from "/desk-words.js";

/** Where messages are kept, and how many. */
const KEPT = "line122-told", TOLD_MAX = 5;

const clock = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

let told = [];

function draw() {
  byId("told").replaceChildren(...told.map((one) => {
    const line = element("li", ""), seen = element("button", T.toldSeen);
    seen.type = "button";
    seen.setAttribute("aria-label", `${T.toldSeen}: ${one.text}`);
    seen.onclick = () => { told = told.filter((other) => other !== one); keep(); };
    line.append(element("time", clock(one.at)), element("span", one.text, "words"), seen);
    return line;
  }));
}

function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify(told));
  draw();
}

/** Shows a message, and has it read out. */
export function hearMessage(text) {
  const at = Date.now();
  told = [{ at, text }, ...told].slice(0, TOLD_MAX);
  keep();
  byId("told-live").textContent = `${T.toldBy}, ${clock(at)}: ${text}`;
}

/** Shows what has not been put away. */
export function beginTold() {
  byId("told").setAttribute("aria-label", T.toldAll);
  told = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
  draw();
}
