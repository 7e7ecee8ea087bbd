// The page of reports. Everything is set as text, never as HTML: names come from the dialplan. The picture
// is drawn by the server and put into the page, so that its parts tell what they are when pointed at.

import { ask, begin, byId, element, isEnglish, show, tell } from "/inside.js";

const RU = {
  title: "Отчёты",
  period: "Период", kinds: { day: "день", week: "неделя", month: "месяц" }, day: "День в нём", before: "← раньше", after: "позже →", topic: "Тема", clinic: "Поликлиника", group: "Группа", within: "Норма, с", all: "все", failed: "Не получилось: {n}", wait: "Считаю…", formulas: "Что значит каждое число",
  total: "Всего", by_hour: "По часам", by_day: "По дням", by_topic: "По темам", by_origin: "Откуда", by_number: "По набранному номеру", clinics: "Поликлиники", agents: "Операторы, часы:минуты", due_times: "Сроки обращений", quality: "Качество связи",
  met: "в срок", late: "с опозданием", overdue: "просрочены", pending: "ещё есть время", urgent: "срочные", measured: "измерено", trunk: "транк", site: "площадка",
  origins: { direct: "прямо на линию", retired: "на старый номер", "clinic:no-answer": "поликлиника: не ответила", "clinic:busy": "поликлиника: занято", "clinic:unreachable": "поликлиника: недоступна", "clinic:unconditional": "поликлиника: всё переводит", "clinic:deflected": "поликлиника: передала", "clinic:chosen": "поликлиника: выбрано в меню", "clinic:unknown": "поликлиника: без причины" },
};
const EN = {
  title: "Reports",
  period: "Period", kinds: { day: "day", week: "week", month: "month" }, day: "A day in it", before: "← before", after: "after →", topic: "Topic", clinic: "Clinic", group: "Group", within: "Target, s", all: "all", failed: "It failed: {n}", wait: "Computing…", formulas: "What each figure means",
  total: "All", by_hour: "By hour", by_day: "By day", by_topic: "By topic", by_origin: "By origin", by_number: "By number", clinics: "Clinics", agents: "Agents, hours:minutes", due_times: "Due times of cases", quality: "How calls were heard",
  met: "met", late: "late", overdue: "overdue", pending: "pending", urgent: "urgent", measured: "measured", trunk: "trunk", site: "site",
  origins: { direct: "directly", retired: "an old number", "clinic:no-answer": "clinic: no answer", "clinic:busy": "clinic: busy", "clinic:unreachable": "clinic: unreachable", "clinic:unconditional": "clinic: forwards all", "clinic:deflected": "clinic: passed on", "clinic:chosen": "clinic: chosen in menu", "clinic:unknown": "clinic: cause not told" },
};
const T = isEnglish ? EN : RU;
const say = (why) => T.failed.replace("{n}", why);
const LINE = ["calls", "offered", "answered", "abandoned", "abandoned_short", "call_back_taken", "sent_away", "broken", "service_level", "service_level_answered", "abandonment", "mean_wait", "longest_wait", "mean_handling"];
const SHARES = new Set(["service_level", "service_level_answered", "abandonment", "share_in_time", "share_met", "share_poor", "occupancy"]);
const CLOCKS = new Set(["at_work", "talking", "wrapping_up", "on_breaks"]);

const API = "/api/v1/reports";

let asking = 0;

function figure(name, value) {
  if (value === null || value === undefined) return "–";
  if (SHARES.has(name)) return `${(value * 100).toFixed(1)} %`;
  if (CLOCKS.has(name)) { const m = Math.round(value / 60); return `${Math.floor(m / 60)}:${String(m % 60).padStart(2, "0")}`; }
  if (name === "median_mos") return value.toFixed(2);
  return String(Math.round(value));
}

// A table with a row for each part; a head tells its formula when pointed at.
function table(title, figures, rows, formulas) {
  if (rows.length === 0) return;
  const place = document.createElement("section"), scroll = element("div", "", "scroll"), made = document.createElement("table");
  const head = document.createElement("tr");
  head.append(element("th", ""));
  for (const name of figures) {
    const of = formulas[name], cell = element("th", of ? of.name : T[name] || name);
    if (of) cell.title = of.formula;
    head.append(cell);
  }
  made.append(head);
  for (const [name, values] of rows) {
    const row = document.createElement("tr");
    row.append(element("td", name));
    for (const of of figures) row.append(element("td", figure(of, values[of])));
    made.append(row);
  }
  scroll.append(made);
  place.append(element("h2", title), scroll);
  scroll.tabIndex = 0;
  byId("tables").append(place);
}

