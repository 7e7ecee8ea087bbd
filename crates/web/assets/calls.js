// Calls that have ended: found at `/calls`, those with recordings at `/recordings`; one call with its way at `/calls/ID`.
// Each look is a line in the audit.
import { ask, begin, byId, choices, element, isEnglish, row, show, tell } from "/inside.js";
import { OUTCOMES, agentName } from "/call-words.js";
import { drawCall } from "/calls-one.js";
import { find } from "/found.js";
import { between, chosen, daysAgo, moment, span } from "/times.js";

const RU = {
  title: "Звонки", recordingsTitle: "Записи разговоров", forbidden: "Эта страница — для тех, кто ведёт смену: нужна роль supervisor или admin.", failed: "Не получилось", noServer: "Сервер не отвечает", unknown: "Такого звонка нет: он ещё идёт или уже удалён",
  from: "С", until: "До", phone: "Телефон", topic: "Тема", agent: "Сотрудник", outcome: "Итог", find: "Найти", none: "Таких звонков нет", more: "Ещё", any: "все", nobody: "—", hidden: "номер скрыт",
  when: "Когда", lasted: "Длился", recorded: "Записано",
  recordings: "Записи разговора", listenHint: "Каждое прослушивание записывается в журнал доступа: кто, когда, что.", way: "Путь звонка", heard: "Что услышал робот", cases: "Обращения с этого номера", noCases: "Обращений с этого номера нет",
};
const EN = {
  title: "Calls", recordingsTitle: "Recorded talks", forbidden: "This page is for those who lead the shift: the role supervisor or admin is needed.", failed: "It failed", noServer: "The server does not answer", unknown: "There is no such call: it is still going on, or is erased",
  from: "From", until: "Until", phone: "Phone", topic: "Topic", agent: "Agent", outcome: "Outcome", find: "Find", none: "There are none", more: "More", any: "all", nobody: "—", hidden: "withheld",
  when: "When", lasted: "Lasted", recorded: "Recorded",
  recordings: "Recordings of the talk", listenHint: "Each listening is written into the audit: who, when, what.", way: "The call’s way", heard: "What the robot heard", cases: "Cases of this number", noCases: "There are no cases of this number",
};
const T = isEnglish ? EN : RU;
const FIELDS = ["from", "until", "phone", "topic", "agent", "outcome"];
/** Days that are looked through unless others are chosen. */
const DAYS = 7;
const call = location.pathname.split("/")[2];
const isRecordings = location.pathname === "/recordings";

let names = { topics: [], clinics: [], owners: [] };

function refused({ status, body }) {
  const field = body?.field ? ` (${body.field})` : "";
  tell(status === 0 ? T.noServer : status === 404 ? T.unknown : body?.title ? body.title + field : `${T.failed}: ${status}`);
}

/** Seconds of a call that were recorded, by its steps. */
function recorded(steps) {
  let all = 0, began = null;
  for (const { at, what } of steps) {
    if (what === "recording-began") began = at;
    if (what === "recording-ended" && began) { all += between(began, at); began = null; }
  }
  return all;
}

function line(one) {
  const link = element("a", moment(one.arrived_at)), seconds = recorded(one.steps);
  link.href = `/calls/${one.id}`;
  const topic = names.topics.find(({ id }) => id === one.topic)?.title ?? one.topic ?? T.nobody;
  return row([link, one.phone ?? T.hidden, topic, one.agent ? agentName(one.agent, names) : T.nobody, OUTCOMES[one.outcome] ?? one.outcome, span(between(one.arrived_at, one.ended_at)), seconds > 0 ? span(seconds) : T.nobody]);
}

function look() {
  const form = byId("find").elements;
  const kept = new URLSearchParams(FIELDS.filter((name) => form[name].value).map((name) => [name, form[name].value]));
  // Who comes back from a call finds what was looked for.
  history.replaceState(null, "", `${location.pathname}?${kept}`);
  const query = new URLSearchParams(kept);
  query.set("order", "newest");
  if (isRecordings) query.set("recorded", "true");
  for (const name of ["from", "until"]) if (query.has(name)) query.set(name, chosen(query.get(name)));
  return find(`/api/v1/calls?${query}`, "calls", [T.when, T.phone, T.topic, T.agent, T.outcome, T.lasted, T.recorded], line, refused);
}

async function drawAll() {
  show("all", true);
  const form = byId("find"), of = new URLSearchParams(location.search), fields = form.elements;
  const agents = names.owners.filter(({ id }) => id.startsWith("agent:")).map(({ id }) => ({ id: id.slice(6), title: agentName(id.slice(6), names) }));
  choices(fields.topic, names.topics, T.any);
  choices(fields.agent, agents, T.any);
  choices(fields.outcome, Object.entries(OUTCOMES).map(([id, title]) => ({ id, title })), T.any);
  for (const name of FIELDS) fields[name].value = of.get(name) ?? "";
  // A number is looked for in all that is kept.
  if (String(of) === "") fields.from.value = daysAgo(DAYS);
  form.onsubmit = (event) => { event.preventDefault(); look(); };
  await look();
}

begin({ ...T, title: isRecordings ? T.recordingsTitle : T.title }, async ({ role }) => {
  if (role !== "supervisor" && role !== "admin") return tell(T.forbidden);
  const told = await ask("GET", "/api/v1/names");
  if (!told.ok) return refused(told);
  names = told.body;
  if (!call) return drawAll();
  const drawn = await drawCall(call, names);
  if (!drawn.ok) return refused(drawn);
  show("one", true);
});
