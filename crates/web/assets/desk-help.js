// A curator at the press of one button: whoever talks asks, the desks of curators show it, and who comes is in the talk.
import { ask, byId, element, show, tell } from "/inside.js";
import { T, say } from "/desk-words.js";

/** Milliseconds that it is shown, and that somebody who asks waits. */
const ASKED_FOR = 20_000;
/** The line's key for who watches a talk and wants to be heard by all. */
const JOIN = "6";

let talk = null, sounds = null, wanted = "", hiding = 0, waiting = 0;

/** Asks for a curator; gives whether anybody may come. If nobody does, `else_` is done. */
export async function askForHelp(else_) {
  const asked = await ask("POST", "/api/desk/help", {});
  if (!asked.ok) return false;
  tell(T.helpAsked);
  clearTimeout(waiting);
  waiting = setTimeout(() => { waiting = 0; else_(); }, ASKED_FOR);
  return true;
}

function hide() {
  clearTimeout(hiding);
  wanted = "";
  show("help-wanted", false);
}

async function come(agent) {
  hide();
  const told = await ask("POST", `/api/desk/help/${encodeURIComponent(agent)}`, {});
  if (!told.ok) return tell(told.body?.title || T.failed);
  if (talk.join(told.body.dial, JOIN)) tell(T.helpHint);
}

/** What the line tells of curators: somebody wants one, one comes, one has come to somebody else. */
export function hearHelp(kind, { agent, name }) {
  if (kind === "help-comes") {
    clearTimeout(waiting);
    waiting = 0;
    return tell(say(T.helpComes, name));
  }
  if (kind === "help-over") return agent === wanted && hide();
  if (talk.mode !== "idle") return undefined;
  wanted = agent;
  byId("help-who").textContent = say(T.helpWanted, `${name} (${agent})`);
  byId("help-come").onclick = () => come(agent);
  show("help-wanted", true);
  sounds.note();
  clearTimeout(hiding);
  hiding = setTimeout(hide, ASKED_FOR);
  return undefined;
}

/** `of` is the panel of calls. */
export function beginHelp(of, by) {
  [talk, sounds] = [of, by];
  byId("help-come").replaceChildren(element("span", T.helpCome));
}
