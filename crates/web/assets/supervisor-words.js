// The words of the shift's page, and how times are written.
import { isEnglish } from "/inside.js";

const RU = {
  title: "Смена", forbidden: "Эта страница — для тех, кто ведёт смену: нужна роль supervisor или admin.", often: "Слишком много открытых страниц; пробуем снова",
  live: "на связи", lost: "нет связи, данные на {n}", connecting: "подключаемся…", undo: "Вернуть как было", seen: "Убрать сообщение", failed: "Не получилось", noServer: "Сервер не отвечает",
  parts: "Что показать", sayShort: "Сообщение", queues: "Очереди", queuesHint: "Нажмите на очередь, чтобы видеть только её звонки, закрыть её или открыть.", calls: "Звонки", agents: "Сотрудники", say: "Сообщение всем",
  search: "Найти", sort: "Порядок", nothing: "Таких нет", limit: "Показаны первые 500 звонков.", onlyTopic: "Только «{n}»", allCalls: "Показать все темы", states: "Состояния",
  queue: { waiting: "ждут {n}", rings: "звонит сотрудникам {n}", nobodyWaits: "никто не ждёт", longest: "первый {n}", free: "свободны {n} из {m}", nobody: "на смене никого", closed: "закрыта" },
  agentStates: { waiting: "свободен", receiving: "ему звонят", "in-call": "разговор", "wrap-up": "оформление", break: "перерыв", unreachable: "недоступен", off: "не на смене" },
  agentCounts: { waiting: "свободны", receiving: "звонит", "in-call": "разговор", "wrap-up": "оформление", break: "перерыв", unreachable: "недоступны", off: "не на смене" },
  agentOrders: { state: "по состоянию", since: "дольше всех в состоянии", number: "по номеру", name: "по имени" },
  kinds: { operator: "оператор", volunteer: "волонтёр", curator: "куратор" }, restricted: "только: {n}", noTopics: "ни одной темы",
  duties: { on: "На смене", rest: "Отдых", meal: "Обед", paperwork: "Бумаги", off: "Не на смене" }, duty: "Смена и перерыв", breaks: { rest: "отдых", meal: "обед", paperwork: "бумаги" },
  sureOff: "Снять со смены {n}? Новых звонков не будет.", sureBreak: "Отправить на перерыв ({m}) {n}? Звонков не будет до возвращения.", finishes: "Начатый разговор закончится сам.", rings: "Сейчас на этот телефон поступает звонок.", no: "Нет", yesOff: "Да, снять", yesBreak: "Да, на перерыв",
  dutyDone: { on: "{n}: на смене", off: "{n}: не на смене", break: "{n}: перерыв" }, undone: "{n}: всё как было",
  takes: "Какие темы принимает", allTopics: "Все темы, которые даёт диалплан", topicsHint: "Тема, которой нет у сотрудника в диалплане, звонков ему не добавит. Звонок, который уже поступает на телефон, не отменяется.", saveTopics: "Сохранить темы", oneTopic: "Отметьте хотя бы одну тему. Чтобы звонков не было совсем, отправьте на перерыв.", topicsDone: "{n}: темы изменены",
  callStates: { queued: "ждёт", robot: "с роботом", ringing: "вызывает телефон", talking: "разговор", held: "на удержании", ended: "окончен" },
  callWords: { arriving: "поступает", "in-menu": "с роботом, в меню", announcing: "слушает сообщение", queued: "ждёт", offered: "звонит сотруднику", ringing: "вызывает телефон", talking: "разговор", held: "на удержании", transferring: "перевод", ended: "окончен" },
  callCounts: { queued: "ждут", robot: "с роботом", ringing: "вызов", talking: "разговоры", held: "удержание", ended: "окончены" },
  callOrders: { state: "по состоянию", since: "дольше всех в состоянии", topic: "по теме", age: "самые долгие" },
  withheld: "номер скрыт", recorded: "запись", noTopic: "без темы", facts: { state: "Состояние", since: "Уже", topic: "Тема", origin: "Откуда", dialled: "Набран", agent: "С кем", age: "Всего", recorded: "Запись" }, yes: "идёт запись", notRecorded: "нет",
  toTopic: "В другую очередь", first: "первым", move: "Перевести", firstHere: "Первым в своей очереди", moved: "Звонок {n}: очередь «{m}»", movedFirst: "Звонок {n}: первый в очереди «{m}»", notWaiting: "Этот звонок уже не ждёт",
  endedHint: "Звонок окончен.", readRecord: "Что было в звонке",
  closeQueue: "Закрыть очередь", openQueue: "Открыть очередь", queueClosed: "Очередь «{n}» закрыта", queueOpened: "Очередь «{n}» открыта", closedSays: "звонящие слышат: «{n}»",
  closingHint: "Кто ждёт — дождётся. Новые звонки пойдут туда же, куда идут, когда на смене никого нет.", closingSay: "Что сказать звонящим", closingUsual: "как обычно, когда на смене никого",
  watchTalk: "Слушать разговор", watchAs: "Как участвовать в разговоре", watchEnd: "Отключиться", sureTake: "Точно забрать?", watchEnded: "Разговор окончен", watchFailed: "Подключиться не удалось ({n})",
  watchHows: { listen: "Слушать", whisper: "Подсказывать", join: "Говорить со всеми", take: "Забрать разговор" },
  watchStates: { listen: "Вы слушаете; вас не слышит никто", whisper: "Вас слышит только сотрудник", join: "Вас слышат все", take: "Вы говорите вместо сотрудника" },
  noMicrophone: { insecure: "Браузер даёт микрофон только страницам по HTTPS", refused: "Разрешите браузеру микрофон для этой страницы", none: "Микрофон не найден", busy: "Микрофон занят другой программой" },
  sayLabel: "Все увидят и услышат это на рабочем месте в браузере", left: "осталось {n}", send: "Отправить всем", sent: "Отправлено в этой вкладке", sentDone: "Отправлено на все открытые рабочие места", close: "Закрыть",
};
const EN = {
  title: "Shift", forbidden: "This page is for those who lead the shift: the role supervisor or admin is needed.", often: "Too many pages are open; trying again",
  live: "live", lost: "no connection, as of {n}", connecting: "connecting…", undo: "Undo", seen: "Dismiss the message", failed: "It failed", noServer: "The server does not answer",
  parts: "What to show", sayShort: "Message", queues: "Queues", queuesHint: "Choose a queue to see its calls alone, to close or to open it.", calls: "Calls", agents: "Agents", say: "Message to all",
  search: "Find", sort: "Order", nothing: "None", limit: "The first 500 calls are shown.", onlyTopic: "“{n}” alone", allCalls: "Show all topics", states: "States",
  queue: { waiting: "waiting {n}", rings: "ringing {n}", nobodyWaits: "nobody waits", longest: "first {n}", free: "free {n} of {m}", nobody: "nobody on duty", closed: "closed" },
  agentStates: { waiting: "free", receiving: "ringing", "in-call": "talking", "wrap-up": "wrap-up", break: "break", unreachable: "unreachable", off: "off duty" },
  agentCounts: { waiting: "free", receiving: "ringing", "in-call": "talking", "wrap-up": "wrap-up", break: "break", unreachable: "unreachable", off: "off duty" },
  agentOrders: { state: "by state", since: "longest in state", number: "by number", name: "by name" },
  kinds: { operator: "operator", volunteer: "volunteer", curator: "curator" }, restricted: "only: {n}", noTopics: "no topic",
  duties: { on: "On duty", rest: "Rest", meal: "Meal", paperwork: "Paperwork", off: "Off duty" }, duty: "Duty and breaks", breaks: { rest: "rest", meal: "meal", paperwork: "paperwork" },
  sureOff: "Take {n} off duty? No further calls will come.", sureBreak: "Send {n} on a break ({m})? No calls will come until the end of it.", finishes: "The talk in progress is finished first.", rings: "This phone is ringing right now.", no: "No", yesOff: "Yes, off duty", yesBreak: "Yes, on a break",
  dutyDone: { on: "{n}: on duty", off: "{n}: off duty", break: "{n}: on a break" }, undone: "{n}: as before",
  takes: "Topics taken", allTopics: "All topics that the dialplan gives", topicsHint: "A topic that the dialplan does not give to this agent brings no calls. A call that rings already rings on.", saveTopics: "Save the topics", oneTopic: "Choose at least one topic. For no calls at all, send on a break.", topicsDone: "{n}: topics changed",
  callStates: { queued: "waits", robot: "with the robot", ringing: "ringing", talking: "talking", held: "on hold", ended: "ended" },
  callWords: { arriving: "arrives", "in-menu": "with the robot, in a menu", announcing: "hears a message", queued: "waits", offered: "rings an agent", ringing: "rings a phone", talking: "talking", held: "on hold", transferring: "transfer", ended: "ended" },
  callCounts: { queued: "waiting", robot: "robot", ringing: "ringing", talking: "talks", held: "held", ended: "ended" },
  callOrders: { state: "by state", since: "longest in state", topic: "by topic", age: "longest calls" },
  withheld: "withheld", recorded: "recorded", noTopic: "no topic", facts: { state: "State", since: "For", topic: "Topic", origin: "From", dialled: "Dialled", agent: "With", age: "In all", recorded: "Recorded" }, yes: "yes", notRecorded: "no",
  toTopic: "To another queue", first: "first in line", move: "Move", firstHere: "First in its queue", moved: "Call {n}: queue “{m}”", movedFirst: "Call {n}: first in the queue “{m}”", notWaiting: "This call does not wait any more",
  endedHint: "The call has ended.", readRecord: "What happened in the call",
  closeQueue: "Close the queue", openQueue: "Open the queue", queueClosed: "The queue “{n}” is closed", queueOpened: "The queue “{n}” is open", closedSays: "callers hear: “{n}”",
  closingHint: "Who waits is served. New calls go where they go when nobody is on duty.", closingSay: "What callers are told", closingUsual: "as usual when nobody is on duty",
  watchTalk: "Listen to the talk", watchAs: "How to take part in the talk", watchEnd: "Leave", sureTake: "Really take over?", watchEnded: "The talk has ended", watchFailed: "It could not be listened to ({n})",
  watchHows: { listen: "Listen", whisper: "Whisper", join: "Join", take: "Take over" },
  watchStates: { listen: "You listen; nobody hears you", whisper: "The agent alone hears you", join: "Everybody hears you", take: "You talk in the agent's place" },
  noMicrophone: { insecure: "Browsers give the microphone to pages by HTTPS alone", refused: "Allow the microphone for this page in the browser", none: "There is no microphone", busy: "Another program has the microphone" },
  sayLabel: "Everybody sees and hears it at the desk in the browser", left: "{n} left", send: "Send to all", sent: "Sent from this tab", sentDone: "Sent to all desks that are open", close: "Close",
};
export const T = isEnglish ? EN : RU;
export const LANGUAGE = isEnglish ? "en-GB" : "ru-RU";

/** Puts what is meant in place of {n} and {m}; as functions, since names may hold a `$`. */
export const fill = (text, n, m = "") => text.replace("{n}", () => n).replace("{m}", () => m);

const two = (n) => String(n).padStart(2, "0");

/** Seconds as 0:07 or 1:02:33. */
export function span(seconds) {
  const total = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(total / 60) % 60;
  return total < 3600 ? `${minutes}:${two(total % 60)}` : `${Math.floor(total / 3600)}:${two(minutes)}:${two(total % 60)}`;
}

/** A moment as the time of day. */
export const clock = (at) => new Date(at).toLocaleTimeString(LANGUAGE, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
