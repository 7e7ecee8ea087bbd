// Draws what /api/status/stream tells. Everything is set as text, never as HTML: names come from
// callers and from the dialplan.
import { OUTCOMES } from "/call-words.js";
import { begin, byId, element, isEnglish } from "/inside.js";
import { span } from "/times.js";

const RU = {
  title: "Линия сейчас", region: "Медицинская линия", live: "на связи", lost: "нет связи с сервером, пробуем снова", drain: "завершается: новые вызовы не принимаются",
  queues: "Очереди", calls: "Вызовы", agents: "Операторы", trunks: "Транки", ended: "Недавно завершённые",
  topic: "Тема", waiting: "Ждут", offered: "Предложено", longest: "Дольше всех", onDuty: "На смене", free: "Свободны",
  caller: "Кто звонит", dialled: "Набран", origin: "Откуда", state: "Состояние", agent: "Оператор", age: "Длительность", since: "В состоянии",
  number: "Номер", name: "Имя", kind: "Роль", trunk: "Транк", count: "Вызовов", time: "Время", outcome: "Итог",
  none: "нет", recorded: "идёт запись", talking: "Разговоров", inQueue: "В очереди", callsLive: "Вызовов сейчас", agentsOn: "Операторов на смене", answered: "Отвечено", abandoned: "Не дождались", forwarded: "Из поликлиник",
  dialplan: "Версия правил", up: "Работает", alive: "работает", dead: "не отвечает", unwatched: "не проверяется", hidden: "скрыт",
  states: { arriving: "поступает", announcing: "слушает объявление", ringing: "вызывает телефон", "in-menu": "в меню", queued: "в очереди", offered: "звонит оператору", talking: "разговор", held: "удержание", transferring: "перевод", monitoring: "наблюдает за разговором" },
  agentStates: { off: "не на смене", break: "перерыв", unreachable: "телефон недоступен", waiting: "свободен", receiving: "звонит телефон", "in-call": "разговор", "wrap-up": "оформление" },
  kinds: { operator: "оператор", volunteer: "волонтёр", curator: "куратор" },
  day: "д", hour: "ч", minute: "мин", second: "с",
};
const EN = {
  title: "Line now", region: "Medical line", live: "live", lost: "no connection to the server, trying again", drain: "about to end: new calls are refused",
  queues: "Queues", calls: "Calls", agents: "Agents", trunks: "Trunks", ended: "Ended lately",
  topic: "Topic", waiting: "Waiting", offered: "Offered", longest: "Longest", onDuty: "On duty", free: "Free",
  caller: "Caller", dialled: "Dialled", origin: "From", state: "State", agent: "Agent", age: "Duration", since: "In state",
  number: "Number", name: "Name", kind: "Role", trunk: "Trunk", count: "Calls", time: "Time", outcome: "Outcome",
  none: "none", recorded: "recorded", talking: "Talks", inQueue: "In queue", callsLive: "Calls now", agentsOn: "Agents on duty", answered: "Answered", abandoned: "Abandoned", forwarded: "From clinics",
  dialplan: "Dialplan version", up: "Up", alive: "works", dead: "does not answer", unwatched: "not watched", hidden: "withheld",
  states: { arriving: "arrives", announcing: "hears an announcement", ringing: "rings", "in-menu": "in the menu", queued: "queued", offered: "rings an agent", talking: "talking", held: "on hold", transferring: "transfer", monitoring: "watches a talk" },
  agentStates: { off: "off duty", break: "break", unreachable: "phone unreachable", waiting: "free", receiving: "phone rings", "in-call": "talking", "wrap-up": "wrap-up" },
  kinds: { operator: "operator", volunteer: "volunteer", curator: "curator" },
  day: "d", hour: "h", minute: "min", second: "s",
};
const T = isEnglish ? EN : RU;

function uptime(total) {
  const days = Math.floor(total / 86400), hours = Math.floor(total / 3600) % 24, minutes = Math.floor(total / 60) % 60;
  if (days > 0) return `${days} ${T.day} ${hours} ${T.hour}`;
  if (hours > 0) return `${hours} ${T.hour} ${minutes} ${T.minute}`;
  return minutes > 0 ? `${minutes} ${T.minute}` : `${Math.floor(total)} ${T.second}`;
}

// Columns: [title, row -> text or [text, class], class of the column]
function table(id, columns, rows) {
  const target = byId(id);
  if (rows.length === 0) {
    const row = element("tr", "");
    row.append(element("td", T.none, "empty"));
    target.replaceChildren(row);
    return;
  }
  const head = element("tr", "");
  head.append(...columns.map(([title, , kind]) => element("th", title, kind)));
  const lines = rows.map((row) => {
    const line = element("tr", "");
    line.append(...columns.map(([, value, kind]) => {
      const shown = value(row);
      return Array.isArray(shown) ? element("td", shown[0], `${kind || ""} ${shown[1]}`) : element("td", shown ?? "", kind);
    }));
    return line;
  });
  target.replaceChildren(head, ...lines);
}

