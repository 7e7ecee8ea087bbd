// One call of the browser's telephone: its dialog (RFC 3261 §12) and its speech.
import { PATIENCE } from "/sip-line.js";
import { Message, address, token, user } from "/sip-message.js";

export const ALLOW = "INVITE, ACK, CANCEL, BYE, UPDATE, INFO, NOTIFY, OPTIONS";

/** RFC 3261 §17: the first wait before a 2xx is sent again, and the longest, in milliseconds. */
const T1 = 500, T2 = 4_000;
/** How long speech may look for its way before a call is answered, in milliseconds; the answer if it finds none. */
const WAY_WITHIN = 5_000;
export const NO_WAY = 480;
/** How often an offer is made that crosses one of the line's. */
const OFFERS_MAX = 6;
/** A key by INFO lasts so many milliseconds. */
const KEY_MS = 160;

/**
 * A call. Its `state` is `ringing` (they call us), `dialling` (we call them), `talking` or `ended`. Events:
 * `changed`; `ended` (detail: `{ by, status }`, by `us` or `them`).
 */
export class Call extends EventTarget {
  #phone; #speech = null; #dialog; #invite = null; #talk = null; #described = null; #letGo = false; #isHeard = false;
  #turn = Promise.resolve(); #offering = false; #renewing = false; #unacknowledged = new Map(); #acknowledged = null; #referral = null;
  state = "dialling";
  /** Who is at the other end, for people. */
  name = ""; number = "";
  /** The line's name for the call, by which its card is asked for. */
  call = "";
  /** When the talk began, in milliseconds of the epoch. */
  began = 0;
  isHeld = false; isMuted = false;
  /** The key was pressed, and speech has no way to the line yet. */
  isAnswering = false;
  /** Speech has lost its way, and another is looked for. */
  isCut = false;
  /** They ring, or the line already speaks. */
  isRinging = false; isEarly = false;
  /** How the transfer goes: the status of the last NOTIFY; 0 if there is none. */
  transferring = 0;
  /** The talk was there before the page was loaded anew, and is being taken back. */
  isRecovered = false;

  constructor(phone) {
    super();
    this.#phone = phone;
  }

