// What the wall says, in both languages.

import { isEnglish } from "/inside.js";

const RU = {
  title: "Табло", full: "Во весь экран", theme: { dark: "Светлая", light: "Тёмная" }, sound: { on: "Звук включён", off: "Включить звук" },
  live: "на связи", lost: "нет связи, данные на {n}", silent: "линия не отвечает", drain: "линия завершается: новые звонки не принимаются", noFigures: "нет данных за день", often: "слишком много зрителей", forbidden: "Этой учётной записи табло не показывают", token: "Токен в адресе не подходит",
  queues: "Очереди", topic: "Тема", waiting: "Ждут", longest: "Дольше всех", free: "Свободны", nobody: "никого", longestTen: "Ждут дольше всех", nobodyWaits: "Никто не ждёт", rings: "звонит оператору",
  clinics: "Поликлиники переводят сейчас", noClinics: "Никто не переводит", more: "и ещё {n}",
  causes: { "no-answer": "не ответила", busy: "занято", unreachable: "недоступна", unconditional: "всё переводит", deflected: "передала", chosen: "выбор в меню", unknown: "без причины" },
  agents: "Сотрудники", noSite: "Без площадки", off: "не на смене",
  states: { waiting: "свободны", receiving: "звонит", "in-call": "разговор", "wrap-up": "оформление", break: "перерыв", unreachable: "недоступны" },
  curve: "Звонков в час: сегодня и обычно", today: "сегодня", usual: "обычно в этот день недели", noUsual: "прошлых недель ещё нет", lastHour: "За последний час {n}", usualHour: ", обычно {n}",
  figures: { waiting: "Ждут", longest: "Дольше всех", free: "Свободны", level: "За {n} с, всех", levelAnswered: "За {n} с, отвеч.", answered: "Отвечено", abandoned: "Не дождались", callBacks: "Перезвонить", cases: "Обращения" },
  of: "из {n}", lostShare: "потеряно {n}", calls: "звонков {n}", meanWait: "в среднем {n}", onDuty: "на смене {n}", overdue: "просрочено {n}", due: "до часа {n}", noneOverdue: "просроченных нет",
  alarms: { waiting: "ждут {n}", since: "ожидание {n}", free: "свободных {n}", short: "Мало свободных сотрудников, очередей: {n}", service_level: "За {s} с отвечено {n}", abandoned: "Потеряно {n}", call_backs: "Перезвонить просрочено: {n}", cases: "Обращений просрочено: {n}" },
  spoken: { waiting: "много ждут", since: "долгое ожидание", free: "мало свободных" },
  alarm: "тревога", warn: "внимание", calm: "Тревог нет",
};
const EN = {
  title: "Wallboard", full: "Full screen", theme: { dark: "Light", light: "Dark" }, sound: { on: "Sound is on", off: "Turn sound on" },
  live: "live", lost: "no connection, as of {n}", silent: "the line does not answer", drain: "the line is about to end: new calls are refused", noFigures: "no figures of the day", often: "too many viewers", forbidden: "This account does not see the wallboard", token: "The token in the address is not valid",
  queues: "Queues", topic: "Topic", waiting: "Waiting", longest: "Longest", free: "Free", nobody: "nobody", longestTen: "Waiting longest", nobodyWaits: "Nobody waits", rings: "an agent's phone rings",
  clinics: "Clinics passing on now", noClinics: "None", more: "and {n} more",
  causes: { "no-answer": "no answer", busy: "busy", unreachable: "unreachable", unconditional: "forwards all", deflected: "passed on", chosen: "chosen in menu", unknown: "cause not told" },
  agents: "Agents", noSite: "No site", off: "off duty",
  states: { waiting: "free", receiving: "ringing", "in-call": "talking", "wrap-up": "wrap-up", break: "break", unreachable: "unreachable" },
  curve: "Calls an hour: today and usually", today: "today", usual: "usual for this weekday", noUsual: "no weeks before yet", lastHour: "In the last hour {n}", usualHour: ", usually {n}",
  figures: { waiting: "Waiting", longest: "Longest wait", free: "Free", level: "In {n} s, all", levelAnswered: "In {n} s, answered", answered: "Answered", abandoned: "Abandoned", callBacks: "Call-backs", cases: "Cases" },
  of: "of {n}", lostShare: "lost {n}", calls: "calls {n}", meanWait: "mean {n}", onDuty: "on duty {n}", overdue: "overdue {n}", due: "due in 1 h {n}", noneOverdue: "none overdue",
  alarms: { waiting: "{n} waiting", since: "for {n}", free: "{n} free", short: "Few agents are free, queues: {n}", service_level: "{n} answered in {s} s", abandoned: "{n} lost", call_backs: "Call-backs overdue: {n}", cases: "Cases overdue: {n}" },
  spoken: { waiting: "many wait", since: "a long wait", free: "few are free" },
  alarm: "alarm", warn: "warning", calm: "No alarms",
};
export const T = isEnglish ? EN : RU;
export const fill = (text, n) => text.replace("{n}", n);

const two = (n) => String(n).padStart(2, "0");

// Milliseconds as 0:07 or 1:02:33.
export function span(millis) {
  const total = Math.max(0, Math.floor(millis / 1000));
  const minutes = Math.floor(total / 60);
  return total < 3600 ? `${minutes}:${two(total % 60)}` : `${Math.floor(total / 3600)}:${two(minutes % 60)}:${two(total % 60)}`;
}

// Whole percents, of which the last is not full: the level changes with them.
export const whole = (value) => (value === undefined ? "–" : `${Math.floor(value)} %`);

export function percent(value) {
  return value === undefined ? "–" : `${value.toFixed(value < 99.95 && value > 0.05 ? 1 : 0).replace(".", isEnglish ? "." : ",")} %`;
}
