// The desk: the shift, its telephone, and what the line says of both. The call itself is in desk-talk.js.
import { ask, begin, byId, element, show, tell } from "/inside.js";
import { beginCases, drawDrafts, drawWaiting, fillCase, isHalfWritten } from "/desk-case.js";
import { beginHelp, hearHelp } from "/desk-help.js";
import { beginKeys, hint } from "/desk-keys.js";
import { SoundCheck, Sounds } from "/desk-sound.js";
import { Talk } from "/desk-talk.js";
import { beginTold, hearMessage } from "/desk-told.js";
import { T, roughly, say, span } from "/desk-words.js";
import { phoneKey } from "/keypad.js";
import { Loudspeaker, Microphone, Speech } from "/phone-media.js";
import { Phone } from "/phone.js";

/** Whose shift it is in this tab: it goes on after a reload. Whose desk it was last. */
const SHIFT = "line122-shift", OWNER = "line122-owner";
/** Milliseconds until a broken stream is opened again. */
const STREAM_AGAIN = 3_000;

const microphone = new Microphone(), loudspeaker = new Loudspeaker(), sounds = new Sounds(loudspeaker);
let info = null, now = null, stream = null, heardAt = 0, isLost = false, phone = null, talk = null, check = null, isChecking = false, counted = "", filledFor = "";

const isOnShift = () => phone !== null;

function drawDuty() {
  if (!now) return;
  const state = isLost ? "lost" : now.state, place = byId("state");
  place.className = state;
  const reason = state === "break" && info.breaks.find((one) => one.id === now.reason);
  byId("state-word").textContent = reason ? `${T.states.break}: ${reason.title}` : T.states[state] || state;
  byId("state-time").textContent = isLost || state === "off" ? "" : span(now.since + (performance.now() - heardAt) / 1000);
  byId("phone-state").textContent = phone ? T.phones[phone.state] : "";
  const isBusy = Boolean(phone?.isBusy);
  show("ready", state === "wrap-up");
  show("back", isOnShift() && now.duty === "break");
  show("pause", isOnShift() && now.duty === "on");
  show("off", isOnShift());
  show("sound", isOnShift());
  byId("off").disabled = isBusy;
  byId("off").title = isBusy ? T.offWhenFree : "";
  show("on", !isOnShift());
  byId("queues").replaceChildren(...now.queues.map((queue) => {
    const chip = element("li", "", queue.waiting > 0 ? "waits" : "");
    const text = queue.waiting > 0 ? `${say(T.waiting, queue.waiting)}, ${say(T.longest, roughly(queue.longest))}` : T.nobody;
    chip.append(element("b", queue.title), " ", element("span", text));
    return chip;
  }));
}

/** What of the page belongs to what is done now. */
function arrange() {
  const { mode, card, callId } = talk;
  document.body.dataset.mode = mode;
  show("script-part", Boolean(card?.script) && mode !== "idle");
  const isAbout = mode === "talk" || mode === "wrap", about = isAbout ? `${callId} ${Boolean(card)}` : "";
  if (isAbout && about !== filledFor) fillCase(callId, card);
  filledFor = about;
  show("case-part", isAbout || isHalfWritten());
  if (mode === "idle") drawDrafts(arrange);
  else show("drafts-part", false);
  for (const id of ["cases-part", "backs-part"]) show(id, mode === "idle");
  // It stays while it rings: what is being typed is not to vanish under the fingers.
  show("dial-part", (mode === "idle" || mode === "ringing") && isOnShift());
  if (mode !== "idle") counted = "";
  drawDuty();
  count();
}

// What waits is asked for when it has changed: each look is a line in the audit.
function count() {
  const is = now ? `${now.call_backs} ${now.cases_due}` : "";
  if (talk.mode !== "idle" || is === counted) return;
  counted = is;
  drawWaiting(info.agent, info.queues);
}

function watch() {
  stream?.close();
  const source = new EventSource("/api/desk/stream");
  stream = source;
  source.onmessage = ({ data }) => {
    now = JSON.parse(data);
    heardAt = performance.now();
    isLost = false;
    talk.follow(now);
    drawDuty();
    count();
  };
  source.addEventListener("message-to-all", ({ data }) => hearMessage(JSON.parse(data)));
  for (const kind of ["help-wanted", "help-comes", "help-over"]) source.addEventListener(kind, ({ data }) => hearHelp(kind, JSON.parse(data)));
  source.onerror = () => {
    isLost = true;
    now ||= { state: "off", duty: "off", since: 0, queues: [] };
    drawDuty();
    if (source.readyState !== EventSource.CLOSED) return;
    // Refused: perhaps nobody is logged in any more, and the question draws the door, behind which it goes on.
    setTimeout(async () => { if ((await ask("GET", "/api/desk")).status !== 401) watch(); }, STREAM_AGAIN);
  };
}