  /** A call that comes: it rings, and its speech is made ready at once. */
  static incoming(phone, invite) {
    const call = new Call(phone);
    call.state = "ringing";
    const { name, uri } = invite.from;
    Object.assign(call, { name, number: user(uri), call: callOf(invite) });
    call.#invite = invite;
    call.#dialog = {
      callId: invite.callId, ours: token(), theirs: invite.from.params.tag || "", from: invite.get("to"), to: invite.get("from"),
      target: address(invite.get("contact"))?.uri || uri, routes: invite.list("record-route"), number: 0, last: invite.cseq.number, isOurs: false,
    };
    call.#dialog.from += `;tag=${call.#dialog.ours}`;
    return call;
  }

  /** A call that goes out; with `talk` it takes the place of a dialog that this telephone had. */
  static outgoing(phone, { uri, talk = null }) {
    const call = new Call(phone);
    const tag = token();
    call.number = user(uri);
    const { name, number, line, began, isMuted } = talk || {};
    if (talk) Object.assign(call, { name, number, call: line, began, isMuted, isRecovered: true });
    call.#dialog = {
      callId: token(), ours: tag, theirs: "", from: `${quoted(phone.name)}<${phone.uri}>;tag=${tag}`, to: `<${uri}>`,
      target: uri, routes: [], number: 0, last: 0, isOurs: true,
    };
    call.#talk = talk;
    return call;
  }

  /** The first messages of the call, when whom it concerns knows of it. */
  begin() {
    this.#tell();
    if (this.state === "dialling") return this.#dial();
    this.#phone.send(Message.response(this.#invite, 100));
    this.#respond(this.#invite, 180);
    this.#described = this.#inTurn(() => this.#describe());
  }

  /** What a reload needs: the dialog, and what is shown of the call. */
  kept() {
    const { callId, ours, theirs, target } = this.#dialog;
    return { callId, ours, theirs, target, name: this.name, number: this.number, line: this.call, began: this.began, isMuted: this.isMuted, isHeld: this.isHeld };
  }

  /** Whether a request is of this dialog, or cancels its INVITE. */
  isMeant(request) {
    if (request.callId !== this.#dialog.callId) return false;
    if (request.method === "CANCEL") return request.branch === this.#invite?.branch;
    return request.to.params.tag === this.#dialog.ours && (!this.#dialog.theirs || request.from.params.tag === this.#dialog.theirs);
  }

  // What the user does.

  async answer() {
    if (this.state !== "ringing" || this.isAnswering) return;
    this.isAnswering = true;
    this.#tell();
    const description = await this.#described;
    if (this.state !== "ringing" || !description) return;
    // Nobody is to talk into silence: without a way the call goes to somebody else.
    const hasWay = await this.#speech.findsWay(WAY_WITHIN);
    if (this.state !== "ringing") return;
    if (!hasWay) {
      this.#respond(this.#invite, NO_WAY);
      return this.#end("us", NO_WAY);
    }
    this.#accept(this.#invite, description);
    this.#speak();
  }

  /** Busy: the call goes to somebody else. */
  decline() {
    this.hangUp();
  }

  hangUp() {
    if (this.state === "ringing") {
      this.#respond(this.#invite, 486);
      this.#end("us", 486);
    } else if (this.state === "dialling") {
      // RFC 3261 §9.1: before anything was heard there is nothing to cancel yet.
      this.#letGo = true;
      if (this.#isHeard) this.#cancel();
      this.#end("us", 487);
    } else if (this.state === "talking") {
      this.#phone.ask(this.#within("BYE"));
      this.#end("us", 200);
    }
  }

  mute(isMuted) {
    this.isMuted = isMuted;
    this.#speech?.mute(isMuted);
    this.#tell();
  }

  /** Puts the other side on hold, or takes it back; `false` if the line would not. */
  async hold(isHeld) {
    if (this.state !== "talking" || this.isHeld === isHeld) return this.isHeld === isHeld;
    this.#speech.hold(isHeld);
    const isDone = await this.#offer({});
    if (this.state !== "talking") return false;
    if (isDone) this.isHeld = isHeld;
    else this.#speech.hold(this.isHeld);
    this.#tell();
    return isDone;
  }

  /** Sends a key: 0–9, *, #, A–D. */
  key(key) {
    if (!/^[0-9*#A-D]$/.test(key) || !this.#speech || this.state === "ended" || this.#speech.key(key)) return;
    if (this.state === "talking") this.#phone.ask(this.#within("INFO").setBody("application/dtmf-relay", `Signal=${key}\r\nDuration=${KEY_MS}\r\n`));
  }

  /**
   * Hands the other side on (RFC 5589): blind, or to who is at the end of `consultation`. Gives the final
   * status; until there is one the talk stays here.
   */
  async transfer(to, consultation = null) {
    if (this.state !== "talking" || this.#referral) return 491;
    let target = consultation ? consultation.#dialog.to.replace(/^.*<([^>]*)>.*$/s, "$1") : this.#phone.uriOf(to);
    if (consultation) {
      const { callId, theirs, ours } = consultation.#dialog;
      target += `?Replaces=${encodeURIComponent(`${callId};to-tag=${theirs};from-tag=${ours}`)}`;
    }
    const told = new Promise((done) => { this.#referral = done; });
    this.#transferred(100);
    const refer = this.#within("REFER").add("refer-to", `<${target}>`).add("referred-by", `<${this.#phone.uri}>`);
    const response = await this.#phone.ask(refer);
    if (response.status >= 300) this.#transferred(response.status);
    const status = await told;
    if (status < 300) {
      this.hangUp();
      consultation?.hangUp();
    }
    return status;
  }

  /** The connection to the line is another one: the way of the speech is looked for anew. */
  async renew() {
    if (this.state !== "talking" || this.#renewing) return;
    this.#renewing = true;
    await this.#offer({ isRestart: true });
    this.#renewing = false;
  }

  // What the line does.

  receive(request) {
    if (request.method === "ACK") return this.#onAck(request);
    if (request.method === "CANCEL") return this.#onCancel(request);
    // RFC 3261 §12.2.2: what comes too late is not done.
    if (request.cseq.number <= this.#dialog.last) return this.#respond(request, 500);
    this.#dialog.last = request.cseq.number;
    switch (request.method) {
      case "BYE":
        this.#respond(request, 200);
        if (this.state === "ringing") this.#respond(this.#invite, 487);
        return this.#end("them", 200);
      case "INVITE":
      case "UPDATE": return this.#onOffer(request);
      case "INFO":
      case "OPTIONS": return this.#respond(request, 200);
      case "NOTIFY": return this.#onNotify(request);
      default: return this.#respond(request, 405);
    }
  }

  #onAck(request) {
    const waiting = this.#unacknowledged.get(request.cseq.number);
    clearTimeout(waiting);
    this.#unacknowledged.delete(request.cseq.number);
  }

  #onCancel(request) {
    this.#respond(request, 200);
    if (this.state !== "ringing") return;
    this.#respond(this.#invite, 487);
    this.#end("them", 487);
  }

  async #onOffer(request) {
    if (!request.body) {
      // A sign of life (RFC 4028 §7.4); an INVITE without an offer asks for ours, which the line never does.
      return this.#respond(request, request.method === "UPDATE" ? 200 : 488);
    }
    if (this.#offering) return this.#respond(request, 491);
    this.#target(request);
    await this.#inTurn(async () => {
      try {
        const description = await this.#speech.answer(request.body);
        if (request.method === "INVITE") this.#accept(request, description);
        else this.#respond(request, 200, description);
      } catch {
        this.#respond(request, 488);
      }
    });
  }

  #onNotify(request) {
    const isOurs = this.#referral && /^refer\b/i.test(request.get("event"));
    this.#respond(request, isOurs ? 200 : 481);
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(request.body)?.[1] || 0);
    if (isOurs && status) this.#transferred(status);
  }

  #transferred(status) {
    this.transferring = status < 200 ? status : 0;
    if (status >= 200) {
      this.#referral?.(status);
      this.#referral = null;
    }
    this.#tell();
  }

  // The INVITE that comes.

  /** The early answer: once the key is pressed nothing is left to be done but to say so. */
  async #describe() {
    try {
      this.#open();
      const description = await this.#speech.answer(this.#invite.body);
      if (this.state === "ringing") this.#respond(this.#invite, 183, description);
      return description;
    } catch {
      if (this.state !== "ringing") return "";
      this.#respond(this.#invite, 488);
      this.#end("us", 488);
      return "";
    }
  }

  /** Says 200, again and again until it is acknowledged, also over a transport that delivers (RFC 3261 §13.3.1.4). */
  #accept(request, description) {
    const { number } = request.cseq;
    let wait = T1, since = 0;
    const say = () => {
      if (since >= PATIENCE) {
        this.#unacknowledged.delete(number);
        return this.hangUp();
      }
      this.#respond(request, 200, description);
      this.#unacknowledged.set(number, setTimeout(say, wait));
      since += wait;
      wait = Math.min(wait * 2, T2);
    };
    say();
  }

  #respond(request, status, description = "") {
    const response = Message.response(request, status);
    if (!request.to.params.tag) this.#phone.tagged(response, this.#dialog.ours);
    for (const route of request.method === "INVITE" ? request.all("record-route") : []) response.add("record-route", route);
    if (request.method === "INVITE" || request.method === "UPDATE") response.add("contact", this.#phone.contact);
    response.add("allow", ALLOW);
    if (description) response.setBody("application/sdp", description);
    this.#phone.send(response);
  }

  // The INVITE that goes out.

  async #dial() {
    let offer;
    try {
      this.#open();
      offer = await this.#speech.offer();
    } catch {
      return this.#end("us", 488);
    }
    if (this.#letGo) return;
    const invite = this.#within("INVITE").setBody("application/sdp", offer), talk = this.#talk;
    if (talk) invite.add("require", "replaces").add("replaces", `${talk.callId};to-tag=${talk.theirs};from-tag=${talk.ours}`);
    this.#invite = invite;
    this.#phone.request(invite, (response) => this.#answered(response));
  }

  #answered(response) {
    const { status } = response, isFirst = !this.#isHeard;
    this.#isHeard = true;
    if (status < 200 && this.#letGo && isFirst) this.#cancel();
    else if (status < 200) this.#progress(response);
    else if (status < 300) this.#accepted(response);
    else this.#end("them", status);
  }

  #progress(response) {
    if (this.state !== "dialling" || response.status === 100) return;
    this.#learn(response);
    if (response.status === 180) this.isRinging = true;
    if (response.body && !this.isEarly) {
      this.isEarly = true;
      // A robot that asks before it has answered is to hear what is said.
      this.#speech.mute(this.isMuted);
      this.#inTurn(() => this.#speech.take(response.body, { isEarly: true }).catch(() => {}));
    }
    this.#tell();
  }

  async #accepted(response) {
    if (this.#acknowledged?.theirs === response.to.params.tag) return this.#phone.send(this.#acknowledged.ack);
    if (this.#acknowledged) return;
    this.#learn(response);
    const ack = this.#acknowledge(response.cseq.number);
    this.#acknowledged = { theirs: this.#dialog.theirs, ack };
    if (this.#letGo || this.state === "ended") {
      // It crossed our CANCEL (RFC 3261 §9.1).
      this.#phone.ask(this.#within("BYE"));
      return;
    }
    this.#speak();
    try {
      if (response.body) await this.#inTurn(() => this.#speech.take(response.body));
    } catch {
      return this.hangUp();
    }
    if (this.#talk?.isHeld) this.hold(true);
  }

  #learn(response) {
    const { theirs } = this.#dialog;
    if (theirs && theirs !== response.to.params.tag && response.status < 200) return;
    Object.assign(this.#dialog, { theirs: response.to.params.tag || "", to: response.get("to") });
    // The route back is that of the way there, turned round (RFC 3261 §12.1.2).
    this.#dialog.routes = response.list("record-route").reverse();
    this.#target(response);
  }

  #target(message) {
    const contact = address(message.get("contact"));
    if (contact) this.#dialog.target = contact.uri;
  }

  #cancel() {
    const cancel = Message.request("CANCEL", this.#invite.uri);
    for (const name of ["route", "from", "to", "call-id"]) for (const value of this.#invite.all(name)) cancel.add(name, value);
    cancel.add("via", this.#invite.get("via")).add("max-forwards", 70).add("cseq", `${this.#invite.cseq.number} CANCEL`);
    this.#phone.send(cancel);
  }

  // What both kinds share.

  /** An offer of ours within the dialog; gives whether the line took it. */
  #offer({ isRestart = false }) {
    return this.#inTurn(async () => {
      for (let made = 0; made < OFFERS_MAX && this.state === "talking"; made += 1) {
        this.#offering = true;
        const description = await this.#speech.offer({ isRestart });
        const invite = this.#within("INVITE").setBody("application/sdp", description);
        const response = await new Promise((done) => {
          this.#phone.request(invite, (told) => {
            if (told.status >= 200 && told.status < 300) this.#acknowledge(invite.cseq.number);
            if (told.status >= 200) done(told);
          });
        });
        this.#offering = false;
        if (this.state !== "talking") return false;
        if (response.status < 300) {
          this.#target(response);
          await this.#speech.take(response.body);
          return true;
        }
        await this.#speech.takeBack();
        if (response.status === 481 || response.status === 408) { this.#end("them", response.status); return false; }
        if (response.status !== 491) return false;
        // RFC 3261 §14.1: who made the call waits longer, so that the two do not meet again.
        await pause(this.#dialog.isOurs ? 2100 + Math.random() * 1900 : Math.random() * 2000);
      }
      return false;
    });
  }

  /** Descriptions are dealt with one after another: the browser knows one offer at a time. */
  #inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** A request of the dialog. */
  #within(method) {
    const { target, from, to, callId, routes } = this.#dialog;
    this.#dialog.number += 1;
    const request = Message.request(method, target).add("from", from).add("to", to).add("call-id", callId).add("cseq", `${this.#dialog.number} ${method}`);
    for (const route of routes) request.add("route", route);
    if (method === "INVITE" || method === "REFER") request.add("contact", this.#phone.contact).add("allow", ALLOW);
    return request;
  }

  #acknowledge(number) {
    const { target, from, to, callId, routes } = this.#dialog;
    const ack = Message.request("ACK", target).add("from", from).add("to", to).add("call-id", callId).add("cseq", `${number} ACK`);
    for (const route of routes) ack.add("route", route);
    this.#phone.acknowledge(ack);
    return ack;
  }

  #open() {
    this.#speech = this.#phone.newSpeech();
    this.#speech.addEventListener("way", () => this.#cut(false));
    this.#speech.addEventListener("lost", () => { this.#cut(true); this.renew(); });
  }

  #cut(isCut) {
    this.isCut = isCut;
    this.#tell();
  }

  #speak() {
    this.state = "talking";
    this.began ||= Date.now();
    this.#speech.mute(this.isMuted);
    this.#tell();
  }

  #close() {
    this.#speech?.close();
    this.#speech = null;
  }

  #end(by, status) {
    if (this.state === "ended") return;
    this.state = "ended";
    for (const waiting of this.#unacknowledged.values()) clearTimeout(waiting);
    this.#unacknowledged.clear();
    this.#referral?.(status < 300 ? 200 : status);
    this.#referral = null;
    this.#close();
    this.#tell();
    this.dispatchEvent(new CustomEvent("ended", { detail: { by, status } }));
  }

  #tell() {
    this.#phone.changed(this);
    this.dispatchEvent(new Event("changed"));
  }
}

/** The call of `Call-Info: <line122:call/CALL>;purpose=info`. */
function callOf(message) {
  const found = message.list("call-info").map(address).map((one) => /^line122:call\/(\w+)$/.exec(one?.uri || ""));
  return found.find(Boolean)?.[1] || "";
}

const quoted = (name) => (name ? `"${name.replace(/["\\]/g, "\\$&")}" ` : "");
const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
