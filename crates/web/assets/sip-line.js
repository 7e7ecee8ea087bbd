// SIP over a WebSocket (RFC 7118): one connection that comes back by itself, and the transactions over
// it (RFC 3261 §17). The transport delivers, so that no request is repeated.
import { Message, branch, token } from "/sip-message.js";

/** Timers B and F: a request without an answer is given up after so many milliseconds. */
export const PATIENCE = 32_000;
/** An INVITE that rings is given up when nothing was heard for so long (as Timer C does, §16.6). */
const RINGS_FOR = 600_000;
/** The first and the longest wait before the connection is tried again, in milliseconds. */
const BACK_OFF = [500, 8_000];
/** A sign of life each so many milliseconds, and how long its echo may take (RFC 5626 §4.4.1). */
const SIGN_EACH = 20_000, ECHO_WITHIN = 10_000;
/** So long without a sign, in milliseconds, and the computer has slept; a page in the background is held up by less. */
const ASLEEP = 120_000;
/** Messages that wait for the connection at most. */
const WAITING_MAX = 32;

/**
 * The connection. Events: `open`, `closed`, `request` (detail: the message).
 */
export class SipLine extends EventTarget {
  #url; #socket = null; #wanted = false; #wait = BACK_OFF[0]; #retry = 0; #sign = 0; #echo = 0; #signedAt = 0; #echoes = false;
  #asked = new Map();
  #waiting = [];

  constructor(url) {
    super();
    this.#url = url;
    /** What Via and Contact name: a browser has no address (RFC 7118 §5). */
    this.host = `${token().slice(0, 12)}.invalid`;
    this.transport = url.startsWith("wss:") ? "WSS" : "WS";
  }

  get isOpen() { return this.#socket !== null && this.#socket.readyState === 1; }

  connect() {
    this.#wanted = true;
    this.#open();
  }

  close() {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#drop();
  }

  /** The network has changed: what was open may lead nowhere, and who waits to try again need not. */
  renew() {
    if (!this.#wanted) return;
    this.#wait = BACK_OFF[0];
    this.#drop();
    this.#open();
  }

  /** Sends a message, or keeps it until there is a connection. */
  send(message) {
    if (this.isOpen) return this.#socket.send(message.toString());
    this.#waiting.push({ message, until: Date.now() + PATIENCE });
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
  }

  /** Sends a request; `told` gets each of its responses, also the 2xx that come again to an INVITE. */
  request(message, told) {
    const key = `${this.#mark(message)} ${message.method}`;
    const asked = { message, told, timer: 0, isDone: false };
    asked.giveUp = () => { this.#asked.delete(key); told(Message.response(message, 408)); };
    asked.timer = setTimeout(asked.giveUp, PATIENCE);
    this.#asked.set(key, asked);
    this.send(message);
  }

  /** Sends the ACK of a 2xx: a transaction of its own that nobody answers (RFC 3261 §13.2.2.4). */
  acknowledge(ack) {
    this.#mark(ack);
    this.send(ack);
  }

  /** Sends a request; gives its final response. */
  ask(message) {
    return new Promise((done) => { this.request(message, (response) => { if (response.status >= 200) done(response); }); });
  }

  #mark(message) {
    const mark = branch();
    message.set("via", `SIP/2.0/${this.transport} ${this.host};branch=${mark}`).set("max-forwards", 70);
    return mark;
  }

  #open() {
    clearTimeout(this.#retry);
    if (this.#socket || !this.#wanted) return;
    const socket = new WebSocket(this.#url, "sip");
    this.#socket = socket;
    this.#echoes = false;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#wait = BACK_OFF[0];
      this.#signedAt = Date.now();
      this.#sign = setInterval(() => this.#giveSign(), SIGN_EACH);
      this.dispatchEvent(new Event("open"));
      const kept = this.#waiting.filter((one) => one.until > Date.now());
      this.#waiting = [];
      for (const { message } of kept) this.send(message);
    };
    socket.onmessage = ({ data }) => this.#read(typeof data === "string" ? data : new TextDecoder().decode(data));
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#drop();
      this.#tryLater();
    };
  }

  #tryLater() {
    if (!this.#wanted) return;
    // Many pages that lost one server do not all come back at the same moment.
    this.#retry = setTimeout(() => this.#open(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, BACK_OFF[1]);
  }

  #drop() {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    clearInterval(this.#sign);
    clearTimeout(this.#echo);
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.dispatchEvent(new Event("closed"));
  }

  #giveSign() {
    const now = Date.now(), hasSlept = now - this.#signedAt > ASLEEP;
    this.#signedAt = now;
    // The computer slept: the line has let go of the connection, whatever the socket says.
    if (hasSlept) return this.renew();
    this.#socket.send("\r\n\r\n");
    // A server that has never echoed may not know how; one that has, and does not, is not there.
    if (this.#echoes) this.#echo = setTimeout(() => this.renew(), ECHO_WITHIN);
  }

  #read(text) {
    clearTimeout(this.#echo);
    if (text.trim() === "") { this.#echoes = true; return; }
    const message = Message.parse(text);
    if (!message) return;
    if (message.method) this.dispatchEvent(new CustomEvent("request", { detail: message }));
    else this.#answered(message);
  }

  #answered(response) {
    const key = `${response.branch} ${response.cseq.method}`;
    const asked = this.#asked.get(key);
    if (!asked) return;
    const isInvite = response.cseq.method === "INVITE";
    if (response.status < 200) {
      // RFC 3261 §17.1.1.2: Timer B ends with the first answer; a telephone may ring for long.
      if (isInvite) { clearTimeout(asked.timer); asked.timer = setTimeout(asked.giveUp, RINGS_FOR); }
    } else if (isInvite && response.status < 300) {
      // RFC 6026 §7.2: a 2xx may come again, and is acknowledged again.
      if (!asked.isDone) { clearTimeout(asked.timer); asked.timer = setTimeout(() => this.#asked.delete(key), PATIENCE); }
      asked.isDone = true;
    } else {
      clearTimeout(asked.timer);
      this.#asked.delete(key);
      if (isInvite) this.#acknowledge(asked.message, response);
    }
    asked.told(response);
  }

  /** The ACK to a refusal belongs to the transaction (RFC 3261 §17.1.1.3). */
  #acknowledge(invite, response) {
    const ack = Message.request("ACK", invite.uri);
    for (const name of ["via", "max-forwards", "route", "from", "call-id"]) for (const value of invite.all(name)) ack.add(name, value);
    ack.add("to", response.get("to")).add("cseq", `${invite.cseq.number} ACK`);
    this.send(ack);
  }
}
