// The dialplan's page: what runs, what would change, the change.
import { ask, begin, byId, element, isEnglish, row, show, tell } from "/inside.js";

const RU = {
  title: "Диалплан", onDisk: "Файлы на сервере", edit: "Правка", file: "Файл",
  check: "Проверить", test: "Испытать", tested: "Проверки", cases: "Проверок: {n}, не выполнено: {m}", noCases: "Проверок рядом с правилами нет: каталог tests", reached: "Затронуто {n} из {m} меню, клавиш, очередей, поликлиник; ни одна проверка не касается:", reachedAll: "Затронуты все меню, клавиши, очереди и поликлиники: {m}", comment: "Зачем", apply: "Применить", undo: "Вернуть как было", picture: "Действующий диалплан", versions: "Версии", rollback: "Вернуться…", rollbackNow: "Применить эту версию",
  same: "Файлы в каталоге — те, что действуют", differs: "Файлы в каталоге отличаются от действующих",
  plan: "Что изменится", nothing: "Отличий от действующей версии нет", calls: "Сейчас звонков: {n}; они закончатся по версии, с которой начались.",
  applied: "Действует версия {n}", overtaken: "Тем временем применена версия {n}; посмотрите ещё раз", failed: "Не получилось: {n}", errors: "Есть ошибки; ничего не изменено",
  number: "№", when: "Когда", by: "Кто", hash: "Версия", runs: "действует", what: "Что", how: "Как", touches: "Кого касается",
  added: "добавлено", removed: "убрано", now: "сейчас звонков: {n}",
  kinds: { region: "регион", service: "линия", trunk: "транк", callers: "список звонящих", clinic: "поликлиника", retired: "старый номер", outside: "внешний телефон", prompt: "подсказка", menu: "меню", queue: "очередь", group: "группа", site: "площадка", agent: "сотрудник", account: "учётная запись", schedule: "расписание", features: "команды телефона" },
  states: { "in-call": "сейчас говорит", receiving: "ему звонят", "wrap-up": "оформляет звонок" },
};
const EN = {
  title: "Dialplan", onDisk: "Files on the server", edit: "Edit", file: "File",
  check: "Check", test: "Test", tested: "Cases", cases: "Cases: {n}, not as expected: {m}", noCases: "There are no cases beside the dialplan: folder tests", reached: "Reached {n} of {m} menus, keys, queues, clinics; no case reaches:", reachedAll: "All menus, keys, queues and clinics are reached: {m}", comment: "Why", apply: "Apply", undo: "Undo all", picture: "The running dialplan", versions: "Versions", rollback: "Go back…", rollbackNow: "Apply this version",
  same: "The files of the folder are those that run", differs: "The files of the folder differ from those that run",
  plan: "What would change", nothing: "Nothing differs from what runs", calls: "Calls now: {n}; they go on by the version of their arrival.",
  applied: "Version {n} runs", overtaken: "Meanwhile version {n} was applied; look again", failed: "It failed: {n}", errors: "There are errors; nothing is changed",
  number: "#", when: "When", by: "Who", hash: "Version", runs: "runs", what: "What", how: "How", touches: "Whom it touches",
  added: "added", removed: "removed", now: "calls now: {n}",
  kinds: {}, states: { "in-call": "talks now", receiving: "rings now", "wrap-up": "does the paperwork" },
};
const T = isEnglish ? EN : RU;
const say = (text, n, m) => text.replace("{n}", n).replace("{m}", m);
const PART = "/dialplan/api";

let signed = null, overview = null, files = null, edited = null, candidate = null;

// Says why nothing was done; gives the findings of a dialplan that is wrong.
function refused({ status, body }) {
  if (body && body.wrong) { tell(T.errors); return body.wrong; }
  if (body && body.overtaken) tell(say(T.overtaken, body.overtaken.running));
  else tell(say(T.failed, (body && body.failed) || status));
  return [];
}

function table(id, head, rows) {
  const lines = rows.map((cells) => row(cells, "td"));
  for (const cell of lines.flatMap((line) => [...line.cells])) if (cell.firstElementChild) cell.className = "fields";
  byId(id).replaceChildren(...(rows.length ? [row(head, "th"), ...lines] : []));
}

function list(id, findings) {
  const place = byId(id);
  place.textContent = findings.map((one) => one.text).join("");
  place.hidden = findings.length === 0;
}

function changed(how) {
  if (how === "added") return T.added;
  if (how === "removed") return T.removed;
  const all = document.createElement("div");
  for (const one of how.changed) all.append(element("div", `${one.field}: ${one.before || "—"} → ${one.after || "—"}`));
  return all;
}

