// Cases: what is to be done, and one case with its history.
import { ask, begin, byId, choices, element, isEnglish, row, show, tell } from "/inside.js";
import { find } from "/found.js";
import { moment } from "/times.js";

const RU = {
  title: "Обращения", which: "Какие", topic: "Тема", owner: "У кого", phone: "Телефон", find: "Найти", none: "Таких обращений нет", more: "Ещё", due: "Срок", state: "Состояние", urgency: "Срочность", text: "Просьба", number: "№", clinic: "Поликлиника",
  newCase: "Новое обращение", open: "Открыть обращение", act: "Что сделать", to: "Кому", result: "Итог", duplicateOf: "Номер другого обращения", history: "Что было", when: "Когда", who: "Кто", what: "Что", words: "Подробности", openedAt: "Открыто", openedBy: "Кем", answer: "Ответ", closing: "Итог", call: "Звонок", heard: "Что услышал робот", notHeard: "Разговор с роботом не записан, или слышать его некому.", overdue: "просрочено", any: "все", nobody: "—",
  todo: "ждут ответа", done: "с ответом, не закрыты", closed: "закрытые", every: "все", saved: "Сохранено", meanwhile: "Тем временем обращение изменили; посмотрите ещё раз", failed: "Не получилось",
  states: { open: "ждёт ответа", "handed-over": "передано, ждёт ответа", answered: "ответ дан", closed: "закрыто" },
  urgencies: { ordinary: "обычная", urgent: "срочно" },
  acts: { notes: "Заметка", "hand-over": "Передать", answer: "Ответ дан", close: "Закрыть", reopen: "Открыть снова", "call-back": "Перезвонить заявителю" },
  asks: { notes: "Что запомнить", "hand-over": "Что нужно знать (можно не писать)", answer: "Что сказано заявителю", close: "Пояснение", reopen: "Почему" },
  results: { helped: "вопрос решён", declined: "отказ, заявитель знает", unreachable: "не дозвонились", withdrawn: "больше не нужно", duplicate: "повтор", mistake: "обращения не было" },
  whats: { opened: "открыто", amended: "изменено", noted: "заметка", "handed-over": "передано", answered: "ответ", closed: "закрыто", reopened: "открыто снова", "due-soon": "срок подходит", overdue: "срок прошёл", escalated: "сообщено выше" },
};
const EN = {
  title: "Cases", which: "Which", topic: "Topic", owner: "Whose turn", phone: "Phone", find: "Find", none: "There are none", more: "More", due: "Due", state: "State", urgency: "Urgency", text: "Request", number: "#", clinic: "Clinic",
  newCase: "New case", open: "Open the case", act: "What to do", to: "To whom", result: "Result", duplicateOf: "Number of the other case", history: "History", when: "When", who: "Who", what: "What", words: "Words", openedAt: "Opened", openedBy: "By", answer: "Answer", closing: "Result", call: "Call", heard: "What the robot heard", notHeard: "The talk with the robot is not recorded, or nobody can hear it.", overdue: "overdue", any: "all", nobody: "—",
  todo: "waiting for an answer", done: "answered, not closed", closed: "closed", every: "all", saved: "Saved", meanwhile: "The case has been changed meanwhile; look again", failed: "It failed",
  states: { open: "waits for an answer", "handed-over": "handed over, waits", answered: "answered", closed: "closed" },
  urgencies: { ordinary: "ordinary", urgent: "urgent" },
  acts: { notes: "Note", "hand-over": "Hand over", answer: "Answered", close: "Close", reopen: "Open again", "call-back": "Call the citizen back" },
  asks: { notes: "What to remember", "hand-over": "What they should know (may be empty)", answer: "What the citizen was told", close: "Explanation", reopen: "Why" },
  results: { helped: "helped", declined: "declined, the citizen knows", unreachable: "could not be reached", withdrawn: "not needed any more", duplicate: "duplicate", mistake: "there was no request" },
  whats: { opened: "opened", amended: "changed", noted: "note", "handed-over": "handed over", answered: "answered", closed: "closed", reopened: "opened again", "due-soon": "due soon", overdue: "overdue", escalated: "escalated" },
};
const T = isEnglish ? EN : RU;
const API = "/api/v1";
const number = location.pathname.split("/")[2];
const WHICH = { todo: "open,handed-over", done: "answered", closed: "closed", every: "" };

