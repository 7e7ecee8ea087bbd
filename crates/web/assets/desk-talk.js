// The call at the desk: it rings, is talked, held, handed on, and written down after its end.
import { byId, element, show, tell } from "/inside.js";
import { cardOf, drawCard, originOf } from "/desk-card.js";
import { askForHelp } from "/desk-help.js";
import { hint } from "/desk-keys.js";
import { drawn } from "/desk-script.js";
import { choose, freeCurator } from "/desk-transfer.js";
import { T, roughly, say, span, whyNot } from "/desk-words.js";
import { drawKeypad } from "/keypad.js";
import { NO_WAY } from "/phone-call.js";

/** Where the ticks of the script outlive a reload. */
const TICKS = "line122-ticks";
/** Milliseconds until a call that has ended leaves the desk if no wrap-up follows: the line tells its state each second. */
const LINGERS = 2_500;

const isTyping = () => Boolean(document.activeElement?.closest("input, textarea, select, dialog"));
const boxes = () => [...byId("script").querySelectorAll("input")];
const announce = (text) => { byId("live").textContent = text; };

/** The panel of the call. Event `changed`: another call, another card, or its end. */
export class Talk extends EventTarget {
  #phone = null; #first = null; #second = null; #card = null; #secondTitle = ""; #isHandingOver = false; #callId = ""; #endedAt = 0; #wrapWhole = 1; #sounds; #me; #queues;