function drawPreview(preview, number) {
  show("plan-part", true);
  byId("plan-title").textContent = number ? `${T.plan} (${number})` : T.plan;
  list("plan-findings", preview.findings);
  table("plan", [T.what, T.how, T.touches], preview.changes.map((one) => {
    const touched = [one.calls > 0 ? say(T.now, one.calls) : "", one.agent ? T.states[one.agent] || one.agent : ""];
    return [`${T.kinds[one.kind] || one.kind} ${one.name}`, changed(one.how), touched.filter(Boolean).join(", ")];
  }));
  byId("plan-calls").textContent = preview.changes.length ? say(T.calls, preview.calls) : T.nothing;
}

function draw() {
  show("inside", true);
  const admin = signed.role === "admin";
  byId("folder").textContent = `${overview.folder.folder}: ${overview.folder.differs ? T.differs : T.same}`;
  list("findings", overview.folder.findings);
  table("versions", [T.number, T.when, T.by, T.hash, T.comment, ""], overview.versions.map((one) => {
    let last = one.number === overview.running ? T.runs : "";
    if (!last && admin) {
      last = element("button", T.rollback, "quiet-button");
      last.addEventListener("click", () => previewRollback(one.number));
    }
    return [one.number, one.when, one.who, one.hash, one.comment, last];
  }));
  show("edit", admin && Boolean(edited));
}

function drawFile() { byId("text").value = edited[byId("file").value] || ""; }

function drawFiles() {
  const choice = byId("file"), before = choice.value;
  choice.replaceChildren(...Object.keys(edited).map((name) => new Option(name, name)));
  if (before in edited) choice.value = before;
  drawFile();
}

const proposal = () => ({
  by: { who: "", comment: byId("comment").value, replaces: overview.running },
  folder: "", files: edited, write_back: true,
});

async function load() {
  const told = await ask("GET", PART);
  if (told.status !== 200) return tell(say(T.failed, told.status));
  overview = told.body;
  byId("picture").alt = T.picture;
  byId("picture").src = byId("picture-whole").href = `${PART}/picture?${overview.running}`;
  if (signed.role === "admin") {
    const all = await ask("GET", `${PART}/versions/${overview.running}/files`);
    if (all.status === 200) { files = all.body; edited = { ...files }; drawFiles(); }
  }
  draw();
}

// What the edited files would change, and what their cases say; null if they are wrong, which is shown.
async function preview() {
  candidate = null;
  show("back", false);
  tell("");
  const told = await ask("POST", `${PART}/preview`, proposal());
  if (told.status === 200) return told.body;
  show("test-part", false);
  byId("apply").disabled = true;
  drawPreview({ findings: refused(told), changes: [], calls: 0 });
  byId("plan-calls").textContent = "";
  return null;
}

async function check() {
  const would = await preview();
  if (!would) return;
  show("test-part", false);
  drawPreview(would);
  byId("apply").disabled = would.changes.length === 0;
}

// The cases beside the edited files, and what none of them reaches.
async function test() {
  const would = await preview();
  if (!would) return;
  const { tested, findings } = would, missed = tested.unreached;
  show("test-part", true);
  byId("test-cases").textContent = tested.cases ? say(T.cases, tested.cases, tested.untrue) : T.noCases;
  list("test-findings", findings);
  const reached = tested.things - missed.length;
  byId("test-reached").textContent = tested.cases ? say(missed.length ? T.reached : T.reachedAll, reached, tested.things) : "";
  byId("test-missed").replaceChildren(...(tested.cases ? missed : []).map((name) => element("li", name)));
}

async function previewRollback(number) {
  tell("");
  const told = await ask("GET", `${PART}/versions/${number}/preview`);
  if (told.status !== 200) { list("plan-findings", refused(told)); show("plan-part", true); return; }
  candidate = number;
  drawPreview(told.body, number);
  show("back", told.body.changes.length > 0);
  byId("plan-part").scrollIntoView();
}

async function done(told) {
  if (told.status !== 200) { list("plan-findings", refused(told)); return; }
  show("plan-part", false);
  show("test-part", false);
  byId("apply").disabled = true;
  byId("comment").value = "";
  await load();
  tell(say(T.applied, told.body.number));
}

byId("file").addEventListener("change", drawFile);
byId("text").addEventListener("input", () => { edited[byId("file").value] = byId("text").value; byId("apply").disabled = true; });
byId("check").addEventListener("click", check);
byId("test").addEventListener("click", test);
byId("undo").addEventListener("click", () => { edited = { ...files }; drawFiles(); byId("apply").disabled = true; show("plan-part", false); show("test-part", false); tell(""); });
byId("apply").addEventListener("click", async () => done(await ask("POST", `${PART}/apply`, proposal())));
byId("back").addEventListener("click", async () => {
  const by = { who: "", comment: byId("comment").value, replaces: overview.running };
  done(await ask("POST", `${PART}/versions/${candidate}/rollback`, by));
});
begin(T, async (who) => { signed = who; await load(); });
