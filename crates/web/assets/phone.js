// A telephone in the browser: registers over SIP on a WebSocket (RFC 7118), takes calls and makes them.
//
// It is our own and not a library because it does two things that those do not: it answers early (183
// with a description before the key is pressed, so that speech flows at once), and after a reload it
// takes over its own dialog (INVITE with Replaces, RFC 3891).
import { ALLOW, Call } from "/phone-call.js";
import { SipLine } from "/sip-line.js";
import { Message, address, token } from "/sip-message.js";

/** Seconds that a registration lasts; it is refreshed at half of what the line grants. */
const EXPIRES = 120;
/** Milliseconds until a refused registration is tried again. */
const REGISTER_AGAIN = 5_000;
/** A talk that this page left longer ago, in milliseconds, is not looked for any more. */
const RECOVER_WITHIN = 60_000;
/** Milliseconds that the telephone may take to reach the line. */
const REACH_WITHIN = 10_000;
/** Where the talks are remembered over a reload, and what the telephone is called. */
const TALKS = "line122-talks", IDENTITY = "line122-phone";
/** A storage for talks that are not to be taken up again: a reload ends them. */
export const FORGETFUL = { getItem: () => null, setItem() {}, removeItem() {} };
/** How often the talks are written down, in milliseconds: a page that crashes says nothing before. */
const REMEMBER_EACH = 10_000;

/**
 * The telephone. Events: `state` (of [`Phone.state`]), `incoming` (detail: the call), `calls` (one has
 * come, gone or changed).
 *
 * `speech` makes the speech of one call; `storage` outlives a reload and nothing else.
 */
export class Phone extends EventTarget {
  #line; #registers; #storage; #speech; #timer = 0; #reminder = 0; #registration; #identity;
  /** `off`, `connecting`, `ready` or `refused`. */
  state = "off";
  calls = new Set();

