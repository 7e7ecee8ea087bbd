// One call that has ended: what is known of it, its way, its recordings, and the cases of its number.
import { ask, byId, element, isEnglish, show } from "/inside.js";
import { OUTCOMES, STEPS, agentName, concerns } from "/call-words.js";
import { Player } from "/player.js";
import { between, exactly, moment, span } from "/times.js";

const RU = {
  hidden: "номер скрыт", from: "Откуда", dialled: "Набран", clinic: "Поликлиника", topic: "Тема", agent: "Сотрудник", outcome: "Итог", lasted: "Длился", hangup: "Закончил", phone: "Телефон", others: "все звонки", quality: "Слышимость", number: "№",
  origins: { direct: "прямо на линию", clinic: "из поликлиники", retired: "старый номер", "call-back": "обратный звонок" }, ends: { caller: "звонивший", callee: "сотрудник или поликлиника", system: "линия" }, sides: { caller: "звонивший", callee: "сотрудник" },
  ours: "из этого звонка", states: { open: "ждёт ответа", "handed-over": "передано, ждёт ответа", answered: "ответ дан", closed: "закрыто" }, notHeard: "Разговор с роботом не записан, или слышать его некому.", heard: "Что услышал робот",
};
const EN = {
  hidden: "withheld", from: "From", dialled: "Dialled", clinic: "Clinic", topic: "Topic", agent: "Agent", outcome: "Outcome", lasted: "Lasted", hangup: "Ended by", phone: "Phone", others: "all calls", quality: "Speech quality", number: "#",
  origins: { direct: "directly", clinic: "from a clinic", retired: "an old number", "call-back": "called back" }, ends: { caller: "the caller", callee: "the agent or the clinic", system: "the line" }, sides: { caller: "caller", callee: "agent" },
  ours: "from this call", states: { open: "waits for an answer", "handed-over": "handed over, waits", answered: "answered", closed: "closed" }, notHeard: "The talk with the robot is not recorded, or nobody can hear it.", heard: "What the robot heard",
};
const T = isEnglish ? EN : RU;
/** How a step looks, if not as most do. */
const KINDS = { queued: "waits", returned: "waits", offered: "rings", "clinic-rings": "rings", "rings-outside": "rings", "not-taken": "bad", connected: "talk", "connected-to-clinic": "talk", "connected-outside": "talk", resumed: "talk", held: "waits" };

const titleOf = (list, id) => list.find((one) => one.id === id)?.title ?? id;

function phone({ phone }) {
  const place = element("span", phone ?? T.hidden);
  if (!phone) return place;
  const link = element("a", T.others);
  link.href = `/calls?${new URLSearchParams({ phone })}`;
  place.append(" · ", link);
  return place;
}

const heardBy = (quality) => quality.filter(({ mos }) => mos !== null).map(({ side, mos }) => `${T.sides[side]} ${mos.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 })}`).join(", ");

function drawFacts(call, names) {
  byId("heading").textContent = `${exactly(call.arrived_at)} · ${OUTCOMES[call.outcome] ?? call.outcome}`;
  const facts = [
    [T.phone, phone(call)], [T.dialled, call.dialled], [T.from, T.origins[call.origin] ?? call.origin], [T.clinic, call.clinic && titleOf(names.clinics, call.clinic)],
    [T.topic, call.topic && titleOf(names.topics, call.topic)], [T.agent, call.agent && agentName(call.agent, names)], [T.lasted, span(between(call.arrived_at, call.ended_at))],
    [T.hangup, T.ends[call.hangup_by] ?? call.hangup_by], [T.quality, heardBy(call.quality)], [T.number, call.id],
  ];
  byId("facts").replaceChildren(...facts.filter(([, fact]) => fact).flatMap(([name, fact]) => {
    const value = element("dd", "");
    value.append(fact);
    return [element("dt", name), value];
  }));
}

function drawWay({ id, arrived_at, steps }, names) {
  byId("way").replaceChildren(...steps.map((step) => {
    const one = element("li", "", KINDS[step.what] ?? ""), time = element("time", span(between(arrived_at, step.at)));
    time.dateTime = step.at;
    time.title = exactly(step.at);
    one.append(time, element("span", [STEPS[step.what] ?? step.what, concerns(step, names)].filter(Boolean).join(" · ")));
    return one;
  }));
  show("heard-part", steps.some(({ what }) => what === "listened" || what === "said" || what === "told"));
  byId("heard").onclick = () => {
    const picture = element("img", "");
    picture.alt = T.heard;
    picture.src = `/api/v1/calls/${id}/heard`;
    picture.onerror = () => byId("picture").replaceChildren(element("p", T.notHeard));
    byId("picture").replaceChildren(picture);
  };
}

async function drawRecordings({ id }, names) {
  const told = await ask("GET", `/api/v1/calls/${id}/recordings`), recordings = told.body?.recordings ?? [];
  show("recordings-part", recordings.length > 0);
  byId("recordings").replaceChildren(...recordings.map((recording) => new Player(id, recording, names).place));
}

async function drawCases({ id, phone }) {
  show("cases-part", Boolean(phone));
  if (!phone) return;
  const told = await ask("GET", `/api/v1/cases?${new URLSearchParams({ phone, limit: "50" })}`), cases = told.body?.cases ?? [];
  show("no-cases", cases.length === 0);
  byId("cases").replaceChildren(...cases.map((one) => {
    const place = element("li", ""), link = element("a", one.title);
    link.href = `/cases/${one.id}`;
    place.append(link, ` · ${moment(one.opened_at)} · ${T.states[one.state]}`);
    if (one.call === id) place.append(" · ", element("b", T.ours));
    return place;
  }));
}

/** Draws it; gives what the line has said. */
export async function drawCall(id, names) {
  const told = await ask("GET", `/api/v1/calls/${encodeURIComponent(id)}`);
  if (!told.ok) return told;
  drawFacts(told.body, names);
  drawWay(told.body, names);
  await Promise.all([drawRecordings(told.body, names), drawCases(told.body)]);
  return told;
}