  constructor({ sounds, me, queues }) {
    super();
    this.#sounds = sounds;
    this.#me = me;
    this.#queues = queues;
    drawKeypad(byId("keypad"), (key) => this.key(key));
    const buttons = { answer: "answer", decline: "decline", hold: "hold", mute: "mute", pad: "keypad", transfer: "transfer", curator: "curator", "hang-up": "hangUp", "hand-over": "handOver", "second-end": "secondEnd" };
    for (const [id, what] of Object.entries(buttons)) byId(id).onclick = () => this.act(what);
    byId("script").onchange = () => sessionStorage.setItem(TICKS, JSON.stringify({ call: this.#callId, ticks: boxes().map((box) => box.checked) }));
    setInterval(() => this.#drawTime(), 500);
  }

  /** `idle`, `ringing`, `talk` or `wrap`. */
  get mode() {
    if (!this.#first) return "idle";
    return { ringing: "ringing", ended: "wrap" }[this.#first.state] || "talk";
  }

  get card() { return this.#card; }
  /** The line's name for the call that the desk is about, also when somebody else is spoken to after it. */
  get callId() { return this.#callId; }

  /** Calls come from this telephone, and go to it. */
  attach(phone) {
    this.#phone = phone;
    phone.addEventListener("incoming", ({ detail }) => {
      this.#take(detail);
      this.#sounds.ring();
      if (!isTyping()) queueMicrotask(() => byId("answer").focus());
    });
  }

  dial(to) {
    if (this.mode === "idle" || this.mode === "wrap") this.#take(this.#phone.dial(to));
  }

  /** Dials into somebody's talk, and presses a key there; gives whether the desk was free for it. */
  join(to, key) {
    if (this.mode !== "idle" || !this.#phone) return false;
    const call = this.#phone.dial(to), press = () => {
      if (call.state !== "talking") return;
      call.removeEventListener("changed", press);
      call.key(key);
    };
    call.addEventListener("changed", press);
    this.#take(call);
    return true;
  }

  /** The talks that were here before the page was loaded anew. */
  restore([first, second]) {
    if (!first) return;
    this.#take(first);
    if (second) this.#ask(second, second.name || second.number);
  }

  /** Does what a key or a button asks for; gives whether there was anything to do. */
  act(what) {
    const first = this.#first, talks = this.mode === "talk" && first.state === "talking", rings = this.mode === "ringing";
    const second = this.#second, speaking = second || first;
    const possible = {
      answer: rings && (() => { this.#sounds.stop(); first.answer(); }),
      decline: rings && (() => first.decline()),
      hangUp: this.mode === "talk" && (() => speaking.hangUp()),
      hold: talks && !second && (() => this.#hold()),
      mute: talks && (() => speaking.mute(!speaking.isMuted)),
      keypad: this.mode === "talk" && (() => this.#togglePad()),
      transfer: talks && !second && !first.transferring && (() => this.#handOn()),
      curator: talks && !second && !first.transferring && (() => this.#askCurator()),
      handOver: talks && second?.state === "talking" && (() => this.#handOver()),
      secondEnd: Boolean(second) && (() => second.hangUp()),
    };
    if (!possible[what]) return false;
    possible[what]();
    return true;
  }

  /** Sends a key; gives whether there is a call for it. */
  key(key) {
    const speaking = this.#second || this.#first;
    if (this.mode !== "talk" || byId("keypad-part").hidden) return false;
    speaking.key(key);
    const pressed = byId("pressed");
    pressed.value = (pressed.value + key).slice(-24);
    return true;
  }

  /** The line's word about us, each second: wrap-up, and its end. */
  follow({ state, wrap_up_left: left }) {
    if (this.mode !== "wrap") return;
    const isWrapUp = state === "wrap-up";
    show("wrap", isWrapUp);
    if (isWrapUp) {
      this.#wrapWhole = Math.max(this.#wrapWhole, left || 0);
      byId("wrap-left").value = (left || 0) / this.#wrapWhole;
      byId("wrap-word").textContent = left === null ? "" : say(T.wrapLeft, roughly(left));
    } else if (state !== "in-call" && Date.now() - this.#endedAt > LINGERS) {
      this.#first = null;
      this.#setCard(null);
      this.#draw();
    }
  }

  async #take(call) {
    this.#first = call;
    this.#callId = call.call;
    this.#wrapWhole = 1;
    byId("pressed").value = "";
    tell("");
    show("keypad-part", false);
    this.#setCard(null);
    call.addEventListener("changed", () => this.#draw());
    call.addEventListener("ended", ({ detail }) => this.#ended(call, detail));
    this.#draw();
    const card = await cardOf(call.call);
    if (this.#first !== call) return;
    this.#setCard(card);
    this.#draw();
    if (call.state === "ringing") announce([T.incoming, card?.queue?.title || call.name, card ? originOf(card) : ""].filter(Boolean).join(". "));
  }

  #setCard(card) {
    this.#card = card;
    drawCard(card);
    byId("script").replaceChildren(...(card?.script ? [drawn(card.script)] : []));
    const kept = JSON.parse(sessionStorage.getItem(TICKS) || "null");
    if (card && kept?.call === card.call) boxes().forEach((box, at) => { box.checked = Boolean(kept.ticks[at]); });
    this.dispatchEvent(new Event("changed"));
  }

  #ended(call, { by, status }) {
    this.#sounds.stop();
    if (call !== this.#first) return;
    const second = this.#second, wasTalk = call.began > 0 && !(call.isRecovered && status >= 300);
    this.#endedAt = Date.now();
    if (second && !this.#isHandingOver) {
      // The citizen has gone; who was asked is still there.
      this.#second = null;
      this.#first = second;
    } else if (!wasTalk) {
      this.#first = null;
      if (call.isRecovered) tell(T.notRecovered);
      else if (by === "us" && status === NO_WAY) tell(T.noWay);
      else if (by === "them" && status !== 487) tell(`${call.number}: ${whyNot(status)}`);
      this.#setCard(null);
    } else if (by === "them") {
      this.#sounds.note();
      announce(T.ended);
    }
    this.#draw();
  }

  async #hold() {
    if (!(await this.#first.hold(!this.#first.isHeld))) tell(T.holdFailed);
  }

  #togglePad() {
    const isShown = byId("keypad-part").hidden;
    show("keypad-part", isShown);
    byId("pad").setAttribute("aria-expanded", String(isShown));
  }

  async #handOn() {
    const first = this.#first;
    const chosen = await choose({ me: this.#me, queues: this.#queues, contacts: this.#card?.contacts || [] });
    if (!chosen || this.#first !== first || first.state !== "talking") return;
    if (!chosen.isBlind) return this.#consult(chosen.to, chosen.title);
    this.#told(await first.transfer(chosen.to));
  }

  async #askCurator() {
    const first = this.#first, stays = () => this.#first === first && first.state === "talking" && !this.#second;
    if (await askForHelp(() => { if (stays()) this.#consultCurator(); })) return;
    if (stays()) this.#consultCurator();
  }

  /** Nobody comes to the desk's call: the curator's telephone rings, and the citizen hears music. */
  async #consultCurator() {
    const curator = await freeCurator(this.#me);
    if (!curator) return tell(T.noCurator);
    return this.#consult(curator.id, curator.name);
  }

  async #consult(to, title) {
    const first = this.#first;
    tell("");
    if (!(await first.hold(true))) return tell(T.holdFailed);
    if (this.#first === first) this.#ask(this.#phone.dial(to), title);
  }

  /** A second call, to ask somebody while the citizen hears music. */
  #ask(call, title) {
    this.#second = call;
    this.#secondTitle = title;
    call.addEventListener("changed", () => this.#draw());
    call.addEventListener("ended", async ({ detail }) => {
      if (this.#second === call) this.#second = null;
      this.#draw();
      const first = this.#first;
      if (first === call || first?.state !== "talking" || this.#isHandingOver) return;
      // Nobody is left waiting because the other had no time.
      await first.hold(false);
      if (detail.by === "them") tell(say(T.consultFailed, title, detail.status === 200 ? T.ended.toLowerCase() : whyNot(detail.status)));
    });
    this.#draw();
  }

  async #handOver() {
    this.#isHandingOver = true;
    const status = await this.#first.transfer("", this.#second);
    this.#isHandingOver = false;
    this.#told(status);
  }

  #told(status) {
    tell(status < 300 ? T.transferred : say(T.notTransferred, whyNot(status)));
  }

  #draw() {
    const call = this.#first, second = this.#second, mode = this.mode;
    show("call", mode !== "idle");
    document.title = mode === "ringing" ? `☎ ${T.incoming}` : `122 · ${T.title}`;
    this.dispatchEvent(new Event("changed"));
    if (!call) return;
    byId("call").dataset.mode = mode;
    const isTalk = call.state === "talking", card = this.#card;
    byId("call-kind").textContent = call.state === "dialling" ? (call.isRecovered ? T.recovering : T.calling) : call.isAnswering && mode === "ringing" ? T.answering : { ringing: T.incoming, talk: T.talk, wrap: T.wrapUp }[mode];
    byId("call-title").textContent = card?.queue?.title || call.name || call.number || T.withheld;
    byId("call-who").textContent = card ? [card.caller || T.withheld, originOf(card)].join(" · ") : call.name ? call.number : "";
    const marks = [[isTalk && (second || call).isCut, T.cut, "bad"], [isTalk && card?.recorded, T.recorded, "bad"], [isTalk && call.isHeld, T.held, "busy"], [isTalk && (second || call).isMuted, T.muted, "busy"], [isTalk && call.transferring, T.transferring, "busy"]];
    byId("marks").replaceChildren(...marks.filter(([is]) => is).map(([, text, kind]) => element("span", text, `mark ${kind}`)));
    show("ring-acts", mode === "ringing");
    show("talk-acts", mode === "talk");
    if (mode !== "talk") show("keypad-part", false);
    if (mode !== "wrap") show("wrap", false);
    button("answer", T.answer, "answer");
    button("decline", T.decline, "decline");
    button("hold", call.isHeld ? T.unhold : T.hold, "hold", call.isHeld);
    button("mute", (second || call).isMuted ? T.unmute : T.mute, "mute", (second || call).isMuted);
    button("pad", T.keypad, "keypad");
    button("transfer", T.transfer, "transfer");
    button("curator", T.curator, "curator");
    button("hang-up", T.hangUp, "hangUp");
    for (const id of ["hold", "transfer", "curator"]) show(id, isTalk && !second);
    for (const id of ["transfer", "curator"]) byId(id).disabled = call.transferring > 0;
    show("mute", isTalk);
    show("hang-up", !second);
    show("second", Boolean(second));
    if (second) byId("second-state").textContent = say(second.state === "talking" ? T.consultingTalk : T.consulting, this.#secondTitle);
    byId("hand-over").disabled = second?.state !== "talking" || call.transferring > 0;
    this.#drawTime();
  }

  #drawTime() {
    const call = this.#first;
    if (!call) return;
    const until = call.state === "ended" ? this.#endedAt : Date.now();
    byId("call-time").textContent = call.began ? span((until - call.began) / 1000) : "";
  }
}

function button(id, text, what, isPressed = false) {
  const key = hint(what), made = byId(id);
  // Drawn anew only when it says something else: a button that is replaced while it is pressed is not pressed.
  if (made.dataset.said !== text) made.replaceChildren(element("span", text), ...(key ? [element("kbd", key)] : []));
  made.dataset.said = text;
  made.classList.toggle("pressed", isPressed);
}