let names = { topics: [], clinics: [], owners: [] }, current = null, acting = null, isStaff = false, seesCalls = false;

const titleOf = (list, id) => (list.find((one) => one.id === id) || { title: id || T.nobody }).title;

function refused({ status, body }) {
  if (status === 409 && body && body.version) return tell(T.meanwhile);
  const field = body && body.field ? ` (${body.field})` : "";
  tell(body && body.title ? body.title + field : `${T.failed}: ${status}`);
}

function due(one) {
  return element("span", moment(one.due) + (one.overdue ? ` · ${T.overdue}` : ""), one.overdue ? "bad" : "");
}

function line(one) {
  const link = element("a", one.title);
  link.href = `/cases/${one.id}`;
  const words = one.text.length > 80 ? `${one.text.slice(0, 80)}…` : one.text;
  const urgency = element("span", T.urgencies[one.urgency], one.urgency === "urgent" ? "busy" : "");
  return row([due(one), link, urgency, T.states[one.state], titleOf(names.owners, one.owner), one.phone || T.nobody, element("div", words, "words")]);
}

function look() {
  const form = byId("find").elements;
  const query = new URLSearchParams({ order: form.state.value === "closed" || form.state.value === "every" ? "newest" : "due", limit: "50" });
  if (WHICH[form.state.value]) query.set("state", WHICH[form.state.value]);
  for (const name of ["topic", "owner", "phone"]) if (form[name].value) query.set(name, form[name].value);
  return find(`${API}/cases?${query}`, "cases", [T.due, T.topic, T.urgency, T.state, T.owner, T.phone, T.text], line, refused);
}

async function drawAll() {
  show("all", true);
  const finding = byId("find"), opening = byId("new");
  choices(finding.elements.state, Object.keys(WHICH).map((id) => ({ id, title: T[id] })));
  choices(finding.elements.topic, names.topics, T.any);
  choices(finding.elements.owner, names.owners, T.any);
  choices(opening.elements.topic, names.topics);
  choices(opening.elements.clinic, names.clinics, T.nobody);
  finding.onsubmit = (event) => { event.preventDefault(); look(); };
  opening.onsubmit = async (event) => {
    event.preventDefault();
    const form = opening.elements, body = { topic: form.topic.value, text: form.text.value };
    if (form.phone.value) body.phone = form.phone.value;
    if (form.clinic.value) body.clinic = form.clinic.value;
    const told = await ask("POST", `${API}/cases`, body, { "Idempotency-Key": crypto.randomUUID() });
    if (!told.ok) return refused(told);
    location.href = `/cases/${told.body.id}`;
  };
  await look();
}

function mayDo(state) {
  const reopens = isStaff ? ["reopen"] : [];
  if (state === "closed") return ["notes", ...reopens];
  const waits = state === "answered" ? reopens : ["answer", "hand-over"];
  return [...waits, "close", "notes", ...(current.phone ? ["call-back"] : [])];
}

function callOf({ call }) {
  if (!call || !seesCalls) return call || T.nobody;
  const link = element("a", call);
  link.href = `/calls/${call}`;
  return link;
}

