// Invitations: links that open an agent's desk for some days without a password. A link is told once, when it is made.
import { ask, begin, byId, choices, element, isEnglish, row, show, tell } from "/inside.js";
import { moment } from "/times.js";

const RU = {
  title: "Приглашения", forbidden: "Эта страница — для тех, кто ведёт смену: нужна роль supervisor или admin.", failed: "Не получилось", noServer: "Сервер не отвечает",
  make: "Пригласить", hint: "Ссылка открывает рабочее место без пароля. Кто её получил, тот и войдёт: отправляйте лично.", agent: "Чьё рабочее место", topics: "Какие темы", allTopics: "Все темы сотрудника", days: "На сколько дней (до 92)", invite: "Создать ссылку", oneTopic: "Отметьте хотя бы одну тему.",
  madeFor: "Ссылка для {n}, действует до {m}:", link: "Ссылка", copy: "Скопировать", copied: "Скопировано", notCopied: "Скопируйте ссылку сами: браузер не дал", once: "Больше её нигде не увидеть. Потеряется — отзовите и создайте новую.",
  valid: "Действующие приглашения", none: "Таких нет", until: "Действует до", by: "Кто пригласил", at: "Когда", all: "все", revoke: "Отозвать", sure: "Точно отозвать?", revoked: "Приглашение отозвано: {n}. Кто по нему вошёл, уже вышел.",
  kinds: { operator: "оператор", volunteer: "волонтёр", curator: "куратор" },
};
const EN = {
  title: "Invitations", forbidden: "This page is for those who lead the shift: the role supervisor or admin is needed.", failed: "It failed", noServer: "The server does not answer",
  make: "Invite", hint: "The link opens the desk without a password. Whoever has it comes in: send it in person.", agent: "Whose desk", topics: "Topics", allTopics: "All topics of the agent", days: "For how many days (92 at most)", invite: "Make a link", oneTopic: "Choose at least one topic.",
  madeFor: "The link for {n}, valid until {m}:", link: "Link", copy: "Copy", copied: "Copied", notCopied: "Copy the link by hand: the browser did not", once: "It is not shown again. If it is lost, withdraw it and make another.",
  valid: "Invitations that are valid", none: "There are none", until: "Valid until", by: "Invited by", at: "When", all: "all", revoke: "Withdraw", sure: "Really withdraw?", revoked: "The invitation is withdrawn: {n}. Whoever came in by it is out.",
  kinds: { operator: "operator", volunteer: "volunteer", curator: "curator" },
};
const T = isEnglish ? EN : RU;
const fill = (text, n, m = "") => text.replace("{n}", () => n).replace("{m}", () => m);
/** Volunteers first: it is them whom one invites. */
const KINDS = ["volunteer", "operator", "curator"];

let agents = [], topics = [];

function refused({ status, body }) {
  tell(status === 0 ? T.noServer : body?.title ?? `${T.failed}: ${status}`);
}

const nameOf = (agent) => [agent, agents.find(({ id }) => id === agent)?.name].filter(Boolean).join(" ");

/** Asks once more at the button itself: who comes in by an invitation may be in a talk. */
function revokeButton({ id, agent }) {
  const button = element("button", T.revoke, "quiet-button");
  button.setAttribute("aria-label", `${T.revoke}: ${nameOf(agent)}`);
  const again = () => { button.textContent = T.revoke; button.onclick = sure; };
  const act = async () => {
    const told = await ask("DELETE", `/api/v1/invitations/${id}`);
    if (!told.ok && told.status !== 404) return refused(told);
    tell(fill(T.revoked, nameOf(agent)));
    await load();
  };
  const sure = () => { button.textContent = T.sure; button.removeAttribute("aria-label"); button.onclick = act; button.onblur = again; };
  button.onclick = sure;
  return button;
}

function line(one) {
  const taken = one.topics?.map((id) => topics.find((topic) => topic.id === id)?.title ?? id).join(", ") ?? T.all;
  return row([nameOf(one.agent), element("div", taken, "words"), moment(one.expires_at), one.made_by.replace(/^account:/, ""), moment(one.made_at), revokeButton(one)]);
}

async function load() {
  const told = await ask("GET", "/api/v1/invitations");
  if (!told.ok) return refused(told);
  const all = told.body.invitations;
  byId("invitations").replaceChildren(row([T.agent, T.topics, T.until, T.by, T.at, ""], "th"), ...all.map(line));
  show("invitations", all.length > 0);
  show("none", all.length === 0);
}

async function invite(event) {
  event.preventDefault();
  const form = event.target.elements;
  const ticked = [...byId("topics").querySelectorAll("input:checked")].map(({ value }) => value);
  if (!form.all.checked && ticked.length === 0) return tell(T.oneTopic);
  const told = await ask("POST", "/api/v1/invitations", { agent: form.agent.value, topics: form.all.checked ? null : ticked, days: Number(form.days.value) });
  if (!told.ok) return refused(told);
  tell("");
  const { agent, expires_at: until, path } = told.body;
  byId("made-for").textContent = fill(T.madeFor, nameOf(agent), moment(until));
  byId("link").value = new URL(path, location.origin).href;
  byId("copy").textContent = T.copy;
  show("made", true);
  byId("copy").focus();
  await load();
}

async function copy() {
  const link = byId("link");
  link.select();
  // Without TLS a browser has no clipboard for pages, but what is selected can be copied.
  const isDone = await (navigator.clipboard?.writeText(link.value).then(() => true, () => false) ?? false) || document.execCommand("copy");
  byId("copy").textContent = isDone ? T.copied : T.copy;
  if (!isDone) tell(T.notCopied);
}

begin(T, async ({ role }) => {
  if (role !== "supervisor" && role !== "admin") return tell(T.forbidden);
  const [known, names] = await Promise.all([ask("GET", "/api/v1/agents"), ask("GET", "/api/v1/names")]);
  if (!known.ok || !names.ok) return refused(known.ok ? names : known);
  show("inside", true);
  agents = known.body.agents.sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
  topics = names.body.topics;
  const form = byId("new");
  choices(form.elements.agent, agents.map(({ id, name, kind }) => ({ id, title: `${id} ${name} (${T.kinds[kind] ?? kind})` })));
  byId("topics").replaceChildren(...topics.map(({ id, title }) => {
    const label = element("label", ""), box = element("input", "");
    Object.assign(box, { type: "checkbox", value: id });
    label.append(box, ` ${title}`);
    return label;
  }));
  form.elements.all.onchange = () => show("topics", !form.elements.all.checked);
  form.onsubmit = invite;
  byId("link").setAttribute("aria-label", T.link);
  byId("copy").onclick = copy;
  await load();
});