async function set(duty, reason) {
  const told = await ask("POST", "/api/desk/duty", reason ? { duty, reason } : { duty });
  if (!told.ok) tell(told.body?.title || T.failed);
  return told.ok;
}

function newPhone() {
  const speech = () => new Speech({ microphone, loudspeaker, iceServers: info.ice_servers });
  const made = new Phone({ path: "/sip", user: info.agent, name: info.name, realm: info.realm, speech });
  made.addEventListener("state", drawDuty);
  made.addEventListener("calls", drawDuty);
  return made;
}

/** Begins the shift, or goes on with it after a reload: then nothing is said of duty, and the talks are taken back. */
async function startShift({ isReload }) {
  if (isOnShift() || (!microphone.isOpen && !(await check.open()))) return;
  phone = newPhone();
  talk.attach(phone);
  const reached = phone.reaches();
  phone.start();
  drawDuty();
  const isThere = await reached;
  if (!isThere && !isReload) {
    tell(T.onFailed);
    return endShift();
  }
  talk.restore(phone.recover());
  sessionStorage.setItem(SHIFT, info.agent);
  if (!isReload && !(await set("on"))) return endShift();
  isChecking = false;
  check.show(false);
  arrange();
}

async function endShift() {
  const ending = phone;
  phone = null;
  sessionStorage.removeItem(SHIFT);
  await ending.stop();
  check.show(true);
  arrange();
}

function offerBreak() {
  if (now?.duty !== "on" || !isOnShift()) return false;
  byId("breaks").showModal();
  return true;
}

/** What a key asks for; gives whether there was anything to do. */
function act(what) {
  if (what === "ready" && !byId("ready").hidden) { byId("ready").click(); return true; }
  if (what === "pause") return offerBreak();
  if (what === "caseText" && !byId("case-part").hidden) { byId("case").elements.text.focus(); return true; }
  return talk.act(what);
}

function connect() {
  const hinted = (id, text, what) => byId(id).replaceChildren(element("span", text), element("kbd", hint(what)));
  hinted("ready", T.ready, "ready");
  hinted("pause", T.pause, "pause");
  byId("on").onclick = () => { tell(""); startShift({ isReload: false }); };
  byId("off").onclick = async () => { if (await set("off")) { microphone.close(); await endShift(); } };
  byId("pause").onclick = offerBreak;
  byId("back").onclick = () => set("on");
  byId("ready").onclick = () => ask("POST", "/api/desk/ready");
  byId("sound").onclick = () => { isChecking = !isChecking; check.show(isChecking); byId("sound").setAttribute("aria-expanded", String(isChecking)); };
  byId("break-acts").replaceChildren(...info.breaks.map((one) => {
    const button = element("button", one.title);
    button.onclick = () => { byId("breaks").close(); set("break", one.id); };
    return button;
  }));
  byId("dial").onsubmit = (event) => {
    event.preventDefault();
    tell("");
    talk.dial(event.target.elements.to.value.trim());
    event.target.reset();
  };
  byId("queues").setAttribute("aria-label", T.queues);
  byId("level").setAttribute("aria-label", T.level);
  microphone.addEventListener("lost", () => { tell(T.microphoneLost); check.open(); });
  beginKeys({ act, digit: (event) => { const key = phoneKey(event); return Boolean(key) && talk.key(key); } });
}

/** One desk in a browser: two telephones of one agent would ring and talk over each other. */
function alone() {
  if (!navigator.locks) return Promise.resolve();
  return new Promise((got) => {
    const late = setTimeout(() => tell(T.elsewhere), 500);
    navigator.locks.request("line122-desk", () => {
      clearTimeout(late);
      tell("");
      got();
      return new Promise(() => {});
    });
  });
}

begin(T, async (signed) => {
  // Who has logged in anew finds the desk as it was.
  if (info && signed.agent !== info.agent) return location.reload();
  if (info) { watch(); return show("inside", true); }
  if (!signed.agent) return tell(T.noAgent);
  await alone();
  const told = await ask("GET", "/api/desk");
  if (!told.ok) return tell(told.body?.title || T.failed);
  info = told.body;
  // What one agent has half written is not for the next.
  if (sessionStorage.getItem(OWNER) !== info.agent) sessionStorage.clear();
  sessionStorage.setItem(OWNER, info.agent);
  check = new SoundCheck({ microphone, loudspeaker, sounds });
  talk = new Talk({ sounds, me: info.agent, queues: info.queues });
  talk.addEventListener("changed", arrange);
  connect();
  beginHelp(talk, sounds);
  beginTold();
  show("inside", true);
  await beginCases({ isCurator: info.kind === "curator", saved: arrange });
  watch();
  setInterval(drawDuty, 1000);
  check.show(sessionStorage.getItem(SHIFT) !== info.agent);
  arrange();
  if (sessionStorage.getItem(SHIFT) === info.agent) {
    await startShift({ isReload: true });
    if (!isOnShift()) check.show(true);
  } else if (await check.isAllowed()) check.open();
});