function agentState(agent) {
  if (agent.call !== "waiting") return agent.call;
  if (agent.duty.duty === "off") return "off";
  if (agent.duty.duty === "break") return "break";
  return agent.reachable ? "waiting" : "unreachable";
}

const AGENT_COLOURS = { waiting: "good", receiving: "busy", "in-call": "busy", "wrap-up": "busy", unreachable: "bad", off: "quiet", break: "quiet" };
const CALL_COLOURS = { talking: "good", queued: "busy", offered: "busy" };

function draw(view) {
  byId("warnings").replaceChildren(...view.warnings.map((warning) => element("p", isEnglish ? warning.en : warning.ru, "notice bad")));
  const state = byId("state");
  state.textContent = view.draining ? T.drain : T.live;
  state.className = view.draining ? "drain" : "live";
  byId("region").textContent = view.region || T.region;
  document.title = `122 · ${view.region || T.region}`;
  const agents = view.centre.agents, queues = view.centre.queues, counters = view.counters;
  const figures = [
    [counters.calls_live + counters.calls_proxied_live, T.callsLive],
    [queues.reduce((sum, queue) => sum + queue.waiting + queue.offered, 0), T.inQueue],
    [agents.filter((agent) => agent.call === "in-call").length, T.talking],
    [agents.filter((agent) => agent.duty.duty === "on" && agent.reachable).length, T.agentsOn],
    [counters.calls_answered_total, T.answered],
    [counters.calls_abandoned_total, T.abandoned],
    [counters.calls_forwarded_from_clinics_total, T.forwarded],
  ];
  byId("figures").replaceChildren(...figures.map(([value, title]) => {
    const figure = element("div", "", "figure");
    figure.append(element("b", value), element("span", title));
    return figure;
  }));
  table("queues", [
    [T.topic, (q) => q.topic], [T.waiting, (q) => [q.waiting, q.waiting > 0 ? "busy" : ""], "n"], [T.offered, (q) => q.offered, "n"],
    [T.longest, (q) => (q.waiting > 0 ? span(q.longest_wait) : ""), "n"],
    [T.onDuty, (q) => [q.on_duty, q.on_duty === 0 ? "bad" : ""], "n"], [T.free, (q) => q.free, "n"],
  ], queues);
  table("calls", [
    [T.caller, (c) => c.caller || T.hidden], [T.dialled, (c) => c.dialled], [T.origin, (c) => c.origin], [T.topic, (c) => c.topic],
    [T.state, (c) => [(T.states[c.state] || c.state) + (c.recorded ? `, ${T.recorded}` : ""), CALL_COLOURS[c.state] || ""]], [T.agent, (c) => c.agent],
    [T.age, (c) => span(c.age), "n"], [T.since, (c) => span(c.since), "n"],
  ], view.calls);
  table("agents", [
    [T.number, (a) => a.agent], [T.name, (a) => a.name], [T.kind, (a) => T.kinds[a.kind] || a.kind],
    [T.state, (a) => { const now = agentState(a); return [T.agentStates[now] || now, AGENT_COLOURS[now] || ""]; }],
    [T.since, (a) => span(a.since), "n"],
  ], agents);
  byId("trunks-part").hidden = view.trunks.length === 0;
  table("trunks", [
    [T.trunk, (t) => t.trunk], [T.count, (t) => t.calls, "n"],
    [T.state, (t) => (t.alive === null ? [T.unwatched, "quiet"] : t.alive ? [T.alive, "good"] : [T.dead, "bad"])],
  ], view.trunks);
  table("ended", [
    [T.time, (e) => new Date(e.at).toLocaleTimeString(document.documentElement.lang)], [T.caller, (e) => e.caller || T.hidden],
    [T.dialled, (e) => e.dialled], [T.outcome, (e) => OUTCOMES[e.outcome] ?? e.outcome], [T.agent, (e) => e.agent],
    [T.age, (e) => span(e.seconds), "n"],
  ], view.ended);
  byId("foot").textContent = `${T.dialplan}: ${view.dialplan} · ${T.up}: ${uptime(view.uptime)}`;
}

begin(T, () => {}, true);
const source = new EventSource("/api/status/stream");
source.onmessage = (event) => draw(JSON.parse(event.data));
source.onerror = () => {
  const state = byId("state");
  state.textContent = T.lost;
  state.className = "lost";
};
