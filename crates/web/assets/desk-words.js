// The words of the desk and of `/call`, and how times are written.
import { isEnglish } from "/inside.js";

const RU = {
  title: "Рабочее место", noAgent: "У этой учётной записи нет номера сотрудника: рабочее место — для тех, кто принимает звонки.", elsewhere: "Рабочее место открыто в другой вкладке. Закройте её, и оно откроется здесь.",
  states: { off: "Не на смене", break: "Перерыв", unreachable: "Телефон недоступен", waiting: "Свободны", receiving: "Вам звонят", "in-call": "Разговор", "wrap-up": "Оформление", lost: "Нет связи с сервером" },
  phones: { off: "", connecting: "Подключаемся к линии…", ready: "", refused: "Линия не приняла телефон этой страницы; пробуем снова" },
  on: "На смену", off: "Закончить смену", offWhenFree: "Закончить смену можно после разговора", pause: "Перерыв…", back: "С перерыва", ready: "Готов к звонкам", sound: "Звук", keys: "Клавиши", queues: "Очереди", waiting: "ждут: {n}", longest: "дольше всех {n}", nobody: "никто не ждёт", failed: "Не получилось",
  onFailed: "Начать смену не получилось: линия не отвечает", breakTitle: "Перерыв", close: "Закрыть",
  check: "Проверьте звук", allow: "Включить микрофон", allowWhy: "Браузер спросит разрешение. Микрофон включается один раз на смену; пока вы не ответили на звонок, вас никто не слышит.", microphone: "Микрофон", speaker: "Где слышно", tone: "Проиграть звук", speak: "Скажите что-нибудь: полоска должна двигаться", heard: "Вас слышно", usual: "Как в системе", level: "Громкость вашего голоса",
  noMicrophone: {
    insecure: "Микрофон доступен только по HTTPS. Попросите администратора открыть страницу по защищённому адресу.",
    refused: "Браузеру запрещён микрофон. Нажмите на значок слева от адреса страницы, разрешите микрофон и попробуйте ещё раз.",
    none: "Микрофон не найден. Подключите гарнитуру и попробуйте ещё раз.", busy: "Микрофон не включается: возможно, его занимает другая программа.",
  },
  microphoneLost: "Микрофон отключился. Подключите гарнитуру и выберите её в разделе «Звук».",
  incoming: "Входящий звонок", calling: "Вызываем", talk: "Разговор", ended: "Разговор окончен", recovering: "Возвращаем разговор…", notRecovered: "Разговор вернуть не удалось: гражданин снова в очереди, первым.", answering: "Соединяем…", cut: "Связь прервалась, восстанавливаем",
  noWay: "Ваша сеть не пропускает речь, звонок уйдёт другому сотруднику. Попробуйте другую сеть или скажите администратору: нужен сервер TURN.",
  answer: "Ответить", decline: "Отклонить", hangUp: "Завершить", hold: "Удержать", unhold: "Вернуть", mute: "Выключить микрофон", unmute: "Включить микрофон", keypad: "Набор", transfer: "Перевести", curator: "Куратор", held: "На удержании", muted: "Микрофон выключен", recorded: "Идёт запись",
  holdFailed: "Линия не отвечает, попробуйте ещё раз", noCurator: "Свободного куратора нет", helpAsked: "Зовём куратора, разговор продолжается", helpComes: "{n}: куратор в разговоре", helpWanted: "{n} просит помочь в разговоре", helpCome: "Подключиться", helpHint: "Вас слышат все. Клавиши набора: 4 слушать, 5 подсказывать, 6 говорить со всеми, 7 забрать звонок", consulting: "Спрашиваем: {n}", consultingTalk: "Говорите: {n}", handOver: "Соединить с гражданином", backToCitizen: "Вернуться к гражданину", transferring: "Переводим…", transferred: "Звонок передан", notTransferred: "Не передано: {n}. Разговор остаётся у вас.", consultFailed: "{n}: {m}. Гражданин снова с вами.",
  statuses: { 403: "сюда переводить нельзя", 404: "такого номера нет", 408: "не отвечает", 480: "не отвечает", 481: "разговор уже окончен", 486: "занято", 487: "отменено", 488: "не получилось соединить звук", 491: "линия занята другим переводом", 503: "линия перегружена", 603: "отказ" }, otherStatus: "не получилось",
  whom: "Кому перевести", find: "Имя, тема или номер", topics: "Тема", people: "Сотрудники", contacts: "Контакты поликлиники", aNumber: "Номер", blind: "Передать", ask: "Спросить", handedTo: "Передать: {n}", asked: "Спросить: {n}", nothingFound: "Никого не нашлось", personStates: { waiting: "свободен", receiving: "ему звонят", "in-call": "говорит", "wrap-up": "оформляет", break: "на перерыве", off: "не на смене", unreachable: "недоступен" },
  kinds: { operator: "оператор", volunteer: "волонтёр", curator: "куратор" },
  known: "Что известно", waited: "Ждал", said: "Сказал роботу", earlier: "Звонил раньше", openCases: "Открытые обращения", withheld: "номер скрыт", direct: "прямой звонок", retired: "старый номер", "call-back": "обратный звонок", agent: "сотрудник", clinicBecause: "{n}: {m}", first: "Звонит впервые",
  causes: { busy: "занято", "no-answer": "не ответили", unreachable: "не дозвонились", closed: "закрыто", chosen: "выбрал 122" }, told: { telephone: "Телефон", "birth-date": "Дата рождения", house: "Дом", clinic: "Поликлиника", request: "Просьба" },
  outcomes: { answered: "ответил оператор", "answered-by-clinic": "ответила поликлиника", announced: "прослушал сообщение", "left-menu": "ушёл из меню", abandoned: "не дождался", "timed-out": "вышло время", "queue-full": "очередь полна", "nobody-on-duty": "никого на смене", broken: "обрыв связи", refused: "отказ" },
  toldAll: "Сообщения руководителя смены", toldBy: "Руководитель смены", toldSeen: "Прочитано",
  script: "Сценарий разговора", caseTitle: "Обращение", topic: "Тема", urgency: "Срочность", byTopic: "как у темы", urgencies: { ordinary: "обычная", urgent: "срочно" }, phone: "Телефон", clinic: "Поликлиника", text: "Просьба", due: "Срок", save: "Сохранить обращение", saved: "Обращение сохранено, срок {n}", openSaved: "Открыть", saveFailed: "Не сохранено", caseStates: { open: "ждёт ответа", "handed-over": "передано", answered: "ответ дан", closed: "закрыто" }, none: "—",
  wrapUp: "Запишите обращение", wrapLeft: "Следующий звонок через {n}", myCases: "Мои обращения", drafts: "Не дописано", goOn: "Дописать", drop: "Выбросить", noCases: "Вас ничего не ждёт", callBacks: "Обратные звонки", noCallBacks: "Перезванивать некому", lineCallsBack: "Линия дозвонится сама и соединит с вами.", overdue: "просрочено", since: "ждёт с {n}", tries: "попыток: {n}", again: "снова в {n}", whys: { asked: "просил перезвонить", abandoned: "не дождался", broken: "связь прервалась", case: "по обращению" }, all: "Все обращения", number: "Номер или имя", dial: "Позвонить", dialTitle: "Позвонить",
  keysTitle: "Клавиши", keysOn: "Клавиши работают, когда курсор не в поле ввода", does: { answer: "ответить на звонок", decline: "отклонить звонок", hangUp: "завершить разговор", hold: "удержать, вернуть", mute: "выключить или включить микрофон", keypad: "набор цифр", transfer: "перевести", curator: "спросить куратора", caseText: "к обращению", ready: "готов к звонкам", pause: "перерыв", help: "этот список", escape: "закрыть окно" }, space: "Пробел",
  minute: "мин", second: "с",
  callTitle: "Позвонить на 122", callIntro: "Звонок прямо из браузера. Понадобится микрофон: браузер спросит разрешение.", callButton: "Позвонить 122", callConnecting: "Соединяем…", callRinging: "Вызываем…", callTalk: "Вы на линии", callEnded: "Звонок окончен", callAgain: "Позвонить ещё раз", callOff: "На этой линии звонки из браузера выключены.", callBusy: "Линия сейчас занята. Попробуйте через минуту или позвоните с телефона: 122.", callFailed: "Соединить не получилось. Проверьте интернет или позвоните с телефона: 122.", callLost: "Связь прервалась.", keysHint: "Говорите или нажимайте цифры, в том числе на клавиатуре компьютера.", emergency: "Если нужна скорая помощь, звоните 103 или 112.",
};
const EN = {
  title: "Desk", noAgent: "This account has no agent's number: the desk is for those who take calls.", elsewhere: "The desk is open in another tab. Close that one, and it opens here.",
  states: { off: "Off duty", break: "Break", unreachable: "Phone unreachable", waiting: "Free", receiving: "A call for you", "in-call": "Talking", "wrap-up": "Wrap-up", lost: "No connection to the server" },
  phones: { off: "", connecting: "Connecting to the line…", ready: "", refused: "The line has not taken this page's phone; trying again" },
  on: "Go on duty", off: "End the shift", offWhenFree: "The shift can be ended after the talk", pause: "Break…", back: "Back from break", ready: "Ready for calls", sound: "Sound", keys: "Keys", queues: "Queues", waiting: "waiting: {n}", longest: "longest {n}", nobody: "nobody waits", failed: "It failed",
  onFailed: "Going on duty failed: the line does not answer", breakTitle: "Break", close: "Close",
  check: "Check your sound", allow: "Turn the microphone on", allowWhy: "The browser will ask for permission. The microphone is turned on once for the shift; nobody hears you until you answer a call.", microphone: "Microphone", speaker: "Loudspeaker", tone: "Play a sound", speak: "Say something: the bar should move", heard: "You are heard", usual: "As the system says", level: "Loudness of your voice",
  noMicrophone: {
    insecure: "The microphone works over HTTPS alone. Ask your admin for the page's secure address.",
    refused: "The browser may not use the microphone. Click the sign to the left of the page's address, allow the microphone, and try again.",
    none: "No microphone found. Plug in a headset and try again.", busy: "The microphone does not start: another program may be using it.",
  },
  microphoneLost: "The microphone is gone. Plug in a headset and choose it under Sound.",
  incoming: "Incoming call", calling: "Calling", talk: "Talk", ended: "The talk is over", recovering: "Getting the talk back…", notRecovered: "The talk could not be got back: the citizen is first in the queue again.", answering: "Connecting…", cut: "The connection is lost, restoring it",
  noWay: "Your network lets no speech through, the call goes to somebody else. Try another network, or tell the administrator that a TURN server is needed.",
  answer: "Answer", decline: "Decline", hangUp: "Hang up", hold: "Hold", unhold: "Resume", mute: "Mute", unmute: "Unmute", keypad: "Keypad", transfer: "Transfer", curator: "Curator", held: "On hold", muted: "Microphone off", recorded: "Recorded",
  holdFailed: "The line does not answer, try again", noCurator: "No curator is free", helpAsked: "A curator is being called, the talk goes on", helpComes: "{n}: the curator is in the talk", helpWanted: "{n} asks for help in a talk", helpCome: "Join", helpHint: "Everybody hears you. Keys of the keypad: 4 listen, 5 whisper, 6 join, 7 take over", consulting: "Asking {n}", consultingTalk: "Talking to {n}", handOver: "Connect with the citizen", backToCitizen: "Back to the citizen", transferring: "Transferring…", transferred: "The call is handed over", notTransferred: "Not transferred: {n}. The talk stays with you.", consultFailed: "{n}: {m}. The citizen is with you again.",
  statuses: { 403: "not allowed", 404: "no such number", 408: "no answer", 480: "no answer", 481: "the talk is over", 486: "busy", 487: "cancelled", 488: "no common sound", 491: "another transfer is going on", 503: "the line is overloaded", 603: "declined" }, otherStatus: "it failed",
  whom: "Transfer to", find: "Name, topic or number", topics: "Topic", people: "Agents", contacts: "The clinic's contacts", aNumber: "Number", blind: "Transfer", ask: "Ask first", handedTo: "Transfer: {n}", asked: "Ask first: {n}", nothingFound: "Nobody found", personStates: { waiting: "free", receiving: "rings", "in-call": "talking", "wrap-up": "wrap-up", break: "break", off: "off duty", unreachable: "unreachable" },
  kinds: { operator: "operator", volunteer: "volunteer", curator: "curator" },
  known: "What is known", waited: "Waited", said: "Said to the robot", earlier: "Called before", openCases: "Open cases", withheld: "number withheld", direct: "called directly", retired: "old number", "call-back": "call-back", agent: "agent", clinicBecause: "{n}: {m}", first: "Calls for the first time",
  causes: { busy: "busy", "no-answer": "no answer", unreachable: "unreachable", closed: "closed", chosen: "chose 122" }, told: { telephone: "Telephone", "birth-date": "Date of birth", house: "House", clinic: "Clinic", request: "Request" },
  outcomes: { answered: "answered", "answered-by-clinic": "answered by the clinic", announced: "announcement heard", "left-menu": "left in the menu", abandoned: "abandoned", "timed-out": "timed out", "queue-full": "queue full", "nobody-on-duty": "nobody on duty", broken: "broken", refused: "refused" },
  toldAll: "Messages of who leads the shift", toldBy: "The shift's lead", toldSeen: "Got it",
  script: "Script", caseTitle: "Case", topic: "Topic", urgency: "Urgency", byTopic: "that of the topic", urgencies: { ordinary: "ordinary", urgent: "urgent" }, phone: "Phone", clinic: "Clinic", text: "Request", due: "Due", save: "Save the case", saved: "The case is saved, due {n}", openSaved: "Open", saveFailed: "Not saved", caseStates: { open: "waits", "handed-over": "handed over", answered: "answered", closed: "closed" }, none: "—",
  wrapUp: "Write the case down", wrapLeft: "The next call in {n}", myCases: "My cases", drafts: "Half written", goOn: "Go on", drop: "Throw away", noCases: "Nothing waits for you", callBacks: "Call-backs", noCallBacks: "Nobody to call back", lineCallsBack: "The line calls by itself and connects you.", overdue: "overdue", since: "waits since {n}", tries: "tries: {n}", again: "again at {n}", whys: { asked: "asked to be called", abandoned: "abandoned", broken: "cut off", case: "about a case" }, all: "All cases", number: "Number or name", dial: "Call", dialTitle: "Call",
  keysTitle: "Keys", keysOn: "Keys work while the cursor is in no text field", does: { answer: "answer the call", decline: "decline the call", hangUp: "hang up", hold: "hold, resume", mute: "microphone off or on", keypad: "keypad", transfer: "transfer", curator: "ask a curator", caseText: "to the case", ready: "ready for calls", pause: "break", help: "this list", escape: "close the window" }, space: "Space",
  minute: "min", second: "s",
  callTitle: "Call 122", callIntro: "A call from your browser. It needs the microphone: the browser will ask for permission.", callButton: "Call 122", callConnecting: "Connecting…", callRinging: "Ringing…", callTalk: "You are connected", callEnded: "The call has ended", callAgain: "Call again", callOff: "Calls from the browser are turned off on this line.", callBusy: "The line is busy now. Try again in a minute, or dial 122 from a telephone.", callFailed: "The call did not go through. Check your internet connection, or dial 122 from a telephone.", callLost: "The connection was lost.", keysHint: "Speak or press digits, on the computer's keyboard too.", emergency: "If you need an ambulance, dial 103 or 112.",
};

export const T = isEnglish ? EN : RU;
export const say = (text, n, m) => text.replace("{n}", n).replace("{m}", m);

/** Seconds as `0:42` or `1:02:03`. */
export function span(seconds) {
  const total = Math.max(0, Math.floor(seconds)), two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
}

/** Seconds for people who read in passing: `45 s`, `3 min`. */
export const roughly = (seconds) => (seconds < 90 ? `${Math.round(seconds)} ${T.second}` : `${Math.round(seconds / 60)} ${T.minute}`);

/** A time, of today without its day; nothing for what is no time. */
export function moment(when) {
  const time = new Date(when);
  if (when === null || Number.isNaN(time.getTime())) return "";
  const isToday = time.toDateString() === new Date().toDateString();
  return time.toLocaleString(isEnglish ? "en-GB" : "ru-RU", isToday ? { timeStyle: "short" } : { dateStyle: "short", timeStyle: "short" });
}

/** Why a call or a transfer came to nothing. */
export const whyNot = (status) => T.statuses[status] || T.otherStatus;
