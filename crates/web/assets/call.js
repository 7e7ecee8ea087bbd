// Dial 122 from the browser: one button, a keypad, and plain words if it does not work.
import { askTillReached, byId, show, tell, themeButton } from "/inside.js";
import { T, span } from "/desk-words.js";
import { drawKeypad, phoneKey } from "/keypad.js";
import { Loudspeaker, Microphone, Speech, whyNoMicrophone } from "/phone-media.js";
import { FORGETFUL, Phone } from "/phone.js";

const microphone = new Microphone(), loudspeaker = new Loudspeaker();
let info = null, phone = null, call = null;

function reach() {
  const speech = () => new Speech({ microphone, loudspeaker, iceServers: info.ice_servers });
  phone = new Phone({ path: "/sip/guest", user: "guest", realm: info.realm, registers: false, speech, storage: FORGETFUL });
  const reached = phone.reaches();
  phone.start();
  return reached;
}

async function dial() {
  byId("dial").disabled = true;
  tell(T.callConnecting);
  try {
    await microphone.open();
  } catch (error) {
    return over(T.noMicrophone[whyNoMicrophone(error)]);
  }
  if (!(await reach())) return over(T.callFailed);
  call = phone.dial(info.number);
  call.addEventListener("changed", draw);
  call.addEventListener("ended", ({ detail }) => over(whyEnded(detail)));
  draw();
}

function whyEnded({ by, status }) {
  if (by === "us" && status !== 488) return T.callEnded;
  if (status === 200) return T.callEnded;
  if (status === 486 || status === 503 || status === 403 || status === 429) return T.callBusy;
  return call?.began ? T.callLost : T.callFailed;
}

function over(why) {
  phone?.stop();
  microphone.close();
  phone = call = null;
  draw();
  tell(why);
  byId("dial").disabled = false;
  byId("dial").textContent = T.callAgain;
  byId("dial").focus();
}

function draw() {
  const state = call?.state || "";
  show("dial", !call);
  show("intro", !call);
  show("talk", Boolean(call));
  // The robot may ask before the call is answered.
  show("keys", state === "talking" || Boolean(call?.isEarly));
  show("time", state === "talking");
  if (state === "dialling") tell(call.isRinging || call.isEarly ? T.callRinging : T.callConnecting);
  if (state === "talking") tell(call.isCut ? T.cut : T.callTalk);
  byId("mute").textContent = call?.isMuted ? T.unmute : T.mute;
  byId("mute").classList.toggle("pressed", Boolean(call?.isMuted));
  if (!call) byId("pressed").value = "";
}

function press(key) {
  if (!call) return;
  call.key(key);
  byId("pressed").value = (byId("pressed").value + key).slice(-24);
}

async function begin() {
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = T[place.dataset.t];
  document.title = `122 · ${T.callTitle}`;
  byId("who").append(themeButton());
  const answer = await askTillReached("GET", "/api/call");
  if (!answer.ok) return tell(answer.status === 404 ? T.callOff : T.callFailed);
  info = answer.body;
  byId("dial").textContent = T.callButton;
  byId("dial").onclick = dial;
  byId("mute").onclick = () => call?.mute(!call.isMuted);
  byId("hang-up").onclick = () => call?.hangUp();
  drawKeypad(byId("keypad"), press);
  addEventListener("keydown", (event) => { const key = phoneKey(event); if (key && call) press(key); });
  setInterval(() => { if (call?.began) byId("time").textContent = span((Date.now() - call.began) / 1000); }, 250);
  draw();
}

begin();
