// SIP messages as text (RFC 3261 §7): read, asked for their headers, written. Nothing here knows of
// dialogs or of sockets.

/** The longest message that is read, in characters. */
const LONGEST = 65536;
/** Most headers of a message that is read. */
const HEADERS_MAX = 200;

/** Compact names (RFC 3261 §7.3.3, RFC 3515 §2.1, RFC 4028 §4). */
const COMPACT = {
  b: "referred-by", c: "content-type", e: "content-encoding", f: "from", i: "call-id", k: "supported", l: "content-length", m: "contact",
  o: "event", r: "refer-to", s: "subject", t: "to", u: "allow-events", v: "via", x: "session-expires",
};
/** Names that are not written with a capital after each hyphen alone. */
const WRITTEN = { "call-id": "Call-ID", cseq: "CSeq", "mime-version": "MIME-Version" };

const REASONS = {
  100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted", 400: "Bad Request", 405: "Method Not Allowed", 408: "Request Timeout",
  481: "Call/Transaction Does Not Exist", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending", 500: "Server Internal Error",
  503: "Service Unavailable", 603: "Decline",
};

const canonical = (name) => COMPACT[name.toLowerCase()] || name.toLowerCase();
const written = (name) => WRITTEN[name] || name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

/** A word that nobody guesses and that no other call has, for tags, branches and Call-IDs. */
export function token() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A branch of Via: the cookie says that it is unique (RFC 3261 §8.1.1.7). */
export const branch = () => `z9hG4bK${token()}`;

/** The values of a header that may hold several, parted by commas outside of quotes and brackets. */
export function values(text) {
  const found = [];
  let start = 0, isQuoted = false, depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (isQuoted) {
      if (letter === "\\") at += 1;
      else if (letter === '"') isQuoted = false;
    } else if (letter === '"') isQuoted = true;
    else if (letter === "<") depth += 1;
    else if (letter === ">") depth -= 1;
    else if (letter === "," && depth === 0) {
      found.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  found.push(text.slice(start).trim());
  return found.filter(Boolean);
}

/** The value of From, To, Contact, Route …: `{ name, uri, params }` (RFC 3261 §20.10); null if it is none. */
export function address(text) {
  const whole = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<([^>]*)>\s*(.*)$/s.exec(text);
  // Without brackets, what follows a semicolon belongs to the header and not to the address.
  const bare = whole ? null : /^\s*([^\s;<>",]+)\s*(.*)$/s.exec(text);
  if (!whole && !bare) return null;
  const name = whole ? (whole[1] === undefined ? whole[2].trim() : whole[1].replace(/\\(.)/g, "$1")) : "";
  const params = {};
  for (const one of (whole ? whole[4] : bare[2]).split(";")) {
    const [key, ...value] = one.split("=");
    if (key.trim()) params[key.trim().toLowerCase()] = value.join("=").trim().replace(/^"(.*)"$/, "$1");
  }
  return { name, uri: whole ? whole[3].trim() : bare[1], params };
}

/** The user part of a SIP address, for people: `201` of `sip:201@line122.local`. */
export function user(uri) {
  const found = /^sips?:([^@;?]+)@/i.exec(uri);
  if (!found) return "";
  try { return decodeURIComponent(found[1]); } catch { return found[1]; }
}

/** A message: either `method` and `uri`, or `status` and `reason`; its headers in their order; its body. */
export class Message {
  #headers = [];

  constructor(start) {
    Object.assign(this, start);
    this.body = "";
  }

  static request(method, uri) {
    return new Message({ method, uri });
  }

  /** A response with what every response repeats of its request (RFC 3261 §8.2.6.2). */
  static response(request, status) {
    const made = new Message({ status, reason: REASONS[status] || "" });
    for (const name of ["via", "from", "to", "call-id", "cseq"]) for (const value of request.all(name)) made.add(name, value);
    return made;
  }

  /** Reads a message; null if it is none that can be answered. */
  static parse(text) {
    if (text.length > LONGEST) return null;
    const end = /\r?\n\r?\n/.exec(text);
    const head = (end ? text.slice(0, end.index) : text).replace(/^[\r\n]+/, "");
    // A line that begins with white space goes on with the one before (RFC 3261 §7.3.1).
    const lines = head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
    const answer = /^SIP\/2\.0 (\d{3}) ?(.*)$/i.exec(lines[0]);
    const request = /^([A-Z]+) (\S+) SIP\/2\.0$/i.exec(lines[0]);
    if ((!answer && !request) || lines.length > HEADERS_MAX) return null;
    const made = new Message(answer ? { status: Number(answer[1]), reason: answer[2] } : { method: request[1].toUpperCase(), uri: request[2] });
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(":");
      if (colon < 1) return null;
      made.add(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    }
    made.body = end ? text.slice(end.index + end[0].length) : "";
    return made.get("call-id") && made.cseq && made.get("via") && made.from && made.to ? made : null;
  }

  get(name) {
    const found = this.#headers.find(([known]) => known === canonical(name));
    return found ? found[1] : "";
  }

  all(name) {
    return this.#headers.filter(([known]) => known === canonical(name)).map(([, value]) => value);
  }

  /** All values of a header, be they in one line or in several. */
  list(name) {
    return this.all(name).flatMap(values);
  }

  add(name, value) {
    this.#headers.push([canonical(name), String(value)]);
    return this;
  }

  set(name, value) {
    this.#headers = this.#headers.filter(([known]) => known !== canonical(name));
    return this.add(name, value);
  }

  setBody(kind, body) {
    this.body = body;
    return this.set("content-type", kind);
  }

  get from() { return address(this.get("from")); }
  get to() { return address(this.get("to")); }
  get callId() { return this.get("call-id"); }

  /** `{ number, method }` of CSeq; null if it has none. */
  get cseq() {
    const found = /^(\d{1,10})\s+([A-Z]+)$/i.exec(this.get("cseq"));
    return found ? { number: Number(found[1]), method: found[2].toUpperCase() } : null;
  }

  /** What the topmost Via tells the transaction by. */
  get branch() {
    const [top = ""] = this.list("via");
    return /;\s*branch\s*=\s*([^\s;,]+)/i.exec(top)?.[1] || "";
  }

  toString() {
    const start = this.method ? `${this.method} ${this.uri} SIP/2.0` : `SIP/2.0 ${this.status} ${this.reason}`;
    const headers = this.#headers.filter(([name]) => name !== "content-length").map(([name, value]) => `${written(name)}: ${value}`);
    const length = new TextEncoder().encode(this.body).length;
    return [start, ...headers, `Content-Length: ${length}`, "", this.body].join("\r\n");
  }
}
