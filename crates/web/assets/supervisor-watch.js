// A supervisor with an agent's talk: hears it, tells the agent alone, speaks with both, takes the agent's place. It is a
// call of the supervisor's telephone to the line, and keys in it say what is wanted (the dialplan's `monitor`).
import { ask, byId, element, show } from "/inside.js";
import { agentName } from "/supervisor-agents.js";
import { done, failed } from "/supervisor-done.js";
import { T, fill } from "/supervisor-words.js";
import { Loudspeaker, Microphone, Speech, whyNoMicrophone } from "/phone-media.js";
import { FORGETFUL, Phone } from "/phone.js";

/** The keys of the line for each way to take part. */
const KEYS = { listen: "4", whisper: "5", join: "6", take: "7" };
/** Milliseconds within which taking over is pressed twice. */
const SURE_WITHIN = 4_000;

const microphone = new Microphone(), loudspeaker = new Loudspeaker();
let info = null, phone = null, call = null, agent = "", how = "listen", sure = 0, isBeginning = false;

/** Whether this agent's talks may be watched from here. */
export const canWatch = (id) => Boolean(info?.watches.includes(id));

function draw() {
  const isOn = Boolean(call), isTalk = call?.state === "talking";
  show("watch", isOn);
  if (!isOn) return;
  byId("watch-title").textContent = agentName(agent);
  byId("watch-state").textContent = isTalk ? T.watchStates[how] : T.connecting;
  for (const button of byId("watch-how").children) {
    const is = button.dataset.how;
    button.hidden = how === "take";
    button.disabled = !isTalk;
    button.setAttribute("aria-pressed", String(is === how));
    button.firstChild.textContent = is === "take" && sure ? T.sureTake : T.watchHows[is];
  }
}

function unsure() {
  clearTimeout(sure);
  sure = 0;
  draw();
}

function choose(is) {
  if (call?.state !== "talking") return;
  // The agent is let go, and there is no way back.
  if (is === "take" && !sure) {
    sure = setTimeout(unsure, SURE_WITHIN);
    return draw();
  }
  how = is;
  call.key(KEYS[is]);
  // The line would not pass it on either; what is not sent cannot be heard by anybody.
  call.mute(is === "listen");
  unsure();
}

function ended({ by, status }) {
  phone.stop();
  microphone.close();
  unsure();
  [phone, call] = [null, null];
  draw();
  if (by === "them") done(status < 300 ? T.watchEnded : fill(T.watchFailed, status));
}

/** Begins to hear the talk of an agent. */
export async function watchTalk(id) {
  if (isBeginning) return;
  isBeginning = true;
  if (call) call.hangUp();
  try {
    await microphone.open();
  } catch (error) {
    return done(T.noMicrophone[whyNoMicrophone(error)]);
  } finally {
    isBeginning = false;
  }
  const speech = () => new Speech({ microphone, loudspeaker, iceServers: info.ice_servers });
  // It calls and is not called: calls of the queue ring at the desk. After a reload nobody is heard unawares.
  const made = new Phone({ path: "/sip", user: info.user, realm: info.realm, registers: false, speech, storage: FORGETFUL });
  const reached = made.reaches();
  made.start();
  if (!(await reached)) {
    made.stop();
    microphone.close();
    return done(T.noServer);
  }
  [phone, agent, how] = [made, id, "listen"];
  call = made.dial(info.code + id);
  call.mute(true);
  call.addEventListener("changed", draw);
  call.addEventListener("ended", ({ detail }) => ended(detail));
  done("");
  draw();
  byId("watch").focus();
}

export async function beginWatching() {
  const told = await ask("GET", "/api/supervisor");
  if (!told.ok) return failed(told);
  info = told.body.phone;
  byId("watch-how").setAttribute("aria-label", T.watchAs);
  byId("watch-how").replaceChildren(...Object.keys(KEYS).map((is) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.how = is;
    button.append(element("span", T.watchHows[is]), element("kbd", KEYS[is]));
    button.onclick = () => choose(is);
    return button;
  }));
  byId("watch-end").onclick = () => call?.hangUp();
  byId("watch").addEventListener("keydown", (event) => {
    const is = Object.keys(KEYS).find((one) => KEYS[one] === event.key);
    if (is && !event.ctrlKey && !event.altKey && !event.metaKey) choose(is);
  });
}
