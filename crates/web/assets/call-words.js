// The words of calls that have ended: how they ended, and what happened to them.
import { isEnglish } from "/inside.js";

export const OUTCOMES = isEnglish
  ? { answered: "answered", "answered-by-clinic": "answered by the clinic", announced: "announcement heard", "left-menu": "left in the menu", abandoned: "abandoned", "timed-out": "timed out", "queue-full": "queue full", "nobody-on-duty": "nobody on duty", "call-back-taken": "call-back chosen", "request-taken": "request left with the robot", "not-reached": "not reached", broken: "broken", refused: "refused" }
  : { answered: "ответил оператор", "answered-by-clinic": "ответила поликлиника", announced: "прослушал сообщение", "left-menu": "ушёл из меню", abandoned: "не дождался", "timed-out": "вышло время", "queue-full": "очередь полна", "nobody-on-duty": "никого на смене", "call-back-taken": "выбрал обратный звонок", "request-taken": "оставил просьбу роботу", "not-reached": "не дозвонились", broken: "обрыв связи", refused: "отказ" };

/** What happened, by the words of the API; what comes behind it, if anything, is whom or what it concerns. */
export const STEPS = isEnglish
  ? { "clinic-rings": "the clinic rings", forwarded: "passed on by the clinic", listed: "number of a list", answered: "the robot answers", key: "pressed", listened: "the robot listened", "keys-only": "nobody could listen: keys alone", said: "said", told: "told the robot", queued: "waits in the queue", "sent-on": "waits no more", offered: "rings an agent", "not-taken": "not taken by", connected: "talks with", "connected-to-clinic": "talks with the clinic", "rings-outside": "rings outside", "connected-outside": "talks with", held: "on hold", resumed: "the talk goes on", transferred: "handed on to", returned: "back at the queue’s head", "told-of-recording": "told of the recording", "recording-began": "recording begins", "recording-ended": "recording ends", monitored: "watched by", "monitor-left": "not watched any more by", "taken-over": "taken over by", ended: "the end" }
  : { "clinic-rings": "звонит поликлиника", forwarded: "поликлиника передала", listed: "номер из списка", answered: "ответил робот", key: "нажата клавиша", listened: "робот слушал", "keys-only": "слушать было некому: только клавиши", said: "сказано", told: "названо роботу", queued: "ждёт в очереди", "sent-on": "больше не ждёт", offered: "звонит сотруднику", "not-taken": "не принял", connected: "разговор", "connected-to-clinic": "разговор с поликлиникой", "rings-outside": "звонит другой телефон", "connected-outside": "разговор", held: "удержание", resumed: "разговор продолжается", transferred: "передан", returned: "вернулся в начало очереди", "told-of-recording": "предупреждён о записи", "recording-began": "запись началась", "recording-ended": "запись окончена", monitored: "подключился", "monitor-left": "отключился", "taken-over": "разговор забрал", ended: "конец звонка" };

/** Why a clinic's line passed a call on. */
const CAUSES = isEnglish
  ? { "no-answer": "no answer", busy: "busy", unreachable: "unreachable", unconditional: "forwards all", deflected: "deflected", chosen: "chosen in the menu", unknown: "cause not told" }
  : { "no-answer": "не ответила", busy: "занято", unreachable: "недоступна", unconditional: "переводит все", deflected: "отклонила", chosen: "выбрано в меню", unknown: "причина неизвестна" };

/** What part who leads the shift takes in a talk. */
const PARTS = isEnglish
  ? { listens: "listens", whispers: "whispers to the agent", joins: "joins" }
  : { listens: "слушает", whispers: "подсказывает сотруднику", joins: "участвует" };

function read(text) {
  try { return JSON.parse(text); } catch { return null; }
}

/** Whom or what a step concerns, in words; `names` has the titles of topics, clinics and agents. */
export function concerns({ what, of }, names) {
  if (!of) return "";
  const titleOf = (list, id) => list.find((one) => one.id === id)?.title ?? id;
  if (what === "queued") return titleOf(names.topics, of);
  if (["offered", "not-taken", "connected", "monitor-left", "taken-over"].includes(what)) return agentName(of, names);
  if (what === "clinic-rings" || what === "connected-to-clinic") return titleOf(names.clinics, of);
  if (what === "forwarded") return CAUSES[of] ?? of;
  const said = read(of);
  if (what === "said" && said) return [`«${said.text}»`, said.meant && said.meant !== said.text ? `→ ${said.meant}` : ""].join(" ").trim();
  if (what === "told" && said) return said.answer;
  if (what === "listened" && said) return said.menu;
  if (what === "monitored" && said) return `${agentName(said.by, names)} · ${PARTS[said.how] ?? said.how}`;
  return of;
}

export function agentName(agent, names) {
  const name = names.owners.find(({ id }) => id === `agent:${agent}`)?.title;
  return name ? `${agent} ${name}` : agent;
}
