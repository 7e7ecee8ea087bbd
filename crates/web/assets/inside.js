// What the pages behind the door share: words, logging in, asking the line. Everything is set as text,
// never as HTML: names and words come from people.

export const isEnglish = document.documentElement.lang === "en";
export const byId = (id) => document.getElementById(id);
export const show = (id, visible) => { byId(id).hidden = !visible; };
export const tell = (text) => { byId("message").textContent = text; };

const DOOR = isEnglish
  ? { login: "Log in", name: "Name", password: "Password", enter: "Log in", leave: "Log out", enterHere: "Log in…", theme: "Light or dark", pages: "Pages", code: "Code, if any", ofApplication: "of the application", wrong: "Wrong name or password", wrongCode: "Wrong name, password or code", often: "Too many wrong passwords, wait", noInvitation: "This invitation is not valid any more: ask for a new one", by: "Log in with", unreached: "The line cannot be reached, trying again…" }
  : { login: "Вход", name: "Имя", password: "Пароль", enter: "Войти", leave: "Выйти", enterHere: "Войти…", theme: "Светлая или тёмная", pages: "Страницы", code: "Код, если есть", ofApplication: "из приложения", wrong: "Неверное имя или пароль", wrongCode: "Неверные имя, пароль или код", often: "Слишком много неверных паролей, подождите", noInvitation: "Это приглашение больше не действует: попросите новое", by: "Войти через", unreached: "Нет связи с линией, пробуем ещё раз…" };

// Why somebody comes back from a provider without being known.
const BACK = isEnglish
  ? { refused: "The provider has not let you in", stranger: "The provider knows you, but you have no role here: ask the administrator", unavailable: "The provider does not answer properly, try again later", again: "That took too long or was in another browser: try once more" }
  : { refused: "Служба входа вас не впустила", stranger: "Служба входа вас знает, но роли здесь у вас нет: обратитесь к администратору", unavailable: "Служба входа не отвечает как следует, попробуйте позже", again: "Прошло слишком много времени или это был другой браузер: попробуйте ещё раз" };

const PLACES = isEnglish
  ? { "/": "Line", "/desk": "Desk", "/wall": "Wallboard", "/supervisor": "Shift", "/calls": "Calls", "/recordings": "Recordings", "/cases": "Cases", "/reports": "Reports", "/invitations": "Invitations", "/dialplan": "Dialplan", "/audit": "Audit" }
  : { "/": "Линия", "/desk": "Рабочее место", "/wall": "Табло", "/supervisor": "Смена", "/calls": "Звонки", "/recordings": "Записи", "/cases": "Обращения", "/reports": "Отчёты", "/invitations": "Приглашения", "/dialplan": "Диалплан", "/audit": "Аудит" };
/** So many links need no list that is opened. */
const FEW = 3;
/** Milliseconds until a line that was not reached is asked again. */
const REACH_AGAIN = 2_000;

let signed = null, isOpen = false, provider = null;

// Where somebody may go. A desk belongs to a number, the audit to admins; an organisation has nothing but cases.
function placesOf({ role, agent }) {
  if (role === "agent") return ["/desk", "/cases"];
  if (role !== "supervisor" && role !== "admin") return ["/cases"];
  return Object.keys(PLACES).filter((place) => (place !== "/desk" || agent) && (place !== "/audit" || role === "admin"));
}

const isHere = (place) => location.pathname === place || (place !== "/" && location.pathname.startsWith(`${place}/`));

function linkTo(place) {
  const link = element("a", PLACES[place]);
  link.href = place;
  if (isHere(place)) link.setAttribute("aria-current", "page");
  // Who leaves the desk leaves the call.
  else if (location.pathname === "/desk") { link.target = "_blank"; link.rel = "noopener"; }
  return link;
}

// The button is for where there is no room for all links: look.css says where.
function listButton(here) {
  const button = element("button", `☰ ${PLACES[here] ?? DOOR.pages}`, "quiet-button");
  button.type = "button";
  const open = (is) => button.setAttribute("aria-expanded", String(is));
  open(false);
  button.addEventListener("click", () => open(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") open(false); });
  document.addEventListener("click", ({ target }) => { if (!button.parentNode?.contains(target)) open(false); });
  return button;
}

function drawPlaces() {
  document.querySelector("nav.places")?.remove();
  if (!signed) return;
  const places = placesOf(signed), nav = element("nav", "", "places"), list = element("div", "");
  nav.setAttribute("aria-label", DOOR.pages);
  list.append(...places.map(linkTo));
  nav.classList.toggle("many", places.length > FEW);
  if (places.length > FEW) nav.append(listButton(places.find(isHere)));
  nav.append(list);
  byId("who").before(nav);
}

// A button that changes between light and dark, and remembers it.
export function themeButton() {
  const button = element("button", "◐", "quiet-button");
  button.type = "button";
  button.title = DOOR.theme;
  button.setAttribute("aria-label", DOOR.theme);
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* then for this page alone */ }
  });
  return button;
}

export function element(tag, text, kind) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

export function row(cells, cell = "td") {
  const made = document.createElement("tr");
  for (const one of cells) {
    const place = document.createElement(cell);
    if (one instanceof Node) place.append(one); else place.textContent = one;
    made.append(place);
  }
  return made;
}

/** Fills a list to choose from; `first` is the choice of none. */
export function choices(select, list, first) {
  const options = list.map((one) => new Option(one.title, one.id));
  select.replaceChildren(...(first === undefined ? [] : [new Option(first, "")]), ...options);
}