  /** `path` is the line's door for SIP over WebSocket: `/sip` for who is logged in, `/sip/guest` for everybody. */
  constructor({ path, user, realm, name = "", registers = true, speech, storage = sessionStorage }) {
    super();
    this.#line = new SipLine(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`);
    this.#registers = registers;
    this.#storage = storage;
    this.#speech = speech;
    this.realm = realm;
    this.uri = `sip:${encodeURIComponent(user)}@${realm}`;
    this.name = name;
    // The same over a reload, so that the new registration takes the place of the old one (RFC 5626).
    this.#identity = JSON.parse(storage.getItem(IDENTITY) || "null") || { contact: `${token()}@${token().slice(0, 12)}.invalid`, instance: crypto.randomUUID() };
    storage.setItem(IDENTITY, JSON.stringify(this.#identity));
    this.#registration = { callId: token(), number: 0, tag: token() };
    this.#line.addEventListener("open", () => this.#connected());
    this.#line.addEventListener("closed", () => this.#become("connecting"));
    this.#line.addEventListener("request", ({ detail }) => this.#asked(detail));
  }

  get contact() { return `<sip:${this.#identity.contact};transport=ws>`; }
  get isBusy() { return this.calls.size > 0; }

  start() {
    this.#become("connecting");
    addEventListener("online", this.#renew);
    navigator.connection?.addEventListener?.("change", this.#renew);
    addEventListener("pagehide", this.#remember);
    this.#reminder = setInterval(this.#remember, REMEMBER_EACH);
    this.#line.connect();
  }

  /** Whether the line is reached in time; to be asked before `start`. */
  reaches() {
    return new Promise((told) => {
      const late = setTimeout(() => told(false), REACH_WITHIN);
      this.addEventListener("state", () => { if (this.state === "ready") { clearTimeout(late); told(true); } });
    });
  }

  /** Takes no calls any more. */
  async stop() {
    removeEventListener("online", this.#renew);
    navigator.connection?.removeEventListener?.("change", this.#renew);
    removeEventListener("pagehide", this.#remember);
    clearInterval(this.#reminder);
    clearTimeout(this.#timer);
    for (const call of this.calls) call.hangUp();
    if (this.#registers && this.#line.isOpen) await Promise.race([this.#askToRegister(0), new Promise((done) => setTimeout(done, 1000))]);
    this.#line.close();
    this.#become("off");
  }

  /** Calls a number, a name of the line, or a SIP address. */
  dial(to) {
    return this.#call({ uri: this.uriOf(to) });
  }

  /** Takes back the talks that the page had before it was loaded anew; gives them. */
  recover() {
    const kept = JSON.parse(this.#storage.getItem(TALKS) || "[]").filter((one) => Date.now() - one.seen < RECOVER_WITHIN);
    this.#storage.removeItem(TALKS);
    return kept.map((talk) => this.#call({ uri: talk.target, talk }));
  }

  /** The SIP address of what somebody has typed or chosen. */
  uriOf(to) {
    if (/^sips?:/i.test(to)) return to;
    const number = /^[\d\s()+*#.-]+$/.test(to) ? to.replace(/[\s().-]/g, "") : to;
    return `sip:${encodeURIComponent(number).replace("%2B", "+")}@${this.realm}`;
  }

  // What calls need of the telephone.

  send(message) { this.#line.send(message); }
  request(message, told) { return this.#line.request(message, told); }
  ask(message) { return this.#line.ask(message); }
  acknowledge(ack) { this.#line.acknowledge(ack); }
  newSpeech() { return this.#speech(); }

  /** A call has changed: the talks are remembered, and who looks is told. */
  changed(call) {
    if (call.state === "ended") this.calls.delete(call);
    this.#remember();
    this.dispatchEvent(new CustomEvent("calls", { detail: call }));
  }

  tagged(response, tag = token()) {
    return response.set("to", `${response.get("to")};tag=${tag}`);
  }

  // What a reload needs to go on.
  #remember = () => {
    const talks = [...this.calls].filter((call) => call.state === "talking").map((call) => ({ ...call.kept(), seen: Date.now() }));
    this.#storage.setItem(TALKS, JSON.stringify(talks));
  };

  #call(how) {
    const call = Call.outgoing(this, how);
    this.calls.add(call);
    call.begin();
    return call;
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  #renew = () => this.#line.renew();

  async #connected() {
    if (this.#registers) await this.#register();
    else this.#become("ready");
    // The line answers over the connection that it hears from, and the network may be another one.
    for (const call of this.calls) call.renew();
  }

  async #register() {
    clearTimeout(this.#timer);
    const response = await this.#askToRegister(EXPIRES);
    if (this.state === "off") return;
    const isTaken = response.status >= 200 && response.status < 300;
    this.#become(isTaken ? "ready" : this.#line.isOpen ? "refused" : "connecting");
    const granted = isTaken ? this.#granted(response) : 0;
    this.#timer = setTimeout(() => { if (this.#line.isOpen) this.#register(); }, isTaken ? granted * 500 : REGISTER_AGAIN);
  }

  #granted(response) {
    const ours = response.list("contact").map(address).find((one) => one && one.uri.includes(this.#identity.contact));
    const seconds = Number(ours?.params.expires || response.get("expires"));
    return seconds > 0 ? Math.max(seconds, 10) : EXPIRES;
  }

  #askToRegister(expires) {
    const { callId, tag } = this.#registration;
    this.#registration.number += 1;
    const request = Message.request("REGISTER", `sip:${this.realm}`)
      .add("from", `<${this.uri}>;tag=${tag}`).add("to", `<${this.uri}>`).add("call-id", callId).add("cseq", `${this.#registration.number} REGISTER`)
      .add("contact", `${this.contact};reg-id=1;+sip.instance="<urn:uuid:${this.#identity.instance}>"`)
      .add("expires", expires).add("supported", "path, outbound").add("allow", ALLOW);
    return this.#line.ask(request);
  }

  #asked(request) {
    const call = [...this.calls].find((one) => one.isMeant(request));
    if (call) return call.receive(request);
    const isNew = !request.to.params.tag;
    if (request.method === "INVITE" && isNew) return this.#invited(request);
    if (request.method === "ACK") return;
    const status = isNew && request.method === "OPTIONS" ? 200 : isNew && request.method !== "CANCEL" ? 405 : 481;
    this.send(Message.response(request, status).add("allow", ALLOW));
  }

  #invited(request) {
    // One thing at a time: the queue has others who are free.
    if (this.isBusy || !this.#registers) return this.send(this.tagged(Message.response(request, 486)));
    const call = Call.incoming(this, request);
    this.calls.add(call);
    this.dispatchEvent(new CustomEvent("incoming", { detail: call }));
    call.begin();
  }
}