function drawCase() {
  const one = current;
  byId("heading").textContent = `${one.title} · ${T.states[one.state]}`;
  byId("text").textContent = one.text;
  const facts = [
    [T.due, due(one)], [T.urgency, T.urgencies[one.urgency]], [T.owner, titleOf(names.owners, one.owner)],
    [T.phone, one.phone || T.nobody], [T.clinic, titleOf(names.clinics, one.clinic)], [T.openedAt, moment(one.opened_at)], [T.openedBy, one.opened_by],
    [T.call, callOf(one)], [T.number, one.id],
  ];
  if (one.answer) facts.push([T.answer, `${one.answer.text} (${one.answer.by}, ${moment(one.answer.at)})`]);
  if (one.closing) facts.push([T.closing, [T.results[one.closing.result], one.closing.note, one.closing.duplicate_of].filter(Boolean).join(" · ")]);
  byId("facts").replaceChildren(...facts.map((fact) => row(fact)));
  show("heard-part", Boolean(one.call));
  byId("heard").textContent = T.heard;
  byId("heard").onclick = () => drawHeard(one.call);
  byId("acts").replaceChildren(...mayDo(one.state).map((what) => {
    const button = element("button", T.acts[what]);
    button.addEventListener("click", () => (what === "call-back" ? change(what, {}) : prepare(what)));
    return button;
  }));
}

// Each look is a line in the audit, so that it is drawn when somebody asks for it.
function drawHeard(call) {
  const picture = element("img", "");
  picture.alt = T.heard;
  picture.src = `${API}/calls/${call}/heard`;
  picture.onerror = () => byId("picture").replaceChildren(element("p", T.notHeard));
  byId("picture").replaceChildren(picture);
}

function prepare(what) {
  acting = what;
  const form = byId("act");
  form.reset();
  show("act", true);
  show("to-part", what === "hand-over");
  show("result-part", what === "close");
  choices(form.elements.to, names.owners.filter((one) => one.id !== current.owner));
  choices(form.elements.result, Object.keys(T.results).map((id) => ({ id, title: T.results[id] })));
  show("duplicate-part", false);
  byId("words-title").textContent = T.asks[what];
  byId("do").textContent = T.acts[what];
  form.elements.words.focus();
}

async function change(what, body) {
  const told = await ask("POST", `${API}/cases/${number}/${what}`, body, { "Idempotency-Key": crypto.randomUUID() });
  if (!told.ok) { refused(told); if (told.status === 409) await load(); return; }
  show("act", false);
  tell(T.saved);
  await load();
}

function send(event) {
  event.preventDefault();
  const form = byId("act").elements, words = form.words.value, version = current.version;
  const bodies = {
    notes: { text: words },
    "hand-over": { version, to: form.to.value, ...(words ? { note: words } : {}) },
    answer: { version, text: words },
    close: { version, result: form.result.value, ...(words ? { note: words } : {}), ...(form.result.value === "duplicate" ? { duplicate_of: form.duplicate_of.value } : {}) },
    reopen: { version, why: words },
  };
  change(acting, bodies[acting]);
}

function wordsOf(one) {
  const to = one.to ? titleOf(names.owners, one.to) : "";
  return [to, one.result ? T.results[one.result] : "", one.topic ? titleOf(names.topics, one.topic) : "", one.text || "", one.due ? `${T.due}: ${moment(one.due)}` : ""].filter(Boolean).join(" · ");
}

async function load() {
  const told = await ask("GET", `${API}/cases/${number}`);
  if (!told.ok) return refused(told);
  current = told.body;
  drawCase();
  const changes = await ask("GET", `${API}/cases/${number}/changes`);
  if (!changes.ok) return refused(changes);
  const lines = changes.body.changes.map((one) => row([moment(one.at), one.by, T.whats[one.what] || one.what, element("div", wordsOf(one), "words")]));
  byId("history").replaceChildren(row([T.when, T.who, T.what, T.words], "th"), ...lines);
  show("one", true);
}

begin(T, async (signed) => {
  // Who is of an organisation works on its cases alone.
  isStaff = signed.role !== "organisation";
  seesCalls = signed.role === "supervisor" || signed.role === "admin";
  show("new-part", isStaff);
  const told = await ask("GET", `${API}/names`);
  if (!told.ok) return refused(told);
  names = told.body;
  if (!number) return drawAll();
  byId("act").onsubmit = send;
  byId("act").elements.result.onchange = (event) => show("duplicate-part", event.target.value === "duplicate");
  await load();
});
