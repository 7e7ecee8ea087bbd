// The audit: who has looked at what of citizens and changed what of the line, for admins.
import { begin, byId, choices, element, isEnglish, row, show, tell } from "/inside.js";
import { find } from "/found.js";
import { chosen, daysAgo, exactly } from "/times.js";

const RU = {
  title: "Аудит: журнал доступа", forbidden: "Эта страница — для администраторов: нужна роль admin.", hint: "Кто и когда смотрел данные граждан и что менял на линии. Этот просмотр тоже записывается.", failed: "Не получилось", noServer: "Сервер не отвечает",
  from: "С", until: "До", who: "Кто (часть имени)", what: "Что", subject: "Чего касается (часть)", find: "Найти", none: "Таких записей нет", more: "Ещё", any: "всё", when: "Когда", whoHead: "Кто", subjectHead: "Чего касается",
  whats: { read: "смотрел", search: "искал", listen: "слушал", change: "изменил", tell: "сообщил всем", invite: "пригласил", revoke: "отозвал", withdraw: "отменил", erase: "удалил" },
};
const EN = {
  title: "Audit", forbidden: "This page is for admins: the role admin is needed.", hint: "Who has looked at what of citizens, and changed what of the line, and when. This look is written down as well.", failed: "It failed", noServer: "The server does not answer",
  from: "From", until: "Until", who: "Who (a part)", what: "What", subject: "To what (a part)", find: "Find", none: "There are none", more: "More", any: "all", when: "When", whoHead: "Who", subjectHead: "To what",
  whats: { read: "read", search: "searched", listen: "listened", change: "changed", tell: "told all", invite: "invited", revoke: "revoked", withdraw: "withdrew", erase: "erased" },
};
const T = isEnglish ? EN : RU;
const FIELDS = ["from", "until", "who", "what", "subject"];
/** Days that are looked through unless others are chosen. */
const DAYS = 7;

function refused({ status, body }) {
  tell(status === 0 ? T.noServer : body?.title ?? `${T.failed}: ${status}`);
}

const line = ({ at, who, what, subject }) => row([exactly(at), who, T.whats[what] ?? what, element("div", subject, "words")]);

function look() {
  const form = byId("find").elements, query = new URLSearchParams();
  for (const name of FIELDS) {
    const value = form[name].value.trim();
    if (value) query.set(name, name === "from" || name === "until" ? chosen(value) : value);
  }
  return find(`/api/v1/audit?${query}`, "entries", [T.when, T.whoHead, T.what, T.subjectHead], line, refused);
}

begin(T, async ({ role }) => {
  if (role !== "admin") return tell(T.forbidden);
  show("inside", true);
  const form = byId("find");
  choices(form.elements.what, Object.entries(T.whats).map(([id, title]) => ({ id, title })), T.any);
  form.elements.from.value = daysAgo(DAYS);
  form.onsubmit = (event) => { event.preventDefault(); look(); };
  await look();
});