function draw(report) {
  const formulas = report.formulas;
  byId("tables").replaceChildren();
  const rows = (part, name) => report[part].filter((row) => row.calls > 0).map((row) => [name(row), row]);
  const named = (row) => row.title || row.key;
  table(T.total, LINE, [[T.all, report.total]], formulas);
  table(T.by_hour, LINE, rows("by_hour", (row) => `${row.key}:00`), formulas);
  if (report.by_day.length > 1) table(T.by_day, LINE, rows("by_day", named), formulas);
  table(T.by_topic, LINE, rows("by_topic", named), formulas);
  table(T.by_origin, LINE, rows("by_origin", (row) => T.origins[row.key] || row.key), formulas);
  table(T.by_number, LINE, rows("by_number", named), formulas);
  const clinics = report.clinics.map((row) => [row.title, { ...row, clinic_calls: row.calls }]);
  table(T.clinics, ["clinic_calls", "share_in_time", "forwarded", "lost"], clinics, formulas);
  const agents = report.agents.map((row) => [`${row.agent} ${row.name}`, row]);
  table(T.agents, ["at_work", "talking", "wrapping_up", "on_breaks", "occupancy", "not_taken"], agents, formulas);
  const due = report.due_times;
  if (due && due.total.opened + due.total.due > 0) {
    const topics = due.by_topic.map((row) => [row.title || row.topic, row]);
    table(T.due_times, ["opened", "due", "met", "late", "overdue", "pending", "share_met"], [[T.all, due.total], [T.urgent, due.urgent], ...topics], formulas);
  }
  const heard = report.quality;
  if (heard) {
    const of = (what) => (row) => [`${what} ${row.key}`, row];
    table(T.quality, ["measured", "median_mos", "share_poor"], [[T.all, heard.total], ...heard.by_trunk.map(of(T.trunk)), ...heard.by_site.map(of(T.site))], formulas);
  }
  const list = byId("formulas");
  list.replaceChildren();
  for (const { name, formula } of Object.values(formulas)) list.append(element("dt", name), element("dd", formula));
}

async function load() {
  const turn = ++asking, form = byId("asked");
  const query = new URLSearchParams();
  for (const name of ["day", "topic", "clinic", "group", "within"]) {
    const value = form.elements[name].value;
    if (value) query.set(name, value);
  }
  tell(T.wait);
  const path = `${API}/${form.elements.kind.value}`;
  const { ok, status, body } = await ask("GET", `${path}?${query}`);
  if (turn !== asking) return;
  if (!ok) return tell(say(body && body.title ? body.title : status));
  tell("");
  form.dataset.first = body.first_day;
  form.dataset.last = body.last_day;
  draw(body);
  const drawn = await fetch(`${path}/picture?${query}`, { credentials: "same-origin" });
  const picture = await drawn.text();
  if (turn !== asking || !drawn.ok) return;
  const parsed = new DOMParser().parseFromString(picture, "image/svg+xml").documentElement;
  byId("drawn").replaceChildren(document.importNode(parsed, true));
}

// The day before the period, or behind it.
function step(of, days) {
  const form = byId("asked"), day = new Date(`${form.dataset[of]}T12:00:00Z`);
  if (Number.isNaN(day.getTime())) return;
  day.setUTCDate(day.getUTCDate() + days);
  form.elements.day.value = day.toISOString().slice(0, 10);
  load();
}

async function inside() {
  show("inside", true);
  const { ok, body } = await ask("GET", "/api/v1/names");
  if (!ok) return tell(say(body && body.title));
  const form = byId("asked");
  const groups = body.owners.filter((one) => one.id.startsWith("group:")).map((one) => ({ ...one, id: one.id.slice(6) }));
  for (const [part, names] of [["topic", body.topics], ["clinic", body.clinics], ["group", groups]]) {
    form.elements[part].replaceChildren(new Option(T.all, ""), ...names.map((one) => new Option(one.title, one.id)));
  }
  load();
}

byId("asked").addEventListener("change", load);
byId("asked").addEventListener("submit", (event) => event.preventDefault());
byId("before").addEventListener("click", () => step("first", -1));
byId("after").addEventListener("click", () => step("last", 1));
byId("kind").replaceChildren(...Object.entries(T.kinds).map(([id, name]) => new Option(name, id)));
begin(T, inside);
