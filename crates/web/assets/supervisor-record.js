// The record of a call that has ended: what happened, and its recordings. Each look is a line in the audit, so that it
// is read when somebody asks for it.
import { ask, byId, element, show } from "/inside.js";
import { OUTCOMES, STEPS } from "/call-words.js";
import { agentName, titleOf } from "/supervisor-agents.js";
import { T, clock, fill } from "/supervisor-words.js";

/** What of a step is a topic, what an agent. */
const OF = { queued: titleOf, offered: agentName, "not-taken": agentName, connected: agentName, monitored: agentName, "monitor-left": agentName, "taken-over": agentName };

function say(words) {
  byId("call-record").replaceChildren(element("p", words));
}

function sounds(call, recordings) {
  const all = element("ul", "", "steps");
  all.append(...recordings.map(({ part, seconds }) => {
    const link = element("a", fill(T.listen, part)), one = element("li", "");
    link.href = `/api/v1/calls/${call}/recording?part=${part}`;
    link.download = `${call}-${part}.wav`;
    one.append(link, ` · ${fill(T.seconds, Math.round(seconds))}`);
    return one;
  }));
  return all;
}

export async function drawRecord(call) {
  const told = await ask("GET", `/api/v1/calls/${call}`);
  if (told.status === 404) return say(T.notWritten);
  if (!told.ok) return say(told.body?.title || T.failed);
  const heard = await ask("GET", `/api/v1/calls/${call}/recordings`);
  show("call-read", false);
  const { phone, outcome, steps } = told.body, recordings = heard.body?.recordings || [];
  const list = element("ol", "", "steps");
  list.append(...steps.map(({ at, what, of }) => element("li", [clock(at), STEPS[what] || what, of && OF[what] ? OF[what](of) : of].filter(Boolean).join(" · "))));
  byId("call-record").replaceChildren(
    element("p", `${T.number}: ${phone || T.withheld} · ${T.outcome}: ${OUTCOMES[outcome] || outcome}`),
    list,
    recordings.length > 0 ? sounds(call, recordings) : element("p", T.noRecording, "quiet"),
  );
  // The button that had the focus is gone.
  byId("call-record").focus();
}
