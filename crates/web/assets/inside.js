// What the pages behind the door share: words, logging in, asking the line. Everything is set as text,
// never as HTML: names and words come from people.

export const isEnglish = document.documentElement.lang === "en";
export const byId = (id) => document.getElementById(id);
export const show = (id, visible) => { byId(id).hidden = !visible; };
export const tell = (text) => { byId("message").textContent = text; };

const DOOR = isEnglish
  ? { login: "Log in", name: "Name", password: "Password", enter: "Log in", leave: "Log out", wrong: "Wrong name or password", often: "Too many wrong passwords, wait" }
  : { login: "Вход", name: "Имя", password: "Пароль", enter: "Войти", leave: "Выйти", wrong: "Неверное имя или пароль", often: "Слишком много неверных паролей, подождите" };

let signed = null;

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

export async function ask(method, path, what, extra = {}) {
  const headers = { ...extra };
  if (what !== undefined) headers["Content-Type"] = "application/json";
  if (signed && method !== "GET") headers["X-CSRF-Token"] = signed.csrf;
  const body = what === undefined ? undefined : JSON.stringify(what);
  const answer = await fetch(path, { method, headers, body, credentials: "same-origin" });
  const told = await answer.text();
  let read = null;
  try { read = told ? JSON.parse(told) : null; } catch { read = null; }
  if (answer.status === 401 && path !== "/session") { signed = null; drawDoor(() => {}); }
  return { status: answer.status, ok: answer.ok, body: read };
}

function drawDoor(inside) {
  show("login", !signed);
  if (!signed) for (const place of document.querySelectorAll("[data-inside]")) place.hidden = true;
  const who = byId("who");
  who.replaceChildren();
  if (!signed) return;
  const leave = element("button", DOOR.leave, "quiet-button");
  leave.addEventListener("click", async () => { await ask("DELETE", "/session"); location.reload(); });
  who.append(element("span", `${signed.name} `), leave);
  inside(signed);
}

// Puts the words into the page and opens the door; `inside` draws what is behind it, each time that
// somebody comes in.
export async function begin(words, inside) {
  const all = { ...DOOR, ...words };
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = all[place.dataset.t];
  document.title = `122 · ${words.title}`;
  byId("login-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const told = await ask("POST", "/session", { name: form.elements.name.value, password: form.elements.password.value });
    form.elements.password.value = "";
    if (!told.ok) return tell(told.status === 429 ? DOOR.often : DOOR.wrong);
    tell("");
    signed = told.body;
    drawDoor(inside);
  });
  const told = await ask("GET", "/session");
  if (told.ok) signed = told.body;
  drawDoor(inside);
}