export async function ask(method, path, what, extra = {}) {
  const headers = { ...extra };
  if (what !== undefined) headers["Content-Type"] = "application/json";
  if (signed && method !== "GET") headers["X-CSRF-Token"] = signed.csrf;
  const body = what === undefined ? undefined : JSON.stringify(what);
  // Without the server there is no status: 0.
  const answer = await fetch(path, { method, headers, body, credentials: "same-origin" }).catch(() => null);
  const told = await answer?.text().catch(() => null) ?? null;
  if (told === null) return { status: 0, ok: false, body: null };
  let read = null;
  try { read = told ? JSON.parse(told) : null; } catch { read = null; }
  if (answer.status === 401 && !path.startsWith("/session")) { signed = null; drawDoor(() => {}); }
  return { status: answer.status, ok: answer.ok, body: read };
}

/** Asks until the line is reached: a network that is away for a moment must not put who is logged in before the door. */
export async function askTillReached(method, path, what) {
  for (;;) {
    const told = await ask(method, path, what);
    if (told.status !== 0) return told;
    tell(DOOR.unreached);
    await new Promise((resolve) => setTimeout(resolve, REACH_AGAIN));
    tell("");
  }
}

function enterButton() {
  const button = element("button", DOOR.enterHere, "quiet-button");
  button.addEventListener("click", () => { show("login", true); byId("login-form").elements.name.focus(); });
  return button;
}

function drawDoor(inside) {
  show("login", !signed && !isOpen);
  if (!signed) for (const place of document.querySelectorAll("[data-inside]")) place.hidden = true;
  if (!signed) offerProvider();
  const who = byId("who");
  who.replaceChildren();
  drawPlaces();
  // The wall has a button of its own: it is dark unless somebody wants it light.
  const theme = byId("theme") ? [] : [themeButton()];
  if (!signed && isOpen) who.append(...theme, enterButton());
  if (!signed) return;
  const leave = element("button", DOOR.leave, "quiet-button");
  leave.addEventListener("click", async () => { await ask("DELETE", "/session"); location.reload(); });
  who.append(element("span", signed.name), ...theme, leave);
  inside(signed);
}

// The field for the code of an authenticator. The line never tells whether the password was right and only the code is
// missing, so the field comes with the first refusal; where somebody came in with a code, it is there at once.
function codeField() {
  const form = byId("login-form");
  if (form.elements.code) return form.elements.code;
  const input = document.createElement("input");
  Object.assign(input, { name: "code", autocomplete: "one-time-code", inputMode: "numeric", pattern: "[0-9 ]*", maxLength: 8, placeholder: DOOR.ofApplication });
  const label = element("label", "");
  label.append(element("span", DOOR.code), " ", input);
  form.querySelector("button").before(label);
  return input;
}

function usesCode(known) {
  try {
    if (known) localStorage.setItem("code", "1");
    return localStorage.getItem("code") === "1";
  } catch { return false; }
}

async function logIn(form) {
  const code = form.elements.code?.value.replaceAll(" ", "");
  const what = { name: form.elements.name.value, password: form.elements.password.value };
  const told = await ask("POST", "/session", code ? { ...what, code } : what);
  if (told.ok) {
    if (code) usesCode(true);
    form.elements.password.value = "";
    if (form.elements.code) form.elements.code.value = "";
    return told.body;
  }
  tell(told.status === 429 ? DOOR.often : code ? DOOR.wrongCode : DOOR.wrong);
  if (told.status !== 401) return null;
  const field = codeField();
  field.value = "";
  // The password stays for who only lacks the code.
  (code ? form.elements.password : field).focus();
  return null;
}

// The way to the provider that knows people, below the form. Who was logged in was not told of it.
async function offerProvider() {
  provider ??= (await ask("GET", "/session")).body?.openid ?? "";
  if (!provider || byId("provider")) return;
  const link = element("a", `${DOOR.by} ${provider}`);
  const page = Object.keys(PLACES).find((place) => location.pathname === place || location.pathname.startsWith(`${place}/`));
  link.id = "provider";
  link.href = `/session/openid?page=${page ?? "/cases"}`;
  const line = element("p", "");
  line.append(link);
  byId("login-form").after(line);
}

function tellWhyBack() {
  const why = /^#openid=(\w+)$/.exec(location.hash)?.[1];
  if (!why) return;
  history.replaceState(null, "", location.pathname);
  tell(BACK[why] ?? BACK.unavailable);
}

// Puts the words into the page and opens the door; `inside` draws what is behind it, each time that
// somebody comes in. A page that is open to all shows something without.
export async function begin(words, inside, isForAll = false) {
  isOpen = isForAll;
  const all = { ...DOOR, ...words };
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = all[place.dataset.t];
  document.title = `122 · ${words.title}`;
  byId("login-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const came = await logIn(event.target);
    if (!came) return;
    tell("");
    signed = came;
    drawDoor(inside);
  });
  if (usesCode()) codeField();
  tellWhyBack();
  signed = (await invited()) ?? signed;
  if (!signed) {
    const told = await askTillReached("GET", "/session");
    if (told.ok) signed = told.body;
    else provider = told.body?.openid ?? "";
  }
  drawDoor(inside);
}

// Who comes by an invitation has its secret behind #, where no server and no log sees it; it goes from the address at
// once.
async function invited() {
  const invitation = /^#invitation=(\S+)$/.exec(location.hash)?.[1];
  if (!invitation) return null;
  history.replaceState(null, "", location.pathname);
  const told = await askTillReached("POST", "/session/invitation", { invitation });
  if (told.ok) return told.body;
  tell(told.status === 429 ? DOOR.often : DOOR.noInvitation);
  return null;
}
